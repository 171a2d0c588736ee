"""Conversations: the bottom of every path, where a number becomes a sentence."""

from __future__ import annotations

from typing import Any, cast

import streamlit as st

from dashboard import marking, page, reading
from dashboard.answers import in_words
from dashboard.evidence import plain
from dashboard.filters import choose, from_address
from dashboard.links import address, link
from dashboard.state import Data
from metrics import conversations, registry, wording
from metrics.conversations import Answer, Place, Sought
from warehouse.errors import HeardError

QUESTION = "What do the conversations say?"
PAGE_LENGTH = 25
ANSWERS: dict[Answer, str] = {"yes": "yes", "no": "no", "measured": "measured"}
Shown = tuple[str | None, Answer]


def body(data: Data) -> None:
    """The list, or the one conversation that the address names."""
    if ticket_id := st.query_params.get("c"):
        _read(data, ticket_id, st.query_params.get("source"))
    else:
        _list(data)


def _list(data: Data) -> None:
    chosen = choose(data)
    sought, query = _sought()
    offset = PAGE_LENGTH * (page.page_number() - 1)
    key = (chosen.scope, sought, offset)
    rows = data.remember(
        "find",
        key,
        lambda: conversations.find(data.version, chosen.scope, sought, limit=PAGE_LENGTH, offset=offset),
    )
    filters = {**chosen.query, **query}
    if rows.height == 0:
        page.state(
            "No conversations match these filters.",
            f"Looked for {plain(_in_words(sought)) or 'everything'} {plain(chosen.period)}.",
            [
                link("Show 52 weeks", "conversations", filters, period="52 weeks"),
                link("Clear filters", "conversations"),
            ],
        )
        return
    count = int(rows["count_all"][0])
    said = "One conversation" if count == 1 else f"{count:,} conversations"
    counted = page.how_counted(sought.column) if sought.column else ""
    words = f"{plain(_in_words(sought))} · " if _in_words(sought) else ""
    page.write(
        f"<p><strong>{said}</strong> {plain(chosen.period)} · {words}{counted}</p>".replace(" · </p>", "</p>")
    )
    wrong = data.remember(
        "count wrong", key, lambda: conversations.count_wrong(data.version, chosen.scope, sought)
    )
    if wrong:
        page.write(
            f'<p class="quiet">{wrong:,} more {"was" if wrong == 1 else "were"} marked wrong by a person and {"is" if wrong == 1 else "are"} not listed;'
            " rates count what was read.</p>"
        )
    items = "".join(_item(row, sought, filters) for row in rows.to_dicts())
    page.write(
        f'<ol class="list">{items}</ol>{page.pager("conversations", count, PAGE_LENGTH, page.page_number(), filters)}'
    )


def _sought() -> tuple[Sought, dict[str, str]]:
    """What is looked for: a figure from the address or the menu, and words."""
    shown = _shown_options()
    asked = _asked(shown)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "Show",
            shown,
            index=shown.index(asked),
            format_func=_option_words,
            key="show",
            on_change=_show_changed,
            width=320,
        )
        text = st.text_input("With the words", key="q", bind="query-params", width=260) or ""
    column, answer = asked
    query = {"column": column, "answer": answer if answer != "measured" else ""} if column else {}
    return Sought(column, answer, text), {
        **{k: v for k, v in query.items() if v},
        **({"q": text} if text else {}),
    }


def _show_changed() -> None:
    column, answer = cast(Shown, st.session_state["show"])
    st.query_params.pop("page", None)
    for name, value in (("column", column), ("answer", answer if column and answer != "measured" else None)):
        if value:
            st.query_params[name] = value
        else:
            st.query_params.pop(name, None)


def _asked(shown: list[Shown]) -> Shown:
    """What the address asks for, checked against what there is; anything else is everything."""
    name = st.query_params.get("column") or st.query_params.get("measure")
    try:
        column = registry.find(name)[1].name if name else None
    except HeardError:
        column = None
    wanted = (column, cast(Answer, st.query_params.get("answer", "measured")))
    if wanted in shown:
        return wanted
    return next((option for option in shown if option[0] == column), shown[0])


@st.cache_resource
def _shown_options() -> list[Shown]:
    options: list[Shown] = [(None, "measured")]
    for measure in sorted(registry.discover(), key=lambda m: (m.wing == "form", m.wing == "contrast")):
        for column in measure.columns:
            if column.total in (None, "sum", "per_day"):
                continue
            is_split = column.unit in ("share", "net")
            options += [(column.name, answer) for answer in (("yes", "no") if is_split else ())] + [
                (column.name, "measured")
            ]
    return options


def _option_words(option: Shown) -> str:
    column, answer = option
    if column is None:
        return "Every conversation"
    return in_words(registry.find(column)[1], answer)


def _in_words(sought: Sought) -> str:
    """What is looked for; empty where it is everything."""
    what = [_option_words((sought.column, sought.answer))] if sought.column else []
    what += [f"the words “{sought.text.strip()}”"] if sought.text.strip() else []
    return " and ".join(what)


def _item(row: dict[str, Any], sought: Sought, filters: dict[str, str]) -> str:
    where = plain(address("conversations", filters, c=row["ticket_id"], source=row["source"]))
    quote = plain(row["quote"]) if row["quote"] else "Nothing that was said is in the data."
    said = f"<mark>{quote}</mark>" if row["quote_kind"] else quote
    mood = ""
    if row["mood_on_arrival"] is not None and row["mood_after_answer"] is not None:
        mood = f"mood {wording.say(row['mood_on_arrival'], 'mood')} → {wording.say(row['mood_after_answer'], 'mood')}"
    value = ""
    if sought.column and row["value"] is not None:
        column = registry.find(sought.column)[1]
        value = (
            ""
            if column.unit in ("share", "net")
            else f"{column.title} {wording.say(row['value'], column.unit)}"
        )
    day = f"{row['dated_on']:%-d %b %Y}" if row["dated_on"] else None
    about = " · ".join(
        plain(part) for part in (row["team"], wording.spaced(row["channel"]), day, mood, value) if part
    )
    subject = row["subject"] or f"Conversation {row['ticket_id']}"
    return (
        f'<li><a class="what" href="{where}">{plain(subject)}</a><span class="said">{said}</span>'
        f'<span class="quiet">{about}</span></li>'
    )


def _read(data: Data, ticket_id: str, source: str | None) -> None:
    found = data.remember(
        "read", (ticket_id, source), lambda: conversations.read(data.version, ticket_id, source)
    )
    chosen = from_address(data)
    shown = _asked(_shown_options())
    sought = Sought(shown[0], shown[1], st.query_params.get("q", ""))
    key = (chosen.scope, sought, found.source, ticket_id)
    where = data.remember(
        "place", key, lambda: conversations.place(data.version, chosen.scope, sought, found.source, ticket_id)
    )
    filters = {name: st.query_params[name] for name in ("column", "answer", "q") if name in st.query_params}
    page.write(_neighbours(where, {**chosen.query, **filters}, _in_words(sought)))
    measure = registry.find(sought.column)[0].name if sought.column else None
    reading.draw(
        found,
        measure,
        names_agents=data.settings.display.agents,
        marking=lambda span: marking.buttons(data, found, span),
        below=lambda: marking.another(data, found),
    )


def _neighbours(where: Place, filters: dict[str, str], words: str) -> str:
    parts = [link("All of the list", "conversations", filters)]
    for name, key in (("Previous", where.previous), ("Next", where.following)):
        if key:
            parts.append(link(name, "conversations", filters, c=key[1], source=key[0]))
    listed = f"{where.count:,} in this list" + (f": {words}" if words else "")
    said = f"{where.number:,} of {listed}" if where.number else f"not among the {listed}"
    parts.append(f'<span class="quiet">{plain(said)}</span>')
    return f'<nav class="pager" aria-label="Conversations of the list">{"".join(parts)}</nav>'


if __name__ == "__main__":
    page.run("" if st.query_params.get("c") else QUESTION, body)
