"""Puts a schedule into place and takes it away again: a user timer of systemd, or an entry in the user's crontab."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pipelines.schedule import texts
from pipelines.schedule.job import MINUTE, Job
from warehouse.errors import HeardError
from warehouse.secrets import config_folder, secrets_file

_SECONDS: Final = 60
_OTHERWISE: Final = "heard schedule run keeps running and starts it every hour (heard schedule --help)"


def unit_files(job: Job) -> dict[Path, str]:
    """The units of a job by the place where systemd looks for a user's own."""
    folder = config_folder() / "systemd" / "user"
    return {
        folder / f"{job.name}.service": texts.service(job),
        folder / f"{job.name}.timer": texts.timer(job),
    }


def install_systemd(job: Job) -> Iterator[str]:
    """Write the units and start the timer; a line for each thing done. Raises HeardError where that can not be."""
    if not shutil.which("systemctl"):
        raise HeardError(
            "This machine has no systemctl.", fix=f"heard schedule cron --install, or {_OTHERWISE}"
        )
    units = unit_files(job)
    for path in units:
        _check_ours(path)
    for path, text in units.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.part")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    try:
        _systemctl("daemon-reload")
        _systemctl("enable", "--now", f"{job.name}.timer")
    except HeardError:
        for path in units:  # units that nothing starts would look like a schedule
            path.unlink()
        raise
    for path in units:
        yield f"wrote {path}"
    yield f"started {job.name}.timer; systemctl --user list-timers shows it"
    yield "A user's timers stop when they log out, unless you once type: loginctl enable-linger"
    yield f"Passwords go to {secrets_file()}, as HEARD_SMTP_PASSWORD=..., readable by you alone (chmod 600)"


def remove_systemd(job: Job) -> Iterator[str]:
    """Stop the timer and remove the units that are ours; a line for each thing done."""
    there = [path for path in unit_files(job) if path.exists()]
    for path in there:
        _check_ours(path)
    if not there:
        yield f"There is no {job.name}.timer."
        return
    if shutil.which("systemctl"):
        _systemctl("disable", "--now", f"{job.name}.timer")
    for path in there:
        path.unlink()
        yield f"removed {path}"
    if shutil.which("systemctl"):
        _systemctl("daemon-reload")


def install_cron(job: Job) -> Iterator[str]:
    """Put our entry into the user's crontab, in place of an earlier one; every other line stays as it is."""
    known = _crontab()
    kept = without_entry(known, job)
    gap = "" if not kept or kept.endswith("\n") else "\n"
    _write_crontab(kept + gap + texts.cron(job))
    yield f"the crontab has an entry {job.name}: {MINUTE} minutes past every hour"
    yield f"Passwords go to {secrets_file()}, as HEARD_SMTP_PASSWORD=..., readable by you alone (chmod 600)"


def remove_cron(job: Job) -> Iterator[str]:
    """Take our entry out of the user's crontab; every other line stays as it is."""
    known = _crontab()
    kept = without_entry(known, job)
    if kept == known:
        yield f"The crontab has no entry {job.name}."
        return
    _write_crontab(kept)
    yield f"removed the entry {job.name} from the crontab"


def is_in_place(job: Job) -> str | None:
    """How this machine starts the job: "systemd", "cron", or None where neither is set up."""
    if all(path.exists() for path in unit_files(job)):
        return "systemd"
    try:
        known = _crontab()
    except HeardError:
        return None
    return "cron" if texts.marks(job)[0] in known.splitlines() else None


def without_entry(crontab: str, job: Job) -> str:
    """A crontab without the lines between our marks. Raises HeardError where the marks do not pair: a person moved them."""
    first, last = texts.marks(job)
    kept: list[str] = []
    is_ours = False
    for line in crontab.splitlines(keepends=True):
        mark = line.rstrip("\r\n")
        if mark in (first, last) and (mark == first) is is_ours:
            is_ours = True
            break
        if mark == first:
            is_ours = True
        elif mark == last:
            is_ours = False
        elif not is_ours:
            kept.append(line)
    if is_ours:
        raise HeardError(
            f"The marks of {job.name} in the crontab do not stand in a pair.",
            fix="mend it with crontab -e, then run this again",
        )
    return "".join(kept)


def _check_ours(path: Path) -> None:
    if path.exists() and texts.SYSTEMD not in path.read_text(encoding="utf-8", errors="replace"):
        raise HeardError(f"{path} was not made by Heard.", fix="move it away, then run this again")


def _systemctl(*arguments: str) -> None:
    done = _run(["systemctl", "--user", *arguments])
    if done.returncode:
        raise HeardError(
            f"systemctl --user {' '.join(arguments)} says: {(done.stderr or done.stdout).strip() or done.returncode}",
            fix=f"log in as the user who runs Heard (not by su), or heard schedule cron --install, or {_OTHERWISE}",
        )


def _crontab() -> str:
    if not shutil.which("crontab"):
        raise HeardError(
            "This machine has no crontab.", fix=f"heard schedule systemd --install, or {_OTHERWISE}"
        )
    done = _run(["crontab", "-l"])
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.lower()
    if "no crontab" in said or "can't open" in said:
        return ""
    # What can not be read must not be written over.
    raise HeardError(
        f"crontab -l says: {done.stderr.strip() or done.returncode}", fix="mend that, then run this again"
    )


def _write_crontab(text: str) -> None:
    done = _run(["crontab", "-"], given=text)
    if done.returncode:
        raise HeardError(
            f"crontab says: {done.stderr.strip() or done.returncode}", fix="mend that, then run this again"
        )
    if _crontab() != text:
        raise HeardError("The crontab is not as it was written.", fix="look at it with crontab -l")


def _run(command: list[str], given: str | None = None) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, input=given, capture_output=True, text=True, check=False, timeout=_SECONDS,
            env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise HeardError(
            f"{command[0]} did not answer within {_SECONDS} seconds.", fix="try it by hand"
        ) from None
