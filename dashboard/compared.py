"""What the page of teams says: its answer and findings in words, and its tables, made from the comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dashboard.evidence import plain, unbroken
from metrics import wording
from metrics.contrast import gap
from metrics.contrast.gap import Gap
from metrics.contrast.similar import Similar
from metrics.contrast.split import Split
from metrics.groupings import Grouping
from metrics.measure import Column

Where = Callable[[str], Mapping[str, str]]  # a group to the query of its conversations
Name = Callable[[str], str]  # a group to what it is called on the screen

UNRANKED = {
    "language": "Languages are not ranked: moods are not heard alike in two languages.",
    "agent": "Agents are not ranked. They stand under names that are not theirs, and tell of their queues and tools as much as of them.",
    "week": "Weeks stand in their order.",
}


def low(title: str) -> str:
    """A title inside a sentence."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def answer(
    found: Sequence[Gap], score: Similar, talk: Similar, by: Grouping, name: Name, both: str, answered: str
) -> str:
    """The first sentence: where scores and conversations part most, with numbers and their n.

    `both` is a sentence about conversations that both were measured on, `answered` says how many answered a survey.
    """
    widest = gap.widest(tuple(found), talk)
    if widest is None:
        return f"<strong>{_no_gap(found, score, talk, by, name)}</strong>"
    s, t = widest.score, widest.talk
    return (
        f"<strong>The gap is widest in {plain(name(widest.group))}: {_ordinal(s.rank, s.count)} of {s.count} {by.many} by "
        f"{plain(low(score.column.title))}, {_ordinal(t.rank, t.count)} by {plain(low(talk.column.title))}, among similar conversations.</strong> "
        f"{plain(score.column.title)}: {say(score.column, s.row['similar'])} against {say(score.column, s.row['others'])} of the others "
        f"(n&nbsp;{s.row['n']:,}{answered}). {plain(talk.column.title)}: {say(talk.column, t.row['similar'])} against {say(talk.column, t.row['others'])} "
        f"(n&nbsp;{t.row['n']:,}), beyond noise.{both}"
    )


def same_conversations(
    score: Column, talk: Column, row: Mapping[str, Any] | None, group: str, least: int
) -> str:
    """What the conversations show of those that the score calls good; empty where too few are known of both."""
    if row is None or row["value"] is None or row["n"] < least:
        return ""
    return (
        f" Of the {row['n']:,} conversations that its {plain(low(score.title))} counts as good, {plain(low(talk.title))} is "
        f"{say(talk, row['value'])} ({unbroken(wording.say_interval(row['low'], row['high'], talk.unit))})."
    )


def _no_gap(found: Sequence[Gap], score: Similar, talk: Similar, by: Grouping, name: Name) -> str:
    if by.name in UNRANKED:
        return plain(UNRANKED[by.name])
    neutral = next((one.column for one in (talk, score) if one.column.better == "neither"), None)
    if neutral is not None:
        return f"Neither way is better in {plain(low(neutral.title))}, so nothing is ranked."
    if talk.shown.height < 2:
        return f"Fewer than two {by.many} can be compared among similar conversations."
    worse = gap.beyond(talk)[1]
    if not worse:
        return (
            f"Of {talk.shown.height} {by.many} none lies beyond noise on the worse side of similar conversations in "
            f"{plain(low(talk.column.title))}."
        )
    row = talk.shown.filter(talk.shown["group"] == worse[0]).row(0, named=True)
    more = (
        f" So {'does' if len(worse) == 2 else 'do'} {plain(_listed([name(group) for group in worse[1:]]))}."
        if len(worse) > 1
        else ""
    )
    known = {one.group: one for one in found}
    of_score = plain(low(score.column.title))
    if not any(group in known for group in worse):
        beside = f" By {of_score} too few of their conversations can be compared."
    elif len(worse) == 1:
        beside = f" By {of_score} it ranks no higher."
    else:
        beside = f" By {of_score} none of them that can be compared ranks higher."
    return (
        f"{plain(name(worse[0]))} lies beyond noise on the worse side of similar conversations in {plain(low(talk.column.title))}: "
        f"{say(talk.column, row['similar'])} against {say(talk.column, row['others'])} of the others (n&nbsp;{row['n']:,}).{more}{beside}"
    )


def finding(told: Similar, by: Grouping, name: Name) -> str:
    """The title of a comparison: which groups lie beyond noise, true of the bounds that are drawn."""
    count = told.shown.height
    better, worse = gap.beyond(told)
    of = low(told.column.title)
    if not count:
        return f"No {by.one} can be compared with similar conversations in {of}"
    if by.name in ("language", "agent"):
        return f"{told.column.title} by {by.one}, against similar conversations"
    if not better and not worse:
        return (
            f"In {of} no {by.one} of {count} lies beyond noise"
            if count > 1
            else f"In {of} one {by.one} can be compared, and lies within noise"
        )
    neutral = told.column.better == "neither"
    parts = [
        f"{_listed([name(group) for group in groups], 3)} {words}"
        for groups, words in (
            (worse, "below" if neutral else "worse"),
            (better, "above" if neutral else "better"),
        )
        if groups
    ]
    return f"{told.column.title}, beyond noise: {'; '.join(parts)}"


def slope_rows(found: Sequence[Gap], score: Similar, talk: Similar, name: Name) -> list[dict[str, Any]]:
    """What a slope chart draws: the two ranks of each group with its figures in words."""
    widest = gap.widest(tuple(found), talk)
    return [
        {
            "name": name(one.group), "left": one.score.rank, "right": one.talk.rank,
            "left_value": wording.say_change(one.score.row["change"], score.column.unit, "neither"),
            "right_value": wording.say_change(one.talk.row["change"], talk.column.unit, "neither"),
            "is_flagged": widest is not None and one.group == widest.group,
        }
        for one in found
    ]  # fmt: skip


def note(score: Similar, talk: Similar, by: Grouping) -> str:
    """How alike conversations were made, in plain words (HTML)."""
    said = [
        f"{plain(one.column.title)}: alike in {plain(one.in_words)}, compared on "
        f"{_from_to(*one.compared_on)} of the conversations"
        for one in (score, talk)
        if one.shown.height
    ]
    compared = "; ".join(said)
    return (
        f'<p class="quiet">{compared or f"No {by.one} can be compared with similar conversations"}.</p>'
        '<details><summary>How similar conversations are compared</summary><p class="quiet">A figure is taken among conversations that are alike, '
        f"and these are put together in the mix of the whole period, for every {plain(by.one)} and for all others beside it. A hard queue then counts "
        f"no more against one than against another. What one group or the others have too rarely is left out of both. The grey bar is where noise "
        f"alone would put it, corrected for the {talk.count_compared} comparisons made here (Holm, 5 %). What is not held alike can still differ: this says "
        "that two differ, not why.</p></details>"
    )


def _from_to(least: float, most: float) -> str:
    one = wording.say(least, "share")
    return one if one == wording.say(most, "share") else wording.say_interval(least, most, "share")


def ranking(found: Sequence[Gap], score: Similar, talk: Similar, name: Name) -> str:
    """The title of the ranks: who falls furthest, or that the ranks hold, or turn over."""
    widest = gap.widest(tuple(found), talk)
    if widest is not None:
        return (
            f"{name(widest.group)} falls from {_ordinal(widest.score.rank, widest.score.count)} by {low(score.column.title)} to "
            f"{_ordinal(widest.talk.rank, widest.talk.count)} by {low(talk.column.title)}"
        )
    most = max(abs(one.places) for one in found)
    return (
        "The ranking turns over, within noise"
        if most * 2 >= len(found)
        else "The ranking holds, by and large"
    )


def split_finding(told: Split) -> str:
    """The title of a change: how much of it is mix, how much within."""
    row, column = told.overall, told.column
    if not any(digit in wording.say_change(row["change"], column.unit, "neither") for digit in "123456789"):
        return f"{column.title} did not change"
    verb = "rose" if row["change"] > 0 else "fell"
    return (
        f"{column.title} {verb} from {wording.say(row['before'], column.unit)} to {wording.say(row['now'], column.unit)}: of "
        f"{change(column, row['change'])}, {change(column, row['mix'])} is other conversations and "
        f"{change(column, row['within'])} alike ones going otherwise"
    )


def say(column: Column, value: float | None) -> str:
    """A value of a column, in words (HTML)."""
    return unbroken(wording.say(value, column.unit))


def interval(
    column: Column, low_end: float | None, high_end: float | None, *, is_change: bool = False
) -> str:
    """An interval of a column, or of a change of it, in words (HTML); empty without one."""
    if low_end is None and high_end is None:
        return ""
    if is_change:
        return plain(
            " to ".join(change(column, end or 0.0).removesuffix(" pts") for end in (low_end, high_end))
        )
    return unbroken(wording.say_interval(low_end, high_end, column.unit))


def change(column: Column, value: float) -> str:
    """A part of a change; of a mood with one more decimal, so that parts are seen to add up."""
    if column.unit == "mood":
        return plain(wording.signed(value, 3))
    if column.unit == "share":
        return plain(f"{wording.signed(100 * value, 1)} pts")
    return plain(wording.say_change(value, column.unit, "neither"))


def _ordinal(rank: int | None, count: int) -> str:
    if rank is None:
        return "not ranked"
    if rank == count:
        return "last"
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{rank}{'th' if rank % 100 in (11, 12, 13) else ends.get(rank % 10, 'th')}"


def _listed(names: Sequence[str], most: int = 4) -> str:
    shown = list(names[:most])
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
