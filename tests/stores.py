"""Small stores of conversations for tests of what people look at: filled, heard and published like real ones."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from pipelines import score
from warehouse.schema import conform
from warehouse.settings import Settings
from warehouse.store import Store, insert

AS_OF = datetime(2026, 11, 15, 22, 0, tzinfo=UTC)
TEAMS = ("Billing", "Shipping", "Accounts")
CHANNELS = ("email", "chat")

# What is said in a conversation of each sort: who, and the words.
SCRIPTS: dict[str, tuple[tuple[str, str], ...]] = {
    "better": (
        ("customer", "Hello. I am really annoyed, the parcel arrived broken and this is terrible."),
        ("agent", "I am sorry about that. A new one leaves today and arrives on Thursday."),
        ("customer", "Wonderful, thank you so much. I am very happy, great service."),
    ),
    "worse": (
        (
            "customer",
            "Hello, could you tell me when my refund arrives? Thanks for your help, I love the product.",
        ),
        ("agent", "Refunds take 10 working days according to our policy. The charge is valid."),
        ("customer", "This is awful and I am very angry. A terrible, useless answer. I hate this."),
    ),
    "warns": (
        ("customer", "Hello, the invoice is wrong again."),
        ("agent", "We can not change the invoice, it is correct according to our records."),
        ("customer", "This is horrible. I will tell everyone I know to stay away from you."),
    ),
    "idea": (
        ("customer", "Everything works well. It would be great if you could add a dark mode to the app."),
        ("agent", "Is there anything else I can help you with today?"),
        ("customer", "No, that is all, bye."),
    ),
    "recommends": (
        ("customer", "The login fails and I can not work, which is frustrating."),
        ("agent", "I have reset it for you, please try once more now."),
        ("customer", "Perfect, it works. I will recommend you to all my friends!"),
    ),
}
SORTS = tuple(SCRIPTS)

EVIL = (
    '<img src="http://evil.example/i.png" onerror="window.hurt=1"><script>window.hurt=1</script>'
    '<svg onload="window.hurt=1"></svg>[a](javascript:window.hurt=1) ![x](http://evil.example/m.png)'
    " :red[x] $x^2$ http://evil.example/bare </style></textarea> \"><b>bold</b> {x} '; DROP TABLE tickets; --"
)


def fill(root: Path, name: str, *, count: int = 250, first: int = 0, hostile: bool = False) -> str:
    """Add `count` conversations, numbered from `first`, to a store and publish. Returns the version's name.

    With `hostile`, every text that people write holds markup, scripts and addresses beside its words. A store that is
    still empty gets a copy, as a version of its own, of what the same call once made in this process.
    """
    store = Store(root, name)
    if store.current() is not None:
        return _add(root, name, count, first, hostile)
    made = _made(count, first, hostile).current()
    assert made is not None
    version = f"heard-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.duckdb"
    store.folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(made, store.folder / version)
    store.point_to(version)
    return version


@cache
def _made(count: int, first: int, hostile: bool) -> Store:
    """A new store with these conversations, kept for the length of the process and only copied from."""
    root = Path(tempfile.mkdtemp(prefix="heard-made-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    _add(root, "main", count, first, hostile)
    return Store(root)


def _add(root: Path, name: str, count: int, first: int, hostile: bool) -> str:
    """Fill for real: merged rows are put in, heard and published."""
    draft = Store(root, name).begin()
    frames = _frames(first, count, f" {EVIL}" if hostile else "")
    for table, frame in frames.items():
        insert(draft.connection, table, conform(frame, table))
    draft.connection.execute(
        "INSERT OR REPLACE INTO meta VALUES ('as_of', ?), ('zone', 'Europe/Berlin')", [AS_OF.isoformat()]
    )
    score.refresh(draft.connection, Settings())
    draft.connection.execute("INSERT OR REPLACE INTO meta VALUES ('as_of', ?)", [AS_OF.isoformat()])
    return draft.publish()


def _frames(first: int, count: int, more: str) -> dict[str, pl.DataFrame]:
    tickets, messages, ratings = list[dict[str, Any]](), list[dict[str, Any]](), list[dict[str, Any]]()
    for number in range(first, first + count):
        sort = SORTS[number % len(SORTS)]
        opened = AS_OF - timedelta(hours=13 * (number % 320) + 30)
        key = {"source": f"desk{more}" if more else "desk", "ticket_id": f"{1000 + number}{more}"}
        team = TEAMS[number % 3]
        tickets.append(
            {
                **key, "subject": f"Question {number}{more}", "status": "solved", "channel": CHANNELS[number % 2] + more,
                "team": team + more, "agent": f"Agent {number % 4}{more}", "agent_id": f"a{number % 4}",
                "customer_id": f"c{number % 90}", "customer_email": f"c{number % 90}@example.com{more}", "tags": ["tag" + more],
                "priority": "normal" + more, "type": "question" + more, "brand": "brand" + more,
                "created_at": opened, "solved_at": opened + timedelta(hours=9), "updated_at": opened + timedelta(hours=9),
            }
        )  # fmt: skip
        for place, (role, words) in enumerate(SCRIPTS[sort]):
            messages.append(
                {
                    **key, "message_id": f"m{number}-{place}{more}", "position": place, "author_role": role, "is_public": True,
                    "author_id": f"c{number % 90}" if role == "customer" else f"a{number % 4}",
                    "created_at": opened + timedelta(hours=3 * place), "kind": "message", "text": words + more, "body": words + more,
                }
            )  # fmt: skip
        is_answered = number % 7 not in (0, 3)
        ratings.append(
            {
                **key, "rating_id": f"r{number}{more}", "kind": "csat", "asked_at": opened + timedelta(hours=10),
                "score": (5.0 if sort != "warns" else 1.0) if is_answered else None, "scale_min": 1.0, "scale_max": 5.0,
                "answered_at": opened + timedelta(hours=12) if is_answered else None, "customer_id": f"c{number % 90}",
            }
        )  # fmt: skip
        if number % 4 == 0:
            asked = {"asked_at": opened + timedelta(days=1), "answered_at": opened + timedelta(days=2)}
            ratings.append(
                {
                    "source": "survey" + more, "rating_id": f"n{number}{more}", "kind": "nps", "score": float(number % 11),
                    "scale_min": 0.0, "scale_max": 10.0, "customer_email": f"c{number % 90}@example.com{more}", **asked,
                    "comment": f"It would be nice if you could offer weekend support.{more}" if number % 8 == 0 else None,
                }
            )  # fmt: skip
            if number % 8 == 0:
                messages.append(
                    {
                        "source": "survey" + more, "ticket_id": f"survey:n{number}{more}", "message_id": f"rating:n{number}{more}",
                        "position": 0, "author_role": "customer", "is_public": True, "created_at": asked["answered_at"],
                        "kind": "survey", "text": f"It would be nice if you could offer weekend support.{more}",
                    }
                )  # fmt: skip
    return {
        "tickets": pl.DataFrame(tickets),
        "messages": pl.DataFrame(messages),
        "ratings": pl.DataFrame(ratings, infer_schema_length=None),
    }
