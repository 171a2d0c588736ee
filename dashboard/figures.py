"""A table of figures: value, interval, n, coverage, change and weeks of each, one row a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboard import page
from dashboard.charts import spark
from dashboard.evidence import plain
from dashboard.ledger import behind
from dashboard.links import address
from metrics import registry, wording
from metrics.contrast.pairs import Figure

# Of a ticket's conversations these figures show those that they count; of a survey's or a day's there are none to list.
LISTED = ("ticket", "wait")


def table(
    title: str,
    measured: Sequence[Figure],
    query: Mapping[str, str],
    least: int,
    *,
    side: str = "form",
    notes: Mapping[str, str] | None = None,
) -> str:
    """The figures as HTML; `least` is the n below which a share is not said, `notes` plain words under a column's name."""
    rows = "".join(
        _row(figure, query, least, side, (notes or {}).get(figure.column, "")) for figure in measured
    )
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="'
        + plain(title)
        + '"><table class="figures"><thead><tr>'
        '<th scope="col">Figure</th><th scope="col" class="n">Value</th><th scope="col" class="n">95 % interval</th>'
        '<th scope="col" class="n">n</th><th scope="col" class="n">Coverage</th><th scope="col">Against the period before</th>'
        f'<th scope="col">By week</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _row(figure: Figure, query: Mapping[str, str], least: int, side: str, note: str) -> str:
    measure = registry.find(figure.column)[0]
    value = plain(wording.say(figure.value, figure.unit))
    if measure.grain in LISTED:
        where = behind(figure.column, figure.unit, query)
        name = plain(f"{value}, {figure.title}: read the conversations")
        value = f'<a href="{plain(address("conversations", where))}" aria-label="{name}">{value}</a>'
    if figure.n < least:
        value = f'<span class="quiet">below {least}, no rate</span>' if figure.unit == "share" else value
    waiting = f'<span class="small">{figure.count_open:,} still waiting</span>' if figure.count_open else ""
    change = (
        "" if figure.change is None else plain(wording.say_change(figure.change, figure.unit, figure.better))
    )
    noise = "" if figure.change is None or figure.change_exceeds_noise else ", within noise"
    ripe = "" if figure.is_final else '<span class="small">not final yet, compared at the same age</span>'
    interval = "" if figure.low is None else plain(wording.say_interval(figure.low, figure.high, figure.unit))
    coverage = "" if figure.coverage is None else plain(wording.say(figure.coverage, "share"))
    said = f'<span class="small">{plain(note)}</span>' if note else ""
    return (
        f'<tr><th scope="row">{plain(figure.title)}<span class="small">{page.how_counted(figure.measure)}</span>{said}</th>'
        f'<td class="n">{value}{waiting}</td><td class="n">{interval}</td>'
        f'<td class="n">{figure.n:,}</td><td class="n">{coverage}</td><td>{change}{noise}{ripe}</td>'
        f"<td>{spark([one for _, one in figure.weekly], side)}</td></tr>"
    )
