"""What people set of ideas and themes on the page of ideas: one select an idea, a row of buttons for a whole theme, undo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from dashboard import page
from dashboard.evidence import plain
from dashboard.state import Data
from metrics import idea_status, idea_themes
from metrics.idea_board import Board
from metrics.idea_status import STATUSES, Act, OfIdea, OfTheme
from warehouse.ledger import reviewer
from warehouse.rights import Area

SAID = {"new": "New", "heard": "Heard", "planned": "Planned", "done": "Done", "declined": "Declined"}
LAST = "last act on ideas"
FIELDS = {
    "idea status": "status", "idea owner": "owner", "idea note": "note", "idea theme": "theme", "theme name": "name",
    "theme owner": "owner of a theme", "theme note": "note on a theme", "theme into": "merged into", "theme split": "split off by",
}  # fmt: skip
LONGEST_OPTION = 90


def may_set(data: Data) -> bool:
    """Whether whoever reads may set anything."""
    return data.rights.may(Area.EDIT)


def status_of(data: Data, row: Mapping[str, Any]) -> None:
    """The status of one idea, as a select."""
    key = f"status {row['source']} {row['suggestion_id']}"
    st.session_state[key] = row["status"]  # what stands wins over what the widget remembers
    st.selectbox(
        "Status of this idea", list(STATUSES), format_func=SAID.__getitem__, key=key, width=132,
        label_visibility="collapsed", disabled=not may_set(data), on_change=_status, args=(data, row, key),
        help="It counts at once, here and in every list of ideas to answer. Undo stands below the filters.",
    )  # fmt: skip


def statuses_of(data: Data, frame: pl.DataFrame) -> None:
    """One status for all these ideas, by a row of buttons."""
    if not may_set(data) or frame.is_empty():
        return
    count = f"this {frame.height} idea" if frame.height == 1 else f"these {frame.height:,} ideas"
    page.write(f'<p class="quiet">Mark {count} as</p>')
    with st.container(horizontal=True, gap="small"):
        for status in STATUSES:
            st.button(
                SAID[status], key=f"all {status}", on_click=_ideas, args=(data, "status", frame, status)
            )


def last(data: Data) -> None:
    """What was set a moment ago, with undo."""
    act = st.session_state.get(LAST)
    found = [one for one in idea_status.acts(data.version, 50) if one.act == act] if act else []
    if found:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            page.write(f"<p>{_told(found[0])}</p>")
            st.button("Undo", key="undo last", on_click=_undo, args=(data, found[0].act))


def history(data: Data) -> None:
    """What was set last and stands, each with undo; whoever sees some teams only is shown their own acts."""
    acts = idea_status.acts(data.version, who=reviewer(data.settings) if data.rights.teams else None)
    if not acts:
        return
    page.heading("What was set last")
    for act in acts:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            page.write(
                f'<p class="quiet">{_told(act)}, {act.at.astimezone(data.as_of.tzinfo):%-d %b %Y, %H:%M}</p>'
            )
            if may_set(data):
                st.button(
                    "Undo", key=f"undo {act.act}", type="tertiary", on_click=_undo, args=(data, act.act)
                )


def theme(data: Data, whole: Board, key: str) -> None:
    """Owner, note and name of a theme; merge it, split it, take merged parts out again."""
    if not may_set(data):
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _text(data, whole, "Owner of the theme", "owner", key, 180)
        _text(data, whole, "Note on the theme", "note", key, 420)
    with st.expander("Rename, merge or split this theme"):
        _text(data, whole, "Name", "name", key, 420)
        near = idea_themes.near(whole.ideas, key)
        others = [
            *near,
            *sorted(
                (one for one in whole.names if one != key and one not in near), key=whole.names.__getitem__
            ),
        ]
        if others:
            _choice(
                data, "Merge it into (those with words of both come first)", others, "merge", "Merge",
                lambda one: whole.names[one] + (f" ({near[one]} ideas with words of both)" if one in near else ""),
                lambda one: ("into", key, one, {}),
            )  # fmt: skip
        words = dict(idea_themes.common(whole.ideas, key))
        if words:
            _choice(
                data, "Split off the ideas that hold the word", list(words), "split", "Split off",
                lambda one: f"{one} ({words[one]} customers)",
                lambda one: ("split", f"{key} {one}", one, {"origin": key}),
            )  # fmt: skip
        merged = [one for one, into in whole.state.theme("into").items() if into == key]
        for number, one in enumerate(merged):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                page.write(
                    f"<p>Merged in: {plain(whole.state.theme('name').get(one) or one.removeprefix(idea_themes.MADE))}</p>"
                )
                st.button(
                    "Take it out again",
                    key=f"part {number}",
                    on_click=_theme,
                    args=(data, "into", one, None, {}),
                )


def one(data: Data, whole: Board, rows: pl.DataFrame) -> None:
    """Owner, note and theme of one of the ideas listed."""
    if not may_set(data) or rows.is_empty():
        return
    with st.expander("Owner, note or theme of a single idea"):
        listed = rows.to_dicts()
        place = st.selectbox(
            "Idea", range(len(listed)), key="one idea", format_func=lambda at: _short(listed[at]["quote"])
        )
        row = rows[min(place or 0, rows.height - 1)]
        told = row.to_dicts()[0]
        mark = f"{told['source']} {told['suggestion_id']}"
        with st.form(f"one {mark}", border=False):
            owner = st.text_input("Owner", value=told["owner"] or "", key=f"owner {mark}", max_chars=80)
            note = st.text_input(
                "Note", value=told["note"] or "", key=f"note {mark}", max_chars=idea_status.LONGEST
            )
            themes = ["", *sorted(whole.names, key=whole.names.__getitem__)]
            theme_key = st.selectbox(
                "Theme", themes, index=themes.index(told["theme"] or ""), key=f"theme {mark}",
                format_func=lambda one: whole.names.get(one, "In no theme"),
            )  # fmt: skip
            made = st.text_input("Or a new theme, called", key=f"made {mark}", max_chars=80)
            if st.form_submit_button("Save"):
                _one(data, row, told, owner, note, theme_key or "", made)
                st.rerun()


def _one(
    data: Data, row: pl.DataFrame, told: Mapping[str, Any], owner: str, note: str, theme_key: str, made: str
) -> None:
    if owner.strip() != (told["owner"] or ""):
        _ideas(data, "owner", row, owner)
    if note.strip() != (told["note"] or ""):
        _ideas(data, "note", row, note)
    moved = idea_themes.MADE + " ".join(made.split()) if made.strip() else theme_key
    if moved != (told["theme"] or ""):
        _ideas(data, "theme", row, moved)


def _text(data: Data, whole: Board, title: str, field: OfTheme, theme_key: str, width: int) -> None:
    key = f"theme {field} {theme_key}"
    st.session_state[key] = whole.state.theme(field).get(theme_key, "")
    placeholder = whole.names.get(theme_key, "") if field == "name" else ""
    st.text_input(
        title, key=key, width=width, max_chars=idea_status.LONGEST, placeholder=placeholder,
        on_change=_typed, args=(data, field, theme_key, key),
    )  # fmt: skip


def _choice(data: Data, title: str, options: list[str], key: str, words: str, say: Any, act: Any) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.selectbox(title, options, index=None, format_func=say, key=f"choice {key}", width=420)
        st.button(
            words,
            key=f"do {key}",
            disabled=chosen is None,
            on_click=_theme,
            args=(data, *act(chosen)) if chosen else (),
        )


def _status(data: Data, row: Mapping[str, Any], key: str) -> None:
    frame = pl.DataFrame(
        [{name: row[name] for name in ("source", "ticket_id", "message_id", "start", "end")}]
    )
    _ideas(data, "status", frame, st.session_state[key])


def _ideas(data: Data, field: OfIdea, rows: pl.DataFrame, value: str) -> None:
    st.session_state[LAST] = idea_status.set_ideas(data.version, reviewer(data.settings), field, rows, value)


def _typed(data: Data, field: OfTheme, theme_key: str, key: str) -> None:
    _theme(data, field, theme_key, str(st.session_state[key]), {})


def _theme(data: Data, field: OfTheme, theme_key: str, value: str | None, more: Mapping[str, str]) -> None:
    st.session_state[LAST] = idea_status.set_theme(
        data.version, reviewer(data.settings), field, theme_key, value, **more
    )


def _undo(data: Data, act: str) -> None:
    idea_status.undo(data.version, act, reviewer(data.settings))


def _told(act: Act) -> str:
    what = "idea" if act.kind.startswith("idea") else "theme"
    count = f"{act.count:,} {what}{'' if act.count == 1 else 's'}"
    value = "removed" if act.value is None else f"“{plain(act.value.removeprefix(idea_themes.MADE))}”"
    return f"{count}: {plain(FIELDS[act.kind])} {value}, by {plain(act.who)}"


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST_OPTION else words[: LONGEST_OPTION - 1] + "…"
