"""Customers: who is losing faith, who came back, each with the sentences that say so."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard import customer, customers, left_here, page
from dashboard.evidence import plain, unbroken
from dashboard.filters import Chosen, choose
from dashboard.links import CUSTOMERS, link
from dashboard.read import precision
from dashboard.state import Data
from metrics import goodwill, spreadsheet, wording
from metrics.contrast import asked, at_risk, holders, one_holder, risk_rule, saves, silence
from metrics.contrast.at_risk import Summary
from metrics.contrast.holders import Holder, Who
from metrics.many_quotes import said

QUESTION = "Who is losing faith, who came back?"
PAGE_LENGTH = 10
SHOWN = 6  # in the lists below the first
HOLDERS: dict[str, Holder] = {"Customers": "customer", "Accounts": "account"}
RENEWALS = {"Any renewal": None, "Within 30 days": 30, "Within 90 days": 90, "Within 180 days": 180}
ALL_TIERS = "All tiers"


def is_one() -> bool:
    """Whether the address names one customer or one account."""
    return bool(st.query_params.get("customer_id") or st.query_params.get("account_id"))


def body(data: Data) -> None:
    """The page below its title: one customer or account where the address names it, else everybody."""
    asked.check(data.version, precision(data))
    if is_one():
        customer.draw(data)
        return
    chosen = choose(data)
    holder, who, query = _controls(data, chosen)
    number = page.page_number()
    offset = PAGE_LENGTH * (number - 1)
    rows, found = data.remember(
        "at risk",
        (chosen.scope, holder, who, number),
        lambda: at_risk.overview(data.version, chosen.scope, holder, who, limit=PAGE_LENGTH, offset=offset),
    )
    if found.count == 0:
        _nobody(data, chosen, holder)
        return
    _answer(data, chosen, found, holder)
    _at_risk(data, chosen, found, rows, holder, who, query)
    _goodwill(data, chosen, holder)
    _saves(data, chosen)
    _quiet(data, chosen)
    left_here.draw(data)


def _controls(data: Data, chosen: Chosen) -> tuple[Holder, Who, dict[str, str]]:
    """Customers or accounts, and of accounts the tier and the renewal where these are known; the query repeats them."""
    known = data.remember("known of accounts", (), lambda: holders.known(data.version))
    tiers = data.remember("tiers", (), lambda: holders.tiers(data.version))
    query = dict(chosen.query)
    tier, renewal = None, None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        listed = st.segmented_control(
            "List by", list(HOLDERS), default="Customers", required=True, key="list", bind="query-params"
        )
        if tiers:
            shown = st.selectbox("Tier", [ALL_TIERS, *tiers], key="tier", bind="query-params", width=160)
            tier = shown if shown in tiers else None
        if known["renewal"]:
            window = st.selectbox("Renewal", list(RENEWALS), key="renewal", bind="query-params", width=180)
            renewal = RENEWALS.get(window or "")
    holder = HOLDERS.get(listed or "", "customer")
    if holder == "account":
        query["list"] = "Accounts"
    if tier is not None:
        query["tier"] = tier
    if renewal is not None:
        query["renewal"] = next(words for words, days in RENEWALS.items() if days == renewal)
    return holder, Who(tier, renewal), query


def _nobody(data: Data, chosen: Chosen, holder: Holder) -> None:
    has_accounts = (
        "" if holder == "customer" else " A conversation without an account is not in the list of accounts."
    )
    page.state(
        f"No {holder} matches these filters.",
        f"Nothing that names such {'a customer' if holder == 'customer' else 'an account'} ended {plain(chosen.period)}.{has_accounts}"
        f" The data ends on {data.as_of_date:%-d %B %Y}.",
        [link("Show 52 weeks", CUSTOMERS, chosen.query, period="52 weeks"), link("Clear filters", CUSTOMERS)],
    )


def _answer(data: Data, chosen: Chosen, found: Summary, holder: Holder) -> None:
    """How many of how many are at risk and for what, who came back, and what is at stake."""
    words = {one.name: one.of_many for one in risk_rule.REASONS} | {"renewal": risk_rule.RENEW}
    parts = sorted(((n, words[name]) for name, n in found.count_by_reason.items() if n), reverse=True)
    why = ", ".join(f"{n:,} {said_}" for n, said_ in parts)
    rescued = _rescued(data, chosen)
    risk = (
        f"{found.count_at_risk:,} of {customers.count_of(found.count, holder)} with a conversation {chosen.period}"
        f" {'is' if found.count_at_risk == 1 else 'are'} at risk" + (f": {why}." if why else ".")
    )
    back = f" {customers.count_of(rescued, 'conversation')} that began unhappy or with leaving ended pleased."
    gone = f" {found.count_left:,} more would be, and left already." if found.count_left else ""
    page.write(
        f'<p class="answer"><strong>{unbroken(risk)}</strong>{unbroken(gone + back)} {_stake(data, found)}</p>'
    )


def _rescued(data: Data, chosen: Chosen) -> int:
    rows = _saved(data, chosen)
    return int(rows["count_all"][0]) if rows.height else 0


def _saved(data: Data, chosen: Chosen) -> pl.DataFrame:
    return data.remember("saves", chosen.scope, lambda: saves.saves(data.version, chosen.scope, SHOWN))


def _stake(data: Data, found: Summary) -> str:
    if found.worth:
        return unbroken(customers.worth_in_words(found.worth))
    known = data.remember("known of accounts", (), lambda: holders.known(data.version))
    if known["value"]:
        return "What their accounts are worth is not known of these."
    load = link("load a table of accounts", "exports", system="accounts")
    return f'<span class="quiet">What they are worth is not in these data: {load} (value, tier, renewal, churned).</span>'


def _at_risk(
    data: Data,
    chosen: Chosen,
    found: Summary,
    rows: pl.DataFrame,
    holder: Holder,
    who: Who,
    query: dict[str, str],
) -> None:
    rule = plain(risk_rule.rule_text(data.version))
    below = f"<details><summary>The rule, and how the list is sorted</summary><p>{rule} The list begins with what is worth most, then with the most reasons, then with the latest. It is no forecast.</p></details>"
    top = max(
        ((n, one.words) for one in risk_rule.REASONS if (n := found.count_by_reason.get(one.name, 0))),
        default=None,
    )
    if not found.count_at_risk or top is None:
        page.heading(f"No {holder} is at risk by our rule", below)
        return
    page.heading(
        f"{customers.count_of(found.count_at_risk, holder)} {'is' if found.count_at_risk == 1 else 'are'} at risk; the most frequent sign: {top[1]} ({top[0]:,})",
        below,
    )
    number = page.page_number()
    quotes = data.remember(
        "at risk words",
        (chosen.scope, holder, who, number),
        lambda: at_risk.sentences(data.version, rows),
    )
    items = "".join(customers.risk_item(row, quotes, holder, chosen.query) for row in rows.to_dicts())
    page.write(
        f'<ol class="list">{items}</ol>{page.pager(CUSTOMERS, found.count_at_risk, PAGE_LENGTH, number, query)}'
    )
    st.download_button(
        "Download the list (CSV)",
        data=lambda: _download(data, chosen, holder, who),
        file_name=f"{holder}s-at-risk.csv",
        mime="text/csv",
        on_click="ignore",
        help=f"At most {at_risk.MOST_LISTED:,} rows, with every reason and its sentence; no cell acts as a formula.",
    )


def _download(data: Data, chosen: Chosen, holder: Holder, who: Who) -> bytes:
    rows = at_risk.at_risk(data.version, chosen.scope, holder, who, limit=at_risk.MOST_LISTED)
    about = pl.lit(f"{data.version.name}, {data.store_name}, {chosen.period}").alias("store and period")
    return spreadsheet.csv(at_risk.for_download(data.version, rows).with_columns(about))


def _goodwill(data: Data, chosen: Chosen, holder: Holder) -> None:
    """Whose goodwill fell and whose rose most, as ranked dots with their course, and what moved them."""
    frames = _ledgers(data, chosen, holder)
    both = pl.concat(frames.values())
    if not both.height:
        page.heading("Nobody's goodwill moved")
        return
    keys = list(both.select("source", "id").iter_rows())
    course = data.remember(
        "courses", (chosen.scope, holder, keys),
        lambda: goodwill.courses(data.version, chosen.scope, holder, keys),
    )  # fmt: skip
    quotes = data.remember(
        "course words", (chosen.scope, holder, keys),
        lambda: one_holder.moving_sentences(data.version, course),
    )  # fmt: skip
    widest = int(max(both["goodwill"].abs().max(), course["goodwill"].abs().max()))  # type: ignore[arg-type, type-var]
    for column, (rising, rows) in zip(st.columns(2, gap="large"), frames.items(), strict=True):
        way = "rose" if rising else "fell"
        with column:
            if not rows.height:
                page.heading(f"Nobody's goodwill {way}")
                continue
            top = rows.row(0, named=True)
            page.heading(
                f"Nobody's goodwill {way} further than that of {top['name']}:"
                f" {wording.signed(top['goodwill'], 0)}",
                f'<p class="quiet">A step up or down for each conversation that moved it {plain(chosen.period)}. {page.how_counted("goodwill")}</p>',
            )
            page.write(customers.ledger_table(rows, course, quotes, holder, chosen.query, widest, way))


def _ledgers(data: Data, chosen: Chosen, holder: Holder) -> dict[bool, pl.DataFrame]:
    return data.remember(
        "ledger of goodwill",
        (chosen.scope, holder),
        lambda: goodwill.both_ledgers(data.version, chosen.scope, holder, limit=SHOWN),
    )


def _saves(data: Data, chosen: Chosen) -> None:
    rows = _saved(data, chosen)
    if not rows.height:
        page.heading("No conversation was turned around")
        return
    found = data.remember(
        "leader of saves",
        chosen.scope,
        lambda: saves.leader(data.version, chosen.scope, data.settings.display.too_few),
    )
    count = int(rows["count_all"][0])
    title = (
        f"{found.team} turned most around: {wording.say(found.own.value, 'share')} of those who came unhappy or leaving"
        f" ended pleased, against {wording.say(found.others.value, 'share')} elsewhere"
        if found
        else f"{customers.count_of(count, 'conversation')} began unhappy or with leaving and ended pleased"
    )
    beside = ""
    if found:
        interval = wording.say_interval(found.own.low, found.own.high, "share")
        others = wording.say_interval(found.others.low, found.others.high, "share")
        beside = f"{plain(found.team)} {unbroken(interval)}, n {found.own.n:,}; the other teams {unbroken(others)}, n {found.others.n:,}. "
    everyone = link(f"all {count:,}", "conversations", chosen.query, column="is_turned_around", answer="yes")
    words = data.remember("save words", chosen.scope, lambda: saves.words(data.version, rows))
    items = "".join(
        customers.save_item(row, words[row["source"], row["ticket_id"]], chosen.query)
        for row in rows.to_dicts()
    )
    page.heading(
        title,
        f'<p class="quiet wide">{beside}How it began, what we said between, how it ended; read {everyone}. {page.how_counted("turned_around")}</p>'
        f'<ol class="list">{items}</ol>',
    )


def _quiet(data: Data, chosen: Chosen) -> None:
    rows = data.remember(
        "gone quiet", chosen.scope, lambda: silence.gone_quiet(data.version, chosen.scope, SHOWN)
    )
    if not rows.height:
        page.heading("No regular customer has gone quiet")
        return
    first = rows.row(0, named=True)
    count, often = int(first["count_all"]), int(first["count_often"])
    title = f"{customers.count_of(count, 'customer')} {'has' if count == 1 else 'have'} gone quiet"
    if often > count / 2:
        title += f"; {'most of them' if often < count else 'all'} ({often:,}) wrote about every week, at least every {silence.OFTEN_DAYS} days"
    asked_for = [(row["source"], row["ticket_id"], "left_worse") for row in rows.iter_rows(named=True)]
    quotes = data.remember("quiet words", asked_for, lambda: said(data.version, asked_for))
    items = "".join(
        customers.quiet_item(row, quote.text if (quote := quotes.get(key)) else None, chosen.query)
        for row, key in zip(rows.to_dicts(), asked_for, strict=True)
    )
    everyone = link(f"all {count:,}", "conversations", chosen.query, column="is_gone_quiet", answer="yes")
    page.heading(
        title,
        f'<p class="quiet wide">In the middle they wrote every {first["all_rhythm_days"]:.0f} days and have been silent for'
        f" {first['all_silent_days']:.0f}. Those silent longest for their rhythm come first; read {everyone}. {page.how_counted('gone_quiet')}</p>"
        f'<ol class="list">{items}</ol>',
    )


if __name__ == "__main__":
    page.run("" if is_one() else QUESTION, body)
