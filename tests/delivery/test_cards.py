"""Chat messages keep to the limits of Slack and Teams and say everything as text, whatever it is."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.digest.content import Cell, Digest, Line, Quote, Row, Section
from pipelines.digest.ways import slack, teams

EVIL = "<!channel> <@U1> <https://evil.example|ok> & &lt; **b** [l](https://evil.example) {{DATE(2020,SHORT)}} =HYPERLINK(1)\nName"


def digest(text: str, sections: int) -> Digest:
    cells = (Cell(text, text, text, ""),) * 3
    return Digest(
        week="2026-W47",
        dates=text,
        organisation=text,
        is_demo=True,
        subject=text,
        answer=text,
        more=text,
        basis=text,
        rows=(Row(text, cells, cells),) * 7,
        scales="",
        sections=(
            Section(
                "worth", text, text, (Quote(text, text, text, None), Line(text, why=text, about=text)) * 3
            ),
        )
        * sections,
        coverage=(text,),
        caveats=(text,) * 3,
        url="http://127.0.0.1:8501/",
    )


def objects(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(one for inner in value.values() for one in objects(inner))]
    return [one for inner in value for one in objects(inner)] if isinstance(value, list) else []


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400), st.integers(1, 300))
def test_escaped_text_calls_nobody_and_keeps_its_length(text: str, longest: int) -> None:
    shown = slack.escaped(text, longest)
    assert not set("<>\n\r") & set(shown) and len(shown) <= longest + 1
    assert all(part.startswith(("amp;", "lt;", "gt;")) for part in shown.split("&")[1:])


def test_messages_keep_to_the_limits() -> None:
    for text in (EVIL, EVIL * 60, "&" * 4000, ""):
        for sections in (0, 8, 60):
            made = json.loads(slack.payload(digest(text, sections)))
            assert 0 < len(made["blocks"]) <= 50 and "<" not in json.dumps(made)
            for block in made["blocks"]:
                longest = {"header": 150}.get(block["type"], 3000)
                texts = [one for one in objects(block) if isinstance(one.get("text"), str)]
                assert all(one["type"] == "plain_text" and len(one["text"]) <= longest for one in texts)
                assert all(len(one["text"]) <= 2000 for one in block.get("fields", ()))
                assert all(one["text"] for one in texts), "Slack refuses an empty text"
            card = teams.payload(digest(text, sections))
            assert len(card.encode()) <= 28_000 and "{{" not in "".join(
                one["text"] for one in objects(json.loads(card)) if isinstance(one.get("text"), str)
            )
            assert {one["type"] for one in objects(json.loads(card)) if "text" in one} == {"TextRun"}
