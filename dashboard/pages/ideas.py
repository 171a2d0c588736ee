"""Ideas: what did customers offer, and who answered?"""

from __future__ import annotations

from typing import Any, cast

import streamlit as st

from dashboard import page
from dashboard.evidence import plain
from dashboard.filters import choose
from dashboard.links import address, link
from dashboard.state import Data
from metrics import ideas
from metrics.idea_words import common_words
from metrics.ideas import Fate
from metrics.totals import Scope

QUESTION = "What did customers offer that nobody picked up?"
PAGE_LENGTH = 25
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
    page.write(
        f'<p class="answer">{_answer(counts, chosen.period)} {page.how_counted("unheard_suggestion")}</p>'
    )
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
            f"Nothing like this was offered in {plain(chosen.period)}.",
            [link("Show 52 weeks", "ideas", filters, period="52 weeks"), link("Clear filters", "ideas")],
        )
        return
    items = "".join(_item(row, chosen.query) for row in rows.to_dicts())
    page.write(
        f'<ol class="list">{items}</ol>{page.pager("ideas", int(rows["count_all"][0]), PAGE_LENGTH, number, filters)}'
    )


def _answer(counts: dict[Fate, int], period: str) -> str:
    answered = counts["heard"]
    unheard = counts["passed_over"] + counts["no_reply"]
    said = f"Customers offered {sum(counts.values()):,} ideas in {plain(period)}."
    return (
        f"<strong>{said}</strong> {unheard:,} went unheard: {counts['passed_over']:,} passed over in the reply,"
        f" {counts['no_reply']:,} without any reply. {answered:,} were heard; {counts['survey']:,} came in survey comments,"
        " where nobody could answer."
    )


def _asked_for(data: Data, scope: Scope, query: dict[str, str]) -> str:
    """The words that several customers used, each leading to the ideas with it."""
    found = data.remember("idea words", scope, lambda: common_words(data.version, scope))
    if found.height == 0:
        return ""
    words = " · ".join(
        f'{link(row["word"], "ideas", query, q=row["word"])} <span class="small">{row["count_customers"]:,}</span>'
        for row in found.iter_rows(named=True)
    )
    return f"<p>Asked for by several customers and not picked up (number of customers): {words}</p>"


def _item(row: dict[str, Any], query: dict[str, str]) -> str:
    where = plain(
        address("conversations", query, column="is_unheard", c=row["ticket_id"], source=row["source"])
    )
    said = {"heard": "heard in", "passed_over": "passed over by"}.get(row["fate"])
    reply = f'<span class="quiet">{said} “{plain(row["reply"])}”</span><br>' if said and row["reply"] else ""
    day = f"{row['dated_on']:%-d %b %Y}" if row["dated_on"] else None
    about = " · ".join(plain(part) for part in (row["team"], row["channel"], day) if part)
    return (
        f'<li><a class="said" href="{where}"><mark>{plain(row["quote"])}</mark></a>'
        f'<span class="sign">{plain(WORDS[cast(str, row["fate"])])}</span><br>{reply}<span class="quiet">{about}</span></li>'
    )


if __name__ == "__main__":
    page.run(QUESTION, body)
