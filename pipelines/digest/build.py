"""One ISO week against the one before, as plain data. Built from stored data alone: the same week gives the same digest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from metrics import periods, review_figures, ripening
from metrics.contrast import asked, looks_fine_rule, targets
from metrics.contrast.findings import look
from metrics.contrast.pairs import headline, ledger
from metrics.quotes import Key as Conversation
from metrics.totals import Scope
from pipelines.digest import listed
from pipelines.digest.addresses import Addresses, addresses
from pipelines.digest.content import Digest, Key, Section
from pipelines.digest.dates import say_week
from pipelines.digest.doubts import doubts
from pipelines.digest.ideas_told import ideas
from pipelines.digest.ledger_rows import SCALES, rows
from pipelines.digest.money_told import amounts
from pipelines.digest.moved import moved
from pipelines.digest.stands_on import as_of_day, coverage, first_and_last_day
from warehouse.errors import NoData
from warehouse.settings import Settings
from warehouse.store import Version

IN_SUBJECT: Final[tuple[Key, ...]] = ("moved", "looks_fine", "saves", "promises", "calls")
LONGEST_SUBJECT: Final = 80  # characters: lists of mails show no more


def build(
    version: Version, week: str, settings: Settings, *, base_url: str | None = None, is_demo: bool = False
) -> Digest:
    """The digest of an ISO week such as '2026-W46', in the organisation's time zone, for whoever the version was opened for.

    Only what these rights include stands in it. base_url: where the dashboard is (None: as set; "" for a digest without links). A week without conversations gives a digest that says so. Raises BadInput
    on a week that does not exist, NoData on one before the first or after the last day of the data.
    """
    monday, sunday = periods.week_days(week)
    first = _first_day(version, week, monday, sunday)
    too_few = settings.display.too_few
    rules = looks_fine_rule.rules(version, settings)
    scope = Scope(date_from=monday, date_to=sunday, rules=rules)
    before = _before(version, scope) if first < monday else None
    where = addresses(settings.digest.base_url if base_url is None else base_url, version.rights, scope)
    asked.check(version, review_figures.precision(version, settings))
    asked.prepare(version, scope, before)
    answer = headline(version, scope, too_few=too_few)
    pairs = ledger(version, scope, before)
    looked = look(version, scope, before, too_few=too_few) if before else None
    basis, stands = coverage(version, scope, settings)
    sections = (moved(looked, where), *_sections(version, scope, settings, where))
    as_of = ripening.known(version).as_of
    return Digest(
        week=week,
        dates=say_week(week, monday, sunday),
        organisation=settings.organisation.name,
        is_demo=is_demo,
        subject=_subject(week, answer.short, sections, basis, is_demo=is_demo),
        answer=answer.answer,
        more=answer.more,
        basis=basis,
        rows=rows(
            pairs, targets.targets(version), where, day=sunday, has_before=before is not None, too_few=too_few
        ),
        scales=SCALES,
        sections=sections,
        coverage=(*stands, *listed.masking(sections)),
        caveats=doubts(version, pairs, settings, scope, first),
        url=where.home,
        role=str(version.rights.role),
        teams=version.rights.teams,
        as_of=as_of.isoformat() if as_of else "",
    )


def _sections(version: Version, scope: Scope, settings: Settings, where: Addresses) -> tuple[Section, ...]:
    told: list[Conversation] = []
    found = (
        amounts(version, scope, settings, where),
        *listed.quoted(version, scope, where, told),
        listed.worth(version, scope, where, told),
        ideas(version, scope, where),
        listed.promises(version, scope, where),
        listed.calls(version, scope, where),
    )
    return tuple(one for one in found if one is not None)


def _first_day(version: Version, week: str, monday: date, sunday: date) -> date:
    """The first day of the data that this reader may see; the last is that of the data, also where a team was silent."""
    first, last = first_and_last_day(version)
    if first is None or last is None:
        if version.rights.teams:
            named = ", ".join(version.rights.teams)
            raise NoData(
                f"There are no conversations of {named}.", fix="name a team as heard measure --by team does"
            )
        raise NoData("There are no conversations in this store.", fix="heard ingest PATH, or heard demo")
    last = max(last, as_of_day(version) or last)
    if sunday < first or monday > last:
        raise NoData(
            f"The data hold nothing of week {week}: they run from {first.isoformat()} to {last.isoformat()}.",
            fix=f"name a week from {periods.week_of(first)} to {periods.week_of(last)}",
        )
    return first


def _before(version: Version, scope: Scope) -> Scope:
    """The week before; of a week that still runs no more than the same days."""
    before = periods.previous(scope)
    until = as_of_day(version)
    if until is None or scope.date_to is None or until >= scope.date_to:
        return before
    return replace(before, date_to=until - timedelta(days=7))


def _subject(week: str, short: str, sections: Sequence[Section], basis: str, *, is_demo: bool) -> str:
    """The finding first, then which week: the headline's, else the first of what is listed, else how many there were."""
    told = short or next((one.title for one in sections if one.key in IN_SUBJECT and one.items), basis)
    demo, tail = "Demo: " if is_demo else "", f" · Heard, week {int(week[-2:])}"
    room = LONGEST_SUBJECT - len(demo) - len(tail)
    return f"{demo}{told if len(told) <= room else told[: room - 1].rstrip() + '…'}{tail}"
