"""What the page of the weekly digest tells: what goes out next, a week as an audience gets it, who gets it, what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import streamlit as st

from dashboard import child, filters
from dashboard.evidence import plain
from dashboard.state import Data
from warehouse.rights import IN_WORDS, Rights, Role
from warehouse.sends import Send, Sends
from warehouse.settings import zone
from warehouse.store import Store
from warehouse.unsubscribed import Unsubscribed

MOST_SENDS: Final = 100
FRESH_SECONDS: Final = 60  # what goes out next depends on the clock
STATES: Final = {
    "claimed": "being sent", "sent": "sent", "failed": "failed", "unknown": "sent or not: not known", "skipped": "left out",
}  # fmt: skip
_BY: Final = {"mail": "mail", "folder": "a folder", "slack": "Slack", "teams": "Teams"}


@dataclass(frozen=True)
class Audience:
    """Whose digest it is: the rights it is built with, how that is called, and the recipients who get just that."""

    rights: Rights
    title: str
    names: tuple[str, ...] = ()


def manages(rights: Rights) -> bool:
    """Whether somebody sees who gets which digest: who may see all that any recipient may see."""
    return rights.role in (Role.ANALYST, Role.DIRECTOR)


def audiences(data: Data) -> tuple[Audience, ...]:
    """Whose digests this reader may look at: whoever manages them all, those of recipients first; others their own."""
    if not manages(data.rights):
        return (Audience(data.rights, _called(data.rights)),)
    named: dict[Rights, list[str]] = {}
    for one in data.settings.recipients:
        named.setdefault(one.rights, []).append(one.name)
    for role in (Role.DIRECTOR, Role.FINANCE, Role.READER, Role.ANALYST):
        named.setdefault(Rights(role), [])
    for team in filters.values(data)["team"]:
        named.setdefault(Rights(Role.LEAD, (team,)), [])
    return tuple(Audience(rights, _called(rights, names), tuple(names)) for rights, names in named.items())


def _called(rights: Rights, names: Sequence[str] = ()) -> str:
    of = f" of {', '.join(rights.teams)}" if rights.teams else ""
    who = (
        f": {', '.join(names[:3])}{f' and {len(names) - 3} more' if len(names) > 3 else ''}" if names else ""
    )
    return f"{str(rights.role).capitalize()}{of}{who}"


def outlook(data: Data, rows: Sequence[Send]) -> dict[str, Any]:
    """What goes out next and when, and the weeks of the data, as `heard digest outlook` says it; at most a minute old."""
    return _outlook((data.store_name, data.version.name, repr(data.settings), repr(rows)))


@st.cache_data(ttl=FRESH_SECONDS, max_entries=20, show_spinner=False)
def _outlook(key: tuple[str, ...]) -> dict[str, Any]:
    """key: the store, and all that its outlook changes with."""
    return child.run("digest", "outlook", "--store", key[0])


def preview(data: Data, week: str, audience: Audience, rows: Sequence[Send]) -> dict[str, Any]:
    """The week's digest as this audience gets it: subject, html, and whether it is the one that is kept."""
    rights = audience.rights
    teams = [f"--team={team}" for team in rights.teams]
    return data.remember(
        "digest", (week, rights, [row for row in rows if row.week == week]),
        lambda: child.run("digest", "look", f"--week={week}", f"--role={rights.role}", *teams, "--store", data.store_name),
    )  # fmt: skip


def send_test(data: Data, week: str, audience: Audience, address: str) -> list[dict[str, Any]]:
    """What became of a test mail of a week to an address: `state` and `words`. Raises HeardError."""
    named = [f"--to={audience.names[0]}"] if audience.names else []
    report = child.printed(
        "digest", "send", f"--week={week}", f"--test-to={address}", *named, "--store", data.store_name, "--json"
    )  # fmt: skip
    return list(report["outcomes"])


def folder_of(data: Data) -> Path:
    """The folder of the store that the page shows."""
    return Store(data.settings.store_root, data.store_name).folder


def place(data: Data) -> str:
    """The zone on whose clock digests go out."""
    return data.settings.organisation.zone or data.zone


def kept(data: Data) -> list[Send]:
    """The send ledger of the store, the newest week first; nothing where none was ever sent."""
    folder = folder_of(data)
    return Sends(folder).sends() if (folder / "ledger.sqlite").exists() else []


def decide(data: Data, row: Send, who: str, *, was_sent: bool) -> bool:
    """Keep a person's word on a send that nobody can tell of."""
    return Sends(folder_of(data)).resolve(
        row.week, row.recipient, was_sent=was_sent, now=datetime.now(UTC), who=who
    )


def to_decide(rows: Sequence[Send]) -> list[Send]:
    """Those of which a person has to say whether they arrived."""
    return [row for row in rows if row.state == "unknown"]


def recipients_html(data: Data, rows: Sequence[Send]) -> str:
    """Who gets the digest, by which way, what it may show, and what became of the newest week sent to them."""
    stopped = Unsubscribed(folder_of(data)).all() if rows else {}
    newest = {row.recipient: row for row in reversed(rows)}
    cells = []
    for one in data.settings.recipients:
        row = newest.get(one.key)
        last = f"{plain(STATES[row.state])}, week {plain(row.week)}" if row else "none yet"
        if one.by == "mail" and one.to.casefold() in stopped:
            last = f"asked for no more; {last}"
        more = f'<span class="small">with {plain(", ".join(one.attach))}</span>' if one.attach else ""
        shows = plain(", ".join(one.teams) if one.teams else IN_WORDS[one.rights.role])
        cells.append(
            f'<tr><th scope="row">{plain(one.name)}</th><td>{_BY[one.by]}<span class="small">{plain(one.to)}</span>{more}</td>'
            f'<td>{plain(one.role)}<span class="small">{shows}</span></td><td>{last}</td></tr>'
        )
    return _table(
        "Who gets the digest", ("Who", "Goes by", "Shows what this role may see", "Newest week"), cells
    )


def ledger_html(data: Data, rows: Sequence[Send]) -> str:
    """What was sent, the newest week first, with why something failed and when it is tried again."""
    cells = []
    for row in rows[:MOST_SENDS]:
        next_try = f"; next try {said(row.next_try_at, place(data))}" if row.next_try_at else ""
        given_up = "; not tried again by itself" if row.state == "failed" and not row.next_try_at else ""
        tries = f" after {row.attempts} tries" if row.attempts > 1 else ""
        why = f'<span class="small">{plain(row.error)}</span>' if row.error else ""
        cells.append(
            f'<tr><td class="day">{plain(row.week)}</td><th scope="row">{plain(row.name)}</th>'
            f"<td>{plain(STATES[row.state])}{tries}{next_try}{given_up}{why}</td>"
            f'<td>{said(row.at, place(data))}<span class="small">{plain(row.who)}</span></td></tr>'
        )
    more = len(rows) - MOST_SENDS
    below = f'<p class="quiet">{more:,} older ones: <code>heard digest show</code></p>' if more > 0 else ""
    return _table("What was sent", ("Week", "Who", "What became of it", "When, by whom"), cells) + below


def said(instant: datetime | str, zone_of: str) -> str:
    """An instant on the clock of a place: "Monday 16 November, 07:00"."""
    at = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return f"{at.astimezone(zone(zone_of)):%A %-d %B %Y, %H:%M}"


def for_frame(html: str) -> str:
    """A mail to be shown in a frame: its links open beside the page, which no frame may hold."""
    return html.replace("<head>", '<head><base target="_blank">', 1)


def _table(name: str, heads: Sequence[str], rows: Sequence[str]) -> str:
    head = "".join(f'<th scope="col">{plain(one)}</th>' for one in heads)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{plain(name)}"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
