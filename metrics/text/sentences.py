"""Sentences of support talk: spans of code points, and cheap flags of how a sentence is meant."""

from __future__ import annotations

import re
import string
from typing import NamedTuple

LONGEST = 600  # code points in one sentence; longer ones are cut at a clause or between words

_EMOJI = "\U0001f000-\U0001faff\u2600-\u27bf\u2190-\u21ff\u2b00-\u2bff\u2300-\u23ff\ufe0f\u200d\u20e3\U000e0020-\U000e007f"
# Where a sentence may end: marks with the quotes and brackets that close after them, a line's end, or emoji.
_CANDIDATE = re.compile(
    rf"(?P<mark>[.!?\u2026\u3002\uff01\uff1f]+)[\"')\]\u2019\u201d\u00bb]*"
    rf"|(?P<line>\n\s*)"
    rf"|(?P<emoji>[{_EMOJI}]+)"
)
# Where to look for one: what each of the three starts with. A search for single characters is several times as fast.
_SIGN = re.compile(rf"[.!?\u2026\u3002\uff01\uff1f\n{_EMOJI}]")
# What still belongs to the sentence after its mark: emoji and emoticons on the same line.
_TAIL = re.compile(
    rf"(?:[^\S\n]{{0,3}}(?:[{_EMOJI}]+|[:;=8][-'^]?[)(DPpOo/\\|*\]]+(?![\w])|<3(?!\d)|\^_*\^|[xX][dD]\b))+"
)
_ABBREVIATIONS = (
    "mr mrs ms dr prof sr jr st vs e.g eg i.e ie cf approx ca est max min fig ref dept tel ext ph incl excl resp "
    "gen col sen rep gov rev hon mt ave blvd rd apt vol art sec jan feb mar apr jun jul aug sep sept oct nov dec "
    "z.b bzw d.h usw p.ej"
)
_NO_END = frozenset(_ABBREVIATIONS.split())
# These end a sentence only where the next one starts with a capital.
_SOME_ABBREVIATIONS = "etc inc ltd co corp llc a.m p.m am pm u.s u.k e.u u.s.a n.b p.s al gmbh bros"
_MAYBE_END = frozenset(_SOME_ABBREVIATIONS.split())
_BEFORE_NUMBERS = "no nr nos pp p art ver v vers version item step point"
_NUMBER_WORDS = frozenset(_BEFORE_NUMBERS.split())
_BEFORE_WORD = re.compile(r"[\s(\[{\"'\u201c\u2018]")
_BULLET = re.compile(r"(?:[-*\u2022\u25aa\u25cf\u2013\u2014>+]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s")
_CLAUSE_CUT = re.compile(r"[,;:\u2013\u2014)]\s")
_WRAP_LENGTH = (
    55  # a line this long that goes on in lower case was broken by the mail program, not by its writer
)


def split(text: str) -> list[tuple[int, int]]:
    """The spans (start, end) of the sentences of a text, in order, without white space at either end.

    Code points; end is exclusive. A line's end ends a sentence unless the line was wrapped by a mail program;
    an empty line always does. At most 600 code points each. Every character that is not white space is in one span.
    """
    body = text.strip()
    sign = _SIGN.search(body)
    if len(body) <= LONGEST and (sign is None or sign.end() == len(body)):  # one sentence, or none
        start = len(text) - len(text.lstrip())
        return [(start, start + len(body))] if body else []
    spans: list[tuple[int, int]] = []
    start = seen = 0
    for sign in _SIGN.finditer(text):
        if sign.start() < seen or not (match := _CANDIDATE.match(text, sign.start())):
            continue
        seen = match.end()
        if match.start() < start:  # lies in the tail of the sentence before
            continue
        if match["mark"]:
            end = match.end()
            if not _ends_here(text, start, match):
                continue
            if tail := _TAIL.match(text, end):
                end = tail.end()
        elif match["emoji"]:
            end = match.end()
            if not (tail := re.match(r"[^\S\n]+[A-Z]", text[end : end + 12])):
                continue
        else:
            end = match.end()
            if _is_wrapped(text, start, match):
                continue
        _add(spans, text, start, end)
        start = end
    _add(spans, text, start, len(text))
    return spans


# What long texts are cut at before anything is looked at closely: a mark and a space, and a line's end. For each such
# piece these tell whether a sentence ends with it whatever stands around it; where they can not tell, pieces belong
# together and `split` decides.
_PLAIN_END = re.compile(
    r"(?:^|[\s\"'(\[])([A-Za-z]{2,}(?:-[A-Za-z]+)*|[stdm])\.$|[A-Za-z,] [#$]?\d+\.$", re.ASCII
)
_PLAIN_START = frozenset(set(string.ascii_letters + string.digits + "\"'([#$@") - set("Xx8"))
_UNSURE_WORDS = _NO_END | _MAYBE_END | _NUMBER_WORDS


def ends_plainly(piece: str) -> bool:
    """Whether a piece ends a sentence by its mark, if what follows its space starts plainly."""
    if piece.endswith(("!", "?")):
        return True
    end = _PLAIN_END.search(piece[-24:])
    return end is not None and (end[1] is None or end[1].lower() not in _UNSURE_WORDS)


def starts_plainly(piece: str) -> bool:
    """Whether a piece starts with nothing that could belong to the sentence before it, as an emoticon does."""
    return piece.lstrip(" ")[:1] in _PLAIN_START


def may_be_wrapped(piece: str) -> bool:
    """Whether a mail program may have broken the line that this piece ends."""
    return len(piece) > _WRAP_LENGTH


def may_go_on(piece: str) -> bool:
    """Whether the sentence of a wrapped line before this piece may go on here."""
    first = piece.lstrip()[:1]
    return first.islower() or first.isdigit()


def _ends_here(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether a sentence ends at this mark."""
    mark, end = match["mark"], match.end()
    after = text[end : end + 1]
    if mark[-1] in "\u3002\uff01\uff1f":
        return True
    if after and not after.isspace():
        is_joined = (after.isupper() and ("!" in mark or "?" in mark)) or ord(after) >= 0x2600
        return is_joined and not _in_address(text, match.start(), end)
    following = text[end : end + 40].lstrip()
    if after and _closes_quote_inside(match, following):
        return False
    if mark == ".":
        before = _BEFORE_WORD.split(text[max(start, match.start() - 20) : match.start()])[-1]
        word = before.lower()
        if word in _NO_END or (len(word) == 1 and word.isalpha() and before[0].isupper() and word != "i"):
            return False
        if word in _MAYBE_END:
            return not following or following[0].isupper()
        if word in _NUMBER_WORDS and following[:1].isdigit():
            return False
        if word.isdigit() and text[start : match.start()].strip() == word:
            return False  # "1. First"
    elif mark.startswith((".", "\u2026")) and not mark.strip(".\u2026"):
        return not (following and following[0].islower())
    return True


def _closes_quote_inside(match: re.Match[str], following: str) -> bool:
    """Whether the mark stands in a quotation that its sentence goes on after: "Why?" she asked."""
    return match.end() > match.end("mark") and following[:1].islower()


def _in_address(text: str, place: int, end: int) -> bool:
    """Whether the mark is part of a link or an address."""
    token_start = max(
        text.rfind(" ", max(0, place - 200), place), text.rfind("\n", max(0, place - 200), place)
    )
    token = text[token_start + 1 : end]
    return "/" in token or "@" in token or "www." in token


def _is_wrapped(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether this line's end was put there by a mail program, so that the sentence goes on."""
    if match[0].count("\n") > 1 or match.end() >= len(text):
        return False
    line_start = text.rfind("\n", start, match.start()) + 1
    is_long = len(text[max(line_start, start) : match.start()].strip()) >= _WRAP_LENGTH
    following = text[match.end()]
    return is_long and (following.islower() or following.isdigit()) and not _BULLET.match(text, match.end())


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    """Add a span without the white space at its ends, in pieces where it is too long."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > LONGEST:
        cut = _cut(text, start)
        _add(spans, text, start, cut)
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if end > start:
        spans.append((start, end))


def _cut(text: str, start: int) -> int:
    """Where to cut a sentence that is too long: after a clause, else between words, else anywhere."""
    limit = start + LONGEST
    clauses = [match.start() + 1 for match in _CLAUSE_CUT.finditer(text, start + LONGEST // 2, limit)]
    if clauses:
        return clauses[-1]
    for place in range(limit, start + LONGEST // 2, -1):
        if text[place].isspace():
            return place
    return limit


class Flags(NamedTuple):
    """How a sentence is meant."""

    is_question: bool
    is_quoted: bool
    is_conditional: bool


_QUESTION_END = re.compile(r"[?\uff1f][!?.]*[\"')\]\u2019\u201d]*$")
_OPENERS = r"^(?:(?:and|but|so|ok|okay|hi|hello|hey|well|also|then|please|sorry|or)\b[,!.]?\s+){0,3}"
_AUX = r"(?:is|are|am|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|shall)"
_PERSON = (
    r"(?:you|i|we|it|this|that|they|there|he|she|my|the|your|our|these|those|anyone|someone|anybody|somebody)"
)
_QUESTION = re.compile(
    rf"{_OPENERS}(?:{_AUX}(?:n'?t)?\s+{_PERSON}\b|(?:what|when|where|why|who|which|how)(?:'s|\s+(?:\w+\s+){{0,2}}{_AUX})\b"
    rf"|any\s+(?:news|update|updates|idea|chance|luck)\b|how\s+come\b|what\s+about\b|why\s+not\b)",
    re.IGNORECASE,
)
_QUOTED_WHOLE = re.compile(r"^[\"\u201c\u201e\u00ab\u2018].*[\"\u201d\u201c\u00bb\u2019][.!?]*$", re.DOTALL)
_REPORTED = re.compile(
    r"\b(?:(?:he|she|they|agent|rep|representative|support|colleague|manager|website|site|email|e-mail|message|error|"
    r"page|app|system|chat|bot|it)\s+(?:just\s+|then\s+|also\s+)?(?:said|says|told\s+(?:me|us)|tells\s+(?:me|us)|wrote|"
    r"claimed|claims|replied|insisted|reads)|i\s+was\s+told|we\s+were\s+told|according\s+to)\b",
    re.IGNORECASE,
)
_QUOTE_INSIDE = re.compile(
    r"[\"\u201c\u201e\u00ab]([^\"\u201c\u201d\u201e\u00ab\u00bb]+)[\"\u201d\u201c\u00bb]"
)
_CONDITIONAL = re.compile(
    r"\b(?:if\s+(?!only\s+i\s+knew)(?:you|i|we|they|he|she|it|this|that|there|the|your|my|our|only|not|possible)\b|unless|"
    r"in case|(?:would|could|should|might)(?:n'?t|\s+not)?(?:\s+have|'ve)\b|as long\s+as|provided\s+that|"
    r"even\s+if|what\s+if|had\s+(?:you|i|we|they)\b|were\s+(?:i|you|we|they)\s+to\b)",
    re.IGNORECASE,
)


def is_question(sentence: str) -> bool:
    """Whether a sentence asks: it ends in a question mark, or is built like a question without one."""
    bare = sentence.strip()
    if bare and bare[-1] > _LAST_PLAIN and (tail := _TAIL_AT_END.search(bare)):
        bare = bare[: tail.start()]
    has_mark = "?" in bare or "\uff1f" in bare
    return (has_mark and _QUESTION_END.search(bare) is not None) or _QUESTION.match(
        bare.replace("\u2019", "'")
    ) is not None


_TAIL_AT_END = re.compile(rf"[\s{_EMOJI}]+$")
_LAST_PLAIN = "\u1fff"  # no emoji lies below


_QUOTE_MARKS = re.compile('["\u201c\u201e\u00ab\u2018]')


# No expression matches without one of these words; looking for them first is several times as fast, and written out
# it is twice as fast again as a loop.
def _may_report(low: str) -> bool:
    return (
        "said" in low or "says" in low or "told" in low or "tells" in low or "wrote" in low or "claim" in low
        or "replied" in low or "insisted" in low or "reads" in low or "according" in low
    )  # fmt: skip


def _may_suppose(low: str) -> bool:
    return (
        "ould" in low or "if" in low or "unless" in low or "in case" in low or "might" in low or "as long" in low
        or "provided" in low or "had" in low or "were" in low
    )  # fmt: skip


def is_quoted(sentence: str) -> bool:
    """Whether a sentence gives somebody else's words: mostly in quotation marks, or reported speech."""
    if _may_report(sentence.lower()) and _REPORTED.search(sentence):
        return True
    if not _QUOTE_MARKS.search(sentence):
        return False
    inside = sum(len(match[1]) for match in _QUOTE_INSIDE.finditer(sentence))
    return inside * 2 > len(sentence) or _QUOTED_WHOLE.match(sentence) is not None


def is_conditional(sentence: str) -> bool:
    """Whether a sentence speaks of what is not so, or not yet: if, unless, would have, had you."""
    low = sentence.lower()
    if not _may_suppose(low):
        return False
    return _CONDITIONAL.search(low.replace("\u2019", "'")) is not None


def flags(sentence: str) -> Flags:
    """The three flags of a sentence."""
    return Flags(is_question(sentence), is_quoted(sentence), is_conditional(sentence))
