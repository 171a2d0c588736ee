"""What a person is asked about a reading, and what they said of it, as HTML."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from dashboard import page
from dashboard.evidence import plain, unbroken
from dashboard.links import link
from dashboard.reading import turns_html
from metrics import registry, wording
from metrics.measure import Column
from metrics.reading import Reading, Turn
from metrics.review_queue import Unit
from metrics.reviewed import Checked
from metrics.reviews import Place

MOST_TURNS = 8  # a longer conversation is shown around its sentences, the whole of it folded away


def question(unit: Unit, column: Column) -> str:
    """What is asked, with what the answers mean."""
    read = "yes" if unit.stratum == "flagged" else "no"
    means = (
        "<strong>Right</strong>: it is so. <strong>Wrong</strong>: it is not; its sentences leave every list."
        if unit.stratum == "flagged"
        else "<strong>Right</strong>: it is not so. <strong>Missed</strong>: it is so all the same."
    )
    return (
        f"<h2>{plain(column.title)}: {read}. Is that right?</h2>"
        f'<p class="quiet">{plain(column.about)} {page.how_counted(unit.column)}<br>{means}</p>'
    )


def excerpt(found: Reading, unit: Unit, places: Sequence[Place]) -> str:
    """The conversation with the sentences asked about marked: where it is long, each with the message before and after."""
    measure = registry.find(unit.column)[0].name
    asked = {(one.message_id, one.measure, one.kind, one.start, one.end) for one in places}
    turns = [_only(turn, asked) for turn in found.turns if turn.turn is not None or turn.kind == "survey"]
    marked = [number for number, turn in enumerate(turns) if turn.spans]
    whole = f'<ol class="turns">{turns_html(turns, measure)}</ol>'
    subject = found.ticket.get("subject") or f"Conversation {unit.ticket_id}"
    where = link(str(subject), "conversations", c=unit.ticket_id, source=unit.source)
    head = f'<p class="wide"><strong>{where}</strong></p>'
    if len(turns) <= MOST_TURNS:
        return head + whole
    near = sorted(
        {at for number in marked for at in (number - 1, number, number + 1) if 0 <= at < len(turns)}
    )
    shown = [turns[at] for at in near] if near else turns[:MOST_TURNS]
    return (
        f'{head}<ol class="turns">{turns_html(shown, measure)}</ol>'
        f"<details><summary>All {len(turns):,} messages</summary>{whole}</details>"
    )


def _only(turn: Turn, asked: Collection[tuple[object, ...]]) -> Turn:
    """A turn with the evidence that is asked about alone: other signals would say what to answer."""
    spans = [
        replace(span, is_quiet=False)
        for span in turn.spans
        if (span.message_id, span.measure, span.kind, span.start, span.end) in asked
    ]
    return replace(turn, spans=tuple(spans), mood=None)


def progress(checked: Checked) -> str:
    """How far the checks of a column are, as words and a bar."""
    done = checked.reviewed
    wanted = max(done + checked.missing, 1)
    rest = (
        f"{checked.missing:,} more until its rate is corrected"
        if checked.missing
        else "enough to correct its rate"
    )
    said = (
        "None reviewed yet"
        if not done
        else f"{done:,} reviewed: {checked.flagged.reviewed:,} flagged, {checked.unflagged.reviewed:,} not flagged"
    )
    said += f"; {rest}"
    return (
        f'<p class="quiet progress">{plain(said)}<span class="bar" aria-hidden="true">'
        f'<i class="grey-mark" style="width:{100 * done / wanted:.0f}%"></i></span></p>'
    )


def table(rows: Sequence[dict[str, Any]]) -> str:
    """What the checks say of each column, as dots with intervals and as numbers."""
    body = "".join(_row(row) for row in rows)
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="What the reviews say"><table class="checks"><thead><tr>'
        '<th scope="col">Signal</th><th scope="col">Right, of those flagged</th><th scope="col">Missed, of the others</th>'
        '<th scope="col" class="n">As read</th><th scope="col" class="n">Corrected for reading errors</th>'
        f'<th scope="col" class="n">Reviews</th></tr></thead><tbody>{body}</tbody></table></div>'
    )


def _row(row: dict[str, Any]) -> str:
    corrected = (
        '<span class="quiet">not checked on your data</span>'
        if row["corrected"] is None
        else _rate(row, "corrected", "corrected_low", "corrected_high")
    )
    more = f'<span class="small">{row["missing"]:,} more</span>' if row["missing"] else ""
    return (
        f'<tr><th scope="row">{link(row["title"], "glossary", m=row["column"])}</th>'
        f"<td>{_dot(row, 'flagged')}</td><td>{_dot(row, 'unflagged')}</td>"
        f'<td class="n">{_rate(row, "value", "low", "high")}</td><td class="n">{corrected}</td>'
        f'<td class="n">{row["reviewed"]:,}{more}</td></tr>'
    )


def _rate(row: dict[str, Any], value: str, low: str, high: str) -> str:
    interval = "" if row[low] is None else wording.say_interval(row[low], row[high], "share")
    return f'{unbroken(wording.say(row[value], "share"))}<span class="small">{unbroken(interval)}</span>'


def _dot(row: dict[str, Any], stratum: str) -> str:
    """A share of those reviewed as a dot on a line from 0 to 100 %, with its interval; the same in words beside it."""
    share, low, high = (row[f"{name}_{stratum}"] for name in ("share", "low", "high"))
    if share is None:
        return '<span class="quiet">none reviewed</span>'
    said = f"{wording.say(share, 'share')}, {wording.say_interval(low, high, 'share')}, n {row[f'reviewed_{stratum}']:,}"
    return (
        f'<span class="range" aria-hidden="true"><i style="left:{100 * low:.1f}%;width:{100 * (high - low):.1f}%"></i>'
        f'<b style="left:{100 * share:.1f}%"></b></span><span class="small">{unbroken(said)}</span>'
    )
