"""The one way by which text that people wrote reaches a page: escaped, with the evidence in it marked."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from metrics.reading import Span

LONGEST = 20_000  # characters of one message that are shown; the rest is said, not drawn


def plain(text: object) -> str:
    """Any text of the data as HTML that shows it and does nothing else; null is an empty string."""
    return "" if text is None else escape(str(text), quote=True)


def unbroken(text: object) -> str:
    """As `plain`, with no line break between a number and its percent sign."""
    return plain(text).replace(" %", "&nbsp;%")


def evidence_html(text: str, spans: Sequence[Span] = (), *, asked: str | None = None) -> str:
    """A message as HTML: every slice escaped, evidence in <mark>, what it shows in words after it.

    Spans may touch, overlap or hold one another. Those of the measure `asked` stand out; sentences that only carry a
    mood are underlined with dots, since most sentences do.
    """
    shown = text[:LONGEST]
    spans = [span for span in spans if span.start < span.end <= len(shown)]
    cuts = sorted({0, len(shown), *(s.start for s in spans), *(s.end for s in spans)})
    parts: list[str] = []
    for start, end in pairwise(cuts):
        over = [span for span in spans if span.start <= start and end <= span.end]
        piece = escape(shown[start:end], quote=True)
        parts.append(f'<mark class="{_strength(over, asked)}">{piece}</mark>' if over else piece)
        parts.extend(_signs(spans, end))
    if len(text) > LONGEST:
        parts.append(
            f'\n<span class="small">The other {len(text) - LONGEST:,} characters of this message are not shown.</span>'
        )
    return "".join(parts)


def _strength(over: Sequence[Span], asked: str | None) -> str:
    if any(span.measure == asked for span in over):
        return "asked"
    return "mood" if all(span.is_quiet for span in over) else "signal"


def _signs(spans: Sequence[Span], end: int) -> list[str]:
    """What the spans that end here show, each said once; quiet ones in quiet words."""
    ending = {s.brief: "sign quiet" if s.is_quiet else "sign" for s in spans if s.end == end and s.brief}
    return [f' <span class="{css}">{plain(words)}</span>' for words, css in ending.items()]
