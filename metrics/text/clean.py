"""From a message's body to what its writer said in it.

HTML becomes text, entities become characters, quoted replies and signatures are cut, and automatic replies and
forwarded text are told from a person's own words. Text is cut and white space normalised; nothing is rewritten,
so that every sentence that remains is found in the body as any other program would show it.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Final, Literal

from metrics.text.html_text import QUOTE, html_to_text, looks_like_html
from metrics.text.quoted import own_words

Kind = Literal["message", "auto_reply", "forward"]

VERSION: Final = 1

# Control characters, invisible marks, direction overrides and halves of surrogate pairs. Joiners stay: emoji and
# several scripts need them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_TRAILING = re.compile(r"(?<! ) +(?=\n)")
_BLANK_LINES = re.compile(r"\n{3,}")
_QUOTE_SIGN = re.compile(QUOTE)

_AUTOMATIC_LENGTH = 2_500  # characters; automatic replies are short
_AUTOMATIC = re.compile(
    r"(?:^|\n|[.!:] |\b(?:hi|hello|dear)\b[^\n.!?]{0,40}, )[ \t*\[(]*(?:"
    r"this (?:is|was) an? (?:automated|automatic|auto-?generated|system-?generated|automatically generated)[\w -]{0,20} (?:e-?mail|mail|message|reply|response|notification|acknowledge?ment|confirmation)"
    r"|this (?:e-?mail|message|reply) (?:is|was|has been) (?:sent |generated )?(?:automatically|auto-?generated)"
    r"|(?:automatic|automated|auto|out[ -]of[ -](?:the )?office)[ -](?:reply|response|autoreply|message)\s*(?:[:.\])]|\n|$)"
    r"|(?:delivery status notification|mail delivery (?:failed|failure|subsystem)|undeliver(?:able|ed mail)|delivery has failed to these recipients"
    r"|your message (?:could not be|wasn't|was not) delivered|message not delivered|returned mail)"
    r"|please do not reply (?:directly )?to this (?:automated |automatic )?(?:e-?mail|message)"
    r"|(?:thank you|thanks) for (?:contacting|your (?:e-?mail|message|request|enquiry|inquiry))[^\n]{0,80}[.!\n]\s*(?:your (?:request|ticket|message|e-?mail|enquiry|inquiry)[^\n.]{0,60} has been received|we have received your (?:request|message|e-?mail))"
    r"|your (?:request|ticket|case) (?:\(?#?\w{1,20}\)? )?has been received and (?:is|will)"
    r"|dies ist eine automatisch(?:e| generierte| erstellte)|automatische (?:antwort|abwesenheitsnotiz)|abwesenheitsnotiz|diese (?:e-?mail|nachricht) wurde automatisch"
    r"|r\u00e9ponse automatique|ceci est (?:un|une) (?:message|r\u00e9ponse) automatique|ce message (?:est|a \u00e9t\u00e9) (?:g\u00e9n\u00e9r\u00e9|envoy\u00e9) automatiquement"
    r"|respuesta autom\u00e1tica|este es un (?:mensaje|correo) autom\u00e1tico|risposta automatica|questo \u00e8 un messaggio automatico"
    r"|automatisch antwoord|dit is een automatisch|resposta autom\u00e1tica|esta \u00e9 uma (?:mensagem|resposta) autom\u00e1tica"
    r")",
    re.IGNORECASE,
)
# None of the expressions matches without one of these; looking for them is twenty times as fast.
AUTOMATIC_WORDS = (
    "auto",
    "out of ",
    "out-of-",
    "deliver",
    "returned mail",
    "reply",
    "been received",
    "have received",
    "abwesenheit",
)
_ABSENT_NAMES = (
    "office desk leave vacation holiday b\u00fcro haus urlaub abwesend absent cong\u00e9 bureau vacances oficina vacaciones ausente "
    "ufficio ferie assente afwezig kantoor vakantie escrit\u00f3rio f\u00e9rias"
)
ABSENT_WORDS = tuple(_ABSENT_NAMES.split())
_ABSENT_LENGTH = 250  # an absence note says so at once
_ABSENT = re.compile(
    r"(?:^|\n|[.!,:] )[ \t]*(?:"
    r"(?:i am|i'm|i\u2019m|i will be) (?:currently |now |presently )?(?:out of (?:the )?office|away from (?:the office|my desk)|on (?:annual |parental |maternity |paternity |sick )?leave|on (?:vacation|holiday))\b[^\n?]{0,80}\b(?:until|till|through|from|between|returning|return|back|with (?:no|limited))"
    r"|(?:ich bin|wir sind) [^\n.?]{0,60}(?:nicht im (?:b\u00fcro|haus)|im urlaub|au\u00dfer haus|abwesend)"
    r"|je (?:suis|serai) (?:actuellement )?(?:absente?|en (?:cong\u00e9s?|vacances)|hors du bureau)"
    r"|(?:estoy|estar\u00e9) (?:fuera de la oficina|de vacaciones|ausente)"
    r"|(?:sono|sar\u00f2) (?:fuori ufficio|in ferie|assente)"
    r"|ik ben (?:[^\n.?]{0,40})(?:afwezig|niet op kantoor|met vakantie)"
    r"|(?:estou|estarei) (?:fora do escrit\u00f3rio|de f\u00e9rias|ausente)"
    r")",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Cleaned:
    """What a message says, and what it is: a message, an automatic reply, or text of others and nothing else.

    Only a `message` counts as its writer's turn. The text of the other two is kept whole, for reading.
    """

    text: str
    kind: Kind


def clean(body: str, is_html: bool | None = None) -> Cleaned:
    """What the writer of a message said in it.

    `is_html`: whether the body is HTML; None looks for tags. Quoted replies and signatures are cut; a forwarded
    message with the writer's own words on top keeps those. Never raises, whatever the body holds; linear in its
    length.
    """
    text = seen = _seen(body)
    is_html = looks_like_html(text) if is_html is None else is_html
    if is_html:
        text = _seen(html_to_text(text), keep=QUOTE)
    elif "&" in text:
        text = _seen(html.unescape(text))
    text = _BLANKS.sub(" ", text).strip(" \n") if not text.isascii() else text.strip(" \n")
    if _is_automatic(text):
        return Cleaned(_show(text), "auto_reply")
    own = own_words(text)
    remaining = _show(own.text)
    if not remaining and own.cut != "nothing":
        return Cleaned(_show(_seen(html_to_text(seen, with_quotes=True)) if is_html else text), "forward")
    return Cleaned(remaining, "message")


def _seen(text: str, keep: str = "") -> str:
    """The text without unseen characters, with one kind of line end, and spaces for tabs."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    if keep:
        text = keep.join(_UNSEEN.sub("", _LINE_ENDS.sub("\n", part)) for part in text.split(keep))
    else:
        text = _UNSEEN.sub("", _LINE_ENDS.sub("\n", text))
    return text.replace("\t", " ")


def _show(text: str) -> str:
    """The text without our own signs and without spaces at line ends, at most one empty line in a row."""
    text = text.replace(QUOTE, "")
    if " \n" in text:
        text = _TRAILING.sub("", text)
    if "\n\n\n" in text:
        text = _BLANK_LINES.sub("\n\n", text)
    return text.strip()


def _is_automatic(text: str) -> bool:
    """Whether a machine wrote this: an automatic reply, an absence note, a failed delivery."""
    if len(text) > _AUTOMATIC_LENGTH:
        return False
    low = text.lower()
    if any(word in low for word in AUTOMATIC_WORDS) and _AUTOMATIC.search(text):
        return True
    start = low[:_ABSENT_LENGTH]
    return (
        any(word in start for word in ABSENT_WORDS)
        and "?" not in text
        and _ABSENT.search(text[:_ABSENT_LENGTH]) is not None
    )
