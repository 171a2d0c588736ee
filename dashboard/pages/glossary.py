"""Glossary: how is each number made, and how far can it be trusted?"""

from __future__ import annotations

import dataclasses

import streamlit as st

from dashboard import page
from dashboard.evidence import plain
from dashboard.links import link
from dashboard.state import Data
from metrics import registry
from metrics.measure import Column, Measure, Signal, Total
from metrics.text.cues import load_lexicon
from warehouse.settings import PROJECT

QUESTION = "How is each number made?"
LEXICONS = PROJECT / "data" / "lexicons"
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
    if asked:
        page.write(_measure(data, asked, is_open=True))
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
            page.write("".join(_measure(data, measure) for measure in measures))
    page.heading("What these figures rest on")
    page.write(_rests_on(data))


def _asked() -> Measure | None:
    name = st.query_params.get("m")
    return next((m for m in registry.discover() if name in (m.name, *(c.name for c in m.columns))), None)


def _measure(data: Data, measure: Measure, *, is_open: bool = False) -> str:
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
    if isinstance(measure, Signal):
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
        f"<ul>{columns}</ul>{_validity(measure)}{_source(measure, is_open=is_open)}</article>"
    )


def _is_there(data: Data, measure: Measure) -> bool:
    present = {name.strip() for name in data.meta.get("capabilities", "").split(",")}
    return not data.meta.get("capabilities") or {need.value for need in measure.needs} <= present


def _column(column: Column) -> str:
    total = TOTALS[column.total] if column.total else "no total of its own"
    return f'<li><strong>{plain(column.title)}</strong> <code>{plain(column.name)}</code>: {plain(column.about)} <span class="small">{total}; {BETTER[column.better]}</span></li>'


def _validity(measure: Measure) -> str:
    if not isinstance(measure, Signal):
        return ""
    if not measure.validity:
        return "<p><strong>How far it can be trusted</strong>: not checked on labelled data. Not checked on your data.</p>"
    items = "".join(
        f"<li>{plain(v.dataset)} (n {v.n:,}): {plain(v.figures)}{'. ' + plain(v.note) if v.note else ''}</li>"
        for v in measure.validity
    )
    return (
        "<p><strong>How far it can be trusted</strong>, on conversations that others labelled; not checked on your data.</p>"
        f"<ul>{items}</ul>"
    )


def _source(measure: Measure, *, is_open: bool) -> str:
    opened = " open" if is_open else ""
    parts = [
        f"<details{opened}><summary>The SQL that makes it</summary><pre><code>{plain(measure.facts.strip())}</code></pre></details>"
    ]
    for name in measure.lexicons if isinstance(measure, Signal) else ():
        parts.append(_cues(name))
    return "".join(parts)


def _cues(name: str) -> str:
    cues = load_lexicon(LEXICONS / f"{name}.toml")
    rows = "".join(
        f'<tr><td>{plain(cue.kind)}</td><td><code>{plain(cue.name)}</code></td><td class="n">{cue.weight:g}</td><td>{plain(cue.note)}</td></tr>'
        for cue in cues
    )
    return (
        f"<details><summary>The {len(cues):,} cues of {plain(name)}</summary>"
        f'<div class="scroll" tabindex="0" role="region" aria-label="Cues of {plain(name)}"><table><thead><tr><th scope="col">Shows</th><th scope="col">Words</th>'
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
    return (
        "<dl>"
        + "".join(f"<dt>{plain(name)}</dt><dd>{plain(text)}</dd>" for name, text in rows if text)
        + "</dl>"
    )


if __name__ == "__main__":
    page.run(QUESTION, body)
