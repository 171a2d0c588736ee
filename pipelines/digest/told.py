"""What became of sends, in words for the command line."""

from __future__ import annotations

from datetime import datetime

from pipelines.digest.deliver import Outcome
from warehouse.sends import Send
from warehouse.settings import Settings, zone


def outcome(one: Outcome, settings: Settings, *, test_to: str = "") -> str:
    """One line: the state, the week, who, and where something is to be done, what to type. test_to: whom a test was mailed to."""
    words = f": {one.words}" if one.words else ""
    if test_to:
        words += _of_test(one, test_to)
    elif one.next_try_at:
        words += f" Next try {_local(one.next_try_at, settings)}."
    elif one.state == "unknown":
        words += f' Look whether it arrived, then: heard digest resolve {one.week} "{one.name}" --sent|--send-again'
    elif one.state == "failed":
        words += f' Not tried again by itself; mend it, then: heard digest send --week {one.week} --to "{one.name}"'
    return f"{one.state:7}  {one.week}  {one.name}{words}"


def _of_test(one: Outcome, address: str) -> str:
    again = f"heard digest send --week {one.week} --test-to {address}"
    if one.state == "unknown":
        return f" Look whether it arrived, or try again: {again}"
    return f" Mend it ([mail] in heard.toml, or the address), then: {again}" if one.state == "failed" else ""


def lines(row: Send, settings: Settings) -> list[str]:
    """A row of the ledger: what it is, and below it why and what comes next."""
    by, _, address = row.recipient.partition(":")
    told = [f"{row.week}  {row.state:7}  {_local(row.at, settings)}  {row.name} ({by} to {address})"]
    if row.error:
        told.append(f"          {row.error}")
    if row.state == "failed":
        when = (
            f"next try {_local(row.next_try_at, settings)}"
            if row.next_try_at
            else "not tried again by itself"
        )
        told.append(f"          {row.attempts} {'try' if row.attempts == 1 else 'tries'} so far; {when}")
    if row.state == "unknown":
        told.append(f'          decide: heard digest resolve {row.week} "{row.name}" --sent|--send-again')
    return told


def _local(instant: datetime, settings: Settings) -> str:
    return f"{instant.astimezone(zone(settings.organisation.zone)):%Y-%m-%d %H:%M}"
