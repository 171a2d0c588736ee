"""The ideas of a week: those that nobody answered, in their words, and the themes that are new or grow."""

from __future__ import annotations

from metrics import idea_board
from metrics.contrast import asked, growing
from metrics.contrast.growing import Growth
from metrics.ideas import MEASURE
from metrics.mask import mask
from metrics.totals import Scope
from pipelines.digest.addresses import Addresses
from pipelines.digest.content import Line, Quote, Section
from pipelines.digest.listed import shows_quotes
from pipelines.digest.voices import MOST_IDEAS, ideas_unanswered
from warehouse.rights import Area
from warehouse.store import Version

MOST_THEMES = 3


def ideas(version: Version, scope: Scope, where: Addresses) -> Section:
    """The section of the ideas; themes only for whoever may see the page of ideas."""
    most = MOST_IDEAS if shows_quotes(version.rights) else 0
    quotes, summary = ideas_unanswered(version, scope, where.base, most=most)
    themes: tuple[Growth, ...] = ()
    if version.rights.may(Area.IDEAS) and asked.told(version, [MEASURE]):
        themes = growing.growing(version, idea_board.board(version), scope)
    lines = tuple(_line(one, where) for one in themes[:MOST_THEMES])
    items: tuple[Line | Quote, ...] = (*lines, *quotes)
    return Section(
        "ideas",
        _title(themes, bool(quotes)),
        summary,
        items,
        _rule(themes[:MOST_THEMES]),
        where.page("ideas"),
    )


def _title(themes: tuple[Growth, ...], is_unanswered: bool) -> str:
    new, grows = sum(one.is_new for one in themes), sum(not one.is_new for one in themes)
    parts = [
        f"{count:,} {'theme' if count == 1 else 'themes'} {words if count != 1 else words_of_one}"
        for count, words, words_of_one in ((new, "are new", "is new"), (grows, "grow", "grows"))
        if count
    ]
    if parts:
        return f"Ideas: {' and '.join(parts)}"
    return "Ideas nobody answered" if is_unanswered else "Ideas"


def _rule(told: tuple[Growth, ...]) -> str:
    """How the themes that are told were found; empty where none is."""
    rules = [
        rule
        for is_new, rule in ((True, growing.NEW_RULE), (False, growing.GROWS_RULE))
        if any(one.is_new is is_new for one in told)
    ]
    return " ".join([*rules, growing.LEFT_OUT]) if rules else ""


def _line(one: Growth, where: Addresses) -> Line:
    if one.is_new:
        earlier = f"; {one.count_earlier:,} had it before" if one.count_earlier else ""
        said = f"{one.count_known:,} customers by now, {one.count_known - one.count_earlier:,} of them new this week{earlier}"
    else:
        said = f"{one.count_now:,} customers this week, {one.count_before:,} in the {growing.PERIODS_BEFORE} weeks before"
    return Line(
        f"{mask(one.name)}: {said}.",
        where.page("ideas", theme=one.theme),
        why="New theme" if one.is_new else "Growing theme",
        about="" if one.status == "new" else one.status,  # nobody has taken it up yet: nothing to tell
    )
