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
        ("[display]\ntoo_few = true\n", "must be int"),
        ('[organisation]\nzone = "Europe/Berln"\n', "Europe/Berlin"),
        ("display = 3\n", "must be a table"),
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
