"""heard.toml: everything optional, nothing misunderstood in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from warehouse.errors import BadSettings
from warehouse.settings import load_settings


def _write(folder: Path, text: str) -> Path:
    path = folder / "heard.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_no_file_means_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HEARD_STORE", raising=False)
    settings = load_settings()
    assert settings.file is None
    assert settings.display.too_few == 30


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    settings = load_settings(
        _write(tmp_path, '[organisation]\nzone = "Europe/Berlin"\n[display]\ntoo_few = 20\n')
    )
    assert settings.organisation.zone == "Europe/Berlin"
    assert settings.display.too_few == 20
    assert settings.display.agents is False


def test_schedules_are_read_with_breaks_holidays_and_teams(tmp_path: Path) -> None:
    day = "09:00-12:00 13:00-17:00"
    text = f'[[schedules]]\nname = "Desk"\nzone = "Europe/Berlin"\nmonday = "{day}"\nsunday = "00:00-24:00"\n'
    more = 'holidays = "DE-BY"\nclosed = ["2026-12-24"]\nteams = ["Billing", "Orders"]\n'
    (schedule,) = load_settings(_write(tmp_path, text + more)).schedules
    assert schedule.hours() == ("540-720", "780-1020", "8640-10080")
    assert (schedule.holidays, schedule.closed, schedule.teams) == (
        "DE-BY",
        ("2026-12-24",),
        ("Billing", "Orders"),
    )


def test_recipients_say_who_gets_what_and_secrets_stand_elsewhere(tmp_path: Path) -> None:
    mail = '[mail]\nhost = "smtp.example.com"\nsender = "heard@example.com"\n'
    lead = '[[recipients]]\nname = "Lee"\nto = "Lee@example.com"\nrole = "lead"\nteams = ["Billing"]\nattach = ["pdf"]\n'
    chat = '[[recipients]]\nname = "Channel"\nby = "slack"\nto = "HOOK"\n'
    settings = load_settings(_write(tmp_path, mail + lead + chat))
    assert [one.key for one in settings.recipients] == ["mail:lee@example.com", "slack:HOOK"]
    assert settings.recipients[0].rights.teams == ("Billing",)
    assert settings.recipients[1].rights.role == "reader"
    assert (settings.mail.port, settings.mail.security) == (587, "starttls")


def test_a_webhook_written_into_the_file_is_not_repeated(tmp_path: Path) -> None:
    text = '[[recipients]]\nname = "A"\nby = "teams"\nto = "https://hooks.example.com/secret"\n'
    with pytest.raises(BadSettings) as caught:
        load_settings(_write(tmp_path, text))
    assert "secret" not in str(caught.value)


def test_the_store_lies_below_the_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEARD_STORE", raising=False)
    assert load_settings(_write(tmp_path, '[store]\nfolder = "kept"\n')).store_root == tmp_path / "kept"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[organisation]\nzoen = "UTC"\n', "did you mean organisation.zone"),
        ("[dispaly]\ntoo_few = 3\n", "did you mean display"),
        ('[display]\ntoo_few = "thirty"\n', "must be int"),
        ("[display]\nagents = 1\n", "must be bool"),
        ('[digest]\nweekday = "Montag"\n', "digest.weekday"),
        ("[digest]\nhour = 24\n", "digest.hour"),
        ("[digest]\nwait_for_export_hours = 200\n", "six days"),
        ("[display]\ntoo_few = true\n", "must be int"),
        ('[organisation]\nzone = "Europe/Berln"\n', "Europe/Berlin"),
        ("display = 3\n", "must be a table"),
        ('[schedules]\nname = "Desk"\n', "[[schedules]]"),
        ('[[schedules]]\nnmae = "Desk"\n', "did you mean schedules.name"),
        ('[[schedules]]\nname = "Desk"\nteams = "Billing"\n', "must be a list of texts"),
        ('[[schedules]]\nname = "Desk"\n', "never open"),
        ('[[schedules]]\nmonday = "09:00-17:00"\n', "has no name"),
        ('[[schedules]]\nname = "Desk"\nmonday = "9-17"\n', "schedules.Desk.monday"),
        (
            '[[schedules]]\nname = "Desk"\nmonday = "17:00-09:00"\n',
            "hours past midnight belong to the next day",
        ),
        ('[[schedules]]\nname = "Desk"\nmonday = "09:00-12:60"\n', "no opening hours"),
        ('[[schedules]]\nname = "Desk"\nmonday = "09:00-17:00"\nzone = "Europe/Berln"\n', "Europe/Berlin"),
        ('[[schedules]]\nname = "Desk"\nmonday = "09:00-17:00"\nclosed = ["24.12."]\n', "no day"),
        (2 * '[[schedules]]\nname = "Desk"\nmonday = "09:00-17:00"\n', "Two schedules are called"),
        (
            '[[schedules]]\nname = "A"\nmonday = "09:00-17:00"\n[[schedules]]\nname = "B"\nsunday = "09:00-10:00"\n',
            "both for everybody",
        ),
        ('[[recipients]]\nto = "a@example.com"\n', "has no name"),
        ('[[recipients]]\nname = "A\\nBcc: b@example.com"\nto = "a@example.com"\n', "on one line"),
        ('[[recipients]]\nname = "A"\nto = "a@example.com\\nBcc: b@example.com"\n', "not a mail address"),
        ('[[recipients]]\nname = "A"\nby = "slak"\nto = "HOOK"\n', "did you mean slack"),
        (
            '[[recipients]]\nname = "A"\nby = "slack"\nto = "https://hooks.example.com/secret"\n',
            "environment variable",
        ),
        ('[[recipients]]\nname = "A"\nby = "folder"\nto = ""\n', "names no folder"),
        ('[[recipients]]\nname = "A"\nby = "folder"\nto = "x"\nrole = "lead"\n', "a lead needs teams"),
        ('[[recipients]]\nname = "A"\nby = "folder"\nto = "x"\nteams = ["B"]\n', "only a lead has teams"),
        ('[[recipients]]\nname = "A"\nby = "folder"\nto = "x"\nrole = "boss"\n', "known are director"),
        ('[[recipients]]\nname = "A"\nby = "folder"\nto = "x"\nattach = ["pdf"]\n', "only mail carries"),
        (
            '[[recipients]]\nname = "A"\nby = "folder"\nto = "x"\n[[recipients]]\nname = "B"\nby = "folder"\nto = "x"\n',
            "would go out twice",
        ),
        ('[mail]\nhost = "smtp.example.com"\nsecurity = "none"\n', "unencrypted"),
        ('[mail]\nsecurity = "ssl"\n', "known are starttls"),
        ('[mail]\nsender = "Heard"\n', "not a mail address"),
        ("[mail]\nport = 99999\n", "mail.port"),
        ('[mail]\npassword = "x"\n', "unknown key mail.password"),
        ("[display\n", "can not be read"),
    ],
)
def test_a_mistake_is_refused_with_what_to_write(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadSettings) as caught:
        load_settings(_write(tmp_path, text))
    assert words in str(caught.value)


def test_a_named_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="not there"):
        load_settings(tmp_path / "none.toml")
