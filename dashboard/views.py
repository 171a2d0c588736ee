"""Saved views: a page with its filters under a name, for everybody who opens this store."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

import streamlit as st

from dashboard import page
from dashboard.evidence import plain
from dashboard.places import places
from dashboard.state import Data
from metrics import entered
from warehouse.errors import HeardError
from warehouse.ledger import Entry, reviewer
from warehouse.rights import Area

KIND: Final = "view"
LONGEST: Final = 60
GONE: Final = "view removed"


def view_menu(data: Data, where: str) -> None:
    """A menu of the saved views, with a field to save what is shown; `where` is the address of this page."""
    open_to = {place.url: place.title for place in places(data.rights)}
    known = {
        name: one
        for name, one in entered.standing(data.version, KIND).items()
        if one.fields and one.fields["page"] in open_to
    }
    with st.popover("Views", help="Pages with their filters, kept under a name"):
        if not known:
            page.write('<p class="quiet">No view is saved yet.</p>')
        may = data.rights.may(Area.EDIT)
        for name, one in known.items():
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                page.write(f"<p>{_link(one)}</p>")
                if may:
                    st.button(
                        "Remove",
                        key=f"remove view {name}",
                        type="tertiary",
                        on_click=_remove,
                        args=(data, one),
                    )
        if not may:
            return
        gone: Entry | None = st.session_state.get(GONE)
        if gone:
            st.button(
                "Bring back what was removed",
                key="undo view",
                type="tertiary",
                on_click=_undo,
                args=(data, gone),
            )
        name = st.text_input("Save this view as", key="view_name", max_chars=LONGEST)
        st.button(
            "Save",
            key="save_view",
            on_click=_save,
            args=(data, where, name),
            disabled=not (name or "").strip(),
        )


def _link(one: Entry) -> str:
    fields = one.fields or {}
    query = urlencode(fields["query"])
    address = f"./{fields['page']}" + (f"?{query}" if query else "")
    return f'<a href="{plain(address)}">{plain(one.subject)}</a> <span class="quiet">{plain(one.who)}</span>'


def _save(data: Data, where: str, name: str) -> None:
    fields = {"page": where, "query": dict(st.query_params)}
    entered.keep(data.version, KIND, " ".join(name.split())[:LONGEST], fields, reviewer(data.settings))
    st.session_state["view_name"] = ""


def _remove(data: Data, one: Entry) -> None:
    st.session_state[GONE] = entered.keep(data.version, KIND, one.subject, None, reviewer(data.settings))


def _undo(data: Data, gone: Entry) -> None:
    try:
        entered.undo(data.version, gone, reviewer(data.settings))
    except HeardError as error:
        page.say_error(error)
    st.session_state.pop(GONE, None)
