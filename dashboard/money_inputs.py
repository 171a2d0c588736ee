"""What finance types on the Money page: the helpdesk's figure with the rules that are known of it, and the assumptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

import streamlit as st

from dashboard import money_words as words
from dashboard import page
from dashboard.evidence import plain
from dashboard.state import Data
from metrics import entered
from metrics.contrast import assumptions
from metrics.contrast.assumptions import ASSUMPTIONS, CURRENCY, KIND, Assumption
from metrics.contrast.bridge import TITLES, Typed, typed
from metrics.contrast.ranges import Range
from metrics.contrast.recount import Rule, Score
from warehouse.errors import HeardError
from warehouse.ledger import Entry, reviewer
from warehouse.rights import Area

SCORES: Final[dict[str, Score]] = {title: score for score, title in TITLES.items()}
FIND_OUT: Final = "find out"
PROBLEM, LAST, ROUND = "assumption problem", "assumptions set last", "assumption round"
PERCENT: Final = 100


def told_figure() -> tuple[Score, Typed | None, HeardError | None]:
    """Draw the fields for the helpdesk's figure and read them; an error where what was typed is no figure."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        title = st.selectbox("Score", list(SCORES), key="score", bind="query-params", width=180)
        text = st.text_input(
            "The helpdesk shows", key="told", bind="query-params", width=180, max_chars=20, placeholder="94 %",
            help="The figure as your helpdesk's report shows it for these days and filters, with all its decimals.",
        )  # fmt: skip
        count = st.text_input(
            "of so many (n)", key="told_n", bind="query-params", width=140, max_chars=12, placeholder="if it says",
            help="How many answers or tickets its report names; it tells rules apart that give the same figure.",
        )  # fmt: skip
    score = SCORES.get(str(title), "csat")
    if not text.strip():
        return score, None, None
    digits = count.replace(",", "").replace(" ", "")
    try:
        n = int(digits) if digits.isascii() and digits.isdecimal() else None
        return score, typed(score, text, n), None
    except HeardError as error:
        return score, None, error


def known_rules(rules: Sequence[Rule]) -> dict[str, str]:
    """Draw a menu for each rule that has more than one option and read which the reader knows."""
    known = {}
    with st.popover("You know some of its rules?"):
        page.write('<p class="quiet">What you know of the helpdesk need not be searched.</p>')
        for rule in rules:
            if len(rule.options) < 2:
                continue
            keys = [FIND_OUT, *(one.key for one in rule.options)]
            chosen = st.selectbox(
                rule.title, keys, key=f"rule_{rule.name}", width=280,
                format_func=partial(_option, rule),
            )  # fmt: skip
            if chosen != FIND_OUT:
                known[rule.name] = str(chosen)
    return known


def _option(rule: Rule, key: str) -> str:
    return key if key == FIND_OUT else rule.words(key)


def assumption_form(data: Data, entries: Mapping[str, Entry], currency: str) -> None:
    """The assumptions that stand with who set them, each to be taken back, and a form to set them."""
    _say_last(data)
    standing = assumptions.standing(entries)
    page.write(_table(entries, standing, currency))
    if standing and not st.toggle("Change the assumptions", key="change assumptions"):
        return
    with st.form("assumptions"):
        typed_currency = st.text_input(
            "Currency", currency, max_chars=3, width=120, key=f"currency {_stamp(entries.get(CURRENCY))}",
            help="Three letters. All amounts are in it; nothing is converted.",
        )  # fmt: skip
        fields = {one.key: _fields(one, standing.get(one.key), entries.get(one.key)) for one in ASSUMPTIONS}
        if st.form_submit_button("Keep them"):
            _keep(data, standing, fields, typed_currency if typed_currency != currency else None)
            st.rerun()  # fmt: skip


def set_by(entries: Mapping[str, Entry]) -> tuple[tuple[str, str], ...]:
    """Who set each assumption that stands, and when."""
    return tuple((key, f"{one.who}, {_day(one.at)}") for key, one in entries.items())


def _fields(
    one: Assumption, value: Range | None, entry: Entry | None
) -> tuple[float | None, float | None, float | None]:
    """Three number fields; a share is typed in percent."""
    scale = PERCENT if one.unit == "share" else 1
    unit = {"money": "", "share": " (%)", "minutes": " (minutes)"}[one.unit]
    page.write(
        f'<p class="column"><strong>{plain(one.title)}</strong> <span class="quiet">{plain(one.about)}</span></p>'
    )
    found: list[float | None] = []
    with st.container(horizontal=True, gap="small"):
        for place, end in enumerate(("low", "likely", "high")):
            typed_value = st.number_input(
                f"{end.title()}{unit}", value=None if value is None else float(round(value[place] * scale, 6)),
                min_value=0.0, max_value=one.most * scale, width=150, format="%g" if one.unit == "share" else "%0.2f",
                key=f"{one.key} {end} {_stamp(entry)}", step=None if one.unit == "share" else 1.0,
                help=f"{one.title}: {end}. {one.about}",
            )  # fmt: skip
            found.append(None if typed_value is None else float(typed_value) / scale)
    return found[0], found[1], found[2]  # fmt: skip


def _keep(
    data: Data,
    standing: Mapping[str, Range],
    fields: Mapping[str, tuple[float | None, float | None, float | None]],
    currency: str | None,
) -> None:
    """Keep what was changed, all of it or, where one range is none, nothing."""
    who, kept = reviewer(data.settings), list[Entry]()
    try:
        checked = {key: assumptions.checked(key, *ends) for key, ends in fields.items()}
        if currency is not None:
            kept.append(assumptions.keep(data.version, CURRENCY, currency, who))
        for key, value in checked.items():
            if value != standing.get(key):
                kept.append(assumptions.keep(data.version, key, value, who))
    except HeardError as error:
        st.session_state[PROBLEM] = error
    if kept:
        st.session_state[LAST] = kept
        _next_round()


def _say_last(data: Data) -> None:
    """What was set last, with the way back, or why it could not be."""
    problem = st.session_state.pop(PROBLEM, None)
    if problem:
        page.say_error(problem)
    last: list[Entry] | None = st.session_state.get(LAST)
    if not last:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        page.write(f"<p>{len(last)} {'assumption' if len(last) == 1 else 'assumptions'} kept.</p>")
        st.button("Undo", key="undo assumptions", type="tertiary", on_click=_undo, args=(data, last),
                  help="What stood before stands again.")  # fmt: skip


def _undo(data: Data, last: Sequence[Entry]) -> None:
    for one in reversed(last):
        entered.undo(data.version, one, reviewer(data.settings), Area.ASSUMPTIONS)
    st.session_state.pop(LAST, None)
    _next_round()


def _table(entries: Mapping[str, Entry], standing: Mapping[str, Range], currency: str) -> str:
    if not standing:
        return '<p class="quiet">Nothing is assumed yet. Two lines are enough to begin: what support costs a month, and what a customer is worth a year.</p>'
    rows = ""
    for one in ASSUMPTIONS:
        value = standing.get(one.key)
        if value is None:
            continue
        low, likely, high = (plain(words.quantity(end, one.unit, currency)) for end in value)
        entry = entries[one.key]
        rows += (
            f'<tr><th scope="row">{plain(one.title)}</th><td class="n">{low}</td><td class="n">{likely}</td>'
            f'<td class="n">{high}</td><td><span class="quiet">{plain(entry.who)}, {_day(entry.at)}</span></td></tr>'
        )
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Assumptions"><table><thead><tr><th scope="col">Assumption</th>'
        '<th scope="col" class="n">Low</th><th scope="col" class="n">Likely</th><th scope="col" class="n">High</th>'
        f'<th scope="col">Set by</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _stamp(entry: Entry | None) -> str:
    """What changes whenever another entry stands or one was taken back, so that its field begins anew."""
    return f"{entry.entry_id if entry else 0}-{st.session_state.get(ROUND, 0)}"


def _next_round() -> None:
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1


def _day(at: datetime) -> str:
    return f"{at:%-d %B %Y}"


def standing_entries(data: Data) -> dict[str, Entry]:
    """The assumptions as entries, read anew from the ledger."""
    return entered.standing(data.version, KIND)
