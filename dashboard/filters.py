"""The filters that all pages share; they live in the URL, so that a view can be sent to somebody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from dashboard import page
from dashboard.evidence import plain
from dashboard.links import link
from dashboard.places import PLACES
from dashboard.state import Data
from dashboard.views import view_menu
from metrics import conversations, groupings, incidents, periods, pseudonyms
from metrics.contrast import looks_fine_rule
from metrics.incidents import Incident
from metrics.totals import Scope

PERIODS = {"4 weeks": 4, "13 weeks": 13, "26 weeks": 26, "52 weeks": 52}
DEFAULT_PERIOD = "13 weeks"
DEFAULT_LENGTH_DAYS = 28  # of a period of which only one end is given
GROUPS = {
    "Team": "team", "Channel": "channel", "Priority": "priority", "Type": "type", "Brand": "brand", "Language": "language",
}  # fmt: skip
AGENT = "Agent"
CUSTOMER = "customer_id"
OPEN_ENDED = ("contact_reason", "tag", *groupings.MADE)
AGENT_CODE = "agent_code"
WITHOUT, WITHOUT_INCIDENTS = "without", "incidents"
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
    known = values(data)
    _carry_over()
    raw: dict[str, object] = {}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        raw["period"] = st.segmented_control(
            "Period", list(PERIODS), default=DEFAULT_PERIOD, required=True, key="period", bind="query-params"
        )
        raw["team"] = st.selectbox(
            "Team", [ALL_TEAMS, *known["team"]], key="team", bind="query-params", width=200
        )
        raw["channel"] = st.selectbox(
            "Channel", [ALL_CHANNELS, *known["channel"]], key="channel", bind="query-params", width=160
        )
        if compare:
            raw["by"] = st.selectbox("Compare by", _groups(data), key="by", bind="query-params", width=140)
        with st.popover("Other period"):
            raw["from"] = st.date_input("From", value=None, key="from", bind="query-params")
            raw["to"] = st.date_input("To", value=None, key="to", bind="query-params")
        view_menu(data, open_page())
    st.session_state[KEPT] = (_page(), {name: raw[name] for name in CARRIED})
    chosen = _chosen(data, raw)
    if "from" in chosen.query:
        _say_period(chosen)
    return chosen


def _say_period(chosen: Chosen) -> None:
    """A period of one's own overrides the buttons: said below them, with the way back."""
    rest = {name: value for name, value in chosen.query.items() if name not in ("from", "to")}
    back = link(
        f"Back to the last {DEFAULT_PERIOD}",
        open_page(),
        rest,
    )
    page.write(f'<p class="quiet">Showing figures {plain(chosen.period)}. {back}</p>')


def _carry_over() -> None:
    """Take the filters along to another page: Streamlit keeps a widget's value for the page that drew it only."""
    page, kept = st.session_state.get(KEPT, (None, {}))
    if page not in (None, _page()):
        for name, value in kept.items():
            st.session_state[name] = value


def open_page() -> str:
    """The address of the page that is open, as links name it; home is empty."""
    last = _page().rstrip("/").rpartition("/")[2]
    return last if last in {place.url for place in PLACES} else ""


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
        if raw[name] in values(data)[name]:
            query[name] = str(raw[name])
            where[name] = (query[name],)
    for name, value in _also(data).items():
        query[name] = value
        where[name] = (value,)
    code = st.query_params.get(AGENT_CODE)
    if code and code in _agents(data):
        query[AGENT_CODE] = code
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
    words += "".join(f", {_said(name)} {value}" for name, value in _also(data).items())
    left_out = _left_out(data, query)
    if AGENT_CODE in query:  # an agent is named by a code in addresses and on the screen
        where["agent"] = (_agents(data)[query[AGENT_CODE]],)
        words += f", {query[AGENT_CODE]}"
    if left_out:
        words += ", incidents left out"
    rules = looks_fine_rule.rules(data.version, data.settings)
    scope = Scope(date_from=first, date_to=last, where=where, without=left_out, rules=rules)
    by = _dimensions(data)[by_title]
    return Chosen(scope, periods.previous(scope), by, by_title, words, query)


def _also(data: Data) -> dict[str, str]:
    """Dimensions without a menu of their own, which a link from a comparison may name."""
    names = [name for title, name in _dimensions(data).items() if title not in ("Team", "Channel")]
    asked = {name: st.query_params.get(name) for name in names}
    known = {
        name: value for name, value in asked.items() if value is not None and value in values(data)[name]
    }
    # One of very many, or made of a ticket's facts: whatever is not there has no conversation.
    open_ended = {name: st.query_params.get(name) for name in (CUSTOMER, *OPEN_ENDED)}
    return {**known, **{name: value for name, value in open_ended.items() if value}}


def _said(name: str) -> str:
    """How a dimension is called in the words of a period."""
    found = groupings.BY_NAME.get(name)
    return found.one if found else name.removesuffix("_id")


def _left_out(data: Data, query: dict[str, str]) -> tuple[Incident, ...]:
    """The incidents that are left out, where the address says that they are; the query repeats it."""
    if st.query_params.get(WITHOUT) != WITHOUT_INCIDENTS:
        return ()
    query[WITHOUT] = WITHOUT_INCIDENTS
    return tuple(one.incident for one in incidents.standing(data.version))


def _agents(data: Data) -> dict[str, str]:
    """Agents by the codes under which they are shown; none where the settings do not allow it."""
    if not data.settings.display.agents:
        return {}
    secret = pseudonyms.key(data.version.folder)
    names = data.remember("agents", (), lambda: conversations.values(data.version, "agent"))
    return {pseudonyms.pseudonym(name, secret): name for name in names}


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
    known = values(data)
    return [title for title, name in _dimensions(data).items() if known[name]] or ["Team"]


def _dimensions(data: Data) -> dict[str, str]:
    """The dimensions by title; agents only where the settings allow it."""
    return {**GROUPS, AGENT: "agent"} if data.settings.display.agents else GROUPS


def values(data: Data) -> dict[str, list[str]]:
    """The values that each dimension has in the data, by its name."""
    return data.remember(
        "filter values",
        (),
        lambda: {name: conversations.values(data.version, name) for name in _dimensions(data).values()},
    )
