"""Glossary: how is each number made, and how far can it be trusted?"""

from __future__ import annotations

import dataclasses

import streamlit as st

from dashboard import page
from dashboard.evidence import plain
from dashboard.links import link
from dashboard.read import precision
from dashboard.state import Data
from metrics import registry, review_figures, validity, verdicts
from metrics.measure import Across, Column, Measure, Signal, Total
from metrics.text.lexicons import Changes, changes_of, cues_in_force

QUESTION = "How is each number made?"
WINGS = (("form", "Scores say"), ("function", "Conversations show"), ("contrast", "Where the two meet"))
GRAINS = {
    "ticket": "one row a conversation",
    "wait": "one row a wait for an answer",
    "survey": "one row a survey",
    "suggestion": "one row an idea",
    "sla": "one row a promise of time",
    "day": "one row an unsolved conversation and day",
}
TOTALS: dict[Total, str] = {
    "share": "share of those measured, Wilson interval",
    "net": "share of one end minus share of the other, interval of the difference",
    "mean": "mean, t interval",
    "median": "median, interval by order statistics",
    "waiting_median": "median in which waits that are still open stand as open (Kaplan-Meier)",
    "sum": "sum",
    "per_day": "mean of the days, no interval",
    "stock_median": "median of all rows, no interval",
}
BETTER = {"higher": "more is better", "lower": "less is better", "neither": "neither more nor less is better"}


def body(data: Data) -> None:
    """Every measure with its rule, and every default that a number rests on."""
    asked = _asked()
    reviewed = review_figures.sentences(data.version, data.settings)
    if asked:
        page.write(_measure(data, asked, reviewed, is_open=True))
        page.write(f"<p>{link('All measures', 'glossary')}</p>")
        return
    page.write(
        "<p>Each measure states its rule, what it leaves out and how far it can be trusted. A figure that is not measured"
        " is left out, never counted as zero; how much was measured stands beside each figure as n and as coverage.</p>"
    )
    for wing, title in WINGS:
        measures = [measure for measure in registry.discover() if measure.wing == wing]
        if measures:
            contents = "".join(
                f"<li>{link(measure.title, 'glossary', m=measure.name)}</li>" for measure in measures
            )
            page.heading(title, f'<ul class="toc">{contents}</ul>')
            page.write("".join(_measure(data, measure, reviewed) for measure in measures))
    page.heading("What these figures rest on")
    page.write(_rests_on(data))


def _asked() -> Measure | None:
    name = st.query_params.get("m")
    return next((m for m in registry.discover() if name in (m.name, *(c.name for c in m.columns))), None)


def _measure(data: Data, measure: Measure, reviewed: dict[str, str], *, is_open: bool = False) -> str:
    rows = [
        ("Asks", measure.question),
        ("Rule", measure.rule_with(data.settings)),
        ("Leaves out", measure.leaves_out),
        ("Counted", f"{GRAINS[measure.grain]}, dated by {measure.dated_by}"),
        (
            "Needs",
            ", ".join(sorted(need.value.replace("_", " ") for need in measure.needs))
            + (f". {measure.unlock}" if measure.unlock else ""),
        ),
        ("Version", f"{measure.version}"),
    ]
    if isinstance(measure, Signal | Across):
        rows.insert(3, ("Where it could be", measure.opportunity))
    facts = "".join(f"<dt>{plain(name)}</dt><dd>{plain(text)}</dd>" for name, text in rows if text)
    columns = "".join(_column(column) for column in measure.columns)
    missing = (
        ""
        if _is_there(data, measure)
        else "<p><strong>Not available from these data.</strong> " + plain(measure.unlock) + "</p>"
    )
    return (
        f'<article id="{plain(measure.name)}"><h3>{plain(measure.title)} <code>{plain(measure.name)}</code></h3>{missing}<dl>{facts}</dl>'
        f"<ul>{columns}</ul>{_experimental(data, measure)}{_validity(measure)}{_reviewed(measure, reviewed)}{_source(measure, changes_of(data.settings), is_open=is_open)}</article>"
    )


def _is_there(data: Data, measure: Measure) -> bool:
    present = {name.strip() for name in data.meta.get("capabilities", "").split(",")}
    return not data.meta.get("capabilities") or {need.value for need in measure.needs} <= present


def _column(column: Column) -> str:
    total = TOTALS[column.total] if column.total else "no total of its own"
    return f'<li><strong>{plain(column.title)}</strong> <code>{plain(column.name)}</code>: {plain(column.about)} <span class="small">{total}; {BETTER[column.better]}</span></li>'


def _validity(measure: Measure) -> str:
    """The measure's rows of the validity table, and what they leave unsaid."""
    if not isinstance(measure, Signal | Across):
        return ""
    note = f"<p>{plain(measure.validity_note)}</p>" if measure.validity_note else ""
    found = validity.rows(measure)
    if not found:
        return f"<p><strong>How far it can be trusted</strong>: not measured on labelled data.</p>{note}"
    rows = "".join(
        f'<tr><th scope="row">{plain(verdicts.data(row))}<span class="small">{plain(row.measured_on)}</span></th>'
        f"<td>{plain(verdicts.verdict(row))}</td><td>{plain(verdicts.figures(row))}</td><td>{plain(verdicts.beside(row))}</td></tr>"
        for row in found
    )
    return (
        "<p><strong>How far it can be trusted</strong>, on conversations and texts that others labelled; what is nearest to"
        " yours comes first. Brackets are 95 % intervals.</p>"
        f'<div class="scroll" tabindex="0" role="region" aria-label="How far {plain(measure.title)} can be trusted"><table><thead><tr>'
        '<th scope="col">Measured on</th><th scope="col">In words</th><th scope="col">Figures</th><th scope="col">Beside it</th>'
        f"</tr></thead><tbody>{rows}</tbody></table></div>{note}"
    )


def _reviewed(measure: Measure, said: dict[str, str]) -> str:
    """What people's own reviews say of each of its yes-or-no figures."""
    items = "".join(
        f"<li><strong>{plain(column.title)}</strong>: {plain(said[column.name])} {link('review', 'review', column=column.name)}</li>"
        for column in measure.columns
        if column.name in said
    )
    return f"<p><strong>On your data</strong></p><ul>{items}</ul>" if items else ""


def _experimental(data: Data, measure: Measure) -> str:
    stands = validity.standing(measure, precision(data))
    if not stands.is_experimental:
        return ""
    return (
        f"<p><strong>Experimental</strong>: {plain(stands.why)}. It stays out of the first page, the digest and views of"
        " teams.</p>"
    )


def _source(measure: Measure, changes: Changes, *, is_open: bool) -> str:
    opened = " open" if is_open else ""
    parts = [
        f"<details{opened}><summary>The SQL that makes it</summary><pre><code>{plain(measure.facts.strip())}</code></pre></details>"
    ]
    for name in measure.lexicons if isinstance(measure, Signal) else ():
        parts.append(_cues(name, changes, measure.title))
    return "".join(parts)


def _cues(name: str, changes: Changes, title: str) -> str:
    cues = cues_in_force((name,), changes)
    rows = "".join(
        f'<tr><td>{plain(cue.kind)}</td><td><code>{plain(cue.name)}</code></td><td class="n">{cue.weight:g}</td><td>{plain(cue.note)}{" (your own)" if cue in changes.added else ""}</td></tr>'
        for cue in cues
    )
    return (
        f"<details><summary>The {len(cues):,} cues of {plain(name)}</summary>"
        f'<div class="scroll" tabindex="0" role="region" aria-label="Cues of {plain(name)} for {plain(title)}"><table><thead><tr><th scope="col">Shows</th><th scope="col">Words</th>'
        f'<th scope="col" class="n">Weight</th><th scope="col">Why</th></tr></thead><tbody>{rows}</tbody></table></div></details>'
    )


def _rests_on(data: Data) -> str:
    rows = [
        ("As of", f"{data.as_of:%-d %B %Y, %H:%M}; everything that waits, waits until then"),
        ("Days and weeks", f"in {data.zone}; weeks are ISO weeks"),
        ("Store", data.store_name + (", made-up data" if data.is_demo else "")),
        ("Version of the data", data.version.name),
        ("In these data", data.meta.get("capabilities", "").replace(",", ", ")),
    ]
    for section in dataclasses.fields(data.settings):
        value = getattr(data.settings, section.name)
        if dataclasses.is_dataclass(value) and section.name != "store":
            for field in dataclasses.fields(value):
                said = getattr(value, field.name)
                default = " (default)" if said == field.default else ""
                rows.append((f"{section.name}.{field.name}", f"{'not set' if said == '' else said}{default}"))
    changes = changes_of(data.settings)
    if data.settings.cues:
        rows.append(
            (
                "cues",
                f"{len(changes.added):,} of your own, {len(changes.without):,} of those that ship switched off",
            )
        )
    return (
        "<dl>"
        + "".join(f"<dt>{plain(name)}</dt><dd>{plain(text)}</dd>" for name, text in rows if text)
        + "</dl>"
    )


if __name__ == "__main__":
    page.run(QUESTION, body)
