"""Controls by which people leave an incident out of figures, see what is left out, and count it again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st

from dashboard import page
from dashboard.evidence import plain
from dashboard.state import Data
from metrics import entered, incidents
from metrics.incidents import Incident, Kept
from warehouse.errors import HeardError
from warehouse.ledger import Entry, reviewer
from warehouse.rights import Area

LAST, PROBLEM = "last incident", "incident problem"
ANY_TAG = "Any tag"


def say_left_out(data: Data, kept: Sequence[Kept]) -> None:
    """What is left out of the figures, each with who set it and when, and what was done last with the way back."""
    problem = st.session_state.pop(PROBLEM, None)
    if problem:
        page.say_error(problem)
    may = data.rights.may(Area.EDIT)
    for number, one in enumerate(kept, start=1):
        why = f" ({plain(one.why)})" if one.why else ""
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            page.write(
                f"<p>Left out: conversations that came in {plain(one.incident.in_words)}{why}. "
                f'<span class="quiet">Set by {plain(one.entry.who)} on {one.entry.at:%-d %B %Y}.</span></p>'
            )
            if may:
                st.button(
                    "Count them again", key=f"bring back {one.entry.subject}", type="tertiary", on_click=_act,
                    args=(data, lambda one=one: incidents.bring_back(data.version, one, reviewer(data.settings))),
                    help=f"Incident {number} counts in every figure of this page again.",
                )  # fmt: skip
    last: Entry | None = st.session_state.get(LAST)
    if last is not None and may:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            page.write(f"<p>{'Counted again' if last.fields is None else 'Left out'}.</p>")
            st.button("Undo", key="undo incident", type="tertiary", on_click=_undo, args=(data, last))


def leave_out_control(data: Data, tags: Sequence[str]) -> None:
    """A form for an incident: days, a tag, or both."""
    if not data.rights.may(Area.EDIT):
        return
    with st.expander("Leave an incident out"), st.form("incident", border=False, clear_on_submit=True):
        page.write(
            '<p class="quiet">An outage or a mailing can drown a comparison. What came in on these days, with this tag, is left out '
            "of this page until somebody counts it again; the words above say so as long as it lasts.</p>"
        )
        with st.container(horizontal=True, gap="small"):
            first = st.date_input("Came in from", value=None, key="incident_first", width=180)
            last = st.date_input("to", value=None, key="incident_last", width=180)
            tag = st.selectbox("Tag", [ANY_TAG, *tags], key="incident_tag", width=220)
        why = st.text_input("What happened", max_chars=incidents.LONGEST_WHY, key="incident_why")
        if st.form_submit_button("Leave it out"):
            days = sorted(day for day in (first, last) if isinstance(day, date))
            incident = Incident(
                days[0] if isinstance(first, date) else None,
                days[-1] if isinstance(last, date) else None,
                tag if tag in tags else "",
            )
            _act(data, lambda: incidents.keep(data.version, incident, why, reviewer(data.settings)))
            st.rerun()


def _act(data: Data, do: Callable[[], Entry]) -> None:
    """Do it, and keep what was done or why it could not be for the next run of the page."""
    try:
        st.session_state[LAST] = do()
        st.session_state.pop(PROBLEM, None)
    except HeardError as error:
        st.session_state[PROBLEM] = error


def _undo(data: Data, last: Entry) -> None:
    entered.undo(data.version, last, reviewer(data.settings))
    st.session_state.pop(LAST, None)
