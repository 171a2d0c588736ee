"""What failed and is tried again is told until it went out; and what a person types about it leads where they want to go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from pipelines.cli import main
from pipelines.digest.deliver import BACK_OFF, send_due
from pipelines.run import run
from pipelines.schedule import health
from tests.delivery.readers import NOW, WEEK, mails, settings_of
from tests.posts import Authority
from warehouse.sends import Sends
from warehouse.settings import Run
from warehouse.store import Store

Heard = Callable[..., tuple[int, str]]
DOWN = '[mail]\nhost = "localhost"\nport = 1\nsender = "heard@example.com"\n'
UMA = '[[recipients]]\nname = "Uma"\nto = "uma@example.com"\nrole = "finance"\n'


@pytest.fixture
def heard_with(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], Heard]:
    monkeypatch.delenv("HEARD_STORE", raising=False)
    path = tmp_path / "heard.toml"

    def given(text: str) -> Heard:
        path.write_text(f'[store]\nfolder = "{store.folder.parent}"\n{text}', encoding="utf-8")

        def heard(*arguments: str) -> tuple[int, str]:
            code = main(["--settings", str(path), "digest", *arguments])
            told = capsys.readouterr()
            return code, told.out + told.err

        return heard

    return given


def _after(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_a_run_between_two_tries_says_who_still_waits_and_why(
    store: Store, trusted: Authority, tmp_path: Path
) -> None:
    """The mail server is down: the run ends with 75 as long as somebody waits, not only while it tries."""
    (tmp_path / "inbox").mkdir()
    settings = settings_of(None, trusted, *mails("uma@example.com"))
    settings = replace(settings, run=Run(inbox=str(tmp_path / "inbox"), log=str(tmp_path / "log")),
                       store=replace(settings.store, folder=str(store.folder.parent)))  # fmt: skip
    lines: list[str] = []
    for minutes in (0, 2):
        lines.clear()
        assert run(store, settings, clock=partial(_after, minutes), say=lines.append) == 75
        (said,) = [line for line in lines if "Reader uma@example.com failed, again from 2025-11-24" in line]
        assert "could not be used" in said and not any("All well" in line for line in lines)
    report = send_due(store, settings, NOW + timedelta(minutes=2))
    assert not report.outcomes and not report.is_well and not report.needs_person
    assert [one.next_try_at for one in report.pending] == [NOW + BACK_OFF[0]]
    wrong = [what for is_well, what, _ in health.checks(settings, store, NOW) if not is_well]
    assert any(f"Digest {WEEK} to Reader uma@example.com has failed" in what for what in wrong)
    assert send_due(store, replace(settings, recipients=()), NOW).is_well, "nobody waits who is not listed"


def test_the_command_tells_the_next_try_and_who_asked_for_no_more(heard_with: Callable[[str], Heard]) -> None:
    heard = heard_with(DOWN + UMA)
    assert heard("send", "--week", WEEK)[0] == 75
    code, said = heard("send", "--week", WEEK)
    assert code == 75 and "Uma: The mail server could not be used" in said and "Next try" in said
    code, said = heard("outlook")
    assert code == 0 and f"To be tried again: Uma (week {WEEK}): The mail server could not be used" in said
    assert heard("unsubscribe", "uma@example.com")[0] == 0
    for _ in range(2):
        code, said = heard("send", "--week", WEEK, "--to", "Uma")
        assert (code, said) == (0, f"skipped  {WEEK}  Uma: They asked for no more digests.\n")
    assert "To be tried again" not in heard("outlook")[1]


def test_what_failed_for_certain_is_not_taken_for_sent(
    heard_with: Callable[[str], Heard], store: Store
) -> None:
    heard = heard_with(DOWN + UMA)
    heard("send", "--week", WEEK)
    code, said = heard("resolve", WEEK, "Uma", "--sent")
    assert code == 1 and "did not get it" in said
    assert f'heard digest resolve {WEEK} "Uma" --send-again' in said
    assert [one.state for one in Sends(store.folder).sends()] == ["failed"]
    assert heard("resolve", WEEK, "Uma", "--send-again")[0] == 0


def test_a_test_that_failed_is_tried_again_as_a_test(heard_with: Callable[[str], Heard]) -> None:
    code, said = heard_with(DOWN + UMA)("send", "--week", WEEK, "--test-to", "me@example.com")
    assert code == 1 and "could not be used" in said and "[mail] in heard.toml" in said
    assert f"heard digest send --week {WEEK} --test-to me@example.com" in said and "--to " not in said


def test_a_slip_in_the_name_of_a_store_makes_none(heard_with: Callable[[str], Heard], store: Store) -> None:
    heard = heard_with(DOWN + UMA)
    for typed in (("unsubscribe", "a@example.com"), ("resolve", WEEK, "Uma", "--sent")):
        code, said = heard(*typed, "--store", "nostore")
        assert code == 1 and "There is no store 'nostore'" in said and "--store main" in said
    assert not (store.folder.parent / "nostore").exists()


def test_without_a_mail_server_one_can_look_and_nothing_is_sent(
    heard_with: Callable[[str], Heard], store: Store
) -> None:
    heard = heard_with(UMA)
    code, said = heard("outlook")
    assert code == 0 and "Next: week" in said and "[mail] names no server" in said
    code, said = heard("send", "--week", WEEK)
    assert code == 1 and '[mail] with host = "smtp.example.com"' in said
    assert not (store.folder / "ledger.sqlite").exists() or not Sends(store.folder).sends()


def test_a_place_that_can_not_be_written_is_said_in_a_line(heard_with: Callable[[str], Heard]) -> None:
    heard = heard_with(DOWN + UMA)
    for typed in (("--week", WEEK, "--out"), ("send", "--week", WEEK, "--preview")):
        code, said = heard(*typed, "/dev/null/x")
        assert code == 1 and "can not be written" in said and "Traceback" not in said
