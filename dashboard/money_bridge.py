"""The first half of the Money page: the bridge from the typed figure to ours, and what the score stands on."""

from __future__ import annotations

from dashboard import money_charts, money_inputs, page
from dashboard import money_words as words
from dashboard.evidence import plain, unbroken
from dashboard.filters import Chosen
from dashboard.links import address, link
from dashboard.money_charts import Move
from dashboard.state import Data
from metrics.contrast.bridge import TITLES, Bridge, Typed, bridge
from metrics.contrast.recount import Score
from metrics.contrast.recount_rows import recount
from metrics.contrast.stands_on import COLUMNS, Stands
from warehouse.errors import HeardError


def bridge_section(
    data: Data, chosen: Chosen, score: Score, figure: Typed | None, stands: Stands
) -> Bridge | None:
    """The bridge from the typed figure to ours, drawn and as a table; what to type where none was."""
    if stands.value is None:
        return None
    if figure is None:
        page.write(
            f'<p class="quiet">Type what your helpdesk shows as {plain(TITLES[score])} for these days and filters, and each rule that'
            " leads from it to ours is shown.</p>"
        )
        return None
    try:
        rules = data.remember(
            "rules of counting", (score, chosen.scope), lambda: recount(data.version, score, chosen.scope, data.zone).rules
        )  # fmt: skip
        known = money_inputs.known_rules(rules)
        found = data.remember(
            "bridge", (figure, chosen.scope, known), lambda: bridge(data.version, figure, chosen.scope, data.zone, known)
        )  # fmt: skip
    except HeardError as error:
        page.say_error(error, link("Take the filters off", "money"))
        return None
    if found is None:
        return None
    page.heading(words.bridge_finding(found))
    money_charts.waterfall(_moves(found), key="bridge", alt=words.bridge_finding(found))
    rows = "".join(
        f'<tr><th scope="row">{plain(step)}</th><td>{plain(rule)}</td><td class="n">{plain(changed)}</td><td class="n">{plain(after)}</td></tr>'
        for step, rule, changed, after in words.bridge_rows(found)
    )
    same = "; ".join(f"{title}: {said}" for title, said in found.same)
    same = f'<p class="quiet wide">The same on both sides: {plain(same)}.</p>' if same else ""
    page.write(
        f'<details open><summary>The same as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Bridge"><table>'
        '<thead><tr><th scope="col">Step</th><th scope="col">Rule</th><th scope="col" class="n">Changes</th><th scope="col" class="n">Figure</th>'
        f'</tr></thead><tbody>{rows}</tbody></table></div></details><p class="quiet wide">{plain(words.bridge_note(found))}</p>{same}'
    )
    return found


def _moves(found: Bridge) -> list[Move]:
    """The bridge as bars: the typed figure, what is not explained, each rule, ours."""
    score, value = found.typed.score, found.typed.value
    moves = [Move("The helpdesk shows", value, value, words.as_typed(found.typed), is_end=True)]
    for name, amount in ((words.ROUNDING, found.rounding), (words.NOT_EXPLAINED, found.remainder)):
        if amount:
            moves.append(
                Move(
                    name,
                    value,
                    value + amount,
                    words.change(amount, score),
                    is_unexplained=name == words.NOT_EXPLAINED,
                )
            )
            value += amount
    for step in found.steps:
        moves.append(Move(step.title, step.value - step.change, step.value, words.change(step.change, score)))
    moves.append(Move("By our rules", found.ours, found.ours, words.figure(found.ours, score), is_end=True))
    return moves  # fmt: skip


def stands_section(stands: Stands, chosen: Chosen) -> None:
    """n, response rate, bounds and tipping point."""
    rows = words.stands_rows(stands)
    if not rows:
        page.state(
            f"{TITLES[stands.score]} is not measured {chosen.period}.",
            "These data hold no answer or reply of that kind on those days. What service costs is told below without it.",
            [link("Bring an export", "data")],
        )
        return
    where = {
        "By our rules": address("conversations", chosen.query, column=COLUMNS[stands.score]),
        "Still waiting": address("conversations", chosen.query, column="is_first_reply_open", answer="yes"),
    }
    silent = address("silent", chosen.query)
    body_rows = "".join(
        f'<tr><th scope="row">{plain(name)}</th><td class="n"><a href="{plain(where.get(name, silent))}">{unbroken(value)}</a></td>'
        f"<td>{plain(meaning)}</td></tr>"
        for name, value, meaning in rows
    )
    page.heading(
        _stands_finding(stands),
        '<div class="scroll" tabindex="0" role="region" aria-label="What the score stands on"><table><tbody>'
        f"{body_rows}</tbody></table></div>",
    )


def _stands_finding(stands: Stands) -> str:
    bounds = stands.bounds
    if bounds is None or not bounds.count_silent:
        return f"It stands on {stands.n:,} {'tickets' if stands.score == 'first_reply' else 'answers'}"
    return f"It stands on {bounds.count_answered:,} of {bounds.count_asked:,} who were asked"
