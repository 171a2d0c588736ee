"""Money: what does the helpdesk's own figure stand on, what does service cost, and what is at stake?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from dashboard import money_book, money_charts, money_inputs, money_sheet, page
from dashboard import money_words as words
from dashboard.evidence import plain, unbroken
from dashboard.filters import Chosen, choose
from dashboard.links import address, link
from dashboard.money_bridge import bridge_section, stands_section
from dashboard.money_charts import Bar
from dashboard.money_sheet import Sheet
from dashboard.read import precision
from dashboard.state import Data
from metrics import conversations, periods
from metrics.contrast import assumptions
from metrics.contrast.bridge import typed
from metrics.contrast.money import Money, money
from metrics.contrast.money_lines import Line
from metrics.contrast.stands_on import stands_on
from metrics.conversations import Sought
from metrics.mask import mask
from warehouse.errors import HeardError
from warehouse.rights import Area

AS_ABOVE = "the period above"
QUOTED = (("has_words_of_leaving", "said they'd leave"), ("left_worse", "left worse"))
QUOTES = 2  # of each
LONGEST_QUOTE = 240


def question() -> str:
    """The question, about the figure that the reader typed."""
    said, score = (st.session_state.get(name, st.query_params.get(name, "")) for name in ("told", "score"))
    wanted = money_inputs.SCORES.get(str(score), "csat")
    try:
        return words.question(wanted, words.as_typed(typed(wanted, str(said))) if str(said).strip() else None)
    except HeardError:
        return words.question(wanted, None)


def body(data: Data) -> None:
    """The page below its title."""
    chosen = _of_span(data, choose(data))
    told = st.empty()
    score, figure, problem = money_inputs.told_figure()
    if problem:
        page.say_error(problem)
    entries = money_inputs.standing_entries(data)
    assumed = assumptions.standing(entries)
    least = data.settings.display.too_few
    found = data.remember(
        "money", (chosen.scope, assumed), lambda: money(data.version, chosen.scope, assumed, least=least, precision=precision(data))
    )  # fmt: skip
    stands = data.remember(
        "stands on", (score, chosen.scope), lambda: stands_on(data.version, score, chosen.scope, data.settings)
    )  # fmt: skip
    currency = assumptions.currency(entries, found.currency)
    bridged = bridge_section(data, chosen, score, figure, stands)
    answer = words.answer(stands, bridged, found, currency, chosen.period)
    with told:
        page.write(f'<p class="answer"><strong>{unbroken(answer[0])}</strong> {unbroken(answer[1])}</p>')
    if not found.count and stands.value is None:
        page.state(
            "No conversations match these filters.",
            f"None ended {plain(chosen.period)}. The data ends on {data.as_of_date:%-d %B %Y}.",
            [link("Show 52 weeks", "money", period="52 weeks"), link("Clear filters", "money")],
        )
        return
    stands_section(stands, chosen)
    _lines(found, chosen, currency, least)
    if data.rights.may(Area.ASSUMPTIONS):
        page.heading("What you assume, from low to high")
        money_inputs.assumption_form(data, entries, currency)
    quotes = data.remember("money quotes", (chosen.scope, chosen.query), lambda: _quotes(data, chosen))
    _in_their_words(quotes)
    sheet = Sheet(
        question(), answer, _filters(chosen), data.version.name, data.as_of, data.is_demo, currency, found, bridged, stands,
        tuple((quote, shows) for quote, shows, _ in quotes), money_inputs.set_by(entries), data.rights.may(Area.ASSUMPTIONS),
    )  # fmt: skip
    _downloads(sheet, data)


def _of_span(data: Data, chosen: Chosen) -> Chosen:
    """The chosen period, or the calendar month or quarter that is named in its place."""
    spans = {one.name: one for one in periods.calendar_spans(data.as_of_date)}
    name = st.selectbox(
        "Month or quarter", [AS_ABOVE, *spans], key="span", bind="query-params", width=220
    )  # fmt: skip
    span = spans.get(str(name))
    if span is None:
        return chosen
    scope = replace(chosen.scope, date_from=span.first, date_to=span.last)
    query = {name: value for name, value in chosen.query.items() if name != "period"}
    query |= {"from": span.first.isoformat(), "to": span.last.isoformat()}
    words_of = f"in {'the ' if span.name.startswith('quarter') else ''}{span.name}{'' if span.is_whole else ' so far'}"
    return replace(chosen, scope=scope, query=query, period=words_of)


def _lines(found: Money, chosen: Chosen, currency: str, least: int) -> None:
    """Each section: its finding, its ranges drawn, and the table that leads to the conversations."""
    if not found.count:
        return
    for section in words.SECTIONS:
        here = [line for line in found.lines if line.section == section]
        page.heading(_finding(section, here, found, currency))
        bars = sorted({bar: None for line in here for bar in _bars(line, found)}, key=lambda bar: bar.is_form)
        if bars:
            page.write(
                f'<p class="small">{plain(currency)}, from low to high with the likely amount. <span class="function">Conversations</span> and'
                ' <span class="form">what form alone tells</span>.</p>'
            )
            money_charts.range_bars(bars, currency, key=f"ranges {section}", alt=words.SECTIONS[section])
        _table(section, here, found, chosen, currency, least)
    _notes(found, chosen, currency)


def _finding(section: str, here: Sequence[Line], found: Money, currency: str) -> str:
    """A section's title from its figures: in money where that is told, else the counts, which need no assumption."""
    values, by_name = found.values, {line.name: line for line in here}
    if section == "cost":
        if "cost_per_restored" in values and "cost_per_ticket" in values:
            times = values["cost_per_restored"].likely / values["cost_per_ticket"].likely
            return f"A restored customer costs {times:.1f} times as much as a conversation"
        line = by_name["cost_per_restored"]
        return (
            f"Of {line.n:,} who came unhappy and of whom it is known, {line.count:,} were restored"
            if line.n
            else words.SECTIONS[section]
        )
    if section == "spent":
        line = by_name["spent_on_worse"]
        if "spent_on_worse" in values:
            return f"{words.amount(values['spent_on_worse'], currency)} went into {line.count:,} conversations that left people worse"
        return (
            f"{line.count:,} of {line.n:,} conversations left people worse"
            if line.n
            else words.SECTIONS[section]
        )
    risk = f": {words.amount(values['risk'], currency)} a year is at stake" if "risk" in values else ""
    return f"{by_name['risk'].count:,} of {found.stakes.count:,} customers said they'd leave, went quiet or left worse{risk}"


def _bars(line: Line, found: Money) -> list[Bar]:
    value, other = found.values.get(line.name), found.values.get(line.alone.name) if line.alone else None
    if value is None:
        return []
    bars = [Bar(line.title, *value)]
    if line.alone and other:
        bars.append(Bar(f"Form: {line.alone.title}", *other, is_form=True))
    return bars


def _table(
    section: str, here: Sequence[Line], found: Money, chosen: Chosen, currency: str, least: int
) -> None:
    rows = "".join(_row(line, found, chosen, currency, least) for line in here)
    page.write(
        f'<div class="scroll" tabindex="0" role="region" aria-label="{plain(words.SECTIONS[section])}"><table class="figures"><thead><tr>'
        '<th scope="col">Figure</th><th scope="col" class="n"><span class="function">Low to high</span></th><th scope="col" class="n">Likely</th>'
        '<th scope="col" class="n">Behind it</th><th scope="col"><span class="form">Form alone would have told</span></th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(line: Line, found: Money, chosen: Chosen, currency: str, least: int) -> str:
    value, whole = found.values.get(line.name), found.values.get(line.whole)
    small = [line.about, f"experimental: {line.experimental}" if line.experimental else ""]
    small.append(f"Their yearly value: {words.amount(whole, currency)}." if whole else "")
    notes = "".join(f'<span class="small">{plain(part)}</span>' for part in small if part)
    said = (
        plain(words.amount(value, currency))
        if value
        else f'<span class="quiet">{plain(money_sheet.untold(line))}</span>'
    )
    if not value and not line.missing and 0 < line.n < least:
        said = f'<span class="quiet">below {least}, no rate</span>'
    query = {**chosen.query, **({"column": line.column, "answer": line.answer} if line.column else {})}
    behind = plain(words.behind(line))
    if line.column or line.section != "value":  # the sum of several lines has none of its own
        behind = f'<a href="{plain(address("conversations", query))}">{behind}</a>'
    alone = plain(words.alone(line, found.values, currency))
    if line.alone and line.alone.column:
        there = address("conversations", chosen.query, column=line.alone.column, answer=line.alone.answer)
        alone = f'<a href="{plain(there)}">{alone}</a>'
    return (
        f'<tr><th scope="row">{plain(line.title)}{notes}</th><td class="n">{said}</td><td class="n">{plain(words.likely(value, currency))}</td>'
        f'<td class="n">{behind}</td><td>{alone}</td></tr>'
    )  # fmt: skip


def _notes(found: Money, chosen: Chosen, currency: str) -> None:
    """What the ranges hold and what they leave out."""
    notes = [
        "A range runs from low to high of what was assumed, with the 95 % interval of each share. Errors of reading are not in it."
        " Cost is spread evenly over the conversations: that one costs more than another is not claimed."
    ]
    if "count_everybody" in found.inputs and "monthly_spend" in found.inputs:
        notes.append("Of the monthly spend these conversations bear their part by number.")
    if found.stakes.count_left:
        notes.append(f"{found.stakes.count_left:,} who have left already are not counted.")
    if found.stakes.count_other_currency:
        notes.append(
            f"{found.stakes.count_other_currency:,} accounts have a value in another currency than {found.currency}; it is not added."
        )
    if found.currency and found.currency != currency:
        notes.append(
            f"The accounts' values are in {found.currency}, the rest in {currency}; nothing is converted."
        )
    if "value_per_customer" not in found.inputs and found.currency:
        notes.append("Customers without a value of their own are left out until one is typed.")
    page.write(f'<p class="quiet wide">{plain(" ".join(notes))}</p>')  # fmt: skip


def _quotes(data: Data, chosen: Chosen) -> tuple[tuple[str, str, str], ...]:
    """Sentences of those at risk with personal data masked, what each shows, and the address of its conversation."""
    found: dict[str, tuple[str, str, str]] = {}
    for column, shows in QUOTED:
        rows = conversations.find(data.version, chosen.scope, Sought(column, "yes"), limit=QUOTES)
        for row in rows.iter_rows(named=True):
            if row["quote"] and row["quote_measure"]:
                where = address(
                    "conversations", chosen.query, column=column, c=row["ticket_id"], source=row["source"]
                )
                quote = mask(str(row["quote"]))[:LONGEST_QUOTE]
                found.setdefault(quote, (quote, shows, where))
    return tuple(found.values())


def _in_their_words(quotes: Sequence[tuple[str, str, str]]) -> None:
    if quotes:
        items = "".join(
            f'<li><a class="said" href="{plain(where)}"><mark>{plain(quote)}</mark></a> <span class="sign">{plain(shows)}</span></li>'
            for quote, shows, where in quotes
        )
        page.heading("In their words", f'<ol class="list tight">{items}</ol>')


def _filters(chosen: Chosen) -> tuple[tuple[str, str], ...]:
    scope = chosen.scope
    days = (
        f"{scope.date_from:%-d %B %Y} to {scope.date_to:%-d %B %Y}"
        if scope.date_from and scope.date_to
        else "all"
    )
    names = [(name.replace("_", " ").capitalize(), ", ".join(values)) for name, values in scope.where.items()]
    return ("Period", days), *names  # fmt: skip


def _downloads(sheet: Sheet, data: Data) -> None:
    """The sheet to print, and the workbook for those who may see the assumptions."""
    page.heading("To print or to send")
    mark = "demo-" if data.is_demo else ""
    name = f"heard-money-{mark}{sheet.as_of:%Y-%m-%d}"
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "PDF, one page", partial(money_sheet.pdf, sheet), f"{name}.pdf", "application/pdf", on_click="ignore"
        )  # fmt: skip
        if sheet.shows_inputs:
            st.download_button(
                "Workbook with live formulas", partial(money_book.workbook, sheet), f"{name}.xlsx",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", on_click="ignore",
            )  # fmt: skip
    page.write('<p class="quiet">Both carry the filters, n, the version of the data and its marks.</p>')


if __name__ == "__main__":
    page.run(question(), body)
