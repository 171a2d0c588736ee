"""The reading view: one conversation, its evidence marked in place, the signals in words after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import streamlit as st

from dashboard import page
from dashboard.answers import asks
from dashboard.charts import mask
from dashboard.evidence import evidence_html, plain
from dashboard.links import link
from metrics import registry, wording
from metrics.reading import Reading, Span, Survey, Turn

WHO = {
    "customer": "Customer", "agent": "Agent", "bot": "Bot", "ai": "AI agent", "system": "System",
    "bystander": "Somebody else",
}  # fmt: skip
ASIDE = {
    "note": "internal note, not heard",
    "auto_reply": "automatic reply, not heard",
    "forward": "forwarded, not heard",
}


def draw(
    reading: Reading,
    asked: str | None,
    *,
    names_agents: bool,
    marking: Callable[[Span], None] | None = None,
    below: Callable[[], None] | None = None,
) -> None:
    """The conversation below its navigation; spans of the measure `asked` stand out.

    `marking` draws below each telling piece of evidence what a person may say of it, or did; `below` what stands under the talk.
    """
    subject = reading.ticket.get("subject") or (
        f"Conversation {reading.ticket_id}" if reading.ticket else "A survey comment"
    )
    page.write(f"<h1>{plain(subject)}</h1>{_about(reading, names_agents)}")
    said = turns_html(reading.turns, asked) or "<li>Nothing that was said is in the data.</li>"
    talk, beside = st.columns([46, 40], gap="large")
    with talk:
        page.write(f'{_mood_line(reading.turns)}<h2>What was said</h2><ol class="turns">{said}</ol>')
        if below:
            below()
    with beside:
        _evidence(reading, marking)
        page.write(_figures(reading))


def _evidence(reading: Reading, marking: Callable[[Span], None] | None) -> None:
    """Every span, the telling ones first; the many that only carry a mood are folded away, those marked wrong come last."""
    telling = [span for span in reading.spans if not span.is_quiet]
    moods = "".join(item(span) for span in reading.spans if span.is_quiet)
    page.write(
        "<h2>All evidence found in it</h2>" if telling or moods else "<h2>No evidence was found in it</h2>"
    )
    for span in telling:
        _marked(span, marking)
    if moods:
        count = sum(span.is_quiet for span in reading.spans)
        page.write(
            f'<details><summary>The {count:,} sentences that its mood stands on</summary><ul class="evidence">{moods}</ul></details>'
        )
    if reading.withdrawn:
        page.write("<h3>Marked wrong: in no list</h3>")
    for span in reading.withdrawn:
        _marked(span, marking)


def _marked(span: Span, marking: Callable[[Span], None] | None) -> None:
    with st.container(gap=None):
        page.write(f'<ul class="evidence bare">{item(span)}</ul>')
        if marking:
            marking(span)


def turns_html(turns: Sequence[Turn], asked: str | None) -> str:
    """Messages as items of a list, their evidence marked in place."""
    return "".join(_turn(turn, asked) for turn in turns)


def _about(reading: Reading, names_agents: bool) -> str:
    ticket = reading.ticket
    agent = ticket.get("agent") if names_agents else None
    when = ticket.get("created_at")
    parts = [
        f"Conversation {reading.ticket_id}" if ticket.get("subject") or not ticket else None, ticket.get("team"), wording.spaced(ticket.get("channel")), ticket.get("status"), agent,
        f"opened {when:%-d %b %Y, %H:%M}" if when else None,
    ]  # fmt: skip
    said = f'<p class="quiet wide">{" · ".join(plain(part) for part in parts if part)}</p>'
    if reading.surveys:
        said += f'<p class="wide"><span class="form">Scores say</span> {"; ".join(_survey(s) for s in reading.surveys)}</p>'
    if reading.is_readable is False:
        said += f"<p>Its language ({plain(reading.language or 'not known')}) is one that we can not read: nothing in it is measured.</p>"
    if reading.left_out:
        said += f"<p>It is in no figure: {plain(reading.left_out)}.</p>"
    if reading.other_sources:
        others = ", ".join(
            link(name, "conversations", c=reading.ticket_id, source=name) for name in reading.other_sources
        )
        said += f'<p class="quiet">The same id is also in {others}.</p>'
    return said


def _survey(survey: Survey) -> str:
    if not survey.is_answered:
        return f"{plain(survey.kind.upper())} asked, not answered"
    is_word = survey.score_raw is not None and not survey.score_raw.replace(".", "").isdecimal()
    score = survey.score_raw if is_word or survey.score is None else f"{survey.score:g}"
    scale = f" of {survey.scale_max:g}" if survey.scale_max is not None and not is_word else ""
    when = f", {survey.answered_at:%-d %b %Y}" if survey.answered_at else ""
    return f"{plain(survey.kind.upper())} {plain(score)}{scale}{when}"


def _turn(turn: Turn, asked: str | None) -> str:
    who = [WHO.get(turn.role, "Unknown")]
    if turn.kind == "survey":
        who.append("survey comment")
    if turn.kind in ASIDE or not turn.is_public:
        who.append(ASIDE.get(turn.kind, ASIDE["note"]))
    if turn.created_at:
        who.append(f"{turn.created_at:%-d %b %Y, %H:%M}")
    if turn.mood is not None:
        who.append(f"mood {wording.say(turn.mood, 'mood')}")
    css = "aside" if turn.turn is None and turn.kind != "survey" else turn.role
    return (
        f'<li class="{escape(css)}"><p class="who">{plain(" · ".join(who))}</p>'
        f'<div class="words">{evidence_html(turn.text, turn.spans, asked=asked)}</div></li>'
    )


def _mood_line(turns: Sequence[Turn]) -> str:
    """The customer's mood over their turns, as a line around zero; the same values stand beside the turns."""
    moods = [turn.mood for turn in turns if turn.mood is not None]
    if len(moods) < 2:
        return ""
    step = 682 / (len(moods) - 1)
    points = [(4 + step * place, 36 - 30 * mood) for place, mood in enumerate(moods)]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in points)
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 690 72">'
        f'<path d="{path}" fill="none" stroke="black" stroke-width="2" stroke-linejoin="round"/>{dots}</svg>'
    )
    first, last = (wording.say(mood, "mood") for mood in (moods[0], moods[-1]))
    alt = f"Mood of the customer's {len(moods)} turns that could be scored, from {first} to {last}"
    return (
        f'<div class="moodline" role="img" aria-label="{plain(alt)}"><span class="zero"></span>'
        f'<span class="line" style="{mask(svg)}"></span></div>'
        f'<p class="quiet ends"><span>mood at first {plain(first)}</span><span>the line is 0, no feeling; −1 to +1</span>'
        f"<span>at last {plain(last)}</span></p>"
    )


def item(span: Span) -> str:
    """A piece of evidence as an item of a list; struck out where a person marked it wrong."""
    quote = f"“{plain(span.quote)}”"
    if span.mark is not None and span.mark.verdict == "wrong":
        quote = f'<s class="gone">{quote}</s>'
    return (
        f'<li><span class="function">{plain(span.words)}</span> {quote} '
        f'<span class="small">{plain(_title(span.measure))} · {page.how_counted(span.measure)}{_said(span)}</span></li>'
    )


def _said(span: Span) -> str:
    """What a person said of it: "marked wrong by Ada on 3 May 2026"."""
    if span.mark is None:
        return ""
    return f"<br>marked {span.mark.verdict} by {plain(span.mark.who)} on {span.mark.at:%-d %b %Y}"


def _title(measure: str) -> str:
    return next((known.title for known in registry.discover() if known.name == measure), measure)


def _figures(reading: Reading) -> str:
    if not reading.figures:
        return ""
    sides: dict[str, str] = {}
    for name, title, said in reading.figures:
        side = "form" if registry.find(name)[0].wing == "form" else "function"
        sides[side] = sides.get(side, "") + f"<dt>{plain(asks(name, title))}</dt><dd>{plain(said)}</dd>"
    titles = (("form", "Scores say"), ("function", "Conversations show"))
    return "<h2>What was measured of it</h2>" + "".join(
        f'<h3><span class="{side}">{words}</span></h3><dl>{sides[side]}</dl>'
        for side, words in titles
        if side in sides
    )
