"""The verbs run and schedule: one run of loading and sending, and what starts it every hour."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

from pipelines.schedule import install, texts
from pipelines.schedule.job import Job, job_of
from warehouse.errors import HeardError
from warehouse.settings import load_settings
from warehouse.store import Store


def run(options: argparse.Namespace) -> int:
    """heard run"""
    from pipelines.run import run as run_once
    from warehouse.runs import ACT

    settings = load_settings(options.settings)
    lines: list[str] = []
    say: Callable[[str], None] = lines.append if options.quiet else _print
    code = run_once(Store(settings.store_root, options.store), settings, say=say, catch_up=options.catch_up)
    if code == ACT:  # whoever starts it quietly is told where something is to be done
        for line in lines:
            print(line)
    return code


def schedule(options: argparse.Namespace) -> int:
    """heard schedule"""
    job = job_of(load_settings(options.settings), options.store)
    if options.kind == "run":
        if options.install or options.remove:
            raise HeardError(
                "heard schedule run is nothing to install: it runs until it is stopped.",
                fix="heard schedule systemd --install, or start it from your container's file",
            )
        from pipelines.schedule.foreground import Foreground

        return Foreground(job, _print).run()
    if options.install and options.remove:
        raise HeardError("--install and --remove at once.", fix="give one of them")
    if options.install or options.remove:
        for line in _moves(options.kind, is_install=options.install)(job):
            print(line)
        return 0
    if options.kind == "systemd":
        for path, text in install.unit_files(job).items():
            print(f"# {path}\n{text}")
    else:
        print({"cron": texts.cron, "github": texts.github}[options.kind](job), end="")
    return 0


def _moves(kind: str, *, is_install: bool) -> Callable[[Job], Iterator[str]]:
    if kind == "github":
        raise HeardError(
            "A workflow is installed by committing it.",
            fix="heard schedule github > .github/workflows/heard.yml, and commit that file (or remove it)",
        )
    if kind == "systemd":
        return install.install_systemd if is_install else install.remove_systemd
    return install.install_cron if is_install else install.remove_cron


def _print(line: str) -> None:
    print(line, flush=True)
