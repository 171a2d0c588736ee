"""Runs that are killed at the worst moments: the real command in a process of its own, against real receivers."""

from __future__ import annotations

import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.delivery.command import READERS, Command, states
from tests.delivery.readers import NOW, WEEK
from tests.posts import Authority, Post, Receiver
from warehouse.sends import Sends
from warehouse.store import Store


def test_killed_between_the_servers_ok_and_our_mark_is_unknown_and_sent_to_nobody_twice(
    store: Store, post: Post, trusted: Authority, tmp_path: Path
) -> None:
    command = Command(tmp_path, store, post, trusted)
    children: list[subprocess.Popen[bytes]] = []

    def kill(address: str) -> None:
        if address == "r3@example.com":
            children[0].kill()

    post.before_answer = kill
    # The server has the message when the child dies, and the child never hears of it.
    children.append(command.start("send", "--week", WEEK))
    assert children[0].wait(60) == -signal.SIGKILL
    assert states(store)["r3@example.com"] == "claimed"

    code, said = command.run("send", "--week", WEEK)
    assert code == 1 and "heard digest resolve" in said
    after = states(store)
    assert after.pop("r3@example.com") == "unknown" and set(after.values()) == {"sent"}
    assert len(after) == READERS - 1
    assert Counter(to for to, _ in post.taken) == {f"r{n}@example.com": 1 for n in range(READERS)}

    code, said = command.run("resolve", WEEK, "reader 3", "--sent")
    assert code == 0, said
    assert command.run("send", "--week", WEEK)[0] == 0
    assert set(states(store).values()) == {"sent"} and len(post.taken) == READERS
    code, said = command.run("resolve", WEEK, "Reader 3", "--sent")
    assert code == 1 and "Nothing is to be decided" in said


def test_a_run_killed_while_a_webhook_keeps_silent_is_unknown(
    store: Store,
    post: Post,
    trusted: Authority,
    hooks: Receiver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOOK", hooks.url("/kill/hang"))
    channel = '[[recipients]]\nname = "Channel"\nby = "slack"\nto = "HOOK"\nrole = "finance"\n'
    command = Command(tmp_path, store, post, trusted, channel)
    child = command.start("send", "--week", WEEK)
    until = time.monotonic() + 30
    while not any(one.handed_over_at for one in Sends(store.folder).sends()) and time.monotonic() < until:
        time.sleep(0.02)
    child.kill()
    assert child.wait(30) == -signal.SIGKILL
    code, said = command.run("send", "--week", WEEK)
    assert code == 1 and "unknown" in said and "127.0.0.1" not in said


def test_what_a_dead_run_had_not_handed_over_is_due_again_by_itself(store: Store) -> None:
    sends = Sends(store.folder)
    for name in ("before", "after"):
        assert sends.claim(WEEK, f"mail:{name}", name, NOW, "a run") == 1
        assert sends.claim(WEEK, f"mail:{name}", name, NOW, "another run") is None
    assert sends.hand_over(WEEK, "mail:after", NOW, "hash", "<id>")
    assert len(sends.take_over(NOW)) == 2 and sends.take_over(NOW) == []
    assert states(store) == {"before": "failed", "after": "unknown"}
    assert not sends.hand_over(WEEK, "mail:before", NOW, "hash", "<id>"), (
        "whoever lost the claim hands nothing over"
    )
    assert sends.claim(WEEK, "mail:before", "before", NOW, "a run") == 2
    assert sends.claim(WEEK, "mail:after", "after", NOW, "a run", is_asked_for=True) is None
