"""Writes a made-up company's helpdesk export: any number of tickets, the same bytes for the same seed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from pipelines.sample import readme
from pipelines.sample.calendar import DAY, count_regulars, epoch, first_day, stamp
from pipelines.sample.conversation import tell
from pipelines.sample.people import group_records, organisation_records, user_records
from pipelines.sample.plan import Plan, count_customers, plans
from pipelines.sample.queues import QUEUES
from pipelines.sample.records import audit_records, ticket_fields, ticket_record
from pipelines.sample.stories import STORIES, switched_on
from pipelines.sample.surveys import Nps, csat_of, nps_of
from pipelines.sample.timeline import Frame, Told
from pipelines.sample.writer import Pieces
from warehouse.errors import HeardError

ENDS_ON = date(2026, 11, 15)
_NPS_COLUMNS = (
    "response_id", "ticket_id", "customer_id", "customer_email", "asked_at", "answered_at", "score", "comment",
)  # fmt: skip
_PIECE = 800  # tickets in a file of a small sample: under a megabyte


def generate(
    out: Path,
    *,
    tickets: int,
    seed: int = 2026,
    weeks: int = 26,
    without: Collection[str] = (),
    queues: str = "",
    ends_on: date = ENDS_ON,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Writes a sample export into the folder `out`, in bounded memory however many tickets there are.

    With all stories told there are exactly `tickets` tickets; without gone_quiet those that its customers
    go on writing come on top. `queues` is one of QUEUES, or empty for those of the shipped sample. `progress` is called with the count of tickets written since the last call.
    Raises HeardError on an unknown story, a count below 50, or fewer than 12 weeks.
    """
    if tickets < 50 or weeks < 12:
        raise HeardError(
            f"A sample of {tickets} tickets in {weeks} weeks is too small to hold its stories.",
            fix="heard sample --tickets 500 --out DIR",
        )
    if queues and queues not in QUEUES:
        raise HeardError(f"There are no queues called {queues!r}.", fix=f"choose from: {', '.join(QUEUES)}")
    stories = switched_on(without)
    out.mkdir(parents=True, exist_ok=True)
    begins_at = stamp(epoch(first_day(ends_on, weeks)) - 30 * DAY)
    customers = count_customers(tickets) + count_regulars(tickets)
    _write_array(out / "users.json", "users", user_records(seed, customers, begins_at))
    _write_array(
        out / "organizations.json", "organizations", organisation_records(seed, customers, begins_at)
    )
    _write_array(out / "groups.json", "groups", group_records(begins_at))
    (out / "ticket_fields.json").write_bytes(_dumps(ticket_fields(begins_at)))
    readme.write(
        out / "README.md",
        tickets=tickets,
        seed=seed,
        weeks=weeks,
        ends_on=ends_on,
        without=without,
        queues=queues,
    )
    frame = Frame(
        stories=stories,
        sour_week=weeks - _weeks_of("sour_team"),
        defensive_week=weeks - _weeks_of("defensive_policy"),
        ends_at=epoch(ends_on) + DAY - 1,
        is_unequal=bool(queues),
    )
    planned = plans(tickets, seed, weeks, ends_on, is_unequal=bool(queues))
    _write_tickets(out, planned, frame, tickets, progress)


def _weeks_of(name: str) -> int:
    return next(story.weeks for story in STORIES if story.name == name)


def _write_tickets(
    out: Path, planned: Iterator[Plan], frame: Frame, tickets: int, progress: Callable[[int], None] | None
) -> None:
    is_small = tickets <= 20_000
    piece, level = (_PIECE, 9) if is_small else (50_000, 1)
    with (
        Pieces(out, "tickets", level) as ticket_file,
        Pieces(out, "ticket_audits", level) as audit_file,
        (out / "nps.csv").open("w", encoding="utf-8", newline="") as nps_file,
    ):
        nps_rows = csv.writer(nps_file, lineterminator="\n")
        nps_rows.writerow(_NPS_COLUMNS)
        count = reported = 0
        for count, told in enumerate(_tell_all(planned, frame)):
            if count % piece == 0:
                ticket_file.begin()
            if count % (piece * 4) == 0:
                audit_file.begin()
            csat = csat_of(told, frame.ends_at)
            ticket_file.write(ticket_record(told, csat))
            for audit in audit_records(told, csat):
                audit_file.write(audit)
            nps = nps_of(told, frame.ends_at, asks_for_idea="unanswered_idea" in frame.stories)
            if nps is not None:
                nps_rows.writerow(_nps_row(told, nps))
            if progress is not None and count % 500 == 499:
                progress(500)
                reported = count + 1
        if progress is not None and count + 1 > reported:
            progress(count + 1 - reported)


def _tell_all(planned: Iterable[Plan], frame: Frame) -> Iterator[Told]:
    """Each plan told; a plan is held back one step to see whether the next is merged into it."""
    held: Plan | None = None
    for plan in _kept(planned, frame):
        if held is not None:
            merged = plan if plan.kind == "duplicate" and plan.seed == held.seed else None
            yield tell(held, frame, merged)
        held = plan
    if held is not None:
        yield tell(held, frame, None)


def _kept(planned: Iterable[Plan], frame: Frame) -> Iterator[Plan]:
    goes_on = "gone_quiet" not in frame.stories
    return (plan for plan in planned if goes_on or plan.arrival.until_silence >= 0)


def _nps_row(told: Told, nps: Nps) -> tuple[str | int, ...]:
    person = told.plan.customer
    return (
        f"N{told.plan.ticket_id}",
        told.plan.ticket_id if nps.is_linked else "",
        person.customer_id,
        person.email,
        stamp(nps.asked_at),
        "" if nps.answered_at is None else stamp(nps.answered_at),
        "" if nps.score is None else nps.score,
        nps.comment,
    )


def _dumps(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _write_array(path: Path, name: str, records: Iterable[dict[str, Any]]) -> None:
    """{"name": [...]} with one record a line, written as it comes."""
    with path.open("wb") as file:
        file.write(b'{"%s": [' % name.encode())
        for number, record in enumerate(records):
            file.write(b",\n" if number else b"\n")
            file.write(orjson.dumps(record))
        file.write(b"\n]}\n")
