"""The paired ledger: one question asked twice of the same conversations, as a real table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboard.charts import spark
from dashboard.evidence import plain
from dashboard.links import address, link
from dashboard.page import how_counted
from metrics import wording
from metrics.contrast.pairs import Figure, Pair


def ledger_html(
    pairs: Sequence[Pair], query: Mapping[str, str], least: int, answered: Mapping[str, float | None]
) -> str:
    """The table. Each number leads to the conversations that made it; under `least` of them no number is shown.

    answered: by measure of a survey, which share of those asked answered that survey (null: not known).
    """
    said = {measure: _answered(share) for measure, share in answered.items()}
    rows = "".join(_row(pair, query, least, said) for pair in pairs)
    return (
        '<table class="ledger"><colgroup><col class="side"><col class="trend"><col><col class="trend"><col class="side">'
        "</colgroup><thead><tr>"
        '<th scope="col" class="left form">Scores say</th><th scope="col" class="trend"><span class="small">by week</span></th>'
        '<th scope="col" class="ask"><span>the same question, asked twice</span></th>'
        '<th scope="col" class="trend"><span class="small">by week</span></th>'
        f'<th scope="col" class="function">Conversations show</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _answered(share: float | None) -> str:
    """What stands beside a survey's score: how many of those asked answered."""
    if share is None:
        return '<span class="small">how many were asked is not in these data</span>'
    return f'<span class="small">{plain(wording.say(share, "share"))} of those asked answered</span>'


def _row(pair: Pair, query: Mapping[str, str], least: int, answered: Mapping[str, str]) -> str:
    scores = "".join(
        _figure(figure, query, least, answered.get(figure.measure, "")) for figure in pair.scores
    )
    talk = "".join(_figure(figure, query, least) for figure in pair.conversations)
    return (
        f'<tr><td class="left">{scores}</td><td class="trend">{_sparks(pair.scores, "form")}</td>'
        f'<th scope="row" class="ask">{plain(pair.question)}</th>'
        f'<td class="trend">{_sparks(pair.conversations, "function")}</td><td>{talk}</td></tr>'
    )


def _sparks(figures: Sequence[Figure], side: str) -> str:
    return (
        f'<div class="sparks">{"".join(spark([value for _, value in f.weekly], side) for f in figures)}</div>'
    )


def _figure(figure: Figure, query: Mapping[str, str], least: int, beside: str = "") -> str:
    counted = how_counted(figure.measure)
    if figure.value is None:
        return f'<div class="figure"><div class="value none">not measured</div><span class="small">{plain(figure.title)} · {counted}</span></div>'
    where = behind(figure.column, figure.unit, query)
    if figure.n < least:
        read = link(f"{figure.n:,} counted: read them", "conversations", where)
        return (
            f'<div class="figure"><div class="value none">{read}</div>'
            f'<span class="small">{plain(figure.title)} · below {least} no rate is shown · {counted}</span></div>'
        )
    said = wording.say(figure.value, figure.unit)
    interval = wording.say_interval(figure.low, figure.high, figure.unit)
    ripe = "" if figure.is_final else " · not final yet, compared at the same age"
    name = plain(f"{said}, {figure.title}: read the conversations")
    return (
        f'<div class="figure"><div class="value"><a href="{plain(address("conversations", where))}" aria-label="{name}">'
        f'{plain(said)}</a></div><span class="small">{plain(figure.title)}{_change(figure)}</span>'
        f'<span class="small">{plain(interval)} · n {figure.n:,} · {counted}{ripe}</span>{beside}</div>'
    )


def _change(figure: Figure) -> str:
    if figure.change is None:
        return ""
    said = plain(wording.say_change(figure.change, figure.unit, figure.better))
    return f" · {said}" if figure.change_exceeds_noise else f" · {said}, within noise"


def behind(column: str, unit: str, query: Mapping[str, str]) -> dict[str, str]:
    """The query of the conversations that made a figure: for a share, those that it counts."""
    return {**query, "column": column, **({"answer": "yes"} if unit == "share" else {})}
