"""The tables and lists of the silent as HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import polars as pl

from dashboard.evidence import plain
from dashboard.links import address
from metrics import wording
from metrics.contrast.augmented import LEAST_CHANCE
from metrics.contrast.bounds import Bounds, Tipping, Unit
from metrics.contrast.difference import Estimate
from metrics.contrast.everybody import FEWEST_EFFECTIVE, MOST, MOST_THIN, Everybody
from metrics.contrast.silent import Rate
from metrics.contrast.surveyed import Survey

SCALE: Final[dict[Unit, tuple[float, float]]] = {"share": (0.0, 1.0), "net": (-100.0, 100.0)}


def rates_html(
    rates: Sequence[Rate], least: int, where: Callable[[Rate], str], notes: Mapping[str, str]
) -> str:
    """Who answered by how the conversation went: a row a sort, below the heading of its family; `where` is an address."""
    families: dict[str, list[Rate]] = {}
    for rate in rates:
        families.setdefault(rate.sort.family, []).append(rate)
    bodies = "".join(
        f'<tbody><tr><th scope="rowgroup" colspan="4" class="quiet">{plain(family)}</th></tr>'
        + "".join(_rate(rate, least, where(rate), notes.get(rate.sort.key, "")) for rate in here)
        + "</tbody>"
        for family, here in families.items()
        if len(here) > 1 or family == "What they said"
    )
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Who answered, by how the conversation went"><table><thead><tr>'
        '<th scope="col">Conversations</th><th scope="col" class="n">Answered</th>'
        f'<th scope="col" class="n">n asked</th><th scope="col" class="n">Silent</th></tr></thead>{bodies}</table></div>'
    )


def _rate(rate: Rate, least: int, where: str, note: str) -> str:
    told = rate.answered
    value = f'<span class="quiet">below {least}, no rate</span>'
    if told.n >= least:
        value = (
            f'{plain(wording.say(told.value, "share"))}<span class="bar" aria-hidden="true"><i class="form-mark"'
            f' style="width:{told.value:.0%}"></i></span>'
            f'<span class="small">{plain(wording.say_interval(told.low, told.high, "share"))}</span>'
        )
    silent = told.n - rate.count_answered
    name = plain(f"{rate.sort.family}, {rate.sort.title}: read the {silent:,} silent")
    read = f'<a href="{plain(where)}" aria-label="{name}">{silent:,}</a>' if silent else "0"
    said = f'<span class="small">{plain(note)}</span>' if note else ""
    return (
        f'<tr><th scope="row">{plain(rate.sort.title)}{said}</th><td class="n">{value}</td>'
        f'<td class="n">{told.n:,}</td><td class="n">{read}</td></tr>'
    )


def readings_html(bounds: Bounds, figure: Estimate, estimate: Everybody, tip: Tipping) -> str:
    """The same survey read in three ways, on one scale with the target."""
    unit = bounds.unit
    all_silent = (
        "none of the silent were satisfied, to all of them"
        if unit == "share"
        else "all of the silent were detractors, to all promoters"
    )
    rows = [
        _reading("Those who answered", "form", figure.value, figure.low, figure.high, unit, tip.target,
                 f"{bounds.count_answered:,} answers; says nothing of the others"),
        _reading("Everybody, by a model", "function", estimate.value, estimate.low, estimate.high, unit, tip.target,
                 f"a model's estimate, {_of(estimate)}" if estimate.value is not None else estimate.why),
        _reading("Everybody, whatever the silent think", "grey", None, bounds.lowest, bounds.highest, unit, tip.target,
                 f"if {all_silent}; {bounds.count_asked:,} asked"),
    ]  # fmt: skip
    low, high = SCALE[unit]
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Readings of the survey"><table class="readings"><thead><tr>'
        '<th scope="col">Reading</th><th scope="col" class="n">Value</th><th scope="col" class="n">From, to</th>'
        f'<th scope="col">{plain(wording.say(low, unit))} to {plain(wording.say(high, unit))}; the line is {plain(wording.say(tip.target, unit))}</th>'
        f'<th scope="col">What it assumes</th></tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def _of(estimate: Everybody) -> str:
    found = estimate.found
    if found is not None and found.count < estimate.of:
        return f"of {found.count:,} of {estimate.of:,} conversations, chosen by a hash"
    return f"of {estimate.of:,} conversations"


def _reading(
    title: str, side: str, value: float | None, low: float | None, high: float | None, unit: Unit, line: float, note: str
) -> str:  # fmt: skip
    said = plain(wording.say(value, unit)) if value is not None else ""
    ends = plain(wording.say_interval(low, high, unit)) if low is not None and high is not None else ""
    css = f' class="{side}"' if side in ("form", "function") else ""
    drawn = ""
    if low is not None and high is not None:
        drawn = f'<i class="{side}-mark" style="left:{_place(low, unit)};width:calc({_place(high, unit)} - {_place(low, unit)})"></i>'
        drawn += (
            f'<b class="{side}-mark" style="left:{_place(value, unit)}"></b>' if value is not None else ""
        )
    return (
        f'<tr><th scope="row"><span{css}>{plain(title)}</span></th><td class="n">{said}</td><td class="n">{ends}</td>'
        f'<td><span class="range" aria-hidden="true">{drawn}<u style="left:{_place(line, unit)}"></u></span></td><td>{plain(note)}</td></tr>'
    )


def _place(value: float, unit: Unit) -> str:
    low, high = SCALE[unit]
    return f"{min(max((value - low) / (high - low), 0.0), 1.0):.2%}"


def model_html(estimate: Everybody, unit: Unit) -> str:
    """What the model assumes, where that fails, and how well it stands."""
    found = estimate.found
    rows = ""
    if found is not None:
        told = (
            ("Conversations, answers, customers", f"{found.count:,}, {found.count_answered:,}, {found.count_customers:,}", ""),
            ("Pairs in which it puts who answered above who did not", wording.say(found.auc_response, "share"),
             "50 %: who answers can not be told from what we see; near 100 %: answers and silence hardly overlap"),
            (f"Conversations with a chance to be answered below {LEAST_CHANCE * 100:g} %", wording.say(found.share_thin, "share"),
             f"off above {MOST_THIN * 100:g} %: nothing that was answered speaks for them"),
            ("As many answers of equal weight", f"{found.effective:,.0f}", f"off below {FEWEST_EFFECTIVE}"),
        )  # fmt: skip
        cells = "".join(
            f'<tr><th scope="row">{plain(name)}</th><td class="n">{plain(value)}</td><td>{plain(note)}</td></tr>'
            for name, value, note in told
        )
        rows = (
            '<div class="scroll" tabindex="0" role="region" aria-label="How the model stands"><table><thead><tr><th scope="col">Check</th>'
            f'<th scope="col" class="n">Value</th><th scope="col">How to read it</th></tr></thead><tbody>{cells}</tbody></table></div>'
        )
    what = "satisfied" if unit == "share" else "a promoter or a detractor"
    return (
        "<details><summary>How it is estimated, and where it fails</summary>"
        f"<p>Two models look at each conversation: its moods, how it ended, waits, reopenings, channel and team. One gives the chance that"
        f" the survey is answered, the other the chance that the customer is {what}. The silent are given what the second expects, set right by where"
        " it was wrong about customers like them who answered. Each customer is told of by models that have not seen them.</p>"
        "<p><strong>It assumes that who answers depends only on what we can see.</strong> Where customers keep silent about something that no"
        " word and no figure shows, it fails, and its interval with it: in simulations with silence of that kind it held the truth in fewer"
        " than 1 of 100 runs, against 93 to 97 of 100 where silence followed the mood that we see. Only the bounds hold always."
        f" Of more than {MOST:,} conversations it is made of about {MOST:,}, chosen by a hash.</p>{rows}</details>"
    )


def silent_html(rows: pl.DataFrame, query: Mapping[str, str], survey: Survey, *, is_asked_known: bool) -> str:
    """The silent as a list: the sentence that says most, its conversation a click away."""
    column = {"column": f"is_{survey}_answered", "answer": "no"} if is_asked_known else {}
    return f'<ol class="list">{"".join(_silent(row, {**query, **column}) for row in rows.to_dicts())}</ol>'


def _silent(row: dict[str, Any], query: Mapping[str, str]) -> str:
    where = plain(address("conversations", query, c=row["ticket_id"], source=row["source"]))
    words = plain(row["quote"] or f"Conversation {row['ticket_id']}")
    said = f"<mark>{words}</mark>" if row["quote_kind"] else words
    moods = (row["mood_on_arrival"], row["mood_after_answer"])
    mood = (
        f"mood {wording.say(moods[0], 'mood')} → {wording.say(moods[1], 'mood')}"
        if None not in moods
        else None
    )
    day = f"{row['ended_on']:%-d %b %Y}" if row["ended_on"] else None
    about = " · ".join(
        plain(part) for part in (row["team"], wording.spaced(row["channel"]), day, mood) if part
    )
    sign = '<span class="sign">would warn others</span>' if row["is_warned"] else ""
    return f'<li><a class="said" href="{where}">{said}</a>{sign}<br><span class="quiet">{about}</span></li>'


def quiet_html(rows: pl.DataFrame, query: Mapping[str, str]) -> str:
    """Who has gone quiet, each with their last conversation."""
    items = "".join(
        f'<li><a href="{plain(address("conversations", query, column="is_gone_quiet", answer="yes", c=row["ticket_id"], source=row["source"]))}">'
        f'{plain(row["name"])}</a> <span class="quiet">wrote about every {plain(wording.length(row["rhythm_days"] * 1440))},'
        f" silent for {plain(wording.length(row['silent_days'] * 1440))}; {row['count_conversations']:,} conversations</span></li>"
        for row in rows.iter_rows(named=True)
    )
    return f'<ol class="list tight">{items}</ol>'


def moods_html(frame: pl.DataFrame) -> str:
    """The histograms as a table."""
    rows = "".join(
        f'<tr><th scope="row">{plain(wording.say(row["mood"], "mood"))}</th>'
        + "".join(
            f'<td class="n">{plain(wording.say(row[f"share_{side}"], "share"))}</td><td class="n">{row[f"count_{side}"]:,}</td>'
            for side in ("answered", "silent")
        )
        + "</tr>"
        for row in frame.iter_rows(named=True)
    )
    return (
        '<details><summary>The same as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Mood after our answer">'
        '<table><thead><tr><th scope="col">Mood from</th><th scope="col" class="n">Answered</th><th scope="col" class="n">n</th>'
        f'<th scope="col" class="n">Silent</th><th scope="col" class="n">n</th></tr></thead><tbody>{rows}</tbody></table></div></details>'
    )
