"""Trust: how customers felt, how we answered when it was hard, and what we promised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from dashboard import charts, page
from dashboard.evidence import plain, unbroken
from dashboard.figures import table
from dashboard.filters import Chosen, choose
from dashboard.ledger import behind
from dashboard.links import address, link
from dashboard.read import precision
from dashboard.state import Data
from metrics import goodwill, registry, validity, wording
from metrics.contrast.pairs import Figure, figures
from metrics.measure import Across, Derived, Measure, Signal
from metrics.totals import Scope, totals
from metrics.turning import turning_points

QUESTION = "Where does the mood turn, and how do we answer when it is hard?"
SECTIONS: dict[str, tuple[str, ...]] = {
    "How they felt": ("sentiment_shift", "turned_around", "trust_restored"),
    "How we answered when it was hard": ("empathy", "apology", "defensiveness", "blocked", "ownership"),
    "What we promised, and how long they waited": ("promise", "wait_announced", "longest_wait"),
    "Leaving, warning, recommending": ("leaving", "exit_wish", "would_recommend", "referred", "goodwill"),
}
GOALS = {"solved": "Was it solved?", "trust": "Trust, also", "heard": "Were they heard?"}
CELLS = (
    "is_solved_and_better",
    "is_solved_not_better",
    "is_better_not_solved",
    "is_neither_solved_nor_better",
)
SHOWN = 5  # conversations, or customers, in a list


def body(data: Data) -> None:
    """The page below its title."""
    chosen = choose(data, compare=True)
    found = data.remember("all function", (chosen.scope, chosen.before), lambda: _figures(data, chosen))
    page.write(f'<p class="answer">{_answer(found, chosen)}</p>')
    if not any(figure.n for figure in found.values()):
        page.state(
            "No conversations match these filters.",
            f"Nothing that can be read ended {plain(chosen.period)}. The data ends on {data.as_of_date:%-d %B %Y}.",
            [link("Show 52 weeks", "trust", chosen.query, period="52 weeks"), link("Clear filters", "trust")],
        )
        return
    _moods(data, chosen)
    _turning_points(data, chosen)
    _facts_and_feelings(found, chosen, data.settings.display.too_few)
    for title, names in _sections().items():
        _section(title, [figure for figure in found.values() if figure.measure in names], chosen, data)
    _goodwill(data, chosen)


def measures() -> list[Measure]:
    """What conversations show: the measures of the function wing, of the grain of a ticket."""
    return [
        one
        for one in registry.discover()
        if one.wing == "function" and one.grain in ("ticket", "suggestion")
        and (isinstance(one, Signal | Across | Derived) or registry.family(one.name) in GOALS)
    ]  # fmt: skip


def _sections() -> dict[str, tuple[str, ...]]:
    """The sections of the page with their measures; what has no section of its own stands with its goal."""
    placed = {name for names in SECTIONS.values() for name in names} | {"solved_and_better"}
    rest = {
        title: tuple(
            one.name for one in measures() if registry.family(one.name) == goal and one.name not in placed
        )
        for goal, title in GOALS.items()
    }
    return {**SECTIONS, **{title: names for title, names in rest.items() if names}}


def _figures(data: Data, chosen: Chosen) -> dict[str, Figure]:
    columns = [column.name for one in measures() for column in one.columns if column.total]
    return figures(data.version, columns, chosen.scope, chosen.before)


def _answer(found: dict[str, Figure], chosen: Chosen) -> str:
    """How customers left, and whose trust was restored, about the same conversations."""
    better, worse = found.get("left_better"), found.get("left_worse")
    if better is None or worse is None or better.value is None or worse.value is None:
        return f"Nobody's mood could be followed {plain(chosen.period)}."
    said = (
        f"<strong>Of {better.n:,} conversations in which the customer wrote after our answer {plain(chosen.period)},"
        f" {unbroken(wording.say(better.value, 'share'))} left better and {unbroken(wording.say(worse.value, 'share'))} worse.</strong>"
    )
    restored = found.get("is_trust_restored")
    if restored is not None and restored.value is not None:
        said += (
            f" Of {restored.n:,} who came unhappy and of whom it is known, trust was restored with"
            f" {unbroken(wording.say(restored.value, 'share'))} ({unbroken(wording.say_interval(restored.low, restored.high, 'share'))})."
        )
    return said


def _moods(data: Data, chosen: Chosen) -> None:
    """Mood on arrival and after our answer of each group, as dumbbells and as a table."""
    rows = data.remember(
        "moods by", (chosen.scope, chosen.by), lambda: _moods_by(data, chosen.scope, chosen.by)
    )
    least = data.settings.display.too_few
    drawn = rows.filter(pl.col("n") >= least)
    noun = chosen.by_title.lower()
    if drawn.height == 0:
        page.heading(f"Too few conversations to follow the mood by {noun}")
        return
    up = drawn.filter(pl.col("after_low") > pl.col("arrival_high")).height
    page.heading(
        f"In {up} of {drawn.height} {noun}s the mood after our answer lies clear above the mood on arrival",
        '<p>Mood on arrival (grey) and <span class="function">after our answer</span>, with 95 % intervals, of conversations in which the '
        "customer wrote after our answer.</p>",
    )
    charts.dumbbells(
        drawn, key="moods", alt=f"Mood on arrival and after our answer of {drawn.height} {noun}s"
    )
    body_rows = "".join(
        f'<tr><th scope="row"><a href="{plain(address("conversations", chosen.query, column="mood_after_answer", **{chosen.by: row["group"]}))}">'
        f'{plain(row["group"])}</a></th><td class="n">{_mood(row["arrival"])}</td><td class="n">{_mood(row["after"])}</td>'
        f'<td class="n">{row["n"]:,}</td></tr>'
        for row in rows.iter_rows(named=True)
    )
    page.write(
        f'<details><summary>The same as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Mood by {plain(noun)}">'
        f'<table><thead><tr><th scope="col">{plain(chosen.by_title)}</th><th scope="col" class="n">Mood on arrival</th>'
        f'<th scope="col" class="n">After our answer</th><th scope="col" class="n">n</th></tr></thead><tbody>{body_rows}</tbody></table></div></details>'
    )


def _mood(value: float | None) -> str:
    return plain(wording.say(value, "mood"))


def _moods_by(data: Data, scope: Scope, by: str) -> pl.DataFrame:
    """Columns group, n, arrival, after and the ends of their intervals, of conversations with a word after our answer."""
    heard = Scope(scope.date_from, scope.date_to, {**scope.where, "left_better": ("true", "false")})
    frame = totals(data.version, ["mood_on_arrival", "mood_after_answer"], heard, [by])
    groups: dict[str, dict[str, Any]] = {}
    for row in frame.iter_rows(named=True):
        if row[by] is None or row["value"] is None:
            continue
        name = "arrival" if row["column"] == "mood_on_arrival" else "after"
        own = groups.setdefault(str(row[by]), {"group": str(row[by])})
        own |= {name: row["value"], f"{name}_low": row["low"], f"{name}_high": row["high"], "n": row["n"]}
    columns = ("arrival", "arrival_low", "arrival_high", "after", "after_low", "after_high")
    schema = {"group": pl.String(), "n": pl.Int64(), **dict.fromkeys(columns, pl.Float64())}
    return pl.DataFrame(list(groups.values()), schema=schema).sort("after", nulls_last=True)


def _turning_points(data: Data, chosen: Chosen) -> None:
    """The sentences at which the mood turned most, either way, each in its conversation."""
    rows = data.remember(
        "turned", chosen.scope, lambda: turning_points(data.version, chosen.scope, SHOWN).to_dicts()
    )
    for rising, words in ((True, "for the better"), (False, "for the worse")):
        items = "".join(_quote(row, chosen) for row in rows if (row["value"] > 0) == rising)
        if items:
            page.write(f'<h3>Where it turned {words} most</h3><ol class="list">{items}</ol>')


def _quote(row: dict[str, Any], chosen: Chosen) -> str:
    where = address(
        "conversations", chosen.query, column="mood_shift", c=row["ticket_id"], source=row["source"]
    )
    about = " \u00b7 ".join(plain(part) for part in (row["team"], wording.spaced(row["channel"])) if part)
    return (
        f'<li><a class="said" href="{plain(where)}"><mark>{plain(row["quote"])}</mark></a> '
        f'<span class="sign">{_mood(row["value"])}</span><br><span class="quiet">{about}</span></li>'
    )


def _facts_and_feelings(found: dict[str, Figure], chosen: Chosen, least: int) -> None:
    """Solved or not by left better or not: four cells, each with its conversations behind it."""
    cells = [found.get(name) for name in CELLS]
    if any(cell is None or cell.value is None for cell in cells):
        return
    both, cold, warm, neither = (cell for cell in cells if cell is not None)
    if both.n < least:
        return
    solved = (both.value or 0) + (cold.value or 0)
    part = (cold.value or 0) / solved if solved else None
    finding = (
        "Nothing was confirmed as solved"
        if part is None
        else f"{wording.say(part, 'share')} of what customers confirmed as solved did not leave them better"
    )
    page.heading(
        finding,
        '<div class="scroll" tabindex="0" role="region" aria-label="Solved by left better"><table><thead><tr><td></td>'
        '<th scope="col" class="n">Left better</th><th scope="col" class="n">Did not</th></tr></thead><tbody>'
        f'<tr><th scope="row">Confirmed as solved</th>{_cell(both, chosen)}{_cell(cold, chosen)}</tr>'
        f'<tr><th scope="row">Not confirmed</th>{_cell(warm, chosen)}{_cell(neither, chosen)}</tr></tbody></table></div>'
        f'<p class="quiet">n {both.n:,}. {page.how_counted("solved_and_better")}</p>',
    )


def _cell(figure: Figure, chosen: Chosen) -> str:
    where = plain(address("conversations", behind(figure.column, figure.unit, chosen.query)))
    interval = plain(wording.say_interval(figure.low, figure.high, figure.unit))
    return f'<td class="n"><a href="{where}">{plain(wording.say(figure.value, figure.unit))}</a><span class="small">{interval}</span></td>'


def _section(title: str, here: Sequence[Figure], chosen: Chosen, data: Data) -> None:
    measured = [figure for figure in here if figure.value is not None and figure.n]
    if measured:
        notes = {figure.column: _note(data, figure) for figure in measured}
        page.heading(
            title,
            table(title, measured, chosen.query, data.settings.display.too_few, side="function", notes=notes),
        )
    missing = list(dict.fromkeys(figure.title for figure in here if figure not in measured))
    if missing:
        page.write(
            f'<p class="quiet">{plain(title)} Not measured {plain(chosen.period)}: {plain(", ".join(missing))}.</p>'
        )


def _note(data: Data, figure: Figure) -> str:
    """That a figure is experimental, and why."""
    standing = validity.standing(registry.measure(figure.measure), precision(data))
    return f"experimental: {standing.why}" if standing.is_experimental else ""


def _goodwill(data: Data, chosen: Chosen) -> None:
    """Whose goodwill fell and whose rose most, each with the conversations that moved it."""
    for rising, words in ((False, "lost most goodwill"), (True, "gained most goodwill")):
        frame = _ledgers(data, chosen.scope, rising)
        if frame.height == 0:
            continue
        items = "".join(
            f'<li><a href="{plain(address("conversations", chosen.query, customer_id=row["id"], column="goodwill_step"))}">{plain(row["name"])}</a> '
            f'{wording.signed(row["goodwill"], 0)} <span class="quiet">{row["count_up"]} up, {row["count_down"]} down, of '
            f"{row['count_conversations']} conversations</span></li>"
            for row in frame.iter_rows(named=True)
        )
        page.heading(f"These customers {words} {chosen.period}", f'<ol class="list">{items}</ol>')


def _ledgers(data: Data, scope: Scope, rising: bool) -> pl.DataFrame:
    return data.remember("goodwill", scope, lambda: goodwill.both_ledgers(data.version, scope, limit=SHOWN))[
        rising
    ]


if __name__ == "__main__":
    page.run(QUESTION, body)
