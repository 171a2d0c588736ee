"""To do: whom to call, which ideas to answer, what to read; who does it and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import streamlit as st

from dashboard import page
from dashboard.evidence import plain
from dashboard.filters import Chosen, choose
from dashboard.state import Data
from dashboard.tasks import item_html, tasks
from metrics import entered
from metrics.contrast import to_do
from metrics.contrast.to_do import STATUSES, Item, Status, ToDo
from warehouse.ledger import Entry, reviewer
from warehouse.rights import Area

QUESTION = "What is there to do about it?"
SHOWN = 10
LAST = "last task set"


def body(data: Data) -> None:
    """The page below its title."""
    chosen = choose(data)
    lists = tasks(data, chosen.scope, SHOWN)
    page.write(f'<p class="answer">{_answer(lists, chosen)}</p><p class="quiet wide">{plain(to_do.RULE)}</p>')
    _undo_last(data)
    for one in lists:
        page.heading(f"{one.title}: {one.count_all:,}" if one.count_all else f"{one.title}: none is left")
        for item in one.items:
            _item(data, item, chosen)
        if one.closed:
            with st.expander("Done or dropped"):
                for item in one.closed:
                    _item(data, item, chosen)


def _answer(lists: Sequence[ToDo], chosen: Chosen) -> str:
    said = [f"{one.count_all:,} {one.title.lower()}" for one in lists if one.count_all]
    closed = sum(len(one.closed) for one in lists)
    words = f"{', '.join(said)} {chosen.period}" if said else f"Nothing is left to do {chosen.period}"
    return f"<strong>{plain(words)}.</strong> {closed:,} {'is' if closed == 1 else 'are'} done or dropped."


def _item(data: Data, item: Item, chosen: Chosen) -> None:
    left, right = st.columns([5, 1], vertical_alignment="center")
    with left:
        page.write(f'<div class="task">{item_html(item, chosen.query)}</div>')
    if not data.rights.may(Area.EDIT):
        return
    with right, st.popover("Set", help="Who does it, how far it is, what came of it"):
        key = item.subject
        st.selectbox("Status", STATUSES, index=STATUSES.index(item.status), key=f"status {key}")
        st.text_input("Owner", value=item.owner, key=f"owner {key}", max_chars=80)
        st.text_area("Outcome", value=item.outcome, key=f"outcome {key}", max_chars=to_do.LONGEST, height=80)
        st.button("Keep", key=f"keep {key}", on_click=_keep, args=(data, item))


def _keep(data: Data, item: Item) -> None:
    status, owner, outcome = (
        str(st.session_state.get(f"{name} {item.subject}") or "") for name in ("status", "owner", "outcome")
    )
    st.session_state[LAST] = to_do.set_item(
        data.version,
        item,
        status=cast(Status, status),
        owner=owner,
        outcome=outcome,
        who=reviewer(data.settings),
    )


def _undo_last(data: Data) -> None:
    last: Entry | None = st.session_state.get(LAST)
    if last is None or last.fields is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        page.write(f"<p>Kept as {plain(last.fields['status'])}: {plain(last.fields['words'][:80])}</p>")
        st.button("Undo", key="undo last task", type="tertiary", on_click=_undo, args=(data, last))


def _undo(data: Data, last: Entry) -> None:
    entered.undo(data.version, last, reviewer(data.settings))
    st.session_state.pop(LAST, None)


if __name__ == "__main__":
    page.run(QUESTION, body)
