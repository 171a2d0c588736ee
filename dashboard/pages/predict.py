"""Do our scores tell which conversations went well?"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import page, telling
from dashboard.evidence import plain
from dashboard.filters import Chosen, choose
from dashboard.links import PREDICT, address, link
from dashboard.read import precision
from dashboard.state import Data
from metrics import wording
from metrics.contrast import asked, foretells
from metrics.contrast.foretells import Foretelling, Foretold, Well
from metrics.registry import find

QUESTION = "Do our scores tell which conversations went well?"
CURVE = "curve"
TELLS = {
    "tells": "tells",
    "other way": "points the other way",
    "chance": "no better than chance",
    "too few": "too few",
    "all alike": "all alike",
}
MOST_NAMED = 3


def body(data: Data) -> None:
    """The page below its title."""
    chosen = choose(data)
    asked.check(data.version, precision(data))
    known = data.remember("definitions of well", (), lambda: foretells.definitions(data.version))
    if not known:
        page.state(
            "What went well can not be told from these data.",
            "It is read from what customers wrote after an answer, and there are no such messages.",
            [link("What is loaded", "data")],
        )
        return
    titles = {well.title: name for name, well in known.items()}
    said = st.segmented_control(
        "Went well means",
        list(titles),
        default=next(iter(titles)),
        required=True,
        key="well",
        bind="query-params",
    )
    well = known[titles.get(said or "", next(iter(known)))]
    found = data.remember(
        "foretold",
        (chosen.scope, well),
        lambda: foretells.foretold(data.version, chosen.scope, well, too_few=data.settings.display.too_few),
    )
    if not found.compared:
        _nothing(found, chosen, data)
        return
    page.write(f'<p class="answer">{answer(found, chosen.period)}</p>')
    page.write(
        f'<p class="quiet wide">Went well: {plain(well.rule)}.'
        " The number is the chance that a score puts a conversation that went well above one that did not: 1 is always,"
        " 0.5 is a coin. An association only: it says nothing about what makes conversations go well.</p>"
    )
    _side_by_side(found, chosen)
    _curve(data, found, well, chosen)


def _nothing(found: Foretold, chosen: Chosen, data: Data) -> None:
    """Why no score can be held against the conversations, and the move that helps."""
    if not found.n:
        page.state(
            "No conversations match these filters.",
            f"Of nothing that ended {plain(chosen.period)} it is known how it went. The data ends on"
            f" {data.as_of_date:%-d %B %Y}.",
            [link("Show 52 weeks", PREDICT, chosen.query, period="52 weeks"), link("Clear filters", PREDICT)],
        )
        return
    count = "one conversation" if found.n == 1 else f"{found.n:,} conversations"
    page.state(
        f"Too few to tell: {count}, of which {found.n_well:,} went well.",
        f"From {data.settings.display.too_few} conversations with a score on, of which at least {foretells.LEAST_OF_EACH}"
        " went well and as many did not, we hold the score against them.",
        [
            link("Read them", "conversations", chosen.query, column="mood_shift"),
            link("Show 52 weeks", PREDICT, chosen.query, period="52 weeks"),
        ],
    )


def answer(found: Foretold, period: str) -> str:
    """The best score, those that are no better than chance, and those that point the other way, with what it stands on."""
    compared = found.compared
    best = next((one for one in compared if one.tells == "tells"), None)
    basis = (
        f" Of {found.n:,} conversations {plain(period)} of which it is known, {found.n_well:,} went well"
        f" ({wording.say(found.n_well / found.n, 'share')})."
    )
    if best is None:
        first = "No score of ours tells beyond chance which conversations went well."
    else:
        first = (
            f"{plain(best.title)} tells best which conversations went well: {_auc(best)}"
            f" ({_interval(best)}, n {best.n:,}), where 0.5 is chance."
        )
    others = [one for one in compared if one.tells == "tells" and one is not best]
    more = (
        f" {_named(others)} also {'tells' if len(others) == 1 else 'tell'} more than chance."
        if others
        else ""
    )
    chance = [one for one in compared if one.tells == "chance"]
    if chance:
        more += f" {_named(chance)} {'is' if len(chance) == 1 else 'are'} no better than chance."
    wrong = sorted((one for one in compared if one.tells == "other way"), key=lambda one: one.auc or 0)
    if wrong:
        more += f" {_named(wrong)} {'points' if len(wrong) == 1 else 'point'} the other way: the better the figure, the less often it went well."
    return f"<strong>{first}</strong>{more}{basis}"


def _named(scores: Sequence[Foretelling]) -> str:
    """Several scores with their numbers: the first by name, the rest counted."""
    told = [f"{plain(_inside(one.title))} ({_auc(one)})" for one in scores[:MOST_NAMED]]
    rest = len(scores) - len(told)
    if rest:
        told.append(f"{rest} more")
    said = told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"
    return said[:1].upper() + said[1:]


def _inside(title: str) -> str:
    """A title inside a sentence: its first letter small, where it is no abbreviation."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def _auc(one: Foretelling) -> str:
    return "" if one.auc is None else f"{one.auc:.2f}"


def _interval(one: Foretelling) -> str:
    return "no interval" if one.low is None or one.high is None else f"{one.low:.2f} to {one.high:.2f}"


def finding(found: Foretold) -> str:
    """How many scores tell more than chance."""
    compared = found.compared
    tells = sum(one.tells == "tells" for one in compared)
    if len(compared) == 1:
        return f"The one score that could be held against them {'tells more than' if tells else 'does not tell more than'} chance"
    if not tells:
        return f"None of {len(compared)} scores tells more than chance"
    return f"{tells} of {len(compared)} scores {'tells' if tells == 1 else 'tell'} more than chance"


def _side_by_side(found: Foretold, chosen: Chosen) -> None:
    sampled = (
        f" Computed from {foretells.SAMPLED:,} of them: a share of the customers, the same ones each time."
        if found.is_sampled
        else ""
    )
    page.heading(
        finding(found),
        '<p class="quiet wide"><span class="form">Blue</span> stands after correcting for how many scores were looked at'
        f" (Holm, 5 %); grey does not. Lines are 95 % intervals; the upright line is chance.{sampled}</p>",
    )
    telling.dots(
        found.compared,
        key="foretold",
        alt=f"{len(found.compared)} scores by how well they tell which conversations went well; the table below holds the same figures.",
    )
    rows = "".join(_row(one, chosen) for one in found.compared)
    page.write(
        '<div class="scroll" tabindex="0" role="region" aria-label="How well each score tells"><table class="figures"><thead><tr>'
        '<th scope="col">Score</th><th scope="col" class="n">AUC</th><th scope="col" class="n">95 % interval</th>'
        '<th scope="col" class="n">n</th><th scope="col" class="n">went well</th><th scope="col">Read as</th>'
        f'<th scope="col">Verdict</th><th scope="col">Curve</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )
    left_out = [one for one in found.scores if one not in found.compared]
    few = ", ".join(f"{one.title} ({one.n:,})" for one in left_out if one.n)
    none = ", ".join(one.title for one in left_out if not one.n)
    said = [f"Too few, or all alike: {few}." if few else "", f"Not in these data: {none}." if none else ""]
    if any(said):
        page.write(f'<p class="quiet wide">{plain(" ".join(part for part in said if part))}</p>')


def _row(one: Foretelling, chosen: Chosen) -> str:
    where = plain(address("conversations", chosen.query, column=one.column))
    read = plain(f"{one.n:,} conversations with {one.title}: read them")
    direction = (
        ("shorter is better" if one.unit == "minutes" else "less is better")
        if one.is_lower_better
        else "more is better"
    )
    if one.unit == "share":
        direction = "no is better" if one.is_lower_better else "yes is better"
    counted = page.how_counted(find(one.column)[0].name)
    return (
        f'<tr><th scope="row">{plain(one.title)}<span class="small">{counted}</span></th><td class="n">{_auc(one)}</td>'
        f'<td class="n">{_interval(one)}</td><td class="n"><a href="{where}" aria-label="{read}">{one.n:,}</a></td>'
        f'<td class="n">{one.n_well:,}</td><td>{direction}</td><td>{TELLS[one.tells]}</td>'
        f"<td>{link('show', PREDICT, chosen.query, _well_query(), curve=one.column)}</td></tr>"
    )


def _well_query() -> dict[str, str]:
    """The definition chosen, as the address names it."""
    said = st.query_params.get("well")
    return {"well": said} if said else {}


def _curve(data: Data, found: Foretold, well: Well, chosen: Chosen) -> None:
    """The ROC curve of one score: the one the address names, else the best."""
    shown = {one.column: one for one in found.compared}
    column = st.query_params.get(CURVE, "")
    one = shown.get(column, found.compared[0])
    points = data.remember(
        "roc",
        (chosen.scope, well, one.column),
        lambda: foretells.curve(data.version, chosen.scope, well, one.column),
    )
    page.heading(
        f"{one.title}: {_pairs(one)}",
        '<p class="quiet wide">Across, the share of those that did <em>not</em> go well; upward, the share of those that did,'
        " with at least so good a score. On the thin line the score says nothing.</p>",
    )
    left, _ = st.columns([3, 2])
    with left:
        telling.curve(points, key="roc", alt=f"ROC curve of {one.title}, area {_auc(one)}.")
    rows = "".join(
        f'<tr><td class="n">{wording.say(row["others"], "share")}</td><td class="n">{wording.say(row["well"], "share")}</td></tr>'
        for row in points.iter_rows(named=True)
    )
    page.write(
        '<details><summary>The same as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Curve as a table">'
        '<table><thead><tr><th scope="col" class="n">of those that did not</th><th scope="col" class="n">of those that went well</th>'
        f"</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _pairs(one: Foretelling) -> str:
    """The area in words: of 100 pairs, in how many the score puts the one that went well first."""
    return f"of 100 pairs it puts the one that went well first in {round(100 * (one.auc or 0))}, a coin in 50"


if __name__ == "__main__":
    page.run(QUESTION, body)
