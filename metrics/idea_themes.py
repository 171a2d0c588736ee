"""Themes of ideas: which one the rule puts an idea in, and what people made of that by merging, splitting and moving.

The rule: ideas are taken in the order in which they were said. A word that three customers used, in ideas that stand in
no theme yet, founds a theme and is its key. An idea that holds the keys of several stands in the theme of the longest, which
tends to say most. The rule looks only at what was said before, so that an idea keeps its theme when others arrive; ideas
loaded late, from before it, may move it. What people set wins over the rule, and names words, so that it holds for ideas to come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

FEWEST_CUSTOMERS: Final = 3  # who use a word before it is a theme
NAMED_FROM: Final = 20  # first ideas of a theme, whose words name it for good
NAMED_WITH: Final = 2  # words beside the key
MADE: Final = "made:"  # opens the key of a theme that a person made by moving ideas


@dataclass(frozen=True)
class Split:
    """A part of a theme with a theme of its own: the ideas of `origin` that hold `word`; `key` is the new theme's."""

    key: str
    origin: str
    word: str


def by_rule(customers: Sequence[str], words: Sequence[Sequence[str]]) -> list[str | None]:
    """The theme of each idea, given who had it and its telling words, in the order in which they were said; None: in none."""
    used: dict[str, set[str]] = defaultdict(set)
    joined: dict[str, set[str]] = {}
    waiting: dict[str, list[int]] = defaultdict(list)
    placed: list[str | None] = [None] * len(words)
    for here, (customer, own) in enumerate(zip(customers, words, strict=True)):
        for word in own:
            used[word].add(customer)
        known = [word for word in own if word in joined]
        if known:
            theme = max(known, key=lambda word: (len(word), len(joined[word]), word))
            placed[here] = theme
            joined[theme].add(customer)
            continue
        for word in own:
            waiting[word] = [one for one in waiting[word] if placed[one] is None] + [here]
        ready = [word for word in own if len({customers[one] for one in waiting[word]}) >= FEWEST_CUSTOMERS]
        if ready:
            theme = max(ready, key=lambda word: (len(used[word]), len(word), word))
            founding = waiting.pop(theme)
            joined[theme] = {customers[one] for one in founding}
            for one in founding:
                placed[one] = theme
    return placed


def settled(
    frame: pl.DataFrame, splits: Sequence[Split], moved: Mapping[str, str], into: Mapping[str, str]
) -> pl.DataFrame:
    """The frame (columns word, words, subject) with `theme`: the rule's, then split, then moved, then merged.

    `moved` maps the subject of an idea to a theme ("" for none); `into` maps a theme to the one it was merged into.
    """
    theme = pl.col("word")
    out = frame.with_columns(theme=theme)
    for split in splits:
        is_part = (pl.col("theme") == split.origin) & pl.col("words").list.contains(split.word)
        out = out.with_columns(theme=pl.when(is_part).then(pl.lit(split.key)).otherwise("theme"))
    if moved:
        by_hand = pl.col("subject").replace_strict(dict(moved), default=None, return_dtype=pl.String)
        out = out.with_columns(
            theme=pl.when(by_hand == "").then(None).otherwise(pl.coalesce(by_hand, pl.col("theme")))
        )
    ends = {name: end for name in into if (end := followed(name, into)) != name}
    return out.with_columns(pl.col("theme").replace(ends)) if ends else out


def followed(theme: str, into: Mapping[str, str]) -> str:
    """Where a theme ended after all merges; merges in a circle end where the circle began."""
    seen = [theme]
    while (following := into.get(seen[-1])) is not None and following not in seen:
        seen.append(following)
    return seen[-1]


def names(frame: pl.DataFrame, given: Mapping[str, str]) -> dict[str, str]:
    """The name of each theme of a frame (columns theme, words, customer, said_at): a person's, else in customers' words.

    That is its key and up to two words that at least two customers used beside it in its first ideas.
    """
    first = (
        frame.filter(pl.col("theme").is_not_null())
        .sort("said_at", "suggestion_id")
        .group_by("theme", maintain_order=True)
        .head(NAMED_FROM)
    )
    beside = (
        first.select("theme", "customer", word="words")
        .explode("word")
        .drop_nulls("word")
        .group_by("theme", "word")
        .agg(customers=pl.col("customer").n_unique())
        .filter(pl.col("customers") > 1)
        .sort(pl.col("customers"), pl.col("word").str.len_chars(), "word", descending=[True, True, False])
    )
    words: dict[str, list[str]] = defaultdict(list)
    for theme, word in beside.select("theme", "word").iter_rows():
        words[theme].append(word)
    return {
        theme: given.get(theme) or _named(theme, words[theme])
        for theme in first["theme"].unique(maintain_order=True)
    }


def _named(theme: str, beside: Sequence[str]) -> str:
    """A theme's name in customers' own words: "Accountant: invite, calendar"."""
    if theme.startswith(MADE):
        return theme.removeprefix(MADE)
    key = theme.split()
    others = [word for word in beside if word not in key][:NAMED_WITH]
    said = " ".join(key)
    return said[:1].upper() + said[1:] + (f": {', '.join(others)}" if others else "")


def common(frame: pl.DataFrame, theme: str) -> list[tuple[str, int]]:
    """The words in the ideas of a theme that at least two customers used, beside its key: word, customers."""
    rows = (
        frame.filter(pl.col("theme") == theme)
        .select("customer", word="words")
        .explode("word")
        .filter(~pl.col("word").is_in(theme.split()))
        .group_by("word")
        .agg(customers=pl.col("customer").n_unique())
        .filter(pl.col("customers") > 1)
        .sort(["customers", "word"], descending=[True, False])
    )
    return list(rows.iter_rows())


def near(frame: pl.DataFrame, theme: str) -> dict[str, int]:
    """Other themes by how many ideas hold the words of both, the nearest first: what may be one theme in two."""
    pairs = (
        frame.filter(pl.col("theme").is_not_null())
        .select("suggestion_id", "source", "theme", other="words")
        .explode("other")
        .filter(pl.col("other") != pl.col("theme"))
    )
    there = pairs.filter(pl.col("theme") == theme).select(found="other")
    here = pairs.filter(pl.col("other") == theme).select(found="theme")
    known = frame["theme"].drop_nulls().unique()
    counts = (
        pl.concat([there, here])
        .filter(pl.col("found").is_in(known.implode()) & (pl.col("found") != theme))
        .group_by("found")
        .len()
        .sort(["len", "found"], descending=[True, False])
    )
    return dict(counts.iter_rows())
