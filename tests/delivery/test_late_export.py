"""A week whose export comes in parts or late: when it counts as there, and what goes out of it after it was sent cut."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.digest import due
from pipelines.digest.deliver import send_due
from pipelines.digest.stored import folder_of, stored
from pipelines.verbs_digest_look import looked
from tests.made_weeks import Talk, publish
from warehouse.recipients import Recipient
from warehouse.rights import from_words
from warehouse.sends import Sends
from warehouse.settings import Settings
from warehouse.store import Store

WEEK = "2026-W46"
MONDAY = date(2026, 11, 9)
DUE = datetime(2026, 11, 16, 7, tzinfo=UTC)


def talks(weeks_before: int, days: Sequence[int], until: int) -> list[Talk]:
    """Two conversations on each of these weekdays of the weeks before, and of the week itself up to a day of it."""
    mondays = [MONDAY - timedelta(weeks=number) for number in range(weeks_before, -1, -1)]
    return [
        Talk(day=monday + timedelta(days=day))
        for monday in mondays for day in days if monday < MONDAY or day <= until for _ in range(2)
    ]  # fmt: skip


def load(root: Path, made: Sequence[Talk], *, as_of: str, loaded: datetime) -> None:
    """A store of these conversations, in place of what was there, whose newest file was loaded at an instant."""
    for path in (*root.glob("main/*.duckdb"), *root.glob("main/current")):
        path.unlink()
    publish(root, made, as_of=as_of).connection.close()
    draft = Store(root).begin()
    draft.connection.execute(
        "INSERT INTO loads (file, reader, loaded_at, count_read) VALUES ('x.csv', 'made', ?, 9)", [loaded]
    )
    draft.publish()


ALL, WORKDAYS, WITH_SATURDAYS = range(7), range(5), range(6)


@pytest.mark.parametrize(
    ("weeks_before", "days", "until", "loaded", "has_arrived"),
    [
        (4, ALL, 2, DUE, False),  # to Wednesday, and something else is loaded on Monday
        (4, WORKDAYS, 4, DUE, True),  # nothing comes at weekends
        (4, WORKDAYS, 3, DUE, False),
        (4, WITH_SATURDAYS, 4, DUE, False),
        (1, ALL, 5, DUE, False),
        (0, WORKDAYS, 4, DUE, True),  # the first week of all
        (0, WORKDAYS, 2, DUE, False),
        (4, WORKDAYS, 4, DUE - timedelta(days=2), False),  # loaded on Saturday: more may come
    ],
)
def test_a_file_of_something_else_does_not_make_a_week_whole(
    tmp_path: Path, weeks_before: int, days: Sequence[int], until: int, loaded: datetime, has_arrived: bool
) -> None:
    as_of = f"{MONDAY + timedelta(days=until)}T20:00:00+00:00"
    load(tmp_path, talks(weeks_before, days, until), as_of=as_of, loaded=loaded)
    with Store(tmp_path).reading() as version:
        assert due.has_arrived(version, WEEK, "UTC") is has_arrived


def test_a_week_that_was_sent_cut_is_sent_again_whole(tmp_path: Path) -> None:
    store, to = Store(tmp_path / "store"), tmp_path / "Dana"
    settings = Settings(recipients=(Recipient("Dana", "folder", str(to)),))
    load(tmp_path / "store", talks(1, ALL, 2), as_of="2026-11-11T20:00:00+00:00", loaded=DUE)
    assert "has not arrived" in send_due(store, settings, DUE).waiting
    late = DUE + timedelta(days=1)
    assert [one.state for one in send_due(store, settings, late).outcomes] == ["sent"]
    read = to / f"heard-{WEEK}.md"
    assert "The week is cut: the data end on 11 November 2026" in read.read_text(encoding="utf-8")

    load(tmp_path / "store", talks(1, ALL, 6), as_of="2026-11-17T09:00:00+00:00", loaded=late)
    assert send_due(store, settings, late).outcomes == (), "nobody gets a week twice by itself"
    again = late + timedelta(hours=1)
    assert Sends(store.folder).resolve(WEEK, f"folder:{to}", was_sent=False, now=again, who="Kim")
    assert [one.state for one in send_due(store, settings, again).outcomes] == ["sent"]
    text = read.read_text(encoding="utf-8")
    assert "The week is cut" not in text and "14 conversations" in text


def test_looking_shows_the_whole_week_once_it_is_there_and_replaces_nothing(tmp_path: Path) -> None:
    store, settings = Store(tmp_path / "store"), Settings()
    load(tmp_path / "store", talks(1, ALL, 2), as_of="2026-11-11T20:00:00+00:00", loaded=DUE)
    rights = from_words("lead", ("Orders",))
    stored(store, WEEK, rights, settings, has_arrived=False)
    assert looked(store, settings, WEEK, rights)["is_kept"]
    load(tmp_path / "store", talks(1, ALL, 6), as_of="2026-11-17T09:00:00+00:00", loaded=DUE)
    found = looked(store, settings, WEEK, rights)
    assert not found["is_kept"] and "The week is cut" not in found["text"]
    assert "The week is cut" in (folder_of(store, WEEK, rights) / f"heard-{WEEK}.md").read_text(
        encoding="utf-8"
    )
