"""A digest as a mail-safe page and as Markdown. What customers wrote stays text in both."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipelines.digest.content import Digest

TEMPLATES: Final = Path(__file__).resolve().parent / "templates"

# What opens something in CommonMark or its common extensions (tables, formulas, entities, mentions, autolinks, short
# codes); a backslash makes it a plain sign.
_SIGNS = re.compile(r"([\\`*_\[\]<>|~^$#]|&(?=[#\w])|@(?=\w)|:(?=[\w/+-]))")
_LINE_OPENERS = re.compile(r"^([-+=]|\d+(?=[.)]))")
# What turns the order of reading round, or can not be seen, could make a sentence read as another.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def render_html(digest: Digest) -> str:
    """The digest as one self-contained HTML page for mail: tables, inline styles, no outside request, no script."""
    html = _environment(is_markup=True).get_template("digest.html.j2").render(digest=digest)
    return _inliner().inline(html)


def render_md(digest: Digest) -> str:
    """The digest as Markdown, also the plain-text part of a mail."""
    text = _environment(is_markup=False).get_template("digest.md.j2").render(digest=digest)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def as_md(text: str) -> str:
    """Text at the start of a line that Markdown shows as it stands."""
    return _LINE_OPENERS.sub(_behind_backslash, as_md_within(text))


def as_md_within(text: str) -> str:
    """Text within a line that Markdown shows as it stands: one line, what could open markup behind a backslash."""
    return _SIGNS.sub(r"\\\1", as_shown(text))


def as_shown(text: str) -> str:
    """Text on one line without signs that can not be seen."""
    return " ".join(_UNSEEN.sub(" ", text).split())


def as_figures(text: str) -> str:
    """Our own words with their numbers kept on one line with what they count."""
    return re.sub(
        r"(?<=\d) (?=%|pts|h\b|min\b|s\b|days?\b)|(?<=n) (?==)|(?<==) (?=\d)", "\u00a0", as_shown(text)
    )


def _behind_backslash(match: re.Match[str]) -> str:
    # A number opens a list by the sign after it, and a digit can not be escaped.
    return f"{match.group()}\\" if match.group().isdigit() else f"\\{match.group()}"


@cache
def _environment(*, is_markup: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=is_markup,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["md"] = as_md
    environment.filters["md_within"] = as_md_within
    environment.filters["shown"] = as_shown
    environment.filters["figures"] = as_figures
    return environment


@cache
def _inliner() -> css_inline.CSSInliner:
    # The media queries for dark mode and phones can not be inlined; everything else goes into style attributes.
    return css_inline.CSSInliner(
        keep_style_tags=True, remove_inlined_selectors=True, load_remote_stylesheets=False
    )
