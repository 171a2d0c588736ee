"""Ideas: what did customers offer, and who answered?"""

from __future__ import annotations

from typing import Any, cast

import streamlit as st

from dashboard import page
from dashboard.evidence import plain
from dashboard.filters import choose
from dashboard.links import address, link
from dashboard.state import Data
from metrics import ideas, wording
from metrics.contrast import asked
from metrics.idea_words import common_words
from metrics.ideas import Fate
from metrics.totals import Scope

QUESTION = "What did customers offer that nobody picked up?"
PAGE_LENGTH = 25
Total = tuple[float | None, float | None, float | None] | None
SHOWN: dict[str, Fate | None] = {
    "All": None,
    "Passed over": "passed_over",
    "No reply": "no_reply",
    "Heard": "heard",
    "From surveys": "survey",
}
WORDS: dict[str, str] = {
    "passed_over": "passed over",
    "no_reply": "no reply",
    "heard": "heard",
    "survey": "from a survey, where nobody could answer",
}


def body(data: Data) -> None:
    """The page below its title."""
    chosen = choose(data)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        shown = st.segmented_control(
            "What became of them", list(SHOWN), default="All", required=True, key="fate", bind="query-params"
        )
        text = st.text_input("With the words", key="q", bind="query-params", width=260) or ""
    fate = SHOWN.get(shown or "All")
    counts = data.remember("idea counts", chosen.scope, lambda: ideas.counts(data.version, chosen.scope))
    unheard = data.remember("ideas unheard", chosen.scope, lambda: _unheard(data, chosen.scope))
    said = _answer(counts, unheard, chosen.period, data.settings.display.too_few)
    page.write(f'<p class="answer">{said} {page.how_counted("unheard_suggestion")}</p>')
    page.write(_asked_for(data, chosen.scope, chosen.query))
    number = page.page_number()
    offset = PAGE_LENGTH * (number - 1)
    rows = data.remember(
        "ideas",
        (chosen.scope, fate, text, offset),
        lambda: ideas.ideas(data.version, chosen.scope, fate, text=text, limit=PAGE_LENGTH, offset=offset),
    )
    filters = {**chosen.query, **({"fate": shown} if fate and shown else {}), **({"q": text} if text else {})}
    if rows.height == 0:
        page.state(
            "No ideas match these filters.",
            f"Nothing like this was offered {plain(chosen.period)}.",
            [link("Show 52 weeks", "ideas", filters, period="52 weeks"), link("Clear filters", "ideas")],
        )
        return
    items = "".join(_item(row, chosen.query) for row in rows.to_dicts())
    page.write(
        f'<ol class="list">{items}</ol>{page.pager("ideas", int(rows["count_all"][0]), PAGE_LENGTH, number, filters)}'
    )


def _answer(counts: dict[Fate, int], unheard: Total, period: str, least: int) -> str:
    """The answer with its n, its share and interval (from `least` ideas on), and what became of the others."""
    offered = sum(counts.values()) - counts["survey"]
    if not offered and not counts["survey"]:
        return f"<strong>No idea was found {plain(period)}.</strong>"
    passed, silent, answered = counts["passed_over"], counts["no_reply"], counts["heard"]
    said = f"{passed + silent:,} of {offered:,} {'idea' if offered == 1 else 'ideas'} that customers offered {plain(period)} went unheard."
    rate = ""
    if unheard is not None and offered >= least:
        value, low, high = unheard
        rate = f"That is {wording.say(value, 'share')} ({plain(wording.say_interval(low, high, 'share'))}). "
    return (
        f"<strong>{said}</strong> {rate}{passed:,} passed over in the reply, {silent:,} without any reply; {answered:,} heard."
        f" {counts['survey']:,} more came in survey comments, where nobody could answer."
    )


def _unheard(data: Data, scope: Scope) -> Total:
    """The share of ideas that nobody answered, with the ends of its interval."""
    rows = asked.totals(data.version, ["is_unheard"], scope).to_dicts()
    return (rows[0]["value"], rows[0]["low"], rows[0]["high"]) if rows else None


def _asked_for(data: Data, scope: Scope, query: dict[str, str]) -> str:
    """The words that several customers used, each leading to the ideas with it."""
    found = data.remember("idea words", scope, lambda: common_words(data.version, scope))
    if found.height == 0:
        return ""
    words = " · ".join(
        f'{link(row["word"], "ideas", query, q=row["word"])} <span class="quiet">{row["count_customers"]:,}</span>'
        for row in found.iter_rows(named=True)
    )
    return f"<p>Asked for by several customers and not picked up (number of customers): {words}</p>"


def _item(row: dict[str, Any], query: dict[str, str]) -> str:
    where = plain(
        address("conversations", query, column="is_unheard", c=row["ticket_id"], source=row["source"])
    )
    said = {"heard": "heard in", "passed_over": "passed over by"}.get(row["fate"])
    reply = (
        f'<span class="quiet"><span class="function">{said}</span> “{plain(row["reply"])}”</span><br>'
        if said and row["reply"]
        else ""
    )
    sign = "" if reply else f'<span class="sign">{plain(WORDS[cast(str, row["fate"])])}</span>'
    day = f"{row['dated_on']:%-d %b %Y}" if row["dated_on"] else None
    about = " · ".join(plain(part) for part in (row["team"], wording.spaced(row["channel"]), day) if part)
    return (
        f'<li><a class="said" href="{where}"><mark>{plain(row["quote"])}</mark></a>'
        f'{sign}<br>{reply}<span class="quiet">{about}</span></li>'
    )


if __name__ == "__main__":
    page.run(QUESTION, body)
