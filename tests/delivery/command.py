"""The command as a person or a schedule runs it: in a process of its own, with settings of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import PROJECT
from tests.delivery.readers import WEEK
from tests.posts import PASSWORD, USER, Authority, Post
from warehouse.sends import Sends
from warehouse.store import Store

READERS = 12


class Command:
    """`heard digest` with settings of its own, run in child processes."""

    def __init__(self, folder: Path, store: Store, post: Post, trusted: Authority, *more: str) -> None:
        self.settings = folder / "heard.toml"
        self._out = folder / "out.txt"
        mail = f'host = "localhost"\nport = {post.port}\nsender = "heard@example.com"\nca_file = "{trusted.ca}"\n'
        known = [
            f'[[recipients]]\nname = "Reader {n}"\nto = "r{n}@example.com"\nrole = "finance"\n'
            for n in range(READERS)
        ]
        store_of = f'[store]\nfolder = "{store.folder.parent}"\n'
        self.settings.write_text("\n".join([store_of, f"[mail]\n{mail}", *(more or known)]), encoding="utf-8")

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            "pipelines.cli",
            "--settings",
            str(self.settings),
            "digest",
            *arguments,
        ]
        known = {name: value for name, value in os.environ.items() if name != "HEARD_STORE"}
        environment = {**known, "HEARD_SMTP_USER": USER, "HEARD_SMTP_PASSWORD": PASSWORD}
        with self._out.open("ab") as out:
            return subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=out, stderr=out)

    def run(self, *arguments: str) -> tuple[int, str]:
        self._out.write_bytes(b"")
        code = self.start(*arguments).wait(60)
        return code, self._out.read_text(encoding="utf-8")


def states(store: Store) -> dict[str, str]:
    return {one.recipient.removeprefix("mail:"): one.state for one in Sends(store.folder).sends(WEEK)}
