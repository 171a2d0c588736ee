"""What is compared on the page of teams: the columns and groupings to choose from, and where each group's numbers lead."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dashboard import compared
from dashboard.filters import AGENT_CODE, WITHOUT, WITHOUT_INCIDENTS, Chosen
from dashboard.state import Data
from metrics import groupings, periods, pseudonyms, registry
from metrics.contrast import asked
from metrics.contrast.strata import ALIKE
from metrics.groupings import Grouping

SCORE: Final = "is_satisfied"  # what is compared where nobody chose
TALK: Final = "mood_shift"


def comparable(data: Data) -> dict[str, str]:
    """The columns that may be told of here, by title: scores first."""
    pairs = [
        (measure, column)
        for measure in registry.discover()
        for column in measure.columns
        if column.total not in (None, "sum", "per_day", "stock_median") and measure.grain != "day"
    ]
    allowed = set(asked.told(data.version, [column.name for _, column in pairs]))
    pairs.sort(key=lambda pair: pair[0].wing != "form")
    titles: dict[str, str] = {}
    for measure, column in pairs:
        if column.name in allowed:
            title = (
                column.title if column.title not in titles else f"{column.title} ({measure.title.lower()})"
            )
            titles[title if title not in titles else column.name] = column.name
    return titles


def _groupings(data: Data) -> dict[str, Grouping]:
    """What can be compared by, by title: only what the data hold, and agents only where the settings allow it."""
    present = data.remember("groupings", (), lambda: groupings.present(data.version))
    return {
        one.title: one
        for one in groupings.GROUPINGS
        if (one.name in present or one.name == "team")
        and (one.name != "agent" or data.settings.display.agents)
    }


def chosen_comparison(data: Data, columns: dict[str, str]) -> tuple[Grouping, str, str, tuple[str, ...]]:
    """What is compared by, the two columns, and what is held alike; whatever does not exist is the default."""
    ways, titles = _groupings(data), list(columns)
    places = {name: titles.index(title) for title, name in columns.items()}
    first, last = places.get(SCORE, 0), places.get(TALK, len(titles) - 1)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        way = st.selectbox("Compare", list(ways), key="group", bind="query-params", width=170)
        score = st.selectbox("Scores say", titles, index=first, key="score", bind="query-params", width=240)
        talk = st.selectbox(
            "Conversations show", titles, index=last, key="talk", bind="query-params", width=240
        )
        alike = st.multiselect(
            "Alike in", list(ALIKE), format_func=lambda name: ALIKE[name], key="alike", placeholder="chosen by the data", width=300,
            help="What similar conversations have in common. Left empty, as much of it as lets most conversations be compared.",
        )  # fmt: skip
    by = ways.get(str(way), groupings.BY_NAME["team"])
    return (
        by,
        columns.get(str(score), columns[titles[first]]),
        columns.get(str(talk), columns[titles[last]]),
        tuple(one for one in ALIKE if one in alike),
    )


def naming(data: Data, by: Grouping) -> compared.Name:
    """What a group is called on the screen: agents under names that are not theirs."""
    if by.name != "agent":
        return lambda group: group
    secret = pseudonyms.key(data.version.folder)
    return lambda group: pseudonyms.pseudonym(group, secret)


def leading(data: Data, chosen: Chosen, by: Grouping, is_left_out: bool) -> compared.Where:
    """The query of a group's conversations, the same that its figures count."""
    query = {**chosen.query, **({WITHOUT: WITHOUT_INCIDENTS} if is_left_out else {})}
    name = naming(data, by)

    def where(group: str) -> dict[str, str]:
        if by.name == "agent":
            return {**query, AGENT_CODE: name(group)}
        if by.name == "week":
            first, last = periods.week_days(group)
            first, last = max(first, chosen.scope.date_from or first), min(last, chosen.scope.date_to or last)
            return {**query, "from": first.isoformat(), "to": last.isoformat()}
        return {**query, by.name: group}

    return where
