"""The ideas as a page shows them: with theme and status, by theme, and who still waits for an answer."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from weakref import WeakKeyDictionary

import polars as pl

from metrics import idea_status, idea_themes, ideas
from metrics.idea_status import State
from metrics.idea_words import telling
from metrics.totals import Scope
from warehouse.rights import Area
from warehouse.store import Version

OUTSIDE: Final = "(none)"  # asks for the ideas that stand in no theme
WAITS: Final = pl.col("fate").is_in(ideas.UNHEARD) & (pl.col("status") == "new")
# What may have become of an idea, by the name that a filter gives it.
BECAME: Final[dict[str, pl.Expr]] = {
    "unheard": pl.col("fate").is_in(ideas.UNHEARD),
    "waiting": WAITS,
    "passed_over": pl.col("fate") == "passed_over",
    "no_reply": pl.col("fate") == "no_reply",
    "heard": pl.col("fate") == "heard",
    "survey": pl.col("fate") == "survey",
}


@dataclass(frozen=True)
class Wanted:
    """What a reader looks for beside the scope; "" and None take everything."""

    status: str = ""
    owner: str = ""
    tier: str = ""
    theme: str = ""
    text: str = ""
    became: str = ""  # a key of BECAME


@dataclass(frozen=True)
class Board:
    """Every idea of the data with what people set, the names of all themes, and what stands in the ledger.

    `ideas` is in the order of its lists, those that wait first, then the newest; it has the columns of ideas.every and idea_status.named, and words, word (the rule's theme), theme (null: in none).
    """

    ideas: pl.DataFrame
    names: Mapping[str, str]
    state: State

    def owners(self) -> list[str]:
        """Whoever owns an idea or a theme."""
        own = set(self.ideas["owner"].drop_nulls())
        return sorted(own | {who for theme, who in self.state.theme("owner").items() if theme in self.names})

    def tiers(self) -> list[str]:
        """The tiers of accounts that had an idea."""
        return sorted(self.ideas["tier"].drop_nulls().unique())


_kept: WeakKeyDictionary[Version, tuple[object, Board]] = WeakKeyDictionary()
_ruled: WeakKeyDictionary[Version, tuple[pl.DataFrame, pl.DataFrame]] = WeakKeyDictionary()
_keeping = threading.Lock()


def board(version: Version) -> Board:
    """The board as it stands now; kept until somebody sets or reviews something, or a version is published."""
    version.rights.check(Area.IDEAS)
    now = idea_status.state(version)
    every = _by_rule(version)
    key = (id(every), now.key)
    with _keeping:
        known = _kept.get(version)
    if known is not None and known[0] == key:
        return known[1]
    told = idea_status.named(version, every, now)
    moved = {
        subject: str((entry.fields or {}).get("value"))
        for subject, entry in now.of_idea["theme"].items()
        if (entry.fields or {}).get("value") is not None
    }
    placed = idea_themes.settled(told, now.splits(), moved, now.theme("into"))
    placed = placed.sort(
        ~WAITS,
        pl.col("fate").replace_strict(
            {name: at for at, name in enumerate(ideas.FATES)}, return_dtype=pl.Int64
        ),
        "dated_on",
        "source",
        "suggestion_id",
        descending=[False, False, True, False, False],
    )
    made = Board(placed, idea_themes.names(placed, now.theme("name")), now)
    with _keeping:
        _kept[version] = (key, made)
    return made


def _by_rule(version: Version) -> pl.DataFrame:
    """Every idea with its telling words and the rule's theme; kept while ideas.every gives the same frame."""
    every = ideas.every(version)
    with _keeping:
        known = _ruled.get(version)
    if known is not None and known[0] is every:
        return known[1]
    told = every.with_columns(words=telling(pl.col("quote")))
    word = idea_themes.by_rule(told["customer"].to_list(), told["words"].to_list())
    told = told.with_columns(pl.Series("word", word, dtype=pl.String()))
    with _keeping:
        _ruled[version] = (every, told)
    return told


def chosen(version: Version, whole: Board, scope: Scope, wanted: Wanted) -> pl.DataFrame:
    """The ideas of the board in a scope that fit what is wanted, those that still wait first, then the newest.

    An idea waits (WAITS) that was said in a conversation, was acknowledged by no reply and is of status new.
    """
    here = ideas.among(version, scope, wanted.text)
    frame = whole.ideas.join(here, on=["source", "suggestion_id"], how="semi", maintain_order="left")
    if wanted.status:
        frame = frame.filter(pl.col("status") == wanted.status)
    if wanted.became:
        frame = frame.filter(BECAME[wanted.became])
    if wanted.tier:
        frame = frame.filter(pl.col("tier") == wanted.tier)
    if wanted.owner:
        themes = [theme for theme, who in whole.state.theme("owner").items() if who == wanted.owner]
        owned = pl.col("owner").fill_null(
            pl.when(pl.col("theme").is_in(themes)).then(pl.lit(wanted.owner)).otherwise(pl.lit(""))
        )
        frame = frame.filter(owned == wanted.owner)
    if wanted.theme:
        is_there = pl.col("theme").is_null() if wanted.theme == OUTSIDE else pl.col("theme") == wanted.theme
        frame = frame.filter(is_there)
    return frame


def themes(frame: pl.DataFrame, whole: Board) -> pl.DataFrame:
    """The themes of these ideas, those with most customers unheard first; the ideas in none come last, as theme null.

    Columns: theme, name, count_ideas (in conversations), count_unheard, count_heard, count_waiting, count_surveys,
    count_customers, count_customers_unheard, value (currency to a year's revenue of the accounts whose value is known, each
    account once; a list of currency, value), count_accounts, count_valued, first_on, last_on (in all the data), statuses
    (list), owner, note.
    """
    unheard = pl.col("fate").is_in(ideas.UNHEARD)
    told = frame.group_by("theme").agg(
        count_ideas=(pl.col("fate") != "survey").sum(),
        count_unheard=unheard.sum(),
        count_heard=(pl.col("fate") == "heard").sum(),
        count_waiting=WAITS.sum(),
        count_surveys=(pl.col("fate") == "survey").sum(),
        count_customers=pl.col("customer").n_unique(),
        count_customers_unheard=pl.col("customer").filter(unheard).n_unique(),
        count_accounts=pl.col("account").drop_nulls().n_unique(),
        statuses=pl.col("status"),
    )
    accounts = (
        frame.filter(pl.col("value").is_not_null())
        .select("theme", "account", "value", currency=pl.col("currency").fill_null(""))
        .unique(["theme", "account", "currency"])
    )
    values = (
        accounts.group_by("theme", "currency")
        .agg(value=pl.col("value").sum(), valued=pl.col("account").n_unique())
        .sort("value", "currency", descending=[True, False])
        .group_by("theme", maintain_order=True)
        .agg(value=pl.struct("currency", "value"), count_valued=pl.col("valued").sum())
    )
    seen = whole.ideas.group_by("theme").agg(
        first_on=pl.col("dated_on").min(), last_on=pl.col("dated_on").max()
    )
    named = told.join(values, on="theme", how="left", nulls_equal=True).join(
        seen, on="theme", how="left", nulls_equal=True
    )
    by = pl.col("theme")
    owners, notes = whole.state.theme("owner"), whole.state.theme("note")
    return named.with_columns(
        name=by.replace_strict(dict(whole.names), default=None, return_dtype=pl.String),
        owner=by.replace_strict(owners, default=None, return_dtype=pl.String) if owners else pl.lit(None, pl.String),
        note=by.replace_strict(notes, default=None, return_dtype=pl.String) if notes else pl.lit(None, pl.String),
        count_valued=pl.col("count_valued").fill_null(0),
    ).sort(
        by.is_null(), "count_customers_unheard", "count_unheard", "count_customers", "theme",
        descending=[False, True, True, True, False],
    )  # fmt: skip


def waiting(frame: pl.DataFrame, whole: Board, as_of: date) -> pl.DataFrame:
    """Who still waits for an answer: one row an idea, the accounts of most value first, then the longest waiting.

    Columns: customer, customer_id, account, account_value (a year's revenue), currency, tier, theme (its name), idea,
    our_reply (null where none came), said_on, days_waiting (to `as_of`), team, channel, owner (the idea's, else the
    theme's), note, source, conversation.
    """
    owners = whole.state.theme("owner")
    owner = (
        pl.col("theme").replace_strict(owners, default=None, return_dtype=pl.String)
        if owners
        else pl.lit(None)
    )
    return (
        frame.filter(WAITS)
        .sort(
            "value",
            "dated_on",
            "source",
            "suggestion_id",
            descending=[True, False, False, False],
            nulls_last=True,
        )
        .select(
            customer="customer_name",
            customer_id=pl.when(pl.col("customer") != pl.col("suggestion_id")).then("customer"),
            account="account",
            account_value="value",
            currency="currency",
            tier="tier",
            theme=pl.col("theme").replace_strict(dict(whole.names), default=None, return_dtype=pl.String),
            idea="quote",
            our_reply="reply",
            said_on="dated_on",
            days_waiting=(pl.lit(as_of) - pl.col("dated_on")).dt.total_days(),
            team="team",
            channel="channel",
            owner=pl.coalesce("owner", owner),
            note="note",
            source="source",
            conversation="ticket_id",
        )
    )
