"""The files of a schedule as text: systemd's units, a crontab entry, a GitHub workflow. All start `heard run` every hour.

Hours are the least that serves every zone and every clock change; what is due when is decided by the run itself.
"""

from __future__ import annotations

import shlex
from typing import Final

from pipelines.run_log import LATER
from pipelines.schedule.job import MINUTE, Job

MADE: Final = "# Made by heard schedule; heard schedule {kind} --remove takes it away."
SYSTEMD: Final = MADE.format(kind="systemd")


def service(job: Job) -> str:
    """The unit of one run."""
    lines = [
        SYSTEMD,
        "[Unit]",
        f"Description=Heard: load new exports and send the digests that are due ({job.store})",
        "",
        "[Service]",
        "Type=oneshot",
        f"WorkingDirectory={_specifiers(str(job.folder))}",
        *(f"Environment={_systemd(f'{key}={value}')}" for key, value in job.variables),
        f"ExecStart={' '.join(_argument(word) for word in job.command)}",
        f"SuccessExitStatus={LATER}",
        "Nice=10",
        "TimeoutStartSec=6h",
        "TimeoutStopSec=120",
    ]
    return "\n".join(lines) + "\n"


def timer(job: Job) -> str:
    """The unit that starts it; after downtime it starts once."""
    lines = [
        SYSTEMD,
        "[Unit]",
        f"Description=Heard, every hour ({job.store})",
        "",
        "[Timer]",
        f"OnCalendar=*-*-* *:{MINUTE:02}:00",
        "Persistent=true",
        f"Unit={job.name}.service",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ]
    return "\n".join(lines) + "\n"


def marks(job: Job) -> tuple[str, str]:
    """The lines before and after our entry in a crontab."""
    return f"# >>> {job.name} (made by heard schedule cron)", f"# <<< {job.name}"


def cron(job: Job) -> str:
    """The entry of a crontab between its marks. It prints, and cron then mails, only what a person must act on."""
    variables = "".join(f"{key}={shlex.quote(value)} " for key, value in job.variables)
    command = f"cd {shlex.quote(str(job.folder))} && {variables}{shlex.join(job.command)}"
    first, last = marks(job)
    # To cron a bare % ends the command.
    return "\n".join([first, f"{MINUTE} * * * * {command}".replace("%", "\\%"), last]) + "\n"


def github(job: Job) -> str:
    """A workflow for a machine of your own: what was sent and what was loaded must still be there the next hour."""
    return f"""\
# Made by heard schedule github. Save it as .github/workflows/heard.yml.
#
# It wants a self-hosted runner on the machine where Heard is set up. A runner of GitHub's forgets everything after each run:
# without its store and its ledger Heard would not know who has been sent what, and conversations would lie on another's machine.
# GitHub may start it late, and stops schedules of repositories in which nothing happens for 60 days; a late start catches up once.
name: Heard
on:
  schedule:
    - cron: "{MINUTE} * * * *"
  workflow_dispatch:
permissions: {{}}
concurrency:
  group: {job.name}
  cancel-in-progress: false
jobs:
  run:
    runs-on: self-hosted
    timeout-minutes: 360
    steps:
      - name: Load new exports and send the digests that are due
        working-directory: {_yaml(str(job.folder))}
        shell: bash
        env:
{"".join(f"          {name}: ${{{{ secrets.{name} }}}}{chr(10)}" for name in job.secrets)}\
{"".join(f"          {key}: {_yaml(value)}{chr(10)}" for key, value in job.variables)}\
        # Exit code {LATER}: nothing is wrong, the next run tries again.
        run: |
          {shlex.join(job.command)} || test $? -eq {LATER}
"""


def _specifiers(text: str) -> str:
    """To systemd % opens a specifier."""
    return text.replace("%", "%%")


def _systemd(text: str) -> str:
    """One quoted word of a unit."""
    escaped = _specifiers(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _argument(text: str) -> str:
    """One quoted word of a command, in which $ would open a variable."""
    return _systemd(text).replace("$", "$$")


def _yaml(text: str) -> str:
    """A scalar in single quotes, which knows no escape but the doubled quote."""
    return "'" + text.replace("'", "''") + "'"
