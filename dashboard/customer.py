"""One customer, or one account: what is known of them, goodwill in time, and every conversation."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from dashboard import charts, page
from dashboard.customers import count_of, day, holder_link, money, why
from dashboard.evidence import plain
from dashboard.links import CONVERSATIONS, CUSTOMERS, address, link
from dashboard.state import Data
from metrics import wording
from metrics.contrast import at_risk, holders, one_holder, risk_rule
from metrics.contrast.holders import Holder
from metrics.contrast.one_holder import About
from metrics.quotes import quotes
from metrics.totals import Scope

SHOWN = 50  # conversations that are listed, the latest first


def draw(data: Data) -> None:
    """The view of the customer_id or account_id of the address."""
    holder: Holder = "customer" if st.query_params.get("customer_id") else "account"
    asked = st.query_params[f"{holder}_id"]
    source = st.query_params.get("source")
    about = data.remember(
        "about", (holder, asked, source), lambda: one_holder.about(data.version, holder, asked, source)
    )
    key = (holder, about.source, about.holder_id)
    rows = data.remember(
        "of a holder", key, lambda: one_holder.tickets(data.version, holder, about.source, about.holder_id)
    )
    page.write(f'<nav class="pager" aria-label="Back">{link("All customers", CUSTOMERS)}</nav>')
    page.title(f"How does it stand with {about.name}?")
    page.write(f'<p class="answer">{_answer(about, rows)}</p>{_facts(data, about, holder)}')
    if holder == "customer":
        _risk(data, about)
    _course(rows)
    _list(data, key, rows, holder)


def _answer(about: About, rows: pl.DataFrame) -> str:
    """Where goodwill stands, and what it is made of."""
    up = rows.filter(pl.col("goodwill_step") > 0).height
    down = rows.filter(pl.col("goodwill_step") < 0).height
    flat = rows.filter(pl.col("goodwill_step") == 0).height
    open_ = rows["goodwill_step"].null_count()
    since = f" since {day(about.first_on)}" if about.first_on else ""
    if not rows.height - open_:
        said = "what they did to goodwill is not known of any"
    else:
        said = f"goodwill stands at {wording.signed(float(rows['goodwill'][-1]), 0)}"
    return (
        f"<strong>{count_of(about.count_conversations, 'conversation')}{since}; {plain(said)}.</strong>"
        f" {up:,} moved it up, {down:,} down, {flat:,} not at all; of {open_:,} it is not known. {page.how_counted('goodwill')}"
    )


def _facts(data: Data, about: About, holder: Holder) -> str:
    pairs: list[tuple[str, str]] = []
    if holder == "customer" and about.account_id is not None:
        pairs.append(
            (
                "Account",
                holder_link(about.account or about.account_id, "account", about.source, about.account_id),
            )
        )
    if holder == "account":
        pairs.append(("Customers", f"{about.count_customers:,}"))
    if about.value is not None:
        pairs.append(("Worth a year", plain(money(about.value, about.currency))))
    if about.tier:
        pairs.append(("Tier", plain(about.tier)))
    if about.renewal_on:
        pairs.append(("Renewal", day(about.renewal_on)))
    if about.churned_on:
        pairs.append(("Left", day(about.churned_on)))
    listed = "".join(f"<dt>{name}</dt><dd>{html}</dd>" for name, html in pairs)
    known = data.remember("known of accounts", (), lambda: holders.known(data.version))
    load = ""
    if not any(known.values()):
        load = f'<p class="quiet">Value, tier, renewal and leaving are not in these data: {link("load a table of accounts", "exports", system="accounts")}.</p>'
    return (f"<dl>{listed}</dl>" if listed else "") + load


def _risk(data: Data, about: About) -> None:
    """The reasons for which this customer counts as at risk, over all conversations."""
    scope = Scope(where={"customer_id": (about.holder_id,), "source": (about.source,)})
    rows = data.remember("one at risk", scope, lambda: at_risk.at_risk(data.version, scope, limit=1))
    if not rows.height:
        left = f" Their account left on {day(about.churned_on)}." if about.churned_on else ""
        page.write(
            f"<p>Not at risk by our rule: nothing in it was met, or a later conversation turned it.{left}</p>"
        )
        return
    row = rows.row(0, named=True)
    reasons = why(row, at_risk.sentences(data.version, rows), {})
    page.heading(
        "At risk, by all of their conversations",
        f"{reasons}<details><summary>The rule</summary><p>{plain(risk_rule.rule_text(data.version))}</p></details>",
    )


def _course(rows: pl.DataFrame) -> None:
    """Goodwill after each conversation, as steps in time; nothing under two that moved it or left it."""
    known = rows.filter(pl.col("goodwill_step").is_not_null() & pl.col("dated_on").is_not_null())
    if known.height < 2:
        return
    days, sums = known["dated_on"].to_list(), known["goodwill"].to_list()
    figure = go.Figure(
        go.Scatter(
            x=days, y=sums, mode="lines+markers", line={"color": charts.FUNCTION, "width": 1.8, "shape": "hv"},
            marker={"color": charts.FUNCTION, "size": 8},
            hovertemplate="%{x|%-d %b %Y}: %{y:+d}<extra></extra>",
        )
    )  # fmt: skip
    low, high = min(0, *sums), max(0, *sums)
    step = max(1, -(-(high - low) // charts.MOST_TICKS))
    ticks = list(range(low - low % step, high + 1, step))
    figure.add_hline(y=0, line={"color": charts.GREY, "width": 1}, layer="below")
    figure.update_xaxes(showgrid=False, type="date", tickformat="%-d %b", nticks=charts.MOST_TICKS)
    figure.update_yaxes(
        range=[low - 0.4, high + 0.4], tickvals=ticks, ticktext=[wording.signed(tick, 0) for tick in ticks],
        gridcolor=charts.FAINT, zeroline=False,
    )  # fmt: skip
    lowest, highest = min(sums), max(sums)
    page.heading(
        f"Goodwill went between {wording.signed(lowest, 0)} and {wording.signed(highest, 0)}"
        if lowest != highest
        else f"Goodwill stayed at {wording.signed(lowest, 0)}",
        '<p class="quiet">The <span class="function">running sum</span> after each conversation of which the step is known.</p>',
    )
    charts.draw(figure, height=220, key="course", alt=f"Goodwill after each of {known.height} conversations")


def _list(data: Data, key: tuple[str, str, str], rows: pl.DataFrame, holder: Holder) -> None:
    shown = rows.reverse().head(SHOWN)
    moved = data.remember("holder words", key, lambda: one_holder.moving_sentences(data.version, shown))
    keys = list(shown.select("source", "ticket_id").iter_rows())
    others = [one for one in keys if one not in moved]
    first = data.remember("holder first words", key, lambda: quotes(data.version, others))
    items = ""
    for row in shown.to_dicts():
        own = (row["source"], row["ticket_id"])
        quote = first.get(own)
        items += _item(row, moved.get(own), quote.text if quote else None, holder)
    left = rows.height - shown.height
    more = f' <span class="quiet">The {left:,} before them are not listed.</span>' if left else ""
    page.heading("Every conversation, the latest first", f'<ol class="list">{items}</ol>{more}')


def _item(row: dict[str, Any], moved: str | None, first: str | None, holder: Holder) -> str:
    where = plain(
        address(CONVERSATIONS, column=row["moved_by"] or "", c=row["ticket_id"], source=row["source"])
    )
    step = row["goodwill_step"]
    sign = "not known" if step is None else "unmoved" if step == 0 else wording.signed(step, 0)
    css = "sign" if step else "sign quiet"
    mood = None
    if row["mood_on_arrival"] is not None and row["mood_after_answer"] is not None:
        mood = f"mood {wording.say(row['mood_on_arrival'], 'mood')} → {wording.say(row['mood_after_answer'], 'mood')}"
    rated = {True: "rated satisfied", False: "rated not satisfied", None: None}[row["is_satisfied"]]
    by = row["customer_id"] if holder == "account" and row["customer_id"] is not None else None
    marks = [words for name, words in (("is_gone_quiet", "gone quiet since"), ("is_turned_around", "turned around")) if row[name]]  # fmt: skip
    parts = (row["team"], wording.spaced(row["channel"]), day(row["dated_on"]), mood, rated, *marks)
    about = " · ".join(plain(part) for part in parts if part)
    if by:
        about += f" · {holder_link(f'customer {by}', 'customer', row['source'], by)}"
    text = f"<mark>{plain(moved)}</mark>" if moved else plain(first) if first else ""
    subject = row["subject"] or f"Conversation {row['ticket_id']}"
    return (
        f'<li><a class="what" href="{where}">{plain(subject)}</a> <span class="{css}">{plain(sign)}</span>'
        f'<span class="said">{text}</span><span class="quiet">{about}</span></li>'
    )
