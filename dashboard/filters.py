"""The filters that all pages share; they live in the URL, so that a view can be sent to somebody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from dashboard import page
from dashboard.evidence import plain
from dashboard.links import CONVERSATIONS, HOME, IDEAS, SCORES, TRUST, link
from dashboard.state import Data
from metrics import conversations, periods
from metrics.totals import Scope

PERIODS = {"4 weeks": 4, "13 weeks": 13, "26 weeks": 26, "52 weeks": 52}
DEFAULT_PERIOD = "13 weeks"
DEFAULT_LENGTH_DAYS = 28  # of a period of which only one end is given
GROUPS = {
    "Team": "team", "Channel": "channel", "Priority": "priority", "Type": "type", "Brand": "brand", "Language": "language",
}  # fmt: skip
AGENT = "Agent"
CUSTOMER = "customer_id"
CARRIED = ("period", "team", "channel", "from", "to")
KEPT = "filters kept"
ALL_TEAMS, ALL_CHANNELS = "All teams", "All channels"


@dataclass(frozen=True)
class Chosen:
    """What is chosen: the scope, the one before it, and the query that repeats the choice in a link."""

    scope: Scope
    before: Scope
    by: str
    by_title: str
    period: str  # in words, after a verb: "in the last 13 weeks", "on 14 November 2026"
    query: dict[str, str]


def choose(data: Data, *, compare: bool = False) -> Chosen:
    """Draw the filters and read them."""
    values = _values(data)
    _carry_over()
    raw: dict[str, object] = {}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        raw["period"] = st.segmented_control(
            "Period", list(PERIODS), default=DEFAULT_PERIOD, required=True, key="period", bind="query-params"
        )
        raw["team"] = st.selectbox(
            "Team", [ALL_TEAMS, *values["team"]], key="team", bind="query-params", width=200
        )
        raw["channel"] = st.selectbox(
            "Channel", [ALL_CHANNELS, *values["channel"]], key="channel", bind="query-params", width=160
        )
        if compare:
            raw["by"] = st.selectbox("Compare by", _groups(data), key="by", bind="query-params", width=140)
        with st.popover("Other period"):
            raw["from"] = st.date_input("From", value=None, key="from", bind="query-params")
            raw["to"] = st.date_input("To", value=None, key="to", bind="query-params")
    st.session_state[KEPT] = (_page(), {name: raw[name] for name in CARRIED})
    chosen = _chosen(data, raw)
    if "from" in chosen.query:
        _say_period(chosen)
    return chosen


def _say_period(chosen: Chosen) -> None:
    """A period of one's own overrides the buttons: said below them, with the way back."""
    where = _page().rstrip("/").rpartition("/")[2]
    rest = {name: value for name, value in chosen.query.items() if name not in ("from", "to")}
    back = link(
        f"Back to the last {DEFAULT_PERIOD}",
        where if where in (SCORES, TRUST, IDEAS, CONVERSATIONS) else HOME,
        rest,
    )
    page.write(f'<p class="quiet">Showing figures {plain(chosen.period)}. {back}</p>')


def _carry_over() -> None:
    """Take the filters along to another page: Streamlit keeps a widget's value for the page that drew it only."""
    page, kept = st.session_state.get(KEPT, (None, {}))
    if page not in (None, _page()):
        for name, value in kept.items():
            st.session_state[name] = value


def _page() -> str:
    return str(st.context.url or "").partition("?")[0]


def from_address(data: Data) -> Chosen:
    """What the address says, without drawing the filters."""
    raw: dict[str, object] = {name: st.query_params.get(name) for name in ("period", "team", "channel", "by")}
    raw |= {name: _day(st.query_params.get(name)) for name in ("from", "to")}
    return _chosen(data, raw)


def _chosen(data: Data, raw: Mapping[str, object]) -> Chosen:
    """Every value is checked here, whatever the browser sent; what does not exist is the default."""
    query: dict[str, str] = {}
    where: dict[str, tuple[str, ...]] = {}
    for name in ("team", "channel"):
        if raw[name] in _values(data)[name]:
            query[name] = str(raw[name])
            where[name] = (query[name],)
    for name, value in _also(data).items():
        query[name] = value
        where[name] = (value,)
    by_title = str(raw.get("by")) if raw.get("by") in _groups(data) else _groups(data)[0]
    if by_title != _groups(data)[0]:
        query["by"] = by_title
    period = str(raw["period"]) if raw["period"] in PERIODS else DEFAULT_PERIOD
    first, last = periods.last_weeks(data.as_of_date, PERIODS[period])
    words = f"in the last {period}"
    given = (raw["from"], raw["to"])
    if any(isinstance(day, date) for day in given):
        first, last = _days(data, *given)
        query |= {"from": first.isoformat(), "to": last.isoformat()}
        words = f"on {first:%-d %B %Y}" if first == last else f"from {first:%-d %B %Y} to {last:%-d %B %Y}"
    elif period != DEFAULT_PERIOD:
        query["period"] = period
    words += "".join(f", {name.removesuffix('_id')} {value}" for name, value in _also(data).items())
    scope = Scope(date_from=first, date_to=last, where=where)
    by = _dimensions(data)[by_title]
    return Chosen(scope, periods.previous(scope), by, by_title, words, query)


def _also(data: Data) -> dict[str, str]:
    """Dimensions without a menu of their own, which a link from a comparison may name."""
    names = [name for title, name in _dimensions(data).items() if title not in ("Team", "Channel")]
    asked = {name: st.query_params.get(name) for name in names}
    known = {
        name: value for name, value in asked.items() if value is not None and value in _values(data)[name]
    }
    customer = st.query_params.get(CUSTOMER)  # one of very many: whoever is not there has no conversation
    return {**known, CUSTOMER: customer} if customer else known


def _days(data: Data, first: object, last: object) -> tuple[date, date]:
    """The two ends of a period of which one may be missing, in order."""
    end = last if isinstance(last, date) else None
    start = (
        first
        if isinstance(first, date)
        else (end or data.as_of_date) - timedelta(days=DEFAULT_LENGTH_DAYS - 1)
    )
    end = end or max(start, data.as_of_date)
    return min(start, end), max(start, end)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _groups(data: Data) -> list[str]:
    """What can be compared by: dimensions of which the data holds something."""
    values = _values(data)
    return [title for title, name in _dimensions(data).items() if values[name]] or ["Team"]


def _dimensions(data: Data) -> dict[str, str]:
    """The dimensions by title; agents only where the settings allow it."""
    return {**GROUPS, AGENT: "agent"} if data.settings.display.agents else GROUPS


def _values(data: Data) -> dict[str, list[str]]:
    return data.remember(
        "filter values",
        (),
        lambda: {name: conversations.values(data.version, name) for name in _dimensions(data).values()},
    )
