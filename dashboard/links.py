"""Links between the pages, with the filters that are on."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

HOME, SCORES, TRUST, IDEAS, CONVERSATIONS, GLOSSARY = (
    "",
    "scores",
    "trust",
    "ideas",
    "conversations",
    "glossary",
)
CUSTOMERS = "customers"
SILENT = "silent"
LOOKS_FINE, PREDICT = "looks_fine", "predict"
TEAMS = "teams"


def address(page: str, /, *filters: Mapping[str, object], **more: object) -> str:
    """The relative address of a page with these filters; what is None or empty is left out."""
    values: dict[str, object] = {}
    for part in (*filters, more):
        values.update(part)
    chosen = {name: str(value) for name, value in values.items() if value not in (None, "")}
    return f"./{page}" + (f"?{urlencode(chosen)}" if chosen else "")


def link(words: str, page: str, /, *filters: Mapping[str, object], **more: object) -> str:
    """An HTML link to a page; `words` are escaped."""
    return f'<a href="{escape(address(page, *filters, **more), quote=True)}">{escape(words)}</a>'
