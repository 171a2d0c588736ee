"""Scores: what does the helpdesk's side of it say, each figure by its stated rule?"""

from __future__ import annotations

from collections.abc import Mapping

from dashboard import charts, page
from dashboard.download import download
from dashboard.evidence import plain
from dashboard.figures import table
from dashboard.filters import Chosen, choose
from dashboard.links import link
from dashboard.state import Data
from metrics import left_out, registry, wording
from metrics.contrast.pairs import Figure, as_frame, figures
from metrics.totals import totals

QUESTION = "What do the scores say?"
FAMILIES = {
    "scores": "What surveys say",
    "speed": "How long customers wait",
    "effort": "What it takes",
    "volume": "How much there is",
}
SHOWN_LEFT_OUT = 5


def body(data: Data) -> None:
    """Every form measure that these data hold, by family, with the days of the backlog and what is left out."""
    chosen = choose(data)
    found = data.remember("all scores", (chosen.scope, chosen.before), lambda: _figures(data, chosen))
    page.write(f'<p class="answer">{_answer(found, chosen)}</p>')
    for family, title in FAMILIES.items():
        here = [figure for figure in found.values() if registry.family(figure.measure) == family]
        measured = [figure for figure in here if figure.value is not None]
        if measured:
            page.heading(title, table(title, measured, chosen.query, data.settings.display.too_few))
        if family == "volume":
            _backlog(data, chosen)
        if missing := [figure.title for figure in here if figure.value is None]:
            page.write(
                f'<p class="quiet">Not measured {plain(chosen.period)}: {plain(", ".join(missing))}.</p>'
            )
    measured = [figure for figure in found.values() if figure.value is not None]
    if measured:
        download(
            data, chosen, "scores", lambda: as_frame(measured), count=max(figure.n for figure in measured)
        )
    _left_out(data)


def _figures(data: Data, chosen: Chosen) -> dict[str, Figure]:
    columns = [column.name for one in registry.metrics() for column in one.columns if column.total]
    return figures(data.version, columns, chosen.scope, chosen.before)


def _answer(found: Mapping[str, Figure], chosen: Chosen) -> str:
    """The three figures that a helpdesk's own report begins with, each with what it stands on."""
    parts = []
    for column, words in (
        ("first_reply_minutes", "a first reply takes {value} in the middle"),
        ("resolution_minutes", "a solution {value}"),
        ("is_satisfied", "{value} of those who answered were satisfied"),
    ):
        figure = found.get(column)
        if figure and figure.value is not None:
            waiting = f", {figure.count_open:,} still waiting" if figure.count_open else ""
            said = words.format(value=f"<strong>{plain(wording.say(figure.value, figure.unit))}</strong>")
            parts.append(f"{said} (n {figure.n:,}{waiting})")
    if not parts:
        return f"Nothing of it was measured {plain(chosen.period)}."
    text = "; ".join(parts)
    return f"{plain(chosen.period).capitalize()}, {text}."


def _backlog(data: Data, chosen: Chosen) -> None:
    """The tickets that were unsolved at the end of each day."""
    frame = data.remember(
        "backlog by day",
        chosen.scope,
        lambda: (
            totals(data.version, ["count_backlog"], chosen.scope, ["day"]).select("day", "value").drop_nulls()
        ),
    )
    if frame.height < 2:
        return
    first, last = frame["value"][0], frame["value"][-1]
    moved = (
        "as many as at its beginning"
        if last == first
        else f"{'more' if last > first else 'fewer'} than the {first:,.0f} at its beginning"
    )
    page.heading(f"{last:,.0f} tickets were unsolved at the end of the period, {moved}")
    charts.days(frame, key="backlog", alt="Unsolved tickets at the end of each day")
    rows = "".join(
        f'<tr><th scope="row">{day}</th><td class="n">{value:,.0f}</td></tr>' for day, value in frame.rows()
    )
    page.write(
        '<details><summary>The same as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Backlog by day">'
        f'<table><thead><tr><th scope="col">Day</th><th scope="col" class="n">Unsolved at its end</th></tr></thead><tbody>{rows}</tbody></table></div></details>'
    )


def _left_out(data: Data) -> None:
    """What is in no figure, counted and listed."""
    reasons = data.remember("left out", (), lambda: left_out.by_reason(data.version).to_dicts())
    if not reasons:
        page.heading("No ticket is left out")
        return
    items = "".join(
        f"<li><strong>{row['count_tickets']:,} {plain(row['reason'])}</strong>: {plain(row['about'])}"
        f"{_examples(data, row['reason'])}</li>"
        for row in reasons
    )
    gone = sum(row["count_tickets"] for row in reasons if row["is_in_no_figure"])
    page.heading(f"{gone:,} tickets are in no figure", f"<ul>{items}</ul>")
    page.write(
        f'<p class="quiet">{link("What else a figure leaves out", "glossary")} stands beside its rule.</p>'
    )


def _examples(data: Data, reason: str) -> str:
    rows = data.remember(
        "left out tickets", reason, lambda: left_out.tickets(data.version, reason, SHOWN_LEFT_OUT).to_dicts()
    )
    return (
        '<span class="small">'
        + plain(", ".join(f"{row['ticket_id']} {row['subject'] or ''}".strip()[:60] for row in rows))
        + "</span>"
    )


if __name__ == "__main__":
    page.run(QUESTION, body)
