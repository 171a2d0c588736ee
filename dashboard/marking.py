"""Right, wrong or missed, said of the sentences of a conversation that is being read."""

from __future__ import annotations

import streamlit as st

from dashboard import page
from dashboard.state import Data
from metrics import registry, reviews
from metrics.reading import Reading, Span, Turn
from metrics.reviews import Place, Verdict
from metrics.text.sentences import split
from warehouse.ledger import reviewer

LONGEST_OPTION = 90  # characters of a sentence in the list to choose from
WHO = {"customer": "Customer", "agent": "Agent"}
Choice = tuple[str, int, int]  # message_id, start, end


def buttons(data: Data, reading: Reading, span: Span) -> None:
    """Below a piece of evidence: right and wrong, or undo where a person said something of it."""
    place = _place(reading, span)
    key = f"{span.message_id} {span.measure} {span.kind} {span.start} {span.end}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if span.mark is not None:
            st.button(
                "Undo", key=f"undo {key}", type="tertiary", on_click=_take_back, args=(data, span.mark.act)
            )
            return
        for verdict, words in (("right", "Right"), ("wrong", "Wrong")):
            st.button(
                words, key=f"{verdict} {key}", type="tertiary", on_click=_mark, args=(data, verdict, place)
            )


def another(data: Data, reading: Reading) -> None:
    """Any other sentence: something that a signal missed in it, or what it took it for and is not there."""
    page.heading("Was something missed?")
    said = {
        (turn.message_id, start, end): _option(turn, start, end)
        for turn in reading.turns
        if turn.turn is not None or turn.kind == "survey"
        for start, end in split(turn.text)
    }
    if not said:
        return
    titles = {name: registry.measure(name).title for name, _ in registry.kinds()}
    sentence = st.selectbox("Sentence", list(said), format_func=said.__getitem__, key="marked_sentence")
    measure = st.selectbox(
        "What is in it", list(titles), format_func=titles.__getitem__, key="marked_measure"
    )
    quiet = [
        span
        for span in reading.spans
        if span.is_quiet and _lies_in(span, sentence) and span.measure == measure
    ]
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Missed here",
            key="mark_missed",
            on_click=_mark,
            args=(
                data,
                "missed",
                Place(reading.source, reading.ticket_id, sentence[0], measure, None, *sentence[1:]),
            ),
        )
        st.button(
            "Wrongly read here",
            key="mark_wrong",
            disabled=not quiet,
            on_click=_mark,
            args=(data, "wrong", *(_place(reading, span) for span in quiet)),
        )


def _place(reading: Reading, span: Span) -> Place:
    return Place(
        reading.source, reading.ticket_id, span.message_id, span.measure, span.kind, span.start, span.end
    )


def _lies_in(span: Span, sentence: Choice) -> bool:
    message_id, start, end = sentence
    return span.message_id == message_id and span.start < end and start < span.end


def _option(turn: Turn, start: int, end: int) -> str:
    words = " ".join(turn.text[start:end].split())
    short = words if len(words) <= LONGEST_OPTION else words[: LONGEST_OPTION - 1] + "…"
    return f"{WHO.get(turn.role, 'Other')}: {short}"


def _mark(data: Data, verdict: Verdict, *places: Place) -> None:
    reviews.mark(data.version, reviewer(data.settings), verdict, places)


def _take_back(data: Data, act: str) -> None:
    reviews.take_back(data.version, act, reviewer(data.settings))
