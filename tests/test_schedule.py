"""What starts `heard run`: texts that systemd, cron and YAML read, and that putting them in place leaves all else alone."""

from __future__ import annotations

import configparser
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.schedule import install, texts
from pipelines.schedule.foreground import Foreground
from pipelines.schedule.job import Job, job_of
from warehouse import secrets
from warehouse.errors import HeardError
from warehouse.recipients import Recipient
from warehouse.settings import Settings, load_settings

ODD = "a b%c$d'e\"f"  # what a folder may be called
FAKE_CRONTAB = """#!{python}
import os, sys
from pathlib import Path
table = Path(os.environ["FAKE_CRONTAB"])
if sys.argv[1:] == ["-l"]:
    if not table.exists():
        sys.exit("no crontab for somebody")
    sys.stdout.write(table.read_text())
elif sys.argv[1:] == ["-"]:
    table.write_text(sys.stdin.read())
else:
    sys.exit("what?")
"""
FAKE_SYSTEMCTL = """#!{python}
import os, sys
with open(os.environ["FAKE_SYSTEMCTL"], "a") as log:
    log.write(" ".join(sys.argv[1:]) + "\\n")
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own with a crontab and a systemctl that only write down what they are told."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, text in (("crontab", FAKE_CRONTAB), ("systemctl", FAKE_SYSTEMCTL)):
        (tools / name).write_text(text.format(python=sys.executable), encoding="utf-8")
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("FAKE_CRONTAB", str(tmp_path / "table"))
    monkeypatch.setenv("FAKE_SYSTEMCTL", str(tmp_path / "told"))
    monkeypatch.delenv("HEARD_STORE", raising=False)
    return tmp_path


@pytest.fixture
def job(home: Path) -> Job:
    folder = home / ODD
    folder.mkdir()
    (folder / "heard.toml").write_text("", encoding="utf-8")
    return job_of(load_settings(folder / "heard.toml"), "main")


def _unit(text: str) -> configparser.ConfigParser:
    parsed = configparser.ConfigParser(interpolation=None, strict=True, comment_prefixes=("#",))
    parsed.optionxform = str  # type: ignore[method-assign,assignment]
    parsed.read_string(text)
    return parsed


def test_the_units_say_what_to_start_and_catch_up_after_downtime(job: Job) -> None:
    service, timer = _unit(texts.service(job)), _unit(texts.timer(job))
    assert service["Service"]["SuccessExitStatus"] == "75"
    assert service["Service"]["WorkingDirectory"] == str(job.folder).replace("%", "%%")
    assert timer["Timer"]["Persistent"] == "true"
    assert timer["Timer"]["Unit"] == f"{job.name}.service"
    assert timer["Install"]["WantedBy"] == "timers.target"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze on this machine")
def test_systemd_finds_nothing_wrong_with_the_units(home: Path, job: Job) -> None:
    folder = home / "units"
    folder.mkdir()
    for path, text in install.unit_files(job).items():
        (folder / path.name).write_text(text, encoding="utf-8")
    tool = "/usr/bin/systemd-analyze"
    done = subprocess.run(
        [tool, "--user", "verify", *map(str, sorted(folder.iterdir()))], capture_output=True, text=True,
        env={**os.environ, "XDG_RUNTIME_DIR": str(home)}, timeout=60,
    )  # fmt: skip
    own = [line for line in done.stderr.splitlines() if job.name in line]
    assert not own, done.stderr
    instants = subprocess.run([tool, "calendar", _unit(texts.timer(job))["Timer"]["OnCalendar"]], timeout=60)
    assert instants.returncode == 0


def test_the_crontab_line_runs_in_a_shell_whatever_the_folder_is_called(home: Path, job: Job) -> None:
    first, line, last = texts.cron(job).splitlines()
    assert (first, last) == texts.marks(job)
    minute, *rest, command = line.split(" ", 5)
    assert minute == "5" and rest == ["*"] * 4
    assert "%" not in command.replace("\\%", "")
    # As cron would: % taken out of its backslash, given to sh; only the program is another.
    heard = shlex.quote(job.command[0])
    shown = command.replace("\\%", "%").replace(heard, "printf '%s|' \"$PWD\"")
    printed = subprocess.run(["/bin/sh", "-c", shown], capture_output=True, text=True, check=True).stdout
    assert printed.split("|")[0] == str(job.folder)
    assert printed.split("|")[1:-1] == list(job.command[1:])


@pytest.mark.parametrize("value", ["a$b&c(d", "two words", "s3 'cret\"", "#=x"])
def test_a_secret_in_the_file_is_read_by_every_command_and_is_no_command_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """A shell that read the file stumbled over a password with a $, and nothing was loaded or sent any more."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("HEARD_SMTP_PASSWORD", raising=False)
    assert secrets.secret("HEARD_SMTP_PASSWORD") == "" and "HEARD_SMTP_PASSWORD" not in secrets.names()
    secrets.secrets_file().parent.mkdir()
    written = f"# mail\n\nHEARD_SMTP_USER='me'\nHEARD_SMTP_PASSWORD={value}\nno line of ours\n"
    secrets.secrets_file().write_text(written, encoding="utf-8")
    assert secrets.secret("HEARD_SMTP_PASSWORD") == value and secrets.secret("HEARD_SMTP_USER") == "me"
    monkeypatch.setenv("HEARD_SMTP_PASSWORD", "of the environment")
    assert secrets.secret("HEARD_SMTP_PASSWORD") == "of the environment"


def test_the_workflow_is_for_a_machine_of_ones_own_and_names_secrets_not_values(home: Path) -> None:
    hook = Recipient("Chat", "slack", "HEARD_SLACK_WEBHOOK")
    text = texts.github(job_of(Settings(recipients=(hook,)), "main"))
    assert "runs-on: self-hosted" in text and "cancel-in-progress: false" in text
    for name in ("HEARD_SMTP_PASSWORD", "HEARD_SLACK_WEBHOOK"):
        assert f"          {name}: ${{{{ secrets.{name} }}}}\n" in text
    assert "\t" not in text


def test_a_crontab_keeps_every_other_line(home: Path, job: Job) -> None:
    table = home / "table"
    foreign = (
        "MAILTO=me@example.com\n# mine\n\n0 3 * * * backup --all 100\\%\n@reboot x"  # no line end at the end
    )
    table.write_text(foreign, encoding="utf-8")
    list(install.install_cron(job))
    assert table.read_text(encoding="utf-8") == foreign + "\n" + texts.cron(job)
    assert install.is_in_place(job) == "cron"
    list(install.install_cron(job))
    assert table.read_text(encoding="utf-8").count(job.name) == 2, "installing twice leaves one entry"
    table.write_text(table.read_text(encoding="utf-8") + "1 1 * * * later\n", encoding="utf-8")
    list(install.remove_cron(job))
    assert table.read_text(encoding="utf-8") == foreign + "\n1 1 * * * later\n"
    assert list(install.remove_cron(job)) == [f"The crontab has no entry {job.name}."]
    assert install.is_in_place(job) is None


def test_the_first_crontab_of_a_user_is_made(home: Path, job: Job) -> None:
    list(install.install_cron(job))
    assert (home / "table").read_text(encoding="utf-8") == texts.cron(job)


@pytest.mark.parametrize("missing", [0, 2])
def test_a_crontab_whose_marks_were_torn_apart_is_left_alone(home: Path, job: Job, missing: int) -> None:
    lines = texts.cron(job).splitlines(keepends=True)
    torn = "1 1 * * * mine\n" + "".join(line for place, line in enumerate(lines) if place != missing)
    (home / "table").write_text(torn, encoding="utf-8")
    for move in (install.install_cron, install.remove_cron):
        with pytest.raises(HeardError, match="pair"):
            list(move(job))
    assert (home / "table").read_text(encoding="utf-8") == torn


def test_a_crontab_that_can_not_be_read_is_not_written_over(home: Path, job: Job) -> None:
    (home / "bin" / "crontab").write_text(
        "#!/bin/sh\necho 'permission denied' >&2\nexit 1\n", encoding="utf-8"
    )
    with pytest.raises(HeardError, match="permission denied"):
        list(install.install_cron(job))
    assert not (home / "table").exists()


def test_a_user_timer_comes_and_goes(home: Path, job: Job) -> None:
    foreign = home / "config" / "systemd" / "user" / "other.timer"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("[Timer]\n", encoding="utf-8")
    list(install.install_systemd(job))
    for path, text in install.unit_files(job).items():
        assert path.parent == foreign.parent and path.read_text(encoding="utf-8") == text
    assert install.is_in_place(job) == "systemd"
    told = (home / "told").read_text(encoding="utf-8").splitlines()
    assert told == ["--user daemon-reload", f"--user enable --now {job.name}.timer"]
    list(install.remove_systemd(job))
    assert [path.name for path in foreign.parent.iterdir()] == ["other.timer"]
    assert f"--user disable --now {job.name}.timer" in (home / "told").read_text(encoding="utf-8")


def test_a_timer_that_can_not_be_started_leaves_nothing_behind(home: Path, job: Job) -> None:
    (home / "bin" / "systemctl").write_text("#!/bin/sh\necho 'no bus' >&2\nexit 1\n", encoding="utf-8")
    with pytest.raises(HeardError, match="no bus"):
        list(install.install_systemd(job))
    assert not any(path.exists() for path in install.unit_files(job))
    assert install.is_in_place(job) is None


def test_a_unit_of_somebody_else_is_not_written_over(home: Path, job: Job) -> None:
    path = next(iter(install.unit_files(job)))
    path.parent.mkdir(parents=True)
    path.write_text("[Service]\nExecStart=/bin/true\n", encoding="utf-8")
    for move in (install.install_systemd, install.remove_systemd):
        with pytest.raises(HeardError, match="not made by Heard"):
            list(move(job))
    assert path.read_text(encoding="utf-8").startswith("[Service]")


def test_a_machine_without_these_tools_is_told_another_way(
    home: Path, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(home / "nothing"))
    with pytest.raises(HeardError, match="heard schedule run"):
        list(install.install_systemd(job))
    with pytest.raises(HeardError, match="heard schedule systemd"):
        list(install.install_cron(job))
    assert install.is_in_place(job) is None


def test_a_path_that_could_end_a_line_is_refused(home: Path) -> None:
    folder = home / "two\nlines"
    folder.mkdir()
    (folder / "heard.toml").write_text("", encoding="utf-8")
    with pytest.raises(HeardError, match="control character"):
        job_of(load_settings(folder / "heard.toml"), "main")


SCHEDULER = """
import sys
from pathlib import Path
from pipelines.schedule.foreground import Foreground
from pipelines.schedule.job import Job
folder = Path(sys.argv[1])
job = Job("main", folder, (sys.executable, "-c", sys.argv[2], "--quiet"), folder / "none")
sys.exit(Foreground(job, lambda line: print(line, flush=True)).run())
"""
LONG_RUN = """
import signal, sys, time
from pathlib import Path
def stop(*_):
    Path("ended").write_text("well")
    sys.exit(130)
signal.signal(signal.SIGTERM, stop)
Path("began").write_text("")
time.sleep(60)
"""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_foreground_scheduler_starts_at_once_and_stops_cleanly(
    tmp_path: Path, how: signal.Signals
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SCHEDULER, str(tmp_path), LONG_RUN], stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).resolve().parent.parent,
    )  # fmt: skip
    deadline = time.monotonic() + 20
    while not (tmp_path / "began").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (tmp_path / "began").exists()
    process.send_signal(how)
    said, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert (tmp_path / "ended").read_text() == "well", "the run at work was asked to stop, not cut off"
    assert said.splitlines()[-1] == "Stopped."


def test_the_foreground_scheduler_says_when_a_run_failed(tmp_path: Path) -> None:
    said: list[str] = []
    job = Job("main", tmp_path, (sys.executable, "-c", "raise SystemExit(1)"), tmp_path / "none")
    scheduler = Foreground(job, said.append)
    scheduler._once()
    assert "exit code 1" in said[0]
