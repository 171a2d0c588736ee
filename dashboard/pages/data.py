"""Data: what is this built on, and how does more of it come in?"""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from dashboard import bring, child, page
from dashboard.evidence import plain
from dashboard.state import Data
from metrics import coverage, loaded
from metrics.totals import Scope
from warehouse.errors import HeardError

QUESTION = "What is this built on?"
SHOWN_LOADS = 30
SHOWN_REJECTS = 20


def body(data: Data) -> None:
    """The answer, the way in for more, and what the loads brought and refused."""
    loads = data.remember("loads", (), lambda: loaded.loads(data.version).to_dicts())
    page.write(f'<p class="answer">{_answer(data, loads)}</p>')
    bring.panel(data)
    page.heading(f"{_counted(len(loads), 'file')} went in", _loads(loads))
    _coverage(data)
    _rejects(data)
    _rollback(data)


def before_data() -> None:
    """Nothing is loaded yet: only the way in."""
    page.write(
        '<p class="answer">On nothing yet. Bring an export of your helpdesk: it is read on this machine and stays'
        " here. To look around first, <code>make demo</code> opens a made-up company.</p>"
    )
    bring.panel(None)


def _answer(data: Data, loads: list[dict[str, Any]]) -> str:
    read = data.remember("read", (), lambda: coverage.coverage(data.version, Scope()))
    share = f"{read.count_readable / read.count:.0%}".replace("%", " %") if read.count else "none"
    newest = max((row["loaded_at"] for row in loads), default=None)
    when = f", loaded last on {newest:%-d %B %Y at %H:%M} UTC" if newest else ""
    return (
        f"On <strong>{read.count:,} conversations</strong> up to {data.as_of:%-d %B %Y, %H:%M} ({plain(data.zone)})"
        f"{when}. We could read what customers wrote in {share} of them."
    )


def _counted(count: int, noun: str) -> str:
    return f"One {noun}" if count == 1 else f"{count:,} {noun}s"


def _loads(loads: list[dict[str, Any]]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{plain(row["file"])}<span class="small">{plain(row["reader"])}'
        f" · {plain(', '.join(name.replace('_', ' ') for name in row['capabilities'] or []) or 'what stands beside the tickets')}</span></th>"
        f'<td class="day">{row["loaded_at"]:%-d %b %Y, %H:%M}</td>'
        f'<td class="day">{"" if row["as_of"] is None else format(row["as_of"], "%-d %b %Y, %H:%M")}</td>'
        + "".join(
            f'<td class="n">{row[name]:,}</td>'
            for name in ("count_read", "count_merged", "count_left_out", "count_refused")
        )
        + "</tr>"
        for row in loads[:SHOWN_LOADS]
    )
    rest = (
        f'<p class="quiet">and {len(loads) - SHOWN_LOADS:,} earlier ones</p>'
        if len(loads) > SHOWN_LOADS
        else ""
    )
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Loads"><table><thead><tr><th scope="col">File</th>'
        '<th scope="col">Loaded (UTC)</th><th scope="col">Export as of</th><th scope="col" class="n">Rows read</th>'
        '<th scope="col" class="n">New or changed</th><th scope="col" class="n">Tickets left out</th>'
        f'<th scope="col" class="n">Refused</th></tr></thead><tbody>{rows}</tbody></table></div>{rest}'
    )


def _coverage(data: Data) -> None:
    for by, none in (("team", "No team"), ("language", "Too short to tell")):
        rows = data.remember("coverage by", by, partial(_by, data, by))
        page.heading(_read_in_words(rows, by), _coverage_table(rows, by, none))


def _by(data: Data, by: str) -> list[dict[str, Any]]:
    return loaded.coverage(data.version, by).to_dicts()


def _read_in_words(rows: list[dict[str, Any]], by: str) -> str:
    """The finding above the table: the team read least, or how many languages there are and how many are read."""
    if by == "language":
        known = [row for row in rows if row["name"]]
        unread = sum(row["count_other_language"] for row in rows)
        if not unread:
            return "Every conversation with words is in a language we read"
        return f"{_counted(len(known), 'language')}; {_counted(unread, 'conversation')} in one we do not read"
    shares = [
        (row["count_readable"] / row["n"], row["name"]) for row in rows if row["name"] and row["n"] >= 30
    ]
    if len(shares) < 2:
        return "Coverage by team"
    least, name = min(shares)
    return f"Read least in {name}: {least:.0%} of its conversations".replace("%", " %")


def _coverage_table(rows: list[dict[str, Any]], by: str, none: str) -> str:
    body_html = "".join(
        f'<tr><th scope="row">{plain(row["name"] or none)}</th><td class="n">{row["n"]:,}</td>'
        f'<td class="n">{row["count_readable"]:,}</td><td class="n">{row["count_other_language"]:,}</td>'
        f'<td class="n">{row["count_silent"]:,}</td>'
        f'<td class="day">{"" if row["newest_on"] is None else format(row["newest_on"], "%-d %b %Y")}</td></tr>'
        for row in rows[:SHOWN_LOADS]
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Coverage by {by}"><table><thead><tr>'
        f'<th scope="col">{by.capitalize()}</th><th scope="col" class="n">Conversations</th><th scope="col" class="n">Could be read</th>'
        '<th scope="col" class="n">Other language</th><th scope="col" class="n">Customer wrote nothing</th>'
        f'<th scope="col">Newest</th></tr></thead><tbody>{body_html}</tbody></table></div>'
    )


def _rejects(data: Data) -> None:
    count = data.remember("count of rejects", (), lambda: loaded.rejects(data.version).height)
    if not count:
        page.heading("No row was refused")
        return
    rows = data.remember("rejects", (), lambda: loaded.rejects(data.version, SHOWN_REJECTS).to_dicts())
    page.heading(f"{_counted(count, 'row')} {'was' if count == 1 else 'were'} refused", rejects_html(rows))
    st.download_button(
        "Download the refused rows (CSV)",
        data=lambda: child.file_of("export", "rejects", "--store", data.store_name, ending=".csv"),
        file_name="refused-rows.csv",
        mime="text/csv",
        on_click="ignore",
    )


def rejects_html(rows: list[dict[str, Any]]) -> str:
    """Refused rows as a table; their text is shown as text."""
    listed = "".join(
        f'<tr><th scope="row">{plain(row["file"])}</th><td class="n">{"" if row["line"] is None else format(row["line"], ",")}</td>'
        f"<td>{plain(row['reason'])}</td><td><code>{plain((row['raw'] or '')[:160])}</code></td></tr>"
        for row in rows
    )
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Refused rows"><table class="refused"><thead><tr><th scope="col">File</th>'
        '<th scope="col" class="n">Line</th><th scope="col">Why</th><th scope="col">What it begins with</th></tr></thead>'
        f"<tbody>{listed}</tbody></table></div>"
    )


def _rollback(data: Data) -> None:
    page.heading(
        "One version back",
        "<p>Each load makes a new version of the data and keeps the one before. Going back takes the last load away for"
        " everybody who has this dashboard open; load the file again to undo it.</p>",
    )
    with st.popover("Go back to the version before", disabled=not data.settings.display.loading):
        page.write(f"<p>Serve the version before <code>{plain(data.version.name)}</code>?</p>")
        if st.button("Yes, go back", type="primary"):
            try:
                child.run("rollback", "--store", data.store_name)
            except HeardError as error:
                page.say_error(error)
            else:
                st.rerun()


if __name__ == "__main__":
    page.run(QUESTION, body, before_data=before_data)
