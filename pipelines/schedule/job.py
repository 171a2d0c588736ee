"""The job that a schedule starts every hour: `heard run` of one store, with the paths of this installation."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from warehouse.errors import HeardError
from warehouse.settings import Settings

MINUTE: Final = 5  # past every hour: whoever writes exports on the hour is done


@dataclass(frozen=True)
class Job:
    """Where `heard run` works and with what.

    secrets: the names of what no settings file may hold. variables: what must be set for it to find the same settings,
    secrets and store as here.
    """

    store: str
    folder: Path
    command: tuple[str, ...]
    variables: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = ("HEARD_SMTP_USER", "HEARD_SMTP_PASSWORD")

    @property
    def name(self) -> str:
        """What units and marks are called after it."""
        return f"heard-run-{self.store}"


def job_of(settings: Settings, store: str) -> Job:
    """The job that does what `heard run --store NAME` would do from here."""
    if not store.isidentifier():
        raise HeardError(f"{store!r} can not be the name of a store.", fix="use letters, digits and _")
    named = ("--settings", str(settings.file)) if settings.file else ()
    variables = [
        (key, str(Path(os.environ[key]).resolve()))
        for key in ("HEARD_STORE", "XDG_CONFIG_HOME")
        if os.environ.get(key)
    ]
    webhooks = sorted({one.to for one in settings.recipients if one.by in ("slack", "teams")})
    job = Job(
        store,
        settings.file.parent if settings.file else Path.cwd(),
        (*_heard(), *named, "run", "--store", store, "--quiet"),
        tuple(variables),
        (*Job.secrets, *webhooks),
    )
    for text in (str(job.folder), *job.command, *(value for _, value in variables)):
        if any(ord(letter) < 32 for letter in text):
            raise HeardError(f"A path holds a control character: {text!r}.", fix="rename that folder")
    return job


def _heard() -> tuple[str, ...]:
    """The command of this installation, by its whole path: a schedule starts with no path and no environment."""
    beside = Path(sys.executable).with_name("heard")
    return (str(beside),) if beside.exists() else (sys.executable, "-m", "pipelines.cli")
