"""A desk whose days are simulated: settings with two recipients, an inbox, a store, and runs at stated instants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipelines.digest import deliver
from pipelines.digest.ways.parcel import Stored
from pipelines.ingest import AfterMerge
from pipelines.run import run
from warehouse.rights import Rights
from warehouse.sends import Sends
from warehouse.settings import Settings, load_settings
from warehouse.store import Connection, Store

BERLIN = ZoneInfo("Europe/Berlin")
# Far enough ahead that no file of a test is loaded, by the clock of this machine, after one of these weeks.
AUTUMN = date(2037, 10, 12)
YEAR_END = date(2037, 12, 21)


@dataclass
class Desk:
    """A settings file with two recipients, a store and an inbox in a folder of their own, and what the runs said."""

    root: Path
    settings: Settings
    store: Store
    lines: list[str]
    after_merge: AfterMerge | None = None

    def export(self, monday: date, *, name: str = "", tickets: int = 12) -> Path:
        """The export that is made on a Monday: the week that has ended, and a ticket of the first hours of this one."""
        begin = datetime.combine(monday - timedelta(days=7), time(3), BERLIN)
        rows = ["Ticket ID,Created At,Status,Subject,Satisfaction Score"]
        rows += [
            f"{monday}-{place},{(begin + timedelta(hours=13 * place)).isoformat()},Solved,Parcel,{5 - place % 2}"
            for place in range(tickets)
        ]
        rows.append(f"{monday}-new,{(begin + timedelta(days=7)).isoformat()},Open,Parcel,")
        path = self.root / "inbox" / (name or f"tickets-{monday}.csv")
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        return path

    def run_at(self, now: datetime, **options: bool) -> int:
        return run(
            self.store,
            self.settings,
            clock=lambda: now,
            say=self.lines.append,
            after_merge=self.after_merge,
            **options,
        )

    def got(self, name: str) -> list[str]:
        """The weeks that lie in a recipient's folder."""
        return sorted(path.stem.removeprefix("heard-") for path in (self.root / name).glob("heard-*.md"))

    def sent(self) -> list[tuple[str, str]]:
        """Every time that the ledger says a digest was sent, by week and name."""
        sends = Sends(self.store.folder)
        rows = [row for one in sends.sends() for row in sends.history(one.week, one.recipient)]
        return sorted((row.week, row.name) for row in rows if row.state == "sent")


def whole(tmp_path: Path) -> Desk:
    """A desk with everything real."""
    people = "".join(
        f'[[recipients]]\nname = "{name}"\nby = "folder"\nto = "{tmp_path / name}"\nrole = "{role}"\n'
        for name, role in (("Dana", "director"), ("Finn", "reader"))
    )
    (tmp_path / "heard.toml").write_text(
        '[organisation]\nzone = "Europe/Berlin"\n[store]\nfolder = "store"\n'
        f'[run]\ninbox = "inbox"\nlog = "log"\nsettle_seconds = 0\n{people}',
        encoding="utf-8",
    )
    (tmp_path / "inbox").mkdir()
    settings = load_settings(tmp_path / "heard.toml")
    return Desk(tmp_path, settings, Store(settings.store_root), [])


def light(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The same where nothing is heard and a digest says only its week: for what is about when, and not about what."""

    desk = whole(tmp_path)

    def stored(store: Store, week: str, rights: Rights, settings: Settings, *, has_arrived: bool) -> Stored:
        folder = desk.root / "made"
        folder.mkdir(exist_ok=True)
        path = folder / f"heard-{week}.md"
        path.write_text(f"{week}, arrived: {has_arrived}", encoding="utf-8")
        return Stored(week, str(rights.role), week, "", "", (path,), {}, week, is_notice=False)

    def unheard(connection: Connection, settings: Settings, tell: object) -> None:
        connection.execute("CREATE OR REPLACE TABLE ticket_facts AS SELECT created_at::DATE AS created_on,"
                           " solved_at::DATE AS ended_on FROM tickets")  # fmt: skip
        connection.execute("CREATE TABLE IF NOT EXISTS survey_facts (answered_on DATE)")

    monkeypatch.setattr(deliver.kept, "stored", stored)
    desk.after_merge = unheard
    return desk


def on(day: date, hour: int) -> datetime:
    """Five past an hour in Berlin, as an instant."""
    return datetime.combine(day, time(hour, 5), BERLIN).astimezone(UTC)
