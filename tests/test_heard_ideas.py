"""Ideas after ideas: later conversations are parted by whether the last idea before was heard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from metrics.contrast.heard_ideas import heard_and_ideas
from metrics.totals import Scope
from pipelines import score
from warehouse.schema import conform
from warehouse.settings import Settings
from warehouse.store import Store, insert

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
IDEA = "The shop is fine. It would be nice if you could add a dark mode to the app."
NO_IDEA = "My parcel has not come and I need it for the weekend, where is it now?"
HEARD = "Thanks for the suggestion, I have passed your idea on to the app team."
UNHEARD = "Your parcel leaves the hall tomorrow morning at nine."


def filled(folder: Path, talks: dict[str, list[tuple[str, str]]]) -> Store:
    """A store in which each customer had these conversations, a day apart: what they wrote and what was answered."""
    tickets: list[dict[str, Any]] = []
    messages: list[dict[str, Any]] = []
    for customer, said in talks.items():
        for day, (words, answer) in enumerate(said):
            key = {"source": "desk", "ticket_id": f"{customer}-{day}"}
            at = START + timedelta(days=day)
            tickets.append(
                {**key, "status": "solved", "customer_id": customer, "agent_id": "a1", "created_at": at,
                 "solved_at": at + timedelta(hours=2), "updated_at": at + timedelta(hours=2)}
            )  # fmt: skip
            for place, (role, text) in enumerate((("customer", words), ("agent", answer))):
                messages.append(
                    {**key, "message_id": f"{customer}-{day}-{place}", "position": place, "author_role": role,
                     "author_id": customer if role == "customer" else "a1", "is_public": True, "kind": "message",
                     "created_at": at + timedelta(hours=place), "text": text, "body": text}
                )  # fmt: skip
    store = Store(folder, "ideas")
    draft = store.begin()
    insert(draft.connection, "tickets", conform(pl.DataFrame(tickets), "tickets"))
    insert(draft.connection, "messages", conform(pl.DataFrame(messages), "messages"))
    score.refresh(draft.connection, Settings())
    draft.publish()
    return store


def test_later_conversations_are_parted_by_the_last_idea_before(tmp_path: Path) -> None:
    store = filled(
        tmp_path,
        {
            "heard": [(IDEA, HEARD), (IDEA, HEARD), (NO_IDEA, UNHEARD)],
            "unheard": [(IDEA, UNHEARD), (NO_IDEA, UNHEARD)],
            "turned": [(IDEA, UNHEARD), (IDEA, HEARD), (IDEA, HEARD)],
            "silent": [(NO_IDEA, UNHEARD), (NO_IDEA, UNHEARD)],
        },
    )
    with store.reading() as version:
        told = heard_and_ideas(version, Scope())
    assert (told.after_heard.n, told.after_unheard.n) == (3, 2)
    assert told.after_heard.value == pytest.approx(2 / 3)
    assert told.after_unheard.value == pytest.approx(1 / 2)
    assert told.difference is not None
    assert told.difference.low < told.difference.change < told.difference.high
    assert not told.difference.exceeds_noise


def test_without_an_earlier_idea_nothing_is_measured(tmp_path: Path) -> None:
    store = filled(tmp_path, {"silent": [(NO_IDEA, UNHEARD), (NO_IDEA, UNHEARD)]})
    with store.reading() as version:
        told = heard_and_ideas(version, Scope())
    assert (told.after_heard.value, told.after_heard.n) == (None, 0)
    assert told.difference is None
