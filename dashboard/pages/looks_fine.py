"""Looks fine, isn't: conversations that score well and went badly, what they have in common, and the reverse."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from dashboard import page, telling
from dashboard.evidence import plain, unbroken
from dashboard.filters import OPEN_ENDED, Chosen, choose
from dashboard.links import LOOKS_FINE, address, link
from dashboard.read import precision
from dashboard.rule import edited_by, rule_form
from dashboard.shared import LISTS, counted, finding, shared_html
from dashboard.state import Data
from metrics import review_figures, wording
from metrics.contrast import against_score, asked, in_common, looks_fine, looks_fine_rule
from metrics.contrast.against_score import Lens, Rate
from metrics.contrast.difference import Estimate
from metrics.contrast.looks_fine_rule import InForce
from metrics.quotes import quotes
from metrics.tally import Rows
from metrics.totals import totals

QUESTION = "Which conversations look fine and aren't?"
COLUMN = "looks_fine_isnt"
SHOWN = 6
PAGE_LENGTH = 25


def body(data: Data) -> None:
    """The page below its title."""
    chosen = choose(data)
    asked.check(data.version, precision(data))
    force = looks_fine_rule.in_force(data.version, data.settings)
    rates = data.remember("against score", (chosen.scope, force.rule), lambda: _rates(data, chosen, force))
    if not any(one.share.n for one in rates.values()):
        page.state(
            "No conversation could be told to look fine.",
            f"Of what ended {plain(chosen.period)} nothing is solved, can be read and was answered. The data ends on"
            f" {data.as_of_date:%-d %B %Y}.",
            [
                link("Show 52 weeks", LOOKS_FINE, chosen.query, period="52 weeks"),
                link("Clear filters", LOOKS_FINE),
            ],
        )
        rule_form(data, force)
        return
    asked_for = {name: lens for lens, name in LISTS.items()}.get(st.query_params.get("list", ""))
    if asked_for:
        _list(data, chosen, asked_for, rates[asked_for], force)
        return
    page.write(f'<p class="answer">{answer(rates, chosen.period, data.settings.display.too_few)}</p>')
    page.write(
        f'<p class="quiet wide">{plain(looks_fine.rule_text(force.rule))} {page.how_counted("looks_fine")} {edited_by(force)}</p>'
    )
    rule_form(data, force)
    _course(data, chosen, force)
    _lens(data, chosen, "every score", rates["every score"], force)
    _lens(data, chosen, "rated good", rates["rated good"], force)
    _lens(data, chosen, "scored badly", rates["scored badly"], force)


def _rates(data: Data, chosen: Chosen, force: InForce) -> dict[Lens, Rate]:
    return {
        lens: against_score.rate(data.version, against_score.rows(chosen.scope, lens, force.rule))
        for lens in against_score.LENSES
    }


def answer(rates: dict[Lens, Rate], period: str, least: int) -> str:
    """How many look fine and aren't, of those that look fine; and of those rated good."""
    fine, good, bad = (rates[lens] for lens in against_score.LENSES)
    count = "conversation looks" if fine.share.n == 1 else "conversations look"
    first = (
        f"{fine.share.n:,} {count} fine by every score {plain(period)}, and {fine.count:,} {'is' if fine.count == 1 else 'are'} not"
        if fine.share.n
        else f"No conversation looks fine by every score {plain(period)}"
    )
    said = f"<strong>{first}{_share(fine.share, least)}.</strong>"
    if good.share.n:
        said += f" Of {good.share.n:,} rated good and followed after our answer, {good.count:,} left worse or unhappy{_share(good.share, least)}."
    if bad.share.n:
        said += f" And of {bad.share.n:,} that score badly, {bad.count:,} went better than their score{_share(bad.share, least)}."
    return said


def _share(share: Estimate, least: int) -> str:
    """The rate with its interval; nothing under `least` conversations, of which the conversations are shown."""
    if share.n < least or share.value is None:
        return ""
    interval = wording.say_interval(share.low, share.high, "share")
    return f": {unbroken(wording.say(share.value, 'share'))} ({unbroken(interval)})"


def _course(data: Data, chosen: Chosen, force: InForce) -> None:
    """The rate by week, as read; corrected for reading errors once enough was reviewed, by the rule as shipped."""
    least = data.settings.display.too_few
    frame = data.remember("looks fine by week", chosen.scope, lambda: _weekly(data, chosen))
    told = frame.filter(pl.col("n") >= least)
    checked = data.remember(
        "looks fine checked", (), lambda: review_figures.rows(data.version, data.settings, [COLUMN])
    )
    said = review_figures.in_words(checked[0]) if checked and not force.is_edited else ""
    if force.is_edited and checked and checked[0]["reviewed"]:
        said = "The rate is as read: what was reviewed was drawn by the rule as shipped."
    check = f'<p class="quiet wide">{plain(said)} {link("Review some", "review", column=COLUMN)}</p>'
    if told.height < 2:
        page.heading(
            "Too few a week for a rate by week",
            f'<p class="quiet">A week is told from {least} conversations that look fine on.</p>{check}',
        )
        return
    page.heading(
        _moved(told),
        f'<p class="quiet wide">Of the conversations that look fine, the share that isn\'t, by the week in which they ended, as read;'
        f" the band is the 95 % interval of each week. Weeks with fewer than {least} are gaps.</p>{check}",
    )
    hidden = pl.col("n") < least
    drawn = frame.with_columns(
        pl.when(hidden).then(None).otherwise(pl.col(name)).alias(name) for name in ("value", "low", "high")
    )
    telling.course(
        drawn, key="looks fine by week", alt="The share by week; the table below holds the same figures."
    )
    rows = "".join(
        f'<tr><th scope="row">{plain(row["week"])}</th><td class="n">{_week(row["value"])}</td>'
        f'<td class="n">{plain(wording.say_interval(row["low"], row["high"], "share")) if row["value"] is not None else ""}</td>'
        f'<td class="n">{row["n"]:,}</td></tr>'
        for row in drawn.iter_rows(named=True)
    )
    page.write(
        '<details><summary>The same as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="By week">'
        '<table><thead><tr><th scope="col">Week</th><th scope="col" class="n">Share</th><th scope="col" class="n">95 % interval</th>'
        f'<th scope="col" class="n">n</th></tr></thead><tbody>{rows}</tbody></table></div></details>'
    )


def _week(value: float | None) -> str:
    return plain("too few" if value is None else wording.say(value, "share"))


def _weekly(data: Data, chosen: Chosen) -> pl.DataFrame:
    frame = totals(data.version, [COLUMN], asked.by_week_scope(chosen.scope), ["week"])
    return frame.filter(pl.col("week").is_not_null()).select("week", "value", "low", "high", "n")


def _moved(told: pl.DataFrame) -> str:
    """The lowest and the highest week that are told."""
    low, high = told["value"].min(), told["value"].max()
    said = [wording.say(float(str(value)), "share") for value in (low, high)]
    if said[0] == said[1]:
        return f"In each of {told.height} weeks it was {said[0]} of those that look fine"
    return f"Over {told.height} weeks between {said[0]} and {said[1]} of those that look fine aren't"


def _lens(data: Data, chosen: Chosen, lens: Lens, rate: Rate, force: InForce) -> None:
    """One way in which scores and words part: how many, what they have in common, and the conversations."""
    rows = against_score.rows(chosen.scope, lens, force.rule)
    key = (chosen.scope, lens, force.rule)
    if not rate.count:
        page.heading(_none(lens, rate))
        return
    least = data.settings.display.too_few
    common = data.remember(
        "in common",
        key,
        lambda: in_common.in_common(data.version, rows, too_few=least, sides=rate.sides),
    )
    page.heading(finding(lens, rate, common), _about(lens, rate, least))
    page.write(shared_html(common, lens, chosen.query))
    listed = data.remember("against score list", key, lambda: _listed(data, lens, rows, SHOWN, 0))
    items = "".join(_item(row, lens, chosen) for row in listed)
    every = link(f"Read all {rate.count:,}", LOOKS_FINE, chosen.query, list=LISTS[lens])
    page.write(
        f'<p class="quiet">{_order(lens)}, by the sentence that says most.</p><ol class="list">{items}</ol><p>{every}</p>'
    )


def _order(lens: Lens) -> str:
    if lens == "every score":
        return "Those with the most signs first"
    return f"Those first whose mood {'rose' if lens == 'scored badly' else 'fell'} most"


def _list(data: Data, chosen: Chosen, lens: Lens, rate: Rate, force: InForce) -> None:
    """All conversations of one list, a page at a time."""
    number = page.page_number()
    offset = PAGE_LENGTH * (number - 1)
    rows = against_score.rows(chosen.scope, lens, force.rule)
    key = (chosen.scope, lens, force.rule, offset)
    listed = data.remember("against score page", key, lambda: _listed(data, lens, rows, PAGE_LENGTH, offset))
    if not listed:
        page.state(
            f"{_none(lens, rate) if not rate.count else 'This page of the list is empty'}.",
            f"Looked at what ended {plain(chosen.period)}.",
            [link("Back to all", LOOKS_FINE, _without_topic(chosen))],
        )
        return
    items = "".join(_item(row, lens, chosen) for row in listed)
    pager = page.pager(LOOKS_FINE, rate.count, PAGE_LENGTH, number, {**chosen.query, "list": LISTS[lens]})
    page.heading(
        counted(lens, rate),
        f"{_about(lens, rate, 0)}<p>{_order(lens)} · {plain(chosen.period)} · {link('Back to all', LOOKS_FINE, _without_topic(chosen))}</p>"
        f'<ol class="list">{items}</ol>{pager}',
    )


def _without_topic(chosen: Chosen) -> dict[str, str]:
    return {name: value for name, value in chosen.query.items() if name not in OPEN_ENDED}


def _none(lens: Lens, rate: Rate) -> str:
    """The finding where there is none, of so many."""
    if not rate.share.n:
        return {
            "every score": "Nothing looks fine by every score",
            "rated good": "Nothing rated good could be followed after our answer",
            "scored badly": "Nothing scores badly of which it is known how it went",
        }[lens]
    return {
        "every score": f"None of {rate.share.n:,} that look fine is found not to be",
        "rated good": f"None of {rate.share.n:,} rated good left worse or unhappy",
        "scored badly": f"None of {rate.share.n:,} that score badly went better than their score",
    }[lens]


def _about(lens: Lens, rate: Rate, least: int) -> str:
    about = {
        "every score": "Those that look fine by every score and aren't, against those that look fine and are.",
        "rated good": "Rated good by the customer, who left worse than they came, was unhappy after our answer or would warn others;"
        " against the others rated good.",
        "scored badly": "Rated bad, or with a first reply later than the rule allows; yet the customer left better, confirmed that it is"
        " solved or was turned around, and neither left worse nor warned others. Against the others that score badly.",
    }[lens]
    few = f" {rate.share.n:,} conversations: below {least} no rate is shown." if rate.share.n < least else ""
    return f'<p class="quiet wide">{about}{few}</p>'


def _listed(data: Data, lens: Lens, rows: Rows, limit: int, offset: int) -> list[dict[str, Any]]:
    """The conversations of a list with the sentence that speaks for each."""
    frame = against_score.tickets(data.version, rows, lens, limit, offset).to_dicts()
    found = quotes(
        data.version, [(row["source"], row["ticket_id"]) for row in frame], against_score.SPEAKS[lens]
    )
    return [{**row, "quote": found.get((row["source"], row["ticket_id"]))} for row in frame]


def _item(row: dict[str, Any], lens: Lens, chosen: Chosen) -> str:
    shown = {
        "every score": {"column": COLUMN, "answer": "yes"},
        "rated good": {"column": "mood_after_answer"},
    }.get(lens, {})
    where = address("conversations", chosen.query, shown, c=row["ticket_id"], source=row["source"])
    quote = row["quote"]
    words = (quote.text if quote else None) or f"Conversation {row['ticket_id']}"
    marked = f"<mark>{plain(words)}</mark>" if quote and quote.kind else plain(words)
    rated = {True: "rated good", False: "rated bad", None: "not rated"}[row["is_rated_good"]]
    moved = f"mood moved {wording.say(row['mood_shift'], 'mood')}" if row["mood_shift"] is not None else None
    day = f"{row['ended_on']:%-d %b %Y}" if row["ended_on"] else None
    parts = (row["team"], wording.spaced(row["channel"]), day, rated, moved)
    about = " · ".join(plain(part) for part in parts if part)
    reasons = f'<span class="quiet">{plain("; ".join(row["reasons"]))}</span><br>' if row["reasons"] else ""
    return f'<li><a class="said" href="{plain(where)}">{marked}</a><br>{reasons}<span class="quiet">{about}</span></li>'


if __name__ == "__main__":
    page.run(QUESTION, body)
