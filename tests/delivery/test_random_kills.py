"""Ten runs that are killed at random moments, one after the other, against a real mail server."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from pathlib import Path

from tests.delivery.command import READERS, Command, states
from tests.delivery.readers import NOW, WEEK
from tests.posts import Authority, Post
from warehouse.sends import Sends
from warehouse.store import Store


def test_ten_kills_at_random_moments(store: Store, post: Post, trusted: Authority, tmp_path: Path) -> None:
    """Nobody gets the week twice, and everybody is sent, to be tried, or unknown; then a person settles what is unknown."""
    chance = random.Random(2025)
    command = Command(tmp_path, store, post, trusted)
    for _ in range(10):
        child = command.start("send", "--week", WEEK)
        if chance.random() < 0.8:
            post.wait_for(post.steps + chance.randint(1, 3), 30)
            time.sleep(chance.random() * 0.3)
        else:
            time.sleep(chance.random() * 2)
        child.kill()
        assert child.wait(30) == -signal.SIGKILL, "it was at work"
        assert max(Counter(to for to, _ in post.taken).values(), default=0) <= 1
    command.run("send", "--week", WEEK)
    after = states(store)
    got = Counter(to for to, _ in post.taken)
    assert len(after) == READERS and set(after.values()) <= {"sent", "unknown"}
    assert all(got[to] == 1 for to, state in after.items() if state == "sent")
    assert max(got.values()) == 1
    sends = Sends(store.folder)
    for one in sends.uncertain():
        was_sent = got[one.recipient.removeprefix("mail:")] == 1
        assert sends.resolve(WEEK, one.recipient, was_sent=was_sent, now=NOW, who="Kim")
    code, said = command.run("send", "--week", WEEK)
    assert code == 0, said
    assert Counter(to for to, _ in post.taken) == {f"r{n}@example.com": 1 for n in range(READERS)}
