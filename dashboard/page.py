"""The frame that all pages share: styles, what the data is, the question, and how states and errors are said."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from secrets import token_hex

import streamlit as st

from dashboard.evidence import plain
from dashboard.links import link
from dashboard.places import PLACES, places
from dashboard.state import Data, open_data, rights
from metrics import conversations
from warehouse.errors import HeardError, NoData
from warehouse.runs import ACT, is_loading, last_run
from warehouse.settings import zone

# A link as dashboard/links.py makes it: what stands before its address, the page, what is between its tags.
_LINK = re.compile(r'<a((?: class="[^"]*")?) href="\./([a-z_]*)[^"]*"[^>]*>(.*?)</a>', re.DOTALL)
STYLE = Path(__file__).with_name("style.css")


def write(html: str, css_class: str = "") -> None:
    """Put HTML on the page. Text of the data in it must have gone through dashboard.evidence."""
    st.html(f'<div class="h {css_class}">{_allowed(html)}</div>')


def _allowed(html: str) -> str:
    """The HTML with links into pages that are not the reader's made plain words."""
    seen = rights()
    if len(places(seen)) == len(PLACES):
        return html
    own = {place.url for place in places(seen)}
    return _LINK.sub(
        lambda found: found[0] if found[2] in own else f"<span{found[1]}>{found[3]}</span>", html
    )


def run(
    question: str, body: Callable[[Data], None], *, before_data: Callable[[], None] | None = None
) -> None:
    """Draw a page: its frame, then its body with the live version of the data; `before_data` where there is none yet.

    A HeardError is said in its own words. The title is the question that the page answers; a body that reads one
    conversation draws its own (an empty question).
    """
    st.html(STYLE)
    try:
        data = open_data()
    except NoData as error:
        title(question or "Heard")
        if before_data:
            before_data()
        else:
            first_run(error)
        return
    except HeardError as error:
        title(question or "Heard")
        say_error(error)
        return
    try:
        built_on(data)
        if question:
            title(question)
        body(data)
    except HeardError as error:
        if not question:
            title("Which conversation?")
        say_error(error, "" if question else link("All conversations", "conversations"))


def title(question: str) -> None:
    """The one heading of the first level."""
    write(f"<h1>{plain(question)}</h1>")


def heading(finding: str, below: str = "", where: str = "") -> None:
    """A section's title, which is a finding; `below` is HTML under it, `where` the address it leads to."""
    said = f'<a href="{plain(where)}">{plain(finding)}</a>' if where else plain(finding)
    write(f"<h2>{said}</h2>{below}")


def built_on(data: Data) -> None:
    """The line that says what the figures stand on."""
    counts = data.remember("built on", (), lambda: conversations.extent(data.version))
    badge = '<span class="badge">Demo data</span>' if data.is_demo else ""
    said = (
        f"As of {data.as_of:%-d %B %Y, %H:%M} ({plain(data.zone)}) · {counts[0]:,} {'conversation' if counts[0] == 1 else 'conversations'}"
        + (f", {counts[1]:,} {'team' if counts[1] == 1 else 'teams'}" if counts[1] else "")
    )
    write(f'<p class="built">{badge}{said}{_freshness(data)}</p>')


def _freshness(data: Data) -> str:
    """What a reader must know of newer data: that they are being loaded, or that the last run failed."""
    folder = data.version.folder
    if folder is None:
        return ""
    if is_loading(folder):
        return " · newer data are being loaded; these figures stand until they are ready"
    last = last_run(folder)
    if last is None or last.ended is None or last.code != ACT:
        return ""
    at = last.ended.astimezone(zone(data.zone))
    see = link("see Data", "data")
    return f" · <strong>the last run, of {at:%-d %B, %H:%M}, failed</strong>: these are the figures from before it; {see}"


def state(heading_words: str, text: str, moves: Sequence[str] = ()) -> None:
    """A panel that has nothing to show: why, and the moves that help (HTML links, class move)."""
    links = "".join(_as_move(move) for move in moves)
    write(
        f'<div class="state"><p><strong>{plain(heading_words)}</strong></p><p>{text}</p><p>{links}</p></div>'
    )


def _as_move(link_html: str) -> str:
    return link_html.replace("<a ", '<a class="move" ', 1)


def too_few(group: str, n: int, least: int, move: str) -> None:
    """A group that is too small for a rate."""
    state(
        f"{group}: {n} conversation{'' if n == 1 else 's'}.",
        f"Below {least} we show the conversations, not a rate.",
        [move],
    )


def first_run(error: NoData) -> None:
    """The store is empty: what to type."""
    write(
        '<div class="state"><p><strong>Bring your own export, or look around first.</strong></p>'
        f"<p>{plain(error.what)}</p>"
        f"<dl><dt>Load an export</dt><dd>{link('here', 'data')}, or <code>heard ingest PATH</code></dd>"
        "<dt>Open the demo</dt><dd><code>make demo</code></dd></dl>"
        '<p class="quiet">It is read on this machine and stays here. This page shows it as soon as it is loaded.</p></div>'
    )


def say_error(error: HeardError, move: str = "") -> None:
    """An error in the same words as on the command line: what happened, then what to do; `move` is an HTML link."""
    is_command = (error.fix or "").startswith(("heard ", "make "))
    fix = f"<code>{plain(error.fix)}</code>" if is_command else plain(error.fix)
    fix = f"<p>Fix: {fix}</p>" if error.fix else ""
    moves = f"<p>{_as_move(move)}</p>" if move else ""
    what = "<br>".join(plain(line) for line in error.what.splitlines())
    write(
        f'<div class="state" role="alert"><p><strong>This could not be shown.</strong></p><p>{what}</p>{fix}{moves}</div>'
    )


def say_fault(error: Exception) -> bool:
    """A fault of ours, said calmly with a reference; its trace goes to the log only. Always handled (true)."""
    reference = token_hex(3).upper()
    logging.getLogger("heard.dashboard").error("fault %s", reference, exc_info=error)
    write(
        '<div class="state" role="alert"><p><strong>This page met a fault of ours.</strong></p>'
        f"<p>The data is as it was. Reference <strong>{reference}</strong>: the server's log holds the trace under it.</p></div>"
    )
    return True


def how_counted(measure: str, words: str = "how counted") -> str:
    """An HTML link to a measure in the glossary."""
    return link(words, "glossary", m=measure)


def page_number() -> int:
    """The page of a list that the address asks for; anything but a number is the first."""
    asked = st.query_params.get("page", "1")
    return int(asked) if asked.isascii() and asked.isdecimal() and 0 < int(asked) < 100_000 else 1


def pager(where: str, count: int, length: int, number: int, filters: Mapping[str, str]) -> str:
    """Links to the pages of a list before and after this one; empty where there is one page."""
    pages = -(-count // length)
    if pages <= 1:
        return ""
    before = link("Previous", where, filters, page=number - 1 if number > 2 else "") if number > 1 else ""
    after = link("Next", where, filters, page=number + 1) if number < pages else ""
    said = f"<span>Page {number:,} of {pages:,}</span>"
    return f'<nav class="pager" aria-label="Pages of the list">{before}{said}{after}</nav>'
