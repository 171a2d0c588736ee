"""The verbs of looking below `heard digest`: look and outlook, for people and, with --json, for the dashboard's Digest page."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from metrics import periods
from pipelines.digest import calendar, notice
from pipelines.digest import stored as kept
from pipelines.digest.build import build
from pipelines.digest.forms import form
from pipelines.digest.outstanding import due, has_arrived, to_be_tried
from pipelines.digest.stands_on import first_and_last_day
from pipelines.terminal import visible
from pipelines.verbs_loading import as_json
from warehouse.errors import BadSettings, HeardError, NoData
from warehouse.recipients import check_server
from warehouse.rights import Rights, Role, from_words
from warehouse.settings import Settings, load_settings, zone
from warehouse.store import Store

MOST_WEEKS: Final = 104
NONE: Final = "Nobody: heard.toml names no recipients."


def parsers(verb: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """The two verbs with their options."""
    one = verb("look", "Print the digest of a week as an audience would get it; nothing is kept or sent.")
    one.add_argument(
        "--week", metavar="YYYY-Www", default=argparse.SUPPRESS,
        help="ISO week (default: the last whole week in the data)",
    )  # fmt: skip
    one.add_argument(
        "--role", choices=list(Role), default=argparse.SUPPRESS, help="whose it is (default: everything)"
    )
    one.add_argument(
        "--team", action="append", default=argparse.SUPPRESS, metavar="NAME",
        help="the team of a lead; may be repeated",
    )  # fmt: skip
    one.add_argument("--json", action="store_true", help="print subject and mail as JSON")
    two = verb("outlook", "Say which week's digest goes out next, when, to whom, and what it waits for.")
    two.add_argument("--json", action="store_true", help="print as JSON")


def look(options: argparse.Namespace) -> int:
    """heard digest look"""
    settings, store = _opened(options)
    if options.team and not options.role:
        raise HeardError("A team is named without a role.", fix=f"--role lead --team {options.team[0]!r}")
    rights = from_words(options.role, options.team) if options.role else Rights()
    if options.json:
        return as_json(lambda: looked(store, settings, options.week, rights))
    found = looked(store, settings, options.week, rights)
    print(visible(found["subject"]) + "\n")
    print("\n".join(visible(line) for line in found["text"].splitlines()))
    return 0


def looked(store: Store, settings: Settings, week: str | None, rights: Rights) -> dict[str, Any]:
    """The digest of a week for these rights: as it is kept, else as it would be now. Raises NoData on an empty store."""
    with store.reading(rights) as version:
        week = week or periods.last_whole_week(version)
        periods.week_days(week)
        arrived = has_arrived(store, settings, week)
        known = kept.kept(store, week, rights, has_arrived=arrived)
        if known:
            return {
                "week": week,
                "subject": known.subject,
                "html": known.html,
                "text": known.text,
                "is_kept": True,
            }
        is_demo = store.name == "demo"
        try:
            built = build(version, week, settings, is_demo=is_demo)
        except NoData:
            told = notice.notice(week, rights, settings, has_arrived=arrived, is_demo=is_demo)
            return {
                "week": week,
                "subject": told.subject,
                "html": told.html,
                "text": told.text,
                "is_kept": False,
            }
        return {"week": week, "subject": built.subject, "html": form(built, "html").decode(),
                "text": form(built, "text").decode(), "is_kept": False}  # fmt: skip


def outlook(options: argparse.Namespace, now: datetime | None = None) -> int:
    """heard digest outlook"""
    settings, store = _opened(options)
    at = now or datetime.now(UTC)
    if options.json:
        return as_json(lambda: ahead(store, settings, at))
    found = ahead(store, settings, at)
    waits = (
        f"; it waits for that week's export until {_local(found['waits_until'], found)}"
        if found["is_waiting"]
        else ""
    )
    print(f"Newest week that is due: {found['week']}, since {_local(found['due_at'], found)}{waits}.")
    print(visible(f"Goes out with the next run: {_named(found['due'])}"))
    for one in found["pending"]:
        when = _local(one["next_try_at"], found)
        print(
            visible(f"To be tried again: {one['name']} (week {one['week']}): {one['why']} Next try: {when}.")
        )
    print(f"Next: week {found['next_week']}, on {_local(found['next_at'], found)}.")
    print(visible(f"Recipients: {', '.join(one.name for one in settings.recipients) or NONE}"))
    if found["problem"]:
        print(visible(f"Nothing can be sent: {found['problem']}"))
    return 0


def ahead(store: Store, settings: Settings, now: datetime) -> dict[str, Any]:
    """What goes out next and when, as plain values with instants in ISO form; `weeks` are those of the data, newest first."""
    stands = calendar.at(store, settings, now)
    found = due(store, settings, now) if store.current() else []
    return {
        "zone": stands.zone,
        "week": stands.week,
        "due_at": stands.since.isoformat(),
        "waits_until": stands.waits_until.isoformat(),
        "has_arrived": stands.has_arrived,
        "is_waiting": stands.is_waiting,
        "next_week": stands.next_week,
        "next_at": stands.next_at.isoformat(),
        "due": [{"week": one.week, "name": one.recipient.name} for one in found],
        "pending": [
            {"week": one.week, "name": one.name, "why": one.error, "next_try_at": one.next_try_at.isoformat()}
            for one in to_be_tried(store, settings)
            if one.next_try_at
        ],
        "problem": _problem(settings),
        "weeks": _weeks(store),
    }


def _problem(settings: Settings) -> str:
    """What keeps every digest from going out, with what to do; empty where nothing does."""
    try:
        check_server(settings.recipients, settings.mail)
    except BadSettings as error:
        return f"{error.what} Fix: {error.fix}"
    return ""


def _weeks(store: Store) -> list[str]:
    """The weeks of the data, the newest first."""
    if store.current() is None:
        return []
    with store.reading() as version:
        first, last = first_and_last_day(version)
    if first is None or last is None:
        return []
    found = [periods.week_of(last - timedelta(weeks=back)) for back in range(MOST_WEEKS)]
    return [week for week in found if periods.week_days(week)[1] >= first]


def _named(found: Sequence[dict[str, str]]) -> str:
    return ", ".join(f"{one['name']} (week {one['week']})" for one in found) or "nothing."


def _local(instant: str, found: dict[str, Any]) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(zone(found['zone'])):%A %-d %B %Y, %H:%M}"


def _opened(options: argparse.Namespace) -> tuple[Settings, Store]:
    settings = load_settings(options.settings)
    return settings, Store(settings.store_root, options.store)
