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
        growing.RULE if lines else "",
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


def _line(one: Growth, where: Addresses) -> Line:
    name = mask(one.name)
    now = f"{one.count_now:,} {'customer' if one.count_now == 1 else 'customers'} this week"
    before = f"{one.count_before:,} in the {growing.PERIODS_BEFORE} weeks before"
    return Line(
        f"{name}: {now}, {before}.",
        where.page("ideas", theme=one.theme),
        why="New theme" if one.is_new else "Growing theme",
        about=one.status,
    )
