"""What of a message its writer wrote: quoted replies, forwarded text and signatures found and cut.

The chain: a help desk's "type above this line" delimiter, the lines
with which mail programs introduce what they quote, and lines that are marked as quoted. Text is cut, never rewritten.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from metrics.text.html_text import QUOTE

_MOST_LINES = 400  # a quotation starts within these, or it is not looked for
_LONGEST_LINE = 400  # no introduction is longer

# One quick look that tells whether there is anything to find at all: over the text with a line's end before it.
_MARKER = re.compile(
    rf"\n[ \t]*(?:[>\-_*=#{QUOTE}]|(?:[Ff]rom|FROM|Von|De|Da|Van|Fr\u00e5n|Od|\u041e\u0442|[Dd]ate|Datum|Begin|Anfang|D\u00e9but|Ini[cz]io)\b)|:[ \t]*(?:\n|\Z)"
)
_DELIMITER = re.compile(r"^\W{0,5}##-.{0,200}-##")
_WROTE = (
    r"wrote|schrieb(?: am .*)?|a \u00e9crit|escribi\u00f3|ha scritto|schreef|geschreven|escreveu|skrev|pisze|napisa\u0142(?:a|\(a\))?|"
    r"\u043d\u0430\u043f\u0438\u0441\u0430\u043b(?:\u0430|\(\u0430\))?|kirjoitti|yazd\u0131"
)
# "On Monday, Ann wrote:" and its like in other languages, which may run over three lines.
_OPENED_INTRODUCTION = re.compile(
    rf"^\s*(?:on|am|le|el|il|op|em|den|dne|w dniu|no dia|pe)\b.{{3,250}}\b(?:{_WROTE})(?:\b|(?<=\)))?.{{0,120}}:\s*$",
    re.IGNORECASE,
)
# A date or an address before "wrote", a date after it, or a date with an address.
_DATE = r"(?:\d{1,4}[./-] ?\d|\d{1,2}:\d\d|\d{1,2}\.? \w{3,10}\.? \d{4})"
_PLAIN_INTRODUCTION = re.compile(
    rf"^\s*(?:.{{0,200}}(?:{_DATE}|@).{{0,150}}\b(?<!\bi )(?<!you )(?<!we )(?:{_WROTE})\s?:|.{{1,100}} schrieb (?:am )?.{{0,40}}{_DATE}.{{0,40}}:"
    rf"|(?:\w{{2,12}}\.?,? )?{_DATE}.{{0,150}}<?[\w.+-]+@[\w.-]+>?[^\w]{{0,3}}:|\d{{4}}/\d{{1,2}}/\d{{1,2}} .{{0,100}}<[^<>@\s]+@[^<>\s]+>)\s*$",
    re.IGNORECASE,
)
_DATED = re.compile(_DATE)
_SEPARATOR_WORDS = (
    r"original message|forwarded message|reply message|urspr\u00fcngliche nachricht|weitergeleitete nachricht|message d'origine|"
    r"message transf\u00e9r\u00e9|mensaje original|mensaje reenviado|messaggio originale|messaggio inoltrato|oorspronkelijk bericht|"
    r"doorgestuurd bericht|mensagem original|mensagem encaminhada"
)
_SEPARATOR = re.compile(rf"^[>\s]*[-_*=]{{2,}}\s*(?:{_SEPARATOR_WORDS})\b.{{0,80}}$", re.IGNORECASE)
_FORWARD = re.compile(
    r"^[>\s]*(?:begin forwarded message|anfang der weitergeleiteten (?:e-mail|nachricht)|d\u00e9but du message (?:r\u00e9exp\u00e9di\u00e9|transf\u00e9r\u00e9)|"
    r"inicio del mensaje reenviado|inizio messaggio inoltrato|begin doorgestuurd bericht)\s*:?\s*$",
    re.IGNORECASE,
)
_FORWARD_WORD = re.compile(r"forward|weitergel|transf|reenv|inoltr|doorgest|encamin", re.IGNORECASE)
_HEADER = re.compile(
    r"^[>\s]*\*?(from|von|de|da|van|fr\u00e5n|od|\u043e\u0442(?: \u043a\u043e\u0433\u043e)?|\u043e\u0442\u043f\u0440\u0430\u0432\u043b\u0435\u043d\u043e|\u043a\u043e\u043c\u0443|\u0442\u0435\u043c\u0430|\u0434\u0430\u0442\u0430|date|sent|to|cc|subject|gesendet|an|betreff|datum|kopie|envoy\u00e9|"
    r"\u00e0|objet|enviado(?: el)?|para|asunto|fecha|inviato|a|oggetto|verzonden|aan|onderwerp|assunto|reply-to)\s?:\*?\s+\S",
    re.IGNORECASE,
)
_SENDERS = frozenset(
    [
        "from",
        "von",
        "de",
        "da",
        "van",
        "fr\u00e5n",
        "od",
        "\u043e\u0442",
        "\u043e\u0442 \u043a\u043e\u0433\u043e",
    ]
)
_RULE = re.compile(r"^\s*[-_*=\u2014 ]{3,}\s*$")

_SIGNATURE_LINE = re.compile(r"^(?:--|\u2014|\u2013\u2013) ?$")
_LONGEST_SIGNATURE_LINES, _LONGEST_SIGNATURE = 12, 800
_SENT_FROM = re.compile(
    r"^[\s*_]*(?:sent from (?:my|mail|yahoo|outlook|samsung|proton|the|a|an)\b|sent (?:with|via|using)\b|get outlook for\b|"
    r"(?:diese nachricht wurde )?von meinem\b.{1,40}\bgesendet|gesendet (?:mit|von|\u00fcber)\b|envoy\u00e9 (?:de|depuis) mon\b|"
    r"enviado desde (?:mi|el)\b|enviado (?:do|de) meu\b|inviato da(?:l mio)?\b|verzonden vanaf mijn\b|verstuurd vanaf mijn\b)"
    r"[^,;.!?\n]{0,60}\.?(?:\(?https?://\S+)?\s*$",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^\s*(?:(?:with )?(?:best|kind|kindest|warm|warmest)(?: (?:and|&) \w+)? (?:regards|wishes)|best|regards|(?:yours )?(?:sincerely|truly|faithfully)"
    r"(?: yours)?|mit (?:freundlichen|besten) gr\u00fc(?:\u00df|ss)en|(?:viele|beste|freundliche|liebe) gr\u00fc(?:\u00df|ss)e|cordialement|bien \u00e0 vous|"
    r"(?:un )?(?:cordial )?saludos?|atentamente|cordiali saluti|distinti saluti|met vriendelijke groet(?:en)?|atenciosamente)\s*[,.!]?\s*$",
    re.IGNORECASE,
)
_LONGEST_CLOSING = 7  # lines


_QUOTED_LINE = re.compile(rf"^[ \t]*[>{QUOTE}]", re.MULTILINE)


class Own(NamedTuple):
    """The part of a message that its writer wrote, and what was cut from it."""

    text: str
    cut: Literal["nothing", "quote", "forward"]


def own_words(text: str) -> Own:
    """The text without quoted replies, forwarded text and signature; nothing is cut twice or rewritten."""
    own = Own(text, "nothing")
    if ("\n" in text or QUOTE in text) and _MARKER.search("\n" + text):
        own = _without_quotes(text)
    return Own(_without_signature(own.text) if "\n" in own.text else own.text, own.cut)


def _without_quotes(text: str) -> Own:
    lines = text.split("\n")
    for number in range(min(len(lines), _MOST_LINES)):
        kind, after = _starts_here(lines, number)
        if kind:
            top = _above(lines, number)
            if kind == "forward":
                return Own("\n".join(_unquoted(top)), "forward")
            return Own("\n".join([*_unquoted(top), *_below(lines, after)]), "quote")
    if _QUOTED_LINE.search(text):
        own = _unquoted(
            lines
        )  # nobody introduces it: where all is marked, it may as well be ">:(" or "> 3 hours"
        is_own_left = QUOTE in text or any(map(str.strip, own))
        return Own("\n".join(own), "quote") if is_own_left else Own(text, "nothing")
    return Own(text, "nothing")


def _starts_here(lines: list[str], number: int) -> tuple[Literal["", "quote", "forward"], int]:
    """Whether what others wrote begins at this line, and the line after its introduction."""
    line = lines[number][:_LONGEST_LINE]
    bare = line.strip()
    if not bare or line.startswith(">"):
        return "", number
    if bare[0] in "#-_*=":
        if _DELIMITER.match(line):
            return "quote", len(lines)
        if _SEPARATOR.match(line):
            return ("forward" if _FORWARD_WORD.search(line) else "quote"), len(lines)
    if _FORWARD.match(line):
        return "forward", len(lines)
    if introduced := _introduction(lines, number):
        return "quote", number + introduced
    if ":" not in bare[:30]:
        return "", number
    header = _HEADER.match(line)
    if header:
        following = [each for each in lines[number : number + 12] if each.strip()][:6]
        names = {match[1].lower() for each in following if (match := _HEADER.match(each[:_LONGEST_LINE]))}
        if len(names) >= 3 and names & _SENDERS:
            return "forward", len(lines)
    return "", number


def _introduction(lines: list[str], number: int) -> int:
    """How many lines (up to three) make up an introduction that begins here; 0 where none does."""
    for count in (1, 2, 3):
        part = lines[number : number + count]
        if len(part) < count or not part[-1].strip() or _is_quoted(part[-1]) or len(part[-1]) > _LONGEST_LINE:
            return 0
        if part[-1].rstrip().endswith((":", ">")):
            joined = " ".join(line.strip() for line in part)
            if _OPENED_INTRODUCTION.match(joined):
                return count
            # Words above an introduction are their writer's own: where it runs over lines, its first has the date.
            if _PLAIN_INTRODUCTION.match(joined) and (count == 1 or _DATED.search(part[0])):
                return count
    return 0


def _above(lines: list[str], number: int) -> list[str]:
    """The lines above, without the rule that mail programs draw before what they quote."""
    top = lines[:number]
    while top and (not top[-1].strip() or _RULE.match(top[-1])):
        top.pop()
    return top


def _below(lines: list[str], after: int) -> list[str]:
    """What its writer put between and under quoted lines, after the introduction that ends before `after`.

    Where the text that follows an introduction is not marked line by line, all of it is quoted.
    """
    rest = lines[after:]
    first = next((line for line in rest if line.strip()), "")
    return ["", *_unquoted(rest)] if _is_quoted(first) else []


def _is_quoted(line: str) -> bool:
    return line.startswith((">", QUOTE)) or line.lstrip().startswith((">", QUOTE))


def _unquoted(lines: list[str]) -> list[str]:
    """The lines that are not marked as quoted; an empty line stands where some were."""
    own: list[str] = []
    for line in lines:
        if not _is_quoted(line):
            own.append(line)
        elif own and own[-1].strip():
            own.append("")
    return own


def _without_signature(text: str) -> str:
    """The text without the signature at its end, where something else remains."""
    lines = text.rstrip().split("\n")
    end = len(lines)
    for number in range(max(0, end - _LONGEST_SIGNATURE_LINES - 1), end):
        if _SIGNATURE_LINE.match(lines[number]) and sum(map(len, lines[number:])) <= _LONGEST_SIGNATURE:
            end = number
            break
    while end and (not lines[end - 1].strip() or _SENT_FROM.match(lines[end - 1][:200])):
        end -= 1
    for number in range(max(0, end - _LONGEST_CLOSING), end):
        if _CLOSING.match(lines[number][:80]) and _is_only_a_name(lines[number + 1 : end]):
            end = number
            break
    return "\n".join(lines[:end]) if any(line.strip() for line in lines[:end]) else text


def _is_only_a_name(lines: list[str]) -> bool:
    """Whether lines under a closing hold names, roles and addresses, but no sentence."""
    return all(
        len(line) <= 80 and not line.rstrip().endswith(("?", "!")) and line.count(" ") < 10 for line in lines
    )
