"""What customers say in so many words: recommending, warning, or neither."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import polars as pl
import pytest

from benchmarks import validity_signals
from metrics.function.trust.would_recommend import would_recommend
from metrics.measure import Conversations
from metrics.text.hear import hear
from tests.conftest import shared
from warehouse.schema import EVIDENCE, HEARD, INSTANT
from warehouse.store import Store, insert


def conversation(*said: tuple[str, str], ticket: str = "t1") -> Conversations:
    messages = pl.DataFrame(
        [
            {"ticket_id": ticket, "message_id": f"{ticket}-{turn}", "turn": turn, "speaker": who, "text": text}
            for turn, (who, text) in enumerate(said)
        ],
        schema={"ticket_id": pl.String, "message_id": pl.String, "turn": pl.Int64, "speaker": pl.String, "text": pl.String},
    ).with_columns(source=pl.lit("desk"), kind=pl.lit("message"), created_at=pl.lit(None, dtype=INSTANT))  # fmt: skip
    unknown = pl.lit(None, dtype=INSTANT)
    tickets = pl.DataFrame({"ticket_id": [ticket]}).with_columns(
        source=pl.lit("desk"), status=pl.lit("open"), created_at=unknown, ended_at=unknown
    )
    return hear(tickets, messages, would_recommend.lexicons)


def kinds(text: str) -> list[str]:
    return would_recommend.judge(conversation(("customer", text)))["kind"].to_list()


@pytest.mark.parametrize(
    "text",
    [
        "I'd happily recommend you to anyone who runs a small shop.",
        "Will definitely recommend this to my colleagues.",
        "I can't recommend your team highly enough.",
        "I would not hesitate to recommend you.",
        "Highly recommended!",
        "I'll tell all my friends how helpful you were.",
        "I'm telling everyone in our street about it, best support ever.",
        "I would use your service again any time.",
        "I told my sister to switch to you.",
    ],
)
def test_recommending(text: str) -> None:
    assert kinds(text) == ["recommend"]


@pytest.mark.parametrize(
    "text",
    [
        "I would not recommend you to anybody.",
        "I can't recommend this company to anyone after this.",
        "I would never recommend this app.",
        "Stay away from this company!",
        "Avoid this shop at all costs.",
        "I will tell everyone how badly I was treated.",
        "We are warning our neighbours about you.",
        "I wouldn't wish this on my worst enemy.",
        "I will never buy from you again.",
        "Never again.",
        "Do not use this bank.",
        "I'd recommend staying away from them.",
        "I'm taking my business elsewhere.",
    ],
)
def test_warning(text: str) -> None:
    assert kinds(text) == ["warn"]


@pytest.mark.parametrize(
    "text",
    [
        "I'd recommend you if it worked.",
        "Can you recommend a plan for two people?",
        "Would you recommend the larger box?",
        "A friend recommended you to me last year.",
        "You were recommended to us by our accountant.",
        "I recommend that you add a search field.",
        "I would recommend adding a search field.",
        "I used to recommend you.",
        "I am not sure whether I would recommend it.",
        "I never got the parcel again after the move.",
        "Please avoid sending me letters.",
        "I told my husband and he called you yesterday.",
        "The same error came up again.",
        "I hope this never happens again.",
        "The reviews say “I would recommend them to everyone”.",
        "Thank you, it works now.",
    ],
)
def test_neither(text: str) -> None:
    assert kinds(text) == []


def test_agents_do_not_recommend_themselves() -> None:
    heard = conversation(("customer", "Thank you, it works."), ("agent", "I would recommend us to anyone."))
    assert would_recommend.judge(heard).is_empty()


def test_the_span_is_the_sentence() -> None:
    text = "Hello 👋 all fixed. I'd recommend you to everybody! Bye."
    evidence = would_recommend.judge(conversation(("customer", text)))
    assert evidence.schema == EVIDENCE
    row = evidence.row(0, named=True)
    assert text[row["start"] : row["end"]] == "I'd recommend you to everybody!"
    assert row["refers_to_message"] is None


def facts(tmp_path: Path, *parts: Conversations) -> dict[str, tuple[object, ...]]:
    """What the declared SQL makes of the evidence, by ticket."""
    keys = pl.concat([part.tickets.select("source", "ticket_id", "is_readable") for part in parts])
    rows = keys.with_columns(
        pl.lit(None, dtype=dtype).alias(name) for name, dtype in HEARD.items() if name not in keys.columns
    ).select(list(HEARD))
    draft = Store(tmp_path).begin()
    try:
        insert(draft.connection, "evidence", pl.concat([would_recommend.judge(part) for part in parts]))
        insert(draft.connection, "heard", rows)
        found = draft.connection.execute(
            f"SELECT ticket_id, said_would_recommend, would_warn_others FROM ({would_recommend.facts})"
        ).fetchall()
    finally:
        draft.discard()
    return {row[0]: tuple(row[1:]) for row in found}


def test_silence_is_no_unreadable_is_not_measured_and_the_last_word_counts(tmp_path: Path) -> None:
    german = "Ich würde Sie jederzeit allen meinen Freunden empfehlen, denn Sie haben mir sehr geholfen."
    parts = (
        conversation(("customer", "I'd recommend you to anyone."), ticket="yes"),
        conversation(("customer", "Avoid this shop at all costs."), ticket="warn"),
        conversation(("customer", "Where is my parcel? It is late."), ticket="silent"),
        conversation(("customer", german), ticket="unreadable"),
        conversation(
            ("customer", "Stay away from this company!"),
            ("agent", "I am sorry, the money is on its way."),
            ("customer", "It came, thank you. I would recommend you after all."),
            ticket="turned",
        ),
        conversation(
            ("customer", "I would recommend you. No wait, I would never recommend you to anyone."),
            ticket="soured",
        ),
    )
    assert facts(tmp_path, *parts) == {
        "yes": (True, False),
        "warn": (False, True),
        "silent": (False, False),
        "turned": (True, False),
        "soured": (False, True),
    }


def test_validity_reads_any_folder_in_the_format(tmp_path: Path) -> None:
    rows = [
        {
            "id": "a",
            "label": 1,
            "speaker": "customer",
            "text": "Good service. I would recommend them to anyone.",
        },
        {"id": "b", "label": 0, "speaker": "customer", "text": "Terrible. Avoid this place at all costs."},
        {"id": "c", "label": 1, "speaker": "customer", "text": "A lovely room with a view of the sea."},
        {"id": "d", "label": 0, "speaker": "customer", "text": "The room was cold and the bed was hard."},
    ]
    path = tmp_path / "mine.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps(row) for row in rows).encode()))
    table = {(row["label"], row["method"]): row for row in validity_signals.recommend_rows(path)}
    ours, warned, vader = (
        table[key] for key in (("recommended", "ours"), ("warned", "ours"), ("recommended", "vader"))
    )
    assert (ours["precision"], ours["recall"], ours["coverage"], ours["accuracy"]) == (1.0, 0.5, 0.5, 0.75)
    assert (warned["precision"], warned["recall"], warned["output"]) == (1.0, 0.5, "stated")
    assert (vader["output"], vader["coverage"]) == ("predicted", 1.0)
    assert vader["auc"] >= 0.75


def test_what_is_said_agrees_with_the_writers_own_answer() -> None:
    for name, least in (("seat", 0.92), ("lounge", 0.75)):
        rows = validity_signals.recommend_rows(shared(f"labelled/recommend/skytrax-{name}.jsonl.gz"))
        table = {(row["label"], row["method"]): row for row in rows}
        assert table["recommended", "ours"]["precision"] >= least
        assert table["warned", "ours"]["precision"] >= 0.92
        assert table["warned", "ours"]["precision"] > table["warned", "trivial"]["precision"]
