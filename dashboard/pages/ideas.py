"""Ideas: what did customers offer, who answered, and what became of it?"""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard import ideas_lists, ideas_set, page
from dashboard.evidence import plain
from dashboard.filters import Chosen, choose
from dashboard.links import link
from dashboard.state import Data
from metrics import idea_board, ideas, wording
from metrics.contrast import asked
from metrics.idea_board import OUTSIDE, WAITS, Board, Wanted
from metrics.idea_status import RULE, STATUSES
from metrics.totals import Scope

QUESTION = "What did customers offer that nobody picked up?"
PAGE_LENGTH = 15
SURVEYS_SHOWN = 5
Total = tuple[float | None, float | None, float | None] | None
BECAME = {
    "Whatever became of them": "",
    "Still waiting": "waiting",
    "Nobody answered": "unheard",
    "Passed over": "passed_over",
    "No reply": "no_reply",
    "Heard": "heard",
    "From surveys": "survey",
}
ANY_BECAME, ANY_STATUS, ANY_OWNER, ANY_TIER = next(iter(BECAME)), "Any status", "Any owner", "Any tier"


def body(data: Data) -> None:
    """The page below its title."""
    whole = idea_board.board(data.version)
    chosen = choose(data)
    wanted, query = _wanted(whole, chosen)
    frame = idea_board.chosen(data.version, whole, chosen.scope, wanted)
    page.write(f'<p class="answer">{_answer(data, chosen, whole)}</p>')
    ideas_set.last(data)
    if frame.is_empty():
        page.state(
            "No ideas match these filters.",
            f"Nothing like this was offered {plain(chosen.period)}.",
            [link("Show 52 weeks", "ideas", query, period="52 weeks"), link("Clear filters", "ideas")],
        )
    elif wanted.theme:
        _theme(data, whole, frame, wanted, query)
    else:
        _themes(whole, frame, query)
    _lists(data, whole, frame, wanted, query, chosen)
    ideas_set.history(data)


def _wanted(whole: Board, chosen: Chosen) -> tuple[Wanted, dict[str, str]]:
    """Draw this page's own filters and read them; with the query that repeats all of them in a link."""
    asked_for = st.query_params.get("theme", "")
    theme = asked_for if asked_for == OUTSIDE or asked_for in whole.names else ""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        became = st.selectbox(
            "What became of them", list(BECAME), key="became", bind="query-params", width=230
        )
        status = st.selectbox("Status", [ANY_STATUS, *STATUSES], key="status", bind="query-params", width=140)
        owner = tier = None
        if owners := whole.owners():
            owner = st.selectbox("Owner", [ANY_OWNER, *owners], key="owner", bind="query-params", width=160)
        if tiers := whole.tiers():
            tier = st.selectbox("Tier", [ANY_TIER, *tiers], key="tier", bind="query-params", width=160)
        text = st.text_input("With the words", key="q", bind="query-params", width=220) or ""
    query = dict(chosen.query)
    for name, value, whatever in (
        ("became", became, ANY_BECAME),
        ("status", status, ANY_STATUS),
        ("owner", owner, ANY_OWNER),
        ("tier", tier, ANY_TIER),
        ("q", text, ""),
        ("theme", theme, ""),
    ):
        if value and value != whatever:
            query[name] = value
    return (
        Wanted(
            status=query.get("status", ""), owner=query.get("owner", ""), tier=query.get("tier", ""), theme=theme,
            text=text, became=BECAME.get(became or "", ""),
        ),
        query,
    )  # fmt: skip


def _answer(data: Data, chosen: Chosen, whole: Board) -> str:
    """What went unheard, as it was read, with its n, share and interval; and how much of it people took up since."""
    version, scope, period = data.version, chosen.scope, plain(chosen.period)
    counts = data.remember("idea counts", scope, lambda: ideas.counts(version, scope))
    offered = sum(counts.values()) - counts["survey"]
    if not offered and not counts["survey"]:
        return f"<strong>No idea was found {period}.</strong>"
    unheard = counts["passed_over"] + counts["no_reply"]
    said = f"{unheard:,} of {offered:,} {'idea' if offered == 1 else 'ideas'} that customers offered {period} went unheard."
    here = idea_board.chosen(version, whole, scope, Wanted(became="unheard"))
    wait = here.filter(WAITS).height
    total = data.remember("ideas unheard", scope, lambda: _unheard(data, scope))
    rate = ""
    if total is not None and offered >= data.settings.display.too_few:
        value, low, high = total
        rate = f" That is {wording.say(value, 'share')} ({plain(wording.say_interval(low, high, 'share'))})."
    since = here.height - wait
    taken = f" People took up {since:,} of them since, {wait:,} still wait." if since else ""
    surveys = (
        f" {counts['survey']:,} more came in survey comments, where nobody could answer."
        if counts["survey"]
        else ""
    )
    return f"<strong>{said}</strong>{rate}{taken}{surveys} {page.how_counted(ideas.MEASURE)}"


def _unheard(data: Data, scope: Scope) -> Total:
    """The share of ideas that nobody answered, with the ends of its interval."""
    rows = asked.totals(data.version, ["is_unheard"], scope).to_dicts()
    return (rows[0]["value"], rows[0]["low"], rows[0]["high"]) if rows else None


def _themes(whole: Board, frame: pl.DataFrame, query: dict[str, str]) -> None:
    """The themes of the ideas found, as dots and as a table, and how they are made."""
    told = idea_board.themes(frame, whole)
    page.heading(
        _finding(told),
        '<p>How many ideas <span class="function">nobody answered</span>, and how many were answered (grey), by theme.</p>',
    )
    ideas_lists.dots(told)
    page.write(
        ideas_lists.table(told, query) + "<details><summary>How themes and their status are made</summary>"
        '<p class="quiet wide">A word that three customers used in their ideas makes a theme, and the theme is called by it and by'
        " the words that came with it first. Where an idea holds the words of several themes, the longest decides. Only what was"
        " said before counts, so that an idea keeps its theme when others arrive. Merging, splitting, moving and renaming by"
        f" people win over the rule. {plain(RULE)} The share of ideas that went unheard stays as it was read; a status takes an"
        " idea out of the lists of what to answer.</p></details>"
    )


def _finding(told: pl.DataFrame) -> str:
    """Which theme had most customers whom nobody answered."""
    first = (
        told.filter(pl.col("theme").is_not_null() & (pl.col("count_customers_unheard") > 0))
        .head(1)
        .to_dicts()
    )
    if not first:
        outside = told["theme"].null_count() == told.height
        return (
            "No idea was offered by three customers"
            if outside
            else "Every theme here was answered or came in surveys"
        )
    name, count = first[0]["name"], first[0]["count_customers_unheard"]
    return f"{count:,} {'customer' if count == 1 else 'customers'} said something about “{name}” that nobody answered; no theme has more"


def _theme(data: Data, whole: Board, frame: pl.DataFrame, wanted: Wanted, query: dict[str, str]) -> None:
    """One theme: what it holds, its status for all its ideas, owner, note, merge and split."""
    row = idea_board.themes(frame, whole).to_dicts()[0]
    name = whole.names.get(wanted.theme, ideas_lists.NO_THEME)
    rest = {key: value for key, value in query.items() if key != "theme"}
    count = row["count_customers"]
    page.heading(
        f"{name}: {count:,} {'customer' if count == 1 else 'customers'}, {row['count_unheard']:,} of"
        f" {row['count_ideas']:,} ideas went unheard",
        f"<p>{link('All themes', 'ideas', rest)}</p>{ideas_lists.table(pl.DataFrame([row]), query)}",
    )
    ideas_set.statuses_of(data, frame)
    if wanted.theme != OUTSIDE:
        ideas_set.theme(data, whole, wanted.theme)


def _lists(
    data: Data, whole: Board, frame: pl.DataFrame, wanted: Wanted, query: dict[str, str], chosen: Chosen
) -> None:
    """The ideas of conversations page by page, who waits as a file, and apart from them those of surveys."""
    surveys = frame.filter(pl.col("fate") == "survey")
    talked = frame.filter(pl.col("fate") != "survey")
    if wanted.became == "survey":
        talked, surveys = surveys, talked
    if talked.height:
        wait = talked.filter(WAITS).height
        what = (
            "in survey comments"
            if wanted.became == "survey"
            else f"of which {wait:,} still wait for an answer"
        )
        page.heading(f"{talked.height:,} {'idea' if talked.height == 1 else 'ideas'}, {what}")
        ideas_lists.files(data, whole, talked, _in_words(chosen, query))
        number = min(page.page_number(), -(-talked.height // PAGE_LENGTH))
        rows = talked.slice(PAGE_LENGTH * (number - 1), PAGE_LENGTH)
        ideas_lists.ideas(data, whole, rows, query)
        page.write(page.pager("ideas", talked.height, PAGE_LENGTH, number, query))
        ideas_set.one(data, whole, rows)
    if surveys.height:
        more = (
            link(f"All {surveys.height:,}", "ideas", query, became="From surveys")
            if surveys.height > SURVEYS_SHOWN
            else ""
        )
        page.heading(
            f"{surveys.height:,} {'idea' if surveys.height == 1 else 'ideas'} came in survey comments",
            f'<p class="quiet">Nobody could answer there, so they count neither as heard nor as unheard. {more}</p>',
        )
        ideas_lists.ideas(data, whole, surveys.head(SURVEYS_SHOWN), query)


def _in_words(chosen: Chosen, query: dict[str, str]) -> str:
    """The filters as a line of text for a file."""
    said = [f"{name} {value}" for name, value in query.items() if name not in ("period", "from", "to")]
    return "; ".join([chosen.period, *said])


if __name__ == "__main__":
    page.run(QUESTION, body)
