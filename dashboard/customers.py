"""The lists of the page Customers: who is at risk, whose goodwill moved, who came back, who has gone quiet, who left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from dashboard.charts import spark
from dashboard.evidence import plain, unbroken
from dashboard.links import CONVERSATIONS, CUSTOMERS, address, link
from metrics import wording
from metrics.contrast.at_risk import Key, Worth, given
from metrics.contrast.foretold import Foretold
from metrics.contrast.holders import Holder
from metrics.contrast.risk_rule import Reason
from metrics.contrast.saves import Said
from metrics.quotes import Quote

Query = Mapping[str, str]
NO_SENTENCE = "read the conversation"


def count_of(count: int, noun: str) -> str:
    """A number and its noun: 1 customer, 2,500 customers."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def money(value: float, currency: str | None) -> str:
    """A year's value: 12,500 EUR; without a currency the number alone."""
    return f"{value:,.0f} {currency}" if currency else f"{value:,.0f}"


def day(on: date | None) -> str:
    """A day as it is said, empty where it is not known."""
    return f"{on:%-d %b %Y}" if on else ""


def holder_link(words: object, holder: Holder, source: str, holder_id: str, css: str = "") -> str:
    """An HTML link to the view of one customer or account; `words` are text of the data."""
    key = {"customer_id" if holder == "customer" else "account_id": holder_id}
    where = plain(address(CUSTOMERS, key, source=source))
    css_class = f' class="{css}"' if css else ""
    return f'<a{css_class} href="{where}">{plain(words)}</a>'


def sentence(text: str | None, source: str, ticket_id: str, column: str, query: Query) -> str:
    """A sentence as the link to its conversation; without one the conversation is offered."""
    where = plain(address(CONVERSATIONS, query, column=column, c=ticket_id, source=source))
    return f'<a href="{where}">{f"<mark>{plain(text)}</mark>" if text else NO_SENTENCE}</a>'


def risk_item(row: dict[str, Any], quotes: Mapping[Key, Quote], holder: Holder, query: Query) -> str:
    """One who is at risk: who, what they are worth, and each reason with its sentence."""
    parts = [
        row["account"] if holder == "customer" and row["account"] != row["name"] else None,
        f"worth {money(row['value'], row['currency'])} a year" if row["value"] is not None else None,
        row["tier"],
        f"renewal {day(row['renewal_on'])}" if row["renewal_on"] and not row["is_renewing"] else None,
        f"{count_of(row['count_conversations'], 'conversation')}, last on {day(row['last_on'])}",
    ]
    reasons = why(row, quotes, query)
    about = " · ".join(plain(part) for part in parts if part)
    return (
        f"<li>{holder_link(row['name'], holder, row['source'], row['id'], 'what')}"
        f' <span class="quiet">{about}</span>{reasons}</li>'
    )


def why(row: dict[str, Any], quotes: Mapping[Key, Quote], query: Query) -> str:
    """The reasons of a row of `at_risk`, each with its sentence; several that stand on one sentence share it."""
    shared: dict[tuple[str, str | None], list[Reason]] = {}
    for one in given(row):
        ticket = row[f"{one.name}_ticket"]
        quote = quotes.get((row["source"], ticket, one.name))
        shared.setdefault((ticket, quote.text if quote else None), []).append(one)
    items = "".join(
        f'<li><span class="sign">{plain(" · ".join(one.words for one in some))}</span>'
        f' {sentence(text, row["source"], ticket, some[0].column, query)} <span class="quiet">{day(row[f"{some[0].name}_on"])}</span></li>'
        for (ticket, text), some in shared.items()
    )
    if row["is_renewing"]:
        items += f'<li><span class="sign">renewal on {day(row["renewal_on"])}</span></li>'
    return f'<ul class="why">{items}</ul>'


def ledger_table(
    rows: pl.DataFrame,
    course: pl.DataFrame,
    quotes: Mapping[tuple[str, str], str],
    holder: Holder,
    query: Query,
    widest: int,
    way: str,
) -> str:
    """Holders by goodwill, which `way` ("rose", "fell") it went: a dot from 0 on a scale of `widest` steps either way, the running sum as a line, what moved it."""
    body = "".join(
        _ledger_row(
            row,
            course.filter((pl.col("source") == row["source"]) & (pl.col("id") == row["id"])),
            quotes,
            holder,
            query,
            widest,
        )
        for row in rows.iter_rows(named=True)
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Goodwill that {way}"><table class="goodwill"><thead><tr>'
        f'<th scope="col">{holder.capitalize()}</th><th scope="col" class="n">Goodwill</th>'
        f'<th scope="col">−{widest} to +{widest}</th><th scope="col">in time</th></tr></thead><tbody>{body}</tbody></table></div>'
    )


def _ledger_row(
    row: dict[str, Any],
    course: pl.DataFrame,
    quotes: Mapping[tuple[str, str], str],
    holder: Holder,
    query: Query,
    widest: int,
) -> str:
    at = 50 + 50 * row["goodwill"] / widest
    dot = f'<span class="range" aria-hidden="true"><i style="left:{min(at, 50):.1f}%;width:{abs(at - 50):.1f}%"></i><b style="left:{at:.1f}%"></b></span>'
    moved = course.filter(pl.col("moved_by").is_not_null()).reverse().to_dicts()
    items = "".join(_step(one, quotes, query) for one in moved)
    counted = f"{row['count_up']} up, {row['count_down']} down, of {count_of(row['count_conversations'], 'conversation')}"
    line = spark([0.0, *course["goodwill"].cast(pl.Float64)], "function", (-widest, widest))
    return (
        f'<tr><th scope="row">{holder_link(row["name"], holder, row["source"], row["id"])}'
        f'<details><summary>{counted}</summary><ul class="why">{items}</ul></details></th>'
        f'<td class="n">{plain(wording.signed(row["goodwill"], 0))}</td><td>{dot}</td><td>{line}</td></tr>'
    )


def _step(row: dict[str, Any], quotes: Mapping[tuple[str, str], str], query: Query) -> str:
    said = sentence(
        quotes.get((row["source"], row["ticket_id"])), row["source"], row["ticket_id"], row["moved_by"], query
    )
    return f'<li>{plain(wording.signed(row["goodwill_step"], 0))} {said} <span class="quiet">{day(row["ended_on"])}</span></li>'


def save_item(row: dict[str, Any], said: Said, query: Query) -> str:
    """One conversation that was turned around: how it began, what we said, how it ended."""

    def line(sign: str, text: str, column: str) -> str:
        return f'<li><span class="sign">{plain(sign)}</span> {sentence(text, row["source"], row["ticket_id"], column, query)}</li>'

    lines = line("came", said.began.text or "", "is_turned_around") if said.began else ""
    lines += "".join(
        f'<li><span class="sign form">{plain(sign)}</span> {plain(text)}</li>' for sign, text in said.between
    )
    lines += line("left", said.ended.text or "", "is_turned_around") if said.ended else ""
    who = (
        holder_link(row["name"], "customer", row["source"], row["customer_id"], "what")
        if row["customer_id"] is not None
        else link(
            "A conversation",
            CONVERSATIONS,
            query,
            column="is_turned_around",
            c=row["ticket_id"],
            source=row["source"],
        )
    )
    mood = None
    if row["mood_on_arrival"] is not None and row["mood_after_answer"] is not None:
        mood = f"mood {wording.say(row['mood_on_arrival'], 'mood')} → {wording.say(row['mood_after_answer'], 'mood')}"
    replies = (
        count_of(row["count_replies"], "reply").replace("replys", "replies") if row["count_replies"] else None
    )
    about = " · ".join(plain(part) for part in (row["team"], day(row["ended_on"]), mood, replies) if part)
    return f'<li>{who} <span class="quiet">{about}</span><ul class="why">{lines}</ul></li>'


def quiet_item(row: dict[str, Any], text: str | None, query: Query) -> str:
    """One who has gone quiet: their rhythm, the silence, their last words."""
    said = sentence(text, row["source"], row["ticket_id"], "is_gone_quiet", query)
    rhythm = "several times a day" if row["rhythm_days"] < 0.5 else f"every {_days(row['rhythm_days'])}"
    return (
        f"<li>{holder_link(row['name'], 'customer', row['source'], row['customer_id'], 'what')}"
        f' <span class="quiet">wrote {rhythm} ({count_of(row["count_conversations"], "conversation")}),'
        f' silent for {_days(row["silent_days"])}</span><ul class="why"><li><span class="sign">last said</span> {said}</li></ul></li>'
    )


def _days(days: float) -> str:
    whole = max(1, round(days))
    return "day" if whole == 1 else f"{whole:,} days"


def worth_in_words(worth: Sequence[Worth]) -> str:
    """What is at stake, by currency: a sentence for each."""
    return " ".join(
        f"{'Accounts' if one.count_at_risk != 1 else 'An account'} worth {money(one.value_at_risk, one.currency)} a year"
        f" {'are' if one.count_at_risk != 1 else 'is'} at risk, of {money(one.value, one.currency)}"
        f" ({one.count_at_risk:,} of {count_of(one.count, 'account')} whose value is known)."
        if one.count_at_risk
        else f"No account whose value is known is at risk ({count_of(one.count, 'account')}, {money(one.value, one.currency)} a year)."
        for one in worth
    )


def two_by_two(found: Foretold, least: int) -> str:
    """One sign against leaving, as a table of four cells with the share of each row."""
    shares = found.shares
    rows = "".join(
        f'<tr><th scope="row">{words}</th><td class="n">{left:,}</td><td class="n">{n - left:,}</td><td class="n">{n:,}</td>'
        f'<td class="n">{_share(share, n, left, least)}</td></tr>'
        for words, left, n, share in (
            ("Said or met", shares.count_first, shares.n_first, shares.first),
            ("Not", shares.count_second, shares.n_second, shares.second),
        )
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{plain(found.words)}, by leaving"><table><thead><tr>'
        f'<th scope="col">{plain(found.words.capitalize())}</th><th scope="col" class="n">Left</th><th scope="col" class="n">Stayed</th>'
        f'<th scope="col" class="n">Accounts</th><th scope="col" class="n">Share that left</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _share(share: tuple[float, float, float] | None, n: int, left: int, least: int) -> str:
    if share is None:
        return "none"
    if n < least:
        return f'{left:,} of {n:,}<span class="small">below {least} no rate is shown</span>'
    interval = wording.say_interval(share[1], share[2], "share")
    return f'{unbroken(wording.say(share[0], "share"))}<span class="small">{unbroken(interval)}</span>'
