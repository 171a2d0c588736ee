"""Who gets a week: when it is due, who asked for no more, and only ever once."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipelines.digest.deliver import BACK_OFF, send_due, send_week
from pipelines.digest.outstanding import due
from pipelines.digest.trial import preview, send_test
from tests.delivery.readers import NOW, RIGHTS, WEEK, mails, row, settings_of, states
from tests.posts import Authority, Post
from warehouse.errors import BadInput, StoreBusy
from warehouse.recipients import Recipient
from warehouse.sends import Sends
from warehouse.store import Store
from warehouse.unsubscribed import Unsubscribed


def test_nothing_is_due_before_the_hour_and_a_late_start_catches_up_once(
    store: Store, post: Post, trusted: Authority
) -> None:
    settings = settings_of(post, trusted, *mails("a@example.com"))
    # A minute before the hour the week before is still the latest.
    assert [one.week for one in due(store, settings, NOW - timedelta(minutes=1))] == ["2025-W46"]
    late = NOW + timedelta(days=3)
    assert [one.week for one in due(store, settings, late)] == [WEEK]
    send_due(store, settings, late)
    send_due(store, settings, late)
    assert len(post.taken) == 1


def test_a_week_without_its_export_waits_and_then_says_so(
    store: Store, post: Post, trusted: Authority
) -> None:
    settings = settings_of(post, trusted, *mails("a@example.com"))
    settings = replace(settings, digest=replace(settings.digest, wait_for_export_hours=24))
    next_monday = NOW + timedelta(days=7)
    report = send_due(store, settings, next_monday)
    assert report.outcomes == () and "2025-W48 has not arrived" in report.waiting and report.is_well
    assert states(send_due(store, settings, next_monday + timedelta(hours=24))) == {"a@example.com": "sent"}
    (mail,) = post.to("a@example.com")
    assert "has not arrived" in mail["Subject"]
    assert send_due(store, settings, next_monday + timedelta(hours=25)).outcomes == ()

    # The export comes after all: nobody gets the week again by itself, and all of it where a person says so.
    draft = store.begin()
    draft.connection.execute("UPDATE meta SET value = '2025-12-01T00:00:00+00:00' WHERE key = 'as_of'")
    draft.publish()
    late = next_monday + timedelta(hours=30)
    assert send_due(store, settings, late).outcomes == ()
    assert Sends(store.folder).resolve("2025-W48", "mail:a@example.com", was_sent=False, now=late, who="Kim")
    assert states(send_due(store, settings, late)) == {"a@example.com": "sent"}
    assert "no conversations" in post.to("a@example.com")[1]["Subject"]


def test_a_week_that_is_not_over_is_not_sent(store: Store, post: Post, trusted: Authority) -> None:
    settings = settings_of(post, trusted, *mails("a@example.com"))
    with pytest.raises(BadInput, match="not over"):
        send_week(store, settings, WEEK, NOW - timedelta(days=1))
    assert not post.taken


def test_who_asked_for_no_more_gets_none_and_may_come_back(
    store: Store, post: Post, trusted: Authority
) -> None:
    settings = settings_of(post, trusted, *mails("A@example.com", "b@example.com"))
    listed = Unsubscribed(store.folder)
    assert listed.add("a@EXAMPLE.com", NOW, "Kim") and not listed.add("a@example.com", NOW, "Kim")
    report = send_due(store, settings, NOW)
    assert states(report) == {"A@example.com": "skipped", "b@example.com": "sent"} and report.is_well
    assert send_due(store, settings, NOW).outcomes == ()
    assert listed.take_off("A@example.com") and not listed.take_off("A@example.com")
    assert states(send_week(store, settings, WEEK, NOW)) == {"A@example.com": "sent"}
    assert listed.is_ours("a@example.com", listed.token("A@example.com"))
    assert not listed.is_ours("b@example.com", listed.token("a@example.com"))


def test_a_failed_send_of_who_then_asked_for_no_more_is_left(
    store: Store, post: Post, trusted: Authority
) -> None:
    settings = settings_of(post, trusted, *mails("later@example.com"))
    send_due(store, settings, NOW)
    Unsubscribed(store.folder).add("later@example.com", NOW, "Kim")
    post.behaves["later@example.com"] = "well"
    assert states(send_due(store, settings, NOW + timedelta(hours=1))) == {"later@example.com": "skipped"}
    assert not post.taken


def test_another_name_for_the_same_address_gets_no_second_copy(
    store: Store, post: Post, trusted: Authority
) -> None:
    settings = settings_of(post, trusted, *mails("a@example.com"))
    send_due(store, settings, NOW)
    renamed = Recipient("New name", "mail", "A@example.com", RIGHTS.role)
    assert send_due(store, replace(settings, recipients=(renamed,)), NOW).outcomes == ()


def test_only_one_run_sends_at_a_time(store: Store, post: Post, trusted: Authority) -> None:
    settings = settings_of(post, trusted, *mails("a@example.com"))
    refused = []

    def second(_address: str) -> None:
        with pytest.raises(StoreBusy):
            send_due(store, settings, NOW)
        refused.append(True)

    post.before_answer = second
    send_due(store, settings, NOW)
    assert refused == [True] and len(post.taken) == 1


def test_a_test_goes_to_one_address_and_leaves_no_trace(store: Store, post: Post, trusted: Authority) -> None:
    settings = settings_of(post, trusted, *mails("a@example.com", "b@example.com"))
    for _ in range(2):
        assert send_test(store, settings, WEEK, settings.recipients, "me@example.com", NOW).is_well
    first, _ = post.to("me@example.com")
    assert first["Subject"].startswith("Test: ") and len(post.taken) == 2
    assert Sends(store.folder).sends() == [] and len(due(store, settings, NOW)) == 2


def test_a_preview_writes_what_would_be_sent_and_keeps_nothing(
    store: Store, trusted: Authority, tmp_path: Path
) -> None:
    shutil.rmtree(store.folder / "digests")
    everybody = (
        *mails("a@example.com"),
        Recipient("C", "slack", "HOOK", RIGHTS.role),
        Recipient("../F", "folder", "f", RIGHTS.role),
    )
    paths = preview(store, settings_of(None, trusted, *everybody), WEEK, everybody, tmp_path / "out", NOW)
    assert {path.suffix for path in paths} >= {".eml", ".json", ".html"}
    assert all(path.parent == tmp_path / "out" for path in paths)
    assert not (store.folder / "digests").exists() and Sends(store.folder).sends() == []


def test_every_try_sends_what_was_built_first(store: Store, post: Post, trusted: Authority) -> None:
    settings = settings_of(post, trusted, *mails("later@example.com", "b@example.com"))
    send_due(store, settings, NOW)
    moved = replace(settings, organisation=replace(settings.organisation, name="Renamed"))
    post.behaves["later@example.com"] = "well"
    send_due(store, moved, NOW + BACK_OFF[0])
    one, other = row(store, "later@example.com"), row(store, "b@example.com")
    assert one.content_hash == other.content_hash is not None
