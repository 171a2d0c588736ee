"""HTML bodies to text: lines at block tags only, what mail programs mark as quoted or as a signature left out."""

from __future__ import annotations

import html
import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

# Signs of our own inside the text while it is made; clean() removes all three from a body first.
BREAK: Final = "\x1d"  # a line break
BLOCK: Final = "\x1e"  # where a block begins or ends
QUOTE: Final = "\x1f"  # where something quoted was taken out

_BLOCKS = (
    "address|article|aside|blockquote|body|center|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure|footer|form|"
    "h[1-6]|header|hr|li|main|menu|nav|ol|option|p|pre|section|summary|table|tbody|tfoot|thead|tr|ul"
)
_TAG = re.compile(
    rf"<(?:!doctype|/?(?:{_BLOCKS}|a|b|big|br|code|em|font|head|html|i|img|link|meta|o:p|s|script|small|span|strike|"
    r"strong|style|sub|sup|td|th|title|u))(?:\s[^<>]{0,5000})?/?>",
    re.IGNORECASE,
)
_BLOCK_TAG = re.compile(rf"(?=</?(?:{_BLOCKS})\b)", re.IGNORECASE)
_BREAK_TAG = re.compile(r"(?=<br\b)", re.IGNORECASE)
_CELL_END = re.compile(r"(?=</t[dh]\b)", re.IGNORECASE)
_PRE = re.compile(r"<(/?)pre\b", re.IGNORECASE)
_SPACES = re.compile(rf"[ \t\n\r\f]+|[ \t\n\r\f]*[{BREAK}{BLOCK}][ \t\n\r\f{BREAK}{BLOCK}\xa0]*")

_NOT_TEXT = ["script", "style", "head", "title", "template", "noscript", "iframe", "object", "svg"]
# What mail programs put around the message that is answered.
_QUOTED = (
    ".gmail_quote, .gmail_extra > .gmail_quote, .ecxgmail_quote, blockquote[type=cite], .moz-cite-prefix, .yahoo_quoted, "
    ".yahoo-quoted, .protonmail_quote, .zmail_extra, .freshdesk_quote, .OutlookMessageHeader, .tutanota_quote, "
    "#isForwardContent, #OLK_SRC_BODY_SECTION"
)
# From here to the end of the message everything is quoted.
_QUOTED_FROM = (
    "#divRplyFwdMsg, #appendonsend, #stopSpelling, #mail-editor-reference-message-container, #zwchr"
)
_SIGNATURE = ".gmail_signature, .gmail_signature_prefix, .moz-signature, #Signature, [data-signatureblock], .protonmail_signature_block"
_SIGNATURE_FROM = ".js-signatureMarker, [data-signature=true]"

# The parser takes quadratic time on tags nested in each other (100,000 levels: 38 s); no mail is this deep.
_DEEPEST = 400
_FEW_TAGS = 1_000
_ANY_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)[^<>]*>")
_EMPTY_OR_IMPLIED = "area base br col dd dt embed hr img input li link meta option p param source tbody td tfoot th thead tr track wbr"
_CLOSE_THEMSELVES = frozenset(_EMPTY_OR_IMPLIED.split())
_HIDDEN = frozenset(["script", "style", "title", "template", "noscript", "iframe", "object", "svg"])


def looks_like_html(body: str) -> bool:
    """Whether a body of unknown kind holds a tag that mails and help desks use."""
    return "<" in body and _TAG.search(body) is not None


def html_to_text(body: str, *, with_quotes: bool = False) -> str:
    """The text of an HTML body, entities decoded, with QUOTE where something quoted was taken out.

    `with_quotes` takes nothing out. Lines end at block tags and at <br>; words inside a line stay together whatever inline tags they hold.
    """
    if "<pre" in body or "<PRE" in body:
        body = _keep_lines(body)
    marked = _CELL_END.sub(" ", _BREAK_TAG.sub(BREAK, _BLOCK_TAG.sub(BLOCK, body)))
    if marked.count("<") > _FEW_TAGS and _is_too_deep(marked):
        return _SPACES.sub(_space, _without_tags(marked))
    tree = LexborHTMLParser(marked)
    root = tree.body or tree.root
    if root is None:
        return ""
    tree.strip_tags(_NOT_TEXT)
    if not with_quotes and ("class" in body or "id=" in body or "type=" in body or "data-" in body):
        for node in root.css(_QUOTED):
            node.replace_with(f"{BLOCK}{QUOTE}{BLOCK}")
        for node in root.css(_SIGNATURE):
            node.replace_with(BLOCK)
        _cut_from(root, _QUOTED_FROM, f"{BLOCK}{QUOTE}{BLOCK}")
        _cut_from(root, _SIGNATURE_FROM, BLOCK)
    return _SPACES.sub(_space, root.text(deep=True, separator="", strip=False))


def _space(match: re.Match[str]) -> str:
    """What a run of white space and signs comes to: a space, the end of a line, or an empty line."""
    run = match[0].strip(" \t\n\r\f\xa0")
    if not run:
        return " "
    count_breaks = run.count(BREAK)
    return "\n\n" if count_breaks > 1 or (count_breaks and run[0] == BLOCK) else "\n"


def _keep_lines(body: str) -> str:
    """The body with the lines inside <pre> marked as such."""
    parts: list[str] = []
    start, is_inside = 0, False
    for match in _PRE.finditer(body):
        part = body[start : match.start()]
        parts.append(part.replace("\n", BREAK) if is_inside else part)
        start, is_inside = match.start(), not match[1]
    parts.append(body[start:].replace("\n", BREAK) if is_inside else body[start:])
    return "".join(parts)


def _cut_from(root: LexborNode, selector: str, sign: str) -> None:
    """Put a sign in place of the first node that is selected and of everything after it."""
    node = root.css_first(selector)
    if node is None:
        return
    place: LexborNode | None = node
    while place is not None and place.mem_id != root.mem_id:
        following = place.next
        while following is not None:
            gone, following = following, following.next
            gone.decompose()
        place = place.parent
    node.replace_with(sign)


def _is_too_deep(body: str) -> bool:
    """Whether more tags than a parser should be given are open at once; closing tags without an opening do not count."""
    still_open: dict[str, int] = {}
    depth = 0
    for match in _ANY_TAG.finditer(body):
        tag = match[2].lower()
        if tag in _CLOSE_THEMSELVES:
            continue
        if not match[1]:
            still_open[tag] = still_open.get(tag, 0) + 1
            depth += 1
            if depth > _DEEPEST:
                return True
        elif still_open.get(tag, 0):
            still_open[tag] -= 1
            depth -= 1
    return False


def _without_tags(body: str) -> str:
    """The text between the tags, for bodies that no parser should be given."""
    parts: list[str] = []
    start, hidden = 0, ""
    for match in _ANY_TAG.finditer(body):
        if not hidden:
            parts.append(body[start : match.start()])
            hidden = match[2].lower() if match[2].lower() in _HIDDEN and not match[1] else ""
        elif match[1] and match[2].lower() == hidden:
            hidden = ""
        start = match.end()
    if not hidden:
        parts.append(body[start:])
    return html.unescape("".join(parts))
