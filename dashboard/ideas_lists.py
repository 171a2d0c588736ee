"""The lists of the page of ideas: themes as dots and as a table, ideas with their words, who still waits as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from dashboard import charts, ideas_set, page
from dashboard.evidence import plain
from dashboard.links import address, link
from dashboard.state import Data
from metrics import idea_board, spreadsheet, wording
from metrics.idea_board import OUTSIDE, Board
from metrics.idea_status import counted, of_theme

MOST_DRAWN = 12  # themes
NO_THEME = "Not in a theme"
WORDS: dict[str, str] = {
    "passed_over": "passed over",
    "no_reply": "no reply",
    "heard": "heard",
    "survey": "in a survey comment",
}


def dots(told: pl.DataFrame) -> None:
    """The themes with most customers unheard, answered against unheard."""
    drawn = told.filter(pl.col("theme").is_not_null() & (pl.col("count_ideas") > 0)).head(MOST_DRAWN)
    if drawn.is_empty():
        return
    charts.ranked(
        drawn.select(group="name", unheard="count_unheard", heard="count_heard"),
        key="ranked ideas",
        alt=f"Ideas that nobody answered and ideas that were answered, of {drawn.height} themes; the table below holds the same",
    )


def table(told: pl.DataFrame, query: Mapping[str, str]) -> str:
    """The themes as a table; each name and number leads to its ideas. What nothing is known of has no column."""
    with_value = bool(told["count_valued"].sum())
    with_surveys = bool(told["count_surveys"].sum())
    with_owner = told["owner"].drop_nulls().len() > 0
    heads = [
        ("Theme", ""), ("Customers", "n"), *([("Their accounts are worth a year", "n")] if with_value else []),
        ("Nobody answered", "n"), ("Answered", "n"), *([("In surveys", "n")] if with_surveys else []), ("Still wait", "n"),
        ("First and last seen", ""), ("Status", ""), *([("Owner", "")] if with_owner else []),
    ]  # fmt: skip

    def row(one: Mapping[str, Any]) -> str:
        where = {**query, "theme": one["theme"] or OUTSIDE}
        cells = [
            f'<th scope="row">{link(one["name"] or NO_THEME, "ideas", where)}{_note(one["note"])}</th>',
            f'<td class="n">{one["count_customers"]:,}</td>',
            f'<td class="n">{_worth(one)}</td>' if with_value else "",
            _count(one["count_unheard"], where, "Nobody answered"),
            _count(one["count_heard"], where, "Heard"),
            _count(one["count_surveys"], where, "From surveys") if with_surveys else "",
            _count(one["count_waiting"], where, "Still waiting"),
            f'<td class="day">{_days(one)}</td><td>{statuses(one["statuses"])}</td>',
            f"<td>{plain(one['owner'])}</td>" if with_owner else "",
        ]
        return f"<tr>{''.join(cells)}</tr>"

    is_outside = pl.col("theme").is_null()
    inside = [row(one) for one in told.filter(~is_outside).to_dicts()]
    outside = [row(one) for one in told.filter(is_outside).to_dicts()]
    head = "".join(f'<th scope="col"{f" class={css}" if css else ""}>{words}</th>' for words, css in heads)
    more = len(inside) - MOST_DRAWN
    rest = (
        f"<details><summary>{more:,} more {'theme' if more == 1 else 'themes'}</summary>{_framed(head, inside[MOST_DRAWN:])}</details>"
        if more > 0
        else ""
    )
    return _framed(head, inside[:MOST_DRAWN] + outside) + rest


def _framed(head: str, rows: list[str]) -> str:
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Themes"><table><thead><tr>'
        f"{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def statuses(values: list[str]) -> str:
    """The status of a theme, and how many of its ideas have which where they differ."""
    counts = counted(values)
    said = plain(of_theme(counts))
    if len(counts) < 2:
        return said
    return f'{said}<span class="small">{plain(", ".join(f"{count:,} {one}" for one, count in counts.items()))}</span>'


def ideas(data: Data, whole: Board, rows: pl.DataFrame, query: Mapping[str, str]) -> None:
    """Ideas with what became of them, each with its status beside it."""
    for row in rows.to_dicts():
        key = f"idea {row['source']} {row['suggestion_id']}"
        with st.container(horizontal=True, vertical_alignment="top", gap="small", key=key):
            with st.container(width="stretch"):
                page.write(_idea(data, whole, row, query), "idea")
            ideas_set.status_of(data, row)


def _idea(data: Data, whole: Board, row: Mapping[str, Any], query: Mapping[str, str]) -> str:
    filters = {
        name: value
        for name, value in query.items()
        if name not in ("theme", "became", "status", "owner", "tier", "q")
    }
    where = address("conversations", filters, column="is_unheard", c=row["ticket_id"], source=row["source"])
    said = {"heard": "heard in", "passed_over": "passed over by"}.get(row["fate"])
    reply = (
        f'<span class="quiet"><span class="function">{said}</span> “{plain(row["reply"])}”</span><br>'
        if said and row["reply"]
        else ""
    )
    sign = "" if reply else f'<span class="sign">{plain(WORDS.get(row["fate"]))}</span>'
    day = f"{row['dated_on']:%-d %b %Y}" if row["dated_on"] else None
    theme = whole.names.get(row["theme"])
    parts = [
        plain(part)
        for part in (row["account"] or row["customer_name"], row["team"], wording.spaced(row["channel"]), day)
        if part
    ]
    if theme and query.get("theme") != row["theme"]:
        parts.append(link(theme, "ideas", query, theme=row["theme"]))
    if row["status_who"]:
        at = row["status_at"].astimezone(data.as_of.tzinfo)
        parts.append(f"{plain(row['status'])}, set by {plain(row['status_who'])} on {at:%-d %b %Y}")
    if row["owner"]:
        parts.append(f"owner {plain(row['owner'])}")
    note = f'<br><span class="quiet">Note: {plain(row["note"])}</span>' if row["note"] else ""
    return (
        f'<a class="said" href="{plain(where)}"><mark>{plain(row["quote"])}</mark></a>{sign}<br>{reply}'
        f'<span class="quiet">{" · ".join(parts)}</span>{note}'
    )


def files(data: Data, whole: Board, frame: pl.DataFrame, words: str) -> None:
    """Who still waits for an answer, as CSV and as a workbook; `words` say which filters were on."""
    count = frame.filter(idea_board.WAITS).height
    if not count:
        return
    about = {
        "What": "Customers who still wait for an answer to an idea",
        "Filters": words,
        "Ideas": f"{count:,}",
        "As of": f"{data.as_of:%Y-%m-%d %H:%M} {data.zone}",
        "Store": f"{data.store_name} (made-up data)" if data.is_demo else data.store_name,
        "Version of the data": data.version.name,
    }

    def rows() -> pl.DataFrame:
        told = idea_board.waiting(frame, whole, data.as_of_date)
        return told.with_columns(
            filters=pl.lit(about["Filters"]),
            store=pl.lit(about["Store"]),
            data_version=pl.lit(data.version.name),
        )

    mark = "demo-" if data.is_demo else ""
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            f"Who still waits: {count:,} ideas (CSV)", data=lambda: spreadsheet.csv(rows()), on_click="ignore",
            file_name=f"{mark}waiting-for-an-answer.csv", mime="text/csv", key="waiting csv",
        )  # fmt: skip
        st.download_button(
            "The same as a workbook (XLSX)", data=lambda: spreadsheet.xlsx(rows(), about), on_click="ignore",
            file_name=f"{mark}waiting-for-an-answer.xlsx", key="waiting xlsx",
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )  # fmt: skip


def _count(count: int, where: Mapping[str, str], became: str) -> str:
    return f'<td class="n">{link(f"{count:,}", "ideas", where, became=became) if count else "0"}</td>'


def _worth(row: Mapping[str, Any]) -> str:
    """The value of the accounts that is known, by currency; never 0 where nothing is known."""
    if not row["count_valued"]:
        return '<span class="quiet">not known</span>'
    said = ", ".join(f"{part['value']:,.0f} {part['currency']}".strip() for part in row["value"])
    of = f"of {row['count_valued']:,} of {row['count_accounts']:,} account{'' if row['count_accounts'] == 1 else 's'}"
    return f'{plain(said)}<span class="small">{of}</span>'


def _days(row: Mapping[str, Any]) -> str:
    first, last = row["first_on"], row["last_on"]
    if first is None:
        return ""
    return f"{first:%-d %b %Y}" + (f'<span class="small">to {last:%-d %b %Y}</span>' if last > first else "")


def _note(note: str | None) -> str:
    return f'<span class="small">{plain(note)}</span>' if note else ""
