"""Review: does it hear right on our data?"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import streamlit as st

from dashboard import page, review
from dashboard.evidence import plain
from dashboard.links import link
from dashboard.state import Data
from metrics import conversations, registry, review_figures, review_queue, reviews
from metrics.review_queue import Unit
from metrics.reviews import Verdict
from warehouse.errors import Answered
from warehouse.ledger import reviewer

QUESTION = "Does it hear right on our data?"
ALL = "every signal"
# R is Streamlit's own key for running a page anew, so right is Y, for yes.
KEYS: tuple[tuple[Verdict, str, str], ...] = (
    ("right", "Right", "Y"),
    ("wrong", "Wrong", "W"),
    ("missed", "Missed", "M"),
)
Answers = dict[str, dict[tuple[str, str], dict[str, Any]]]


def body(data: Data) -> None:
    """The answer so far, the next conversation to check, and what the checks say."""
    columns = data.remember(
        "columns to review", (), lambda: [column.name for _, column in review_queue.columns(data.version)]
    )
    answers = review_queue.answered(data.version)
    rows = review_figures.rows(data.version, data.settings, [name for name in columns if answers.get(name)])
    page.write(_answer(rows, len(columns), data.settings.reviews.least))
    if not columns:
        page.state(
            "Nothing was read from conversations.",
            "Load an export with the messages of its tickets.",
            [link("Data", "data")],
        )
        return
    chosen = _choose(columns)
    unit = _next(data, [chosen] if chosen else columns, answers)
    if unit is None:
        page.state(
            "Nothing is left to check here.",
            "Every conversation that was drawn has been reviewed or skipped.",
        )
        _undo(data)
    else:
        _ask(data, unit, answers)
    _said(rows, columns)


def _answer(rows: list[dict[str, Any]], count: int, least: int) -> str:
    checked = sum(row["is_checked"] for row in rows)
    if not rows:
        said = "<strong>Not checked on your data yet.</strong>"
    else:
        reviewed = sum(row["reviewed"] for row in rows)
        said = (
            f"<strong>{checked:,} of {count:,} yes-or-no figures {'is' if checked == 1 else 'are'} checked on your data</strong>,"
            f" with {reviewed:,} {'review' if reviewed == 1 else 'reviews'} in all."
        )
    return (
        f'<p class="answer">{said} Conversations are drawn at random, flagged and not flagged. About {least:,} reviews'
        " of a figure tell how often it is right and what it misses, and correct its rate.</p>"
    )


def _choose(columns: list[str]) -> str | None:
    """The column to check, from the address or the menu; None is every one."""
    titles = {name: registry.find(name)[1].title for name in columns}
    options = [ALL, *columns]
    asked = st.query_params.get("column", ALL)
    chosen = st.selectbox(
        "What to check",
        options,
        index=options.index(asked) if asked in options else 0,
        format_func=lambda name: titles.get(name, "Every signal, the least reviewed first"),
        key="to_review",
        on_change=_chosen,
        width=420,
    )
    return None if chosen == ALL else chosen


def _chosen() -> None:
    chosen = st.session_state["to_review"]
    if chosen == ALL:
        st.query_params.pop("column", None)
    else:
        st.query_params["column"] = chosen


def _next(data: Data, columns: list[str], answers: Answers) -> Unit | None:
    """The next unit of these columns, of the least reviewed one first."""
    skipped = st.session_state.setdefault("review_skipped", set())
    least = data.settings.reviews.least
    for name in sorted(
        columns, key=lambda name: (len(answers.get(name, {})) >= least, len(answers.get(name, {})))
    ):
        drawn = data.remember("draw", name, lambda name=name: review_queue.draw(data.version, name))  # type: ignore[misc]
        checked = review_queue.checked(data.version, name, data.settings, answers.get(name, {}))
        unit = review_queue.next_unit(drawn, checked, answers.get(name, {}).keys(), skipped)
        if unit is not None and ((unit.source, unit.unit) not in skipped or len(columns) == 1):
            return unit
    return None


def _ask(data: Data, unit: Unit, answers: Answers) -> None:
    column = registry.find(unit.column)[1]
    page.write(review.question(unit, column))
    is_flagged = unit.stratum == "flagged"
    with st.container(horizontal=True, gap="small"):
        for verdict, words, key in KEYS:
            st.button(
                words,
                key=f"say_{verdict}",
                shortcut=key,
                disabled=verdict == ("missed" if is_flagged else "wrong"),
                on_click=_say,
                args=(data, unit, verdict),
            )
        st.button("Skip", key="say_skip", shortcut="S", on_click=_skip, args=(unit,))
        _undo(data)
    checked = review_queue.checked(data.version, unit.column, data.settings, answers.get(unit.column, {}))
    page.write(review.progress(checked))
    found = conversations.read(data.version, unit.ticket_id, unit.source)
    places = review_queue.sentences_of(data.version, unit) if is_flagged else []
    page.write(review.excerpt(found, unit, places), "asked-about")


def _undo(data: Data) -> None:
    acts = st.session_state.get("review_acts", [])
    st.button("Undo", key="say_undo", shortcut="U", disabled=not acts, on_click=_take_back, args=(data,))


def _say(data: Data, unit: Unit, verdict: Verdict) -> None:
    acts: list[str] = st.session_state.setdefault("review_acts", [])
    # A key pressed before the next conversation is drawn still belongs to the one before, which has its answer.
    with suppress(Answered):
        acts.append(review_queue.answer(data.version, reviewer(data.settings), unit, verdict))


def _skip(unit: Unit) -> None:
    st.session_state.setdefault("review_skipped", set()).add((unit.source, unit.unit))


def _take_back(data: Data) -> None:
    if acts := st.session_state.get("review_acts"):
        reviews.take_back(data.version, acts.pop(), reviewer(data.settings))


def _said(rows: list[dict[str, Any]], columns: list[str]) -> None:
    """What the checks say, and what nobody has looked at."""
    if rows:
        ordered = sorted(rows, key=lambda row: (row["missing"], -row["reviewed"]))
        page.heading(_finding(rows), review.table(ordered))
    known = {row["column"] for row in rows}
    rest = [registry.find(name)[1].title for name in columns if name not in known]
    if rest:
        listed = "".join(f"<li>{plain(title)}</li>" for title in rest)
        page.write(
            f'<details><summary>{len(rest):,} figures that nobody has reviewed: not checked on your data</summary><ul class="toc">{listed}</ul></details>'
        )


def _finding(rows: list[dict[str, Any]]) -> str:
    checked = [row for row in rows if row["is_checked"] and row["share_flagged"] is not None]
    if not checked:
        return "No figure has enough reviews yet"
    worst = min(checked, key=lambda row: row["share_flagged"])
    return (
        f"Least often right where it flags: {worst['title']}"
        if len(checked) > 1
        else f"Checked: {worst['title']}"
    )


if __name__ == "__main__":
    page.run(QUESTION, body)
