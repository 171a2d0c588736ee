"""Which column of a table is what: a menu for each column, the form of its dates, and the name of its system."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard import page
from dashboard.evidence import plain

UNUSED = ""
SAID = "mapping said"
FORMS = (
    "",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %I:%M %p",
    "%d.%m.%Y %H:%M",
    "%d-%m-%Y %H:%M",
    "%d/%b/%y %I:%M %p",
    "%Y/%m/%d %H:%M",
)


def arguments() -> list[str]:
    """What was said, as the command takes it: --map, --dates, --source."""
    said: list[str] = st.session_state.get(SAID, [])
    return said


def forget() -> None:
    """Begin anew, for other files."""
    st.session_state.pop(SAID, None)


def editor(file: dict[str, Any]) -> None:
    """A form that shows how each column is understood; what is said in it holds from the next run on."""
    known = {column: canonical for canonical, column in (file["mapping"] or {}).items()}
    if not file["problem"] and not st.toggle("Correct which column is what", key="correct the mapping"):
        return
    with st.form(f"mapping of {file['file']}"):
        page.write(
            '<p class="quiet">Only what you change has to be said; it is kept for files with the same columns.</p>'
        )
        chosen: dict[str, str] = {}
        for number, (column, example) in enumerate(zip(file["header"], file["examples"], strict=True)):
            place = number % 2
            if place == 0:
                columns = st.columns(2, gap="medium")
            with columns[place]:
                now = known.get(column, UNUSED)
                options = file["canonical"] if now else [UNUSED, *file["canonical"]]
                # A label is read as Markdown, in which even an escaped address becomes a link: the name stands above it.
                page.write(
                    f'<p class="column"><strong>{plain(column)}</strong> <span class="quiet">{plain(example)}</span></p>'
                )
                chosen[column] = st.selectbox(
                    f"Column {number + 1}", options, index=options.index(now), label_visibility="collapsed",
                    format_func=lambda name: name.replace("_", " ") if name else "not used", key=f"column {number} {column}",
                )  # fmt: skip
        dates = st.selectbox(
            "How its dates are written", FORMS, accept_new_options=True, key="form of dates",
            format_func=lambda form: form or "year first (ISO), or seconds since 1970",
            help="Day and month are never guessed. %d day, %m month, %Y year, %H hour of 24, %I of 12, %M minute, %p AM or PM.",
        )  # fmt: skip
        source = st.text_input("Name of the system it comes from", placeholder="tables", key="name of system")
        if st.form_submit_button("Understand it so"):
            _say(chosen, known, dates or "", source)


def _say(chosen: dict[str, str], known: dict[str, str], dates: str, source: str) -> None:
    """Remember what was chosen. A column that two columns were chosen for is refused before anything runs."""
    taken = [canonical for canonical in chosen.values() if canonical]
    twice = sorted({name for name in taken if taken.count(name) > 1})
    if twice:
        page.write(
            f'<div class="state" role="alert"><p><strong>{plain(twice[0].replace("_", " "))} is chosen for two columns.</strong></p><p>Choose it for one.</p></div>'
        )
        return
    said: list[str] = []
    if any(known.get(column, UNUSED) != canonical for column, canonical in chosen.items()):
        for column, canonical in chosen.items():
            if canonical:
                said += ["--map", f"{canonical}={column}"]
    if dates:
        said.append(f"--dates={dates}")
    if source:
        said.append(f"--source={source}")
    st.session_state[SAID] = said
    st.rerun()
