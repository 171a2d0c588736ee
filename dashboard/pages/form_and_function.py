"""Form and function: do the good scores hold up in the conversations?"""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from dashboard import charts, page
from dashboard.download import download
from dashboard.evidence import plain, unbroken
from dashboard.filters import Chosen, choose
from dashboard.groups import LANGUAGE, by_group, counts_in_words, groups_html, mood_by_week, moods_in_words
from dashboard.ledger import ledger_html
from dashboard.links import LOOKS_FINE, address, link
from dashboard.read import coverage_html, precision
from dashboard.state import Data
from dashboard.tasks import tasks, tasks_html
from metrics import wording
from metrics.contrast import asked, findings, looks_fine, looks_fine_rule, pairs
from metrics.contrast.quadrant import GOOD_AND_BAD, quadrant
from metrics.coverage import Coverage, coverage, coverage_by
from metrics.quotes import Key, Quote, quotes

SURVEYS = {"csat": "is_csat_answered", "nps": "is_nps_answered"}
TO_DO = 3  # of each kind of task
SHOWN = 6  # conversations that look fine and aren't
QUESTION = "Do the good scores hold up in the conversations?"


def body(data: Data) -> None:
    """The page below its title."""
    chosen = choose(data, compare=True)
    asked.check(data.version, precision(data))
    read = data.remember("coverage", chosen.scope, lambda: coverage(data.version, chosen.scope))
    if read.count == 0:
        page.state(
            "No conversations match these filters.",
            f"Nothing ended {plain(chosen.period)} with this team and channel. The data ends on {data.as_of_date:%-d %B %Y}.",
            [link("Show 52 weeks", "", chosen.query, period="52 weeks"), link("Clear filters", "")],
        )
        return
    data.remember(
        "asked",
        (chosen.scope, chosen.before, chosen.by),
        lambda: asked.prepare(data.version, chosen.scope, chosen.before, chosen.by),
    )
    _answer(data, chosen)
    _ledger(data, chosen, read)
    _moved(data, chosen)
    _to_do(data, chosen)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _quadrant(data, chosen)
    with right:
        _looks_fine(data, chosen)
    _groups(data, chosen)


def _answer(data: Data, chosen: Chosen) -> None:
    least = data.settings.display.too_few
    headline = data.remember(
        "headline", chosen.scope, lambda: pairs.headline(data.version, chosen.scope, too_few=least)
    )
    page.write(
        f'<p class="answer"><strong>{unbroken(headline.answer)}</strong> {unbroken(headline.more)}</p>'
    )


def _ledger(data: Data, chosen: Chosen, read: Coverage) -> None:
    found = data.remember(
        "ledger",
        (chosen.scope, chosen.before),
        lambda: pairs.ledger(data.version, chosen.scope, chosen.before),
    )
    answered = data.remember("answered", chosen.scope, lambda: _answered(data, chosen))
    page.write(
        ledger_html(found, chosen.query, data.settings.display.too_few, answered)
        + _coverage(read, chosen)
        + _coverage_by_group(data, chosen)
    )
    ledger = [figure for pair in found for figure in (*pair.scores, *pair.conversations)]
    download(data, chosen, "form-and-function", lambda: pairs.as_frame(ledger), count=read.count)


def _answered(data: Data, chosen: Chosen) -> dict[str, float | None]:
    """Of those whom each survey asked, the share that answered."""
    shares = {
        row["column"]: row["value"]
        for row in asked.totals(data.version, list(SURVEYS.values()), chosen.scope).to_dicts()
    }
    return {measure: shares.get(column) for measure, column in SURVEYS.items()}


def _coverage(read: Coverage, chosen: Chosen) -> str:
    ended = "conversation" if read.count == 1 else "conversations"
    parts = [
        f"{read.count:,} {ended} ended {plain(chosen.period)}, of which {read.count_readable:,} could be read"
    ]
    if read.count_other_language:
        unread = ", ".join(f"{plain(language)} {count:,}" for language, count in read.unread)
        parts.append(
            f"{read.count_other_language:,} {'is' if read.count_other_language == 1 else 'are'} in a language that we can not read ({unread})"
        )
    if read.count_nothing_written:
        parts.append(f"in {read.count_nothing_written:,} the customer wrote nothing that could be heard")
    return (
        f'<p class="quiet wide">{"; ".join(parts)}. Changes are against the period of the same length before. '
        "Each line has a scale of its own. Ranges are 95 % intervals.</p>"
    )


def _coverage_by_group(data: Data, chosen: Chosen) -> str:
    by_team, by_language = data.remember(
        "coverage by group",
        chosen.scope,
        lambda: (
            coverage_by(data.version, chosen.scope, "team"),
            coverage_by(data.version, chosen.scope, "language"),
        ),
    )
    return coverage_html(by_team, by_language, chosen.query)


def _moved(data: Data, chosen: Chosen) -> None:
    least = data.settings.display.too_few
    looked = data.remember(
        "moved",
        (chosen.scope, chosen.before),
        lambda: findings.look(data.version, chosen.scope, chosen.before, too_few=least),
    )
    if not looked.findings:
        nothing = (
            "Nothing moved beyond noise" if looked.count_compared else "There is nothing to compare with"
        )
        page.heading(nothing, f'<p class="quiet">{plain(looked.rule)}</p>')
        return
    items = "".join(
        f"<li>{unbroken(finding.text)} {link('Read them', 'conversations', chosen.query, dict(finding.query))}</li>"
        for finding in looked.findings
    )
    number = len(looked.findings)
    said = "One figure" if number == 1 else f"{counts_in_words(number)} figures"
    page.heading(
        f"{said} moved beyond noise",
        f'<ol class="list tight">{items}</ol><p class="quiet">{plain(looked.rule)}</p>',
    )


def _to_do(data: Data, chosen: Chosen) -> None:
    """Whom to call, what to answer and to read; owner, status and outcome are set on a page of their own."""
    lists = tasks(data, chosen.scope, TO_DO)
    if not lists:
        return
    left = ", ".join(f"{one.count_all:,} {one.title.lower()}" for one in lists if one.count_all)
    said = f"To do this period: {left}" if left else "Nothing is left to do this period"
    every = link("Say who does it, and what came of it", "to_do", chosen.query)
    page.heading(said, f"{tasks_html(lists, chosen.query)}<p>{every}</p>")


def _quadrant(data: Data, chosen: Chosen) -> None:
    if chosen.by == LANGUAGE:
        page.heading(
            "Languages are not placed against each other",
            "<p>Moods are not heard alike in two languages; the table below tells of each by itself.</p>",
        )
        return
    least = data.settings.display.too_few
    frame = data.remember(
        "quadrant",
        (chosen.scope, chosen.by),
        lambda: quadrant(data.version, chosen.scope, chosen.by, too_few=least),
    )
    placed = frame.filter(pl.col("corner").is_not_null())
    if placed.height == 0:
        page.heading(
            f"Too few to place by {chosen.by_title.lower()}",
            f"<p>No {plain(chosen.by_title.lower())} has {least} ratings and {least} conversations whose mood could be"
            " followed.</p>",
        )
        return
    flagged = placed.filter((pl.col("corner") == GOOD_AND_BAD) & (pl.col("mood_shift_high") < 0))[
        "group"
    ].to_list()
    noun = chosen.by_title.lower()
    if flagged:
        verb = "looks good and feels bad" if len(flagged) == 1 else "look good and feel bad"
        finding = f"{counts_in_words(len(flagged))} {noun if len(flagged) == 1 else noun + 's'} {verb}"
    else:
        finding = f"No {noun} looks good and feels bad beyond noise"
    page.heading(
        finding,
        '<p><span class="function">Mood shift, upward</span> against <span class="form">CSAT, across</span>. '
        '<span class="quiet">Thin lines are 95 % intervals; a diamond lies in the shaded corner with its whole interval of mood '
        "below zero. The upright line is the CSAT of all together.</span></p>",
    )
    overall = data.remember(
        "csat", chosen.scope, lambda: asked.totals(data.version, ["is_satisfied"], chosen.scope).to_dicts()
    )
    line = overall[0]["value"] if overall else None
    charts.quadrant(placed, line, flagged, key="quadrant", alt=_quadrant_alt(placed, noun))
    page.write(_quadrant_table(frame, chosen, least))


def _quadrant_alt(placed: pl.DataFrame, noun: str) -> str:
    return f"{placed.height} {noun}s by CSAT and mood shift; the table below holds the same figures."


def _quadrant_table(frame: pl.DataFrame, chosen: Chosen, least: int) -> str:
    rows = "".join(_quadrant_row(row, chosen, least) for row in frame.to_dicts())
    return (
        "<details><summary>The same as a table</summary>"
        f'<div class="scroll" tabindex="0" role="region" aria-label="Corners as a table"><table><thead><tr><th scope="col">{plain(chosen.by_title)}</th>'
        '<th scope="col" class="n">CSAT</th><th scope="col" class="n">of those asked, answered</th>'
        '<th scope="col" class="n">Mood shift</th><th scope="col">Corner</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div></details>"
    )


def _quadrant_row(row: dict[str, Any], chosen: Chosen, least: int) -> str:
    def cell(column: str, n: int, unit: str) -> str:
        if n < least:
            return f'<td class="n">n {n:,}<span class="small">below {least} no rate</span></td>'
        interval = wording.say_interval(row[f"{column}_low"], row[f"{column}_high"], unit)  # type: ignore[arg-type]
        said = wording.say(row[column], unit)  # type: ignore[arg-type]
        return f'<td class="n">{plain(said)}<span class="small">{plain(interval)}, n {n:,}</span></td>'

    read = link(str(row["group"]), "conversations", chosen.query, {chosen.by: row["group"]})
    return (
        f'<tr><th scope="row">{read}</th>{cell("csat", row["n_rated"], "share")}'
        f'<td class="n">{plain(wording.say(row["response_rate"], "share"))}</td>'
        f"{cell('mood_shift', row['n_followed'], 'mood')}<td>{plain(row['corner'] or 'too few')}</td></tr>"
    )


def _looks_fine(data: Data, chosen: Chosen) -> None:
    if not asked.told(data.version, ["looks_fine"]):
        return
    frame = data.remember(
        "looks fine", chosen.scope, lambda: looks_fine.tickets(data.version, chosen.scope, SHOWN)
    )
    force = looks_fine_rule.in_force(data.version, data.settings)
    rule = f'<p class="quiet wide">{plain(looks_fine.rule_text(force.rule))} {page.how_counted("looks_fine")}</p>'
    if frame.height == 0:
        page.heading(
            data.remember("looking fine", chosen.scope, lambda: _none_looks_fine(data, chosen)), rule
        )
        return
    count = int(frame["count_all"][0])
    said = (
        "One conversation looks fine and isn't"
        if count == 1
        else f"{count:,} conversations look fine and aren't"
    )
    keys = [(row["source"], row["ticket_id"]) for row in frame.to_dicts()]
    said_there = data.remember(
        "looks fine quotes", keys, lambda: quotes(data.version, keys, "looks_fine_isnt")
    )
    items = "".join(_looks_fine_item(row, chosen, said_there) for row in frame.to_dicts())
    every = link(f"Read all {count:,}", "conversations", chosen.query, column="looks_fine_isnt", answer="yes")
    page.heading(
        said, f'{rule}<ol class="list">{items}</ol><p>{every}</p>', address(LOOKS_FINE, chosen.query)
    )


def _none_looks_fine(data: Data, chosen: Chosen) -> str:
    """The finding where no conversation looks fine and isn't: none of so many, or none that could look fine."""
    rows = asked.totals(data.version, ["looks_fine_isnt"], chosen.scope).to_dicts()
    if not rows or not rows[0]["n"]:
        return "No conversation could be told to look fine"
    return f"None of {rows[0]['n']:,} that look fine is found not to be"


def _looks_fine_item(row: dict[str, Any], chosen: Chosen, said: dict[Key, Quote]) -> str:
    rated = {True: "rated good", False: "rated bad", None: "not rated"}[row["is_rated_good"]]
    where = address(
        "conversations",
        chosen.query,
        column="looks_fine_isnt",
        answer="yes",
        c=row["ticket_id"],
        source=row["source"],
    )
    reasons = "; ".join(plain(reason) for reason in row["reasons"])
    about = " · ".join(
        plain(part)
        for part in (row["team"], wording.spaced(row["channel"]), f"{row['ended_on']:%-d %b %Y}", rated)
        if part
    )
    quote = said.get((row["source"], row["ticket_id"]))
    words = (quote.text if quote else None) or f"Conversation {row['ticket_id']}"
    marked = f"<mark>{plain(words)}</mark>" if quote and quote.kind else plain(words)
    return (
        f'<li><a class="said" href="{plain(where)}">{marked}</a><br>'
        f'<span class="quiet">{reasons}</span><br><span class="quiet">{about}</span></li>'
    )


def _groups(data: Data, chosen: Chosen) -> None:
    least = data.settings.display.too_few
    rows = data.remember(
        "groups", (chosen.scope, chosen.by), lambda: by_group(data.version, chosen.scope, chosen.by)
    )
    weekly = data.remember(
        "weekly moods", (chosen.scope, chosen.by), lambda: mood_by_week(data.version, chosen.scope, chosen.by)
    )
    if not rows:
        return
    order = "by name; languages are not ranked" if chosen.by == LANGUAGE else "the largest fall comes first"
    page.heading(
        moods_in_words(rows, chosen.by_title.lower(), least),
        f'<p class="quiet wide">Mood falls or rises where its whole 95 % interval lies below or above zero; {order}.'
        " Bars run from 0 to 100 %; the lines by week share one scale.</p>",
    )
    page.write(groups_html(rows, weekly, chosen, least))


if __name__ == "__main__":
    page.run(QUESTION, body)
