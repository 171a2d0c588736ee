"""The verb of sending below `heard digest`, and the options of all verbs there."""

from __future__ import annotations

import argparse
import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from metrics import periods
from pipelines import verbs_digest_after, verbs_digest_look
from pipelines.digest import due as dates
from pipelines.digest import told
from pipelines.digest.deliver import Report, send_due, send_week
from pipelines.digest.outstanding import due, latest, to_be_tried
from pipelines.digest.stands_on import first_and_last_day
from pipelines.digest.trial import preview, send_test
from pipelines.run_log import FINE, LATER
from pipelines.terminal import visible
from warehouse.errors import BadInput, BadSettings, NoData
from warehouse.recipients import Recipient, check_server, is_address
from warehouse.runs import ACT
from warehouse.sends import Sends
from warehouse.settings import Settings, load_settings
from warehouse.store import Store
from warehouse.unsubscribed import Unsubscribed

_NOBODY: Final = "heard.toml names no recipients."
_HOW: Final = "add [[recipients]] to heard.toml; see docs/settings.md"


def parsers(digest: argparse.ArgumentParser) -> None:
    """The verbs of sending with their options, below `heard digest`."""
    below = digest.add_subparsers(
        metavar="look|outlook|send|show|resolve|unsubscribe", help="what to do instead of writing it"
    )

    def verb(name: str, about: str) -> argparse.ArgumentParser:
        one = below.add_parser(name, help=about, description=about)
        one.add_argument("--store", default=argparse.SUPPRESS, help="which store: main (default) or demo")
        one.set_defaults(run=_RUNS[name])
        return one

    verbs_digest_look.parsers(verb)

    send = verb("send", "Send the weekly digest to its recipients; nobody gets a week twice.")
    which = send.add_mutually_exclusive_group()
    which.add_argument(
        "--week",
        metavar="YYYY-Www",
        default=argparse.SUPPRESS,
        help="ISO week (default: the last whole week in the data)",
    )
    which.add_argument("--due", action="store_true", help="what is due now, as the schedule does")
    send.add_argument("--to", action="append", default=[], metavar="NAME",
                      help="only this recipient, and at once where an earlier try failed; may be repeated")  # fmt: skip
    send.add_argument("--dry-run", action="store_true", help="say who would get what, and send nothing")
    send.add_argument(
        "--preview", type=Path, metavar="DIR", help="write what would be sent, and send nothing"
    )
    send.add_argument("--test-to", metavar="ADDRESS", help="mail it to this address only, marked as a test")
    send.add_argument("--json", action="store_true", help="print what became of each as JSON")
    show = verb("show", "Print what was sent to whom, what failed and why, and what a person has to decide.")
    show.add_argument("--week", metavar="YYYY-Www", default=argparse.SUPPRESS, help="only this week")
    show.add_argument("--json", action="store_true", help="print as JSON")
    resolve = verb(
        "resolve",
        "Decide on a send of which nobody can tell whether it went out, or send again what was sent.",
    )
    resolve.add_argument("week", metavar="WEEK", help="ISO week, as in 2026-W46")
    resolve.add_argument("recipient", metavar="RECIPIENT", help="name or address")
    how = resolve.add_mutually_exclusive_group(required=True)
    how.add_argument("--sent", action="store_true", help="it arrived: leave it")
    how.add_argument(
        "--send-again", action="store_true", help="it goes out with the next run, also where it was sent"
    )
    stop = verb("unsubscribe", "Send no more digests to an address, or list those who want none.")
    stop.add_argument("address", nargs="?", metavar="ADDRESS", help="mail address (default: list them)")
    stop.add_argument("--back", action="store_true", help="they want it again")


def send(options: argparse.Namespace, now: datetime | None = None) -> int:
    """heard digest send"""
    settings, store = _opened(options)
    now = now or datetime.now(UTC)
    named = _named(settings, options.to)
    if options.preview or options.test_to:
        return _try(store, settings, options, named, now)
    if not settings.recipients:
        raise BadSettings(_NOBODY, fix=_HOW)
    if options.dry_run:
        return _dry_run(store, settings, options, named, now)
    if options.due and not named:
        report = send_due(store, settings, now)
    else:
        week = _week(store, settings, options, now)
        _check_in_data(store, week)
        report = send_week(store, settings, week, now, recipients=named or None)
    return _say(report, settings, options, _nothing(store, settings, options, now))


def _opened(options: argparse.Namespace) -> tuple[Settings, Store]:
    settings = load_settings(options.settings)
    return settings, Store(settings.store_root, options.store)


def _named(settings: Settings, names: list[str]) -> tuple[Recipient, ...]:
    known = {one.name.casefold(): one for one in settings.recipients}
    for name in names:
        if name.casefold() not in known:
            raise BadSettings(
                f"There is no recipient {name!r}.",
                fix=f"known are {', '.join(one.name for one in settings.recipients)}" if known else _HOW,
            )
    return tuple(known[name.casefold()] for name in names)


def _week(store: Store, settings: Settings, options: argparse.Namespace, now: datetime) -> str:
    """The week that is named, else the one due by the clock, else the last whole one in the data."""
    if options.week:
        periods.week_days(options.week)
        return str(options.week)
    with store.reading() as version:
        if options.due:
            return dates.week_due(now, settings, dates.zone_name(version, settings))
        return periods.last_whole_week(version)


def _check_in_data(store: Store, week: str) -> None:
    """Raises NoData on a week of which the data hold nothing: only the schedule sends word of that."""
    monday, sunday = periods.week_days(week)
    with store.reading() as version:
        first, last = first_and_last_day(version)
    if first is None or last is None or sunday < first or monday > last:
        held = f"they run from {first} to {last}" if first else "they hold no conversations at all"
        raise NoData(
            f"The data hold nothing of week {week}: {held}.", fix="heard ingest PATH, with that week's export"
        )


def _try(
    store: Store, settings: Settings, options: argparse.Namespace, named: tuple[Recipient, ...], now: datetime
) -> int:
    """--preview and --test-to: nothing is kept, and nobody of the list gets anything."""
    week = _week(store, settings, options, now)
    chosen = named or settings.recipients or (Recipient("Reader", "folder", "-"),)
    if options.preview:
        for path in preview(store, settings, week, chosen, options.preview, now):
            print(path)
    if not options.test_to:
        return FINE
    if not is_address(options.test_to):
        raise BadInput(f"{options.test_to!r} is not a mail address.", fix="--test-to name@example.com")
    if not (settings.mail.host and settings.mail.sender):
        raise BadSettings("heard.toml names no mail server.", fix="[mail] with host and sender")
    report = send_test(store, settings, week, chosen, options.test_to, now)
    return _say(report, settings, options, "", test_to=options.test_to)


def _dry_run(
    store: Store, settings: Settings, options: argparse.Namespace, named: tuple[Recipient, ...], now: datetime
) -> int:
    check_server(named or settings.recipients, settings.mail)
    if options.due and not named:
        found = [(one.week, one.recipient) for one in due(store, settings, now)]
    else:
        week = _week(store, settings, options, now)
        settled = {
            row.recipient
            for row in Sends(store.folder).sends(week)
            if row.state in ("sent", "claimed", "unknown")
        }
        found = [(week, one) for one in named or settings.recipients if one.key not in settled]
    stopped = Unsubscribed(store.folder).all()
    for week, one in found:
        is_stopped = one.by == "mail" and one.to.casefold() in stopped
        what = "asked for no more and is left out" if is_stopped else f"would get week {week}"
        teams = f" of {', '.join(one.teams)}" if one.teams else ""
        print(visible(f"{one.name} {what}, by {one.by} to {one.to}, as {one.role}{teams}"))
    left = to_be_tried(store, settings) if options.due and not named else []
    for row in left:
        if (row.week, row.recipient) not in {(week, one.key) for week, one in found}:
            for line in told.lines(row, settings):
                print(visible(line))
    print(
        "Nothing was sent." if found else "Nothing is to be sent now." if left else "Nothing is to be sent."
    )
    return FINE


def _nothing(store: Store, settings: Settings, options: argparse.Namespace, now: datetime) -> str:
    """What is said where there was nothing to do."""
    if options.due and not options.to and latest(store, settings, now) is None:
        return "Nothing is due: nothing was loaded yet, or the data begin after the newest week that is due."
    return "Nothing is to be sent: whoever wants it has it."


def _say(
    report: Report, settings: Settings, options: argparse.Namespace, nothing: str, *, test_to: str = ""
) -> int:
    tried = (*report.outcomes, *report.pending)
    lines = [visible(told.outcome(one, settings, test_to=test_to)) for one in tried]
    lines += [report.waiting] if report.waiting else []
    if options.json:
        print(json.dumps(dataclasses.asdict(report), ensure_ascii=False, indent=1, default=str))
    else:
        print("\n".join(lines or [nothing]))
    return FINE if report.is_well else ACT if report.needs_person else LATER


_RUNS: Final = {
    "look": verbs_digest_look.look,
    "outlook": verbs_digest_look.outlook,
    "send": send,
    "show": verbs_digest_after.show,
    "resolve": verbs_digest_after.resolve,
    "unsubscribe": verbs_digest_after.unsubscribe,
}
