"""What the doctor says of the schedule, the recipients and the last run."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from pipelines.schedule import health
from tests.run_desk import AUTUMN, Desk, light, on
from warehouse.recipients import Recipient
from warehouse.sends import Sends


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return light(tmp_path, monkeypatch)


def _found(desk: Desk, now: datetime) -> dict[str, bool]:
    return {what: is_well for is_well, what, _ in health.checks(desk.settings, desk.store, now)}


def test_the_doctor_says_when_nothing_starts_the_runs(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(desk.root / "nothing"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(desk.root / "config"))
    assert _found(desk, on(AUTUMN, 8))["Nothing starts heard run, so no digest goes out by itself."] is False
    desk.export(AUTUMN)
    desk.run_at(on(AUTUMN, 7))
    assert all(_found(desk, on(AUTUMN, 8)).values())
    assert not all(_found(desk, on(AUTUMN, 13)).values()), "the last run is long ago"
    nobody = replace(desk.settings, recipients=())
    assert all(is_well for is_well, _, _ in health.checks(nobody, desk.store, on(AUTUMN, 13)))


def test_the_doctor_says_which_secrets_are_missing_and_never_what_they_are(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(desk.root / "config"))
    monkeypatch.delenv("HEARD_CHAT", raising=False)
    settings = replace(desk.settings, recipients=(Recipient("Chat", "slack", "HEARD_CHAT"),))
    found = {
        what: fix for is_well, what, fix in health.checks(settings, desk.store, on(AUTUMN, 8)) if not is_well
    }
    assert "$HEARD_CHAT is not set." in found
    place = desk.root / "config" / "heard" / "environment"
    assert str(place) in found["$HEARD_CHAT is not set."]
    place.parent.mkdir(parents=True)
    place.write_text("# chat\nHEARD_CHAT=https://hooks.example/secret\n", encoding="utf-8")
    place.chmod(0o644)
    said = " ".join(what + fix for _, what, fix in health.checks(settings, desk.store, on(AUTUMN, 8)))
    assert "is not set" not in said and "chmod 600" in said and "hooks.example" not in said


def test_the_doctor_names_sends_that_wait_for_a_person(desk: Desk) -> None:
    desk.export(AUTUMN)
    desk.run_at(on(AUTUMN, 7))
    sends = Sends(desk.store.folder)
    sends.claim("2037-W42", "mail:a@example.com", "Ann", on(AUTUMN, 8), "test")
    sends.mark("2037-W42", "mail:a@example.com", "unknown", on(AUTUMN, 8))
    assert _found(desk, on(AUTUMN, 8))["Digest 2037-W42 to Ann: nobody can tell whether it went out"] is False
