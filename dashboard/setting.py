"""Controls by which people set targets and note what happened; each act can be undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st

from dashboard import page
from dashboard.evidence import plain
from dashboard.filters import Chosen
from dashboard.state import Data
from metrics import entered, wording
from metrics.contrast import noted, targets
from metrics.contrast.noted import Annotation
from metrics.contrast.targets import Target
from warehouse.errors import HeardError
from warehouse.ledger import Entry, reviewer
from warehouse.rights import Area

LAST, PROBLEM = "last entry", "entry problem"


def target_controls(data: Data, wanted: Sequence[Target]) -> None:
    """The targets that stand, each to be removed, and a form for another."""
    titles = {column.name: column for column in targets.choices()}
    page.heading(
        "Where you draw the line" if wanted else "No target is set yet",
        '<p class="quiet">A target is your own, for scores and for conversations alike. It holds from its day until the next one.</p>',
    )
    _say_last(data)
    may = data.rights.may(Area.EDIT)
    for one in wanted:
        column = titles[one.column]
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            page.write(
                f"<p>{plain(column.title)}: <strong>{plain(wording.say(one.value, column.unit))}</strong> since "
                f'{one.since:%-d %B %Y} <span class="quiet">set by {plain(one.entry.who)}</span></p>'
            )
            if may:
                st.button("Remove", key=f"remove {one.entry.subject}", type="tertiary", on_click=_act,
                          args=(data, lambda one=one: targets.remove(data.version, one, reviewer(data.settings))))  # fmt: skip
    if not may:
        return
    with st.expander("Set a target"), st.form("target", border=False, clear_on_submit=False):
        name = st.selectbox(
            "Figure", list(titles), format_func=lambda name: titles[name].title, key="target_column"
        )
        value = st.number_input(
            "Value wanted", value=None, step=1.0, key="target_value",
            help="Of a share in percent, of a net score from -100 to 100, of a time in minutes, of a mood from -1 to 1.",
        )  # fmt: skip
        since = st.date_input("From this day on", value=data.as_of_date, key="target_since")
        if st.form_submit_button("Set it") and isinstance(since, date):
            if value is None:
                st.session_state[PROBLEM] = HeardError("There is no value yet.", fix="type the value wanted")
            else:
                scaled = value / 100 if titles[name].unit == "share" else value
                _act(
                    data,
                    lambda: targets.set_target(data.version, name, scaled, since, reviewer(data.settings)),
                )
            st.rerun()


def note_controls(data: Data, notes: Sequence[Annotation], chosen: Chosen) -> None:
    """A form for a note on a day, for everybody or for what the filters name; notes can be removed."""
    if not data.rights.may(Area.EDIT):
        return
    for number, one in enumerate(notes, start=1):
        st.button(f"Remove note {number}", key=f"remove {one.entry.subject}", type="tertiary", on_click=_act,
                  args=(data, lambda one=one: noted.remove(data.version, one, reviewer(data.settings))))  # fmt: skip
    with st.expander("Note something"), st.form("annotation", border=False, clear_on_submit=True):
        day = st.date_input("Day", value=data.as_of_date, key="note_day")
        text = st.text_input(
            "What happened",
            max_chars=noted.LONGEST,
            key="note_text",
            help="A release, a new policy, an announced change.",
        )
        only = bool(chosen.scope.where) and st.checkbox(
            "Only for what the filters name", value=True, key="note_only"
        )
        if st.form_submit_button("Note it") and isinstance(day, date):
            where = dict(chosen.scope.where) if only else {}
            _act(data, lambda: noted.annotate(data.version, day, text, where, reviewer(data.settings)))
            st.rerun()


def _act(data: Data, do: Callable[[], Entry]) -> None:
    """Do it, and keep what was done or why it could not be for the next run of the page."""
    try:
        st.session_state[LAST] = do()
        st.session_state.pop(PROBLEM, None)
    except HeardError as error:
        st.session_state[PROBLEM] = error


def _say_last(data: Data) -> None:
    """What was done last, with the way back, or why it could not be done."""
    problem = st.session_state.pop(PROBLEM, None)
    if problem:
        page.say_error(problem)
    last: Entry | None = st.session_state.get(LAST)
    if last is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        page.write(f"<p>{'Removed' if last.fields is None else 'Set'}.</p>")
        st.button("Undo", key="undo last entry", type="tertiary", on_click=_undo, args=(data, last))


def _undo(data: Data, last: Entry) -> None:
    entered.undo(data.version, last, reviewer(data.settings))
    st.session_state.pop(LAST, None)
