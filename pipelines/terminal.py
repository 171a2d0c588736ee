"""A conversation on the terminal, its evidence marked. Control characters in ticket text are shown, never sent."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from metrics import wording
from metrics.reading import Reading, Span, Turn

_WIDTH = 96


def lines(reading: Reading, *, marks: tuple[str, str]) -> Iterator[str]:
    """The conversation, its figures and its evidence, line by line; `marks` open and close a piece of evidence."""
    ticket = reading.ticket
    about = [ticket.get(key) for key in ("subject", "team", "channel", "status")]
    yield visible(f"{reading.source} {reading.ticket_id}: " + " · ".join(str(part) for part in about if part))
    if reading.left_out:
        yield f"Left out of every figure: {reading.left_out}"
    if reading.is_readable is False:
        yield f"Not read: the customer writes a language that we do not hear ({reading.language or 'unknown'})"
    for turn in reading.turns:
        yield ""
        when = f"{turn.created_at:%Y-%m-%d %H:%M}" if turn.created_at else "no date"
        kind = "" if turn.kind == "message" else f", {turn.kind.replace('_', ' ')}"
        mood = f" · mood {wording.say(turn.mood, 'mood')}" if turn.mood is not None else ""
        yield f"{(turn.role or 'unknown').capitalize()}{kind}{'' if turn.is_public else ', private'} · {when}{mood}"
        yield from _body(turn, marks)
    if reading.figures:
        yield ""
        yield "Measured:"
        for _, title, value in reading.figures:
            yield f"  {title}: {value}"
    told = [span for span in reading.spans if not span.is_quiet]
    if told:
        yield ""
        yield "Evidence:"
        for span in told:
            yield visible(f"  {span.words}: {' '.join(span.quote.split())}")


def _body(turn: Turn, marks: tuple[str, str]) -> Iterator[str]:
    text = _marked(turn.text or "", [span for span in turn.spans if not span.is_quiet], marks)
    for paragraph in text.splitlines() or [""]:
        yield from (f"  {line}" for line in textwrap.wrap(paragraph, _WIDTH, break_long_words=False) or [""])


def _marked(text: str, spans: Sequence[Span], marks: tuple[str, str]) -> str:
    """The text with each span opened and closed by the marks, spans that overlap joined into one."""
    opening, closing = marks
    parts: list[str] = []
    at = 0
    for start, end in _joined(spans):
        parts += [visible(text[at:start]), opening, visible(text[start:end]), closing]
        at = end
    return "".join([*parts, visible(text[at:])])


def _joined(spans: Sequence[Span]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted((span.start, span.end) for span in spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def visible(text: str) -> str:
    """The text without power over a terminal: control and direction characters become their code's name."""
    return "".join(
        letter if letter == "\n" or letter == "\t" or not _acts(letter) else f"<U+{ord(letter):04X}>"
        for letter in text
    )


def _acts(letter: str) -> bool:
    code = ord(letter)
    return code < 32 or 127 <= code < 160 or 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069
