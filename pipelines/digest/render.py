"""A digest as a mail-safe page, a web page, Markdown and plain text. What customers wrote stays text in all of them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final, Literal

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipelines.digest.chart import course
from pipelines.digest.content import Cell, Digest
from pipelines.digest.shown import as_figures, as_shown

TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
Way = Literal["markup", "markdown", "plain"]

# What opens something in CommonMark or its common extensions (tables, formulas, entities, mentions, autolinks, short
# codes); a backslash makes it a plain sign.
_SIGNS = re.compile(r"([\\`*_\[\]<>|~^$#]|&(?=[#\w])|@(?=\w)|:(?=[\w/+-]))")
_LINE_OPENERS = re.compile(r"^([-+=]|\d+(?=[.)]))")


def render_html(digest: Digest) -> str:
    """The digest as one self-contained HTML page for mail: tables, inline styles, no outside request, no script."""
    return _inliner().inline(_rendered("digest.html.j2", digest, "markup"))


def render_page(digest: Digest) -> str:
    """The digest as one self-contained web page with the course of each figure: no outside request, no script."""
    return _rendered("page.html.j2", digest, "markup")


def render_report(digest: Digest, report: object) -> str:
    """A digest of all of the data as a web page that goes on with how each figure is counted and what to do next.

    report: `counted`, `moves` and `kept`, as pipelines/trial.py has them.
    """
    return _environment("markup").get_template("report.html.j2").render(digest=digest, report=report)


def render_md(digest: Digest) -> str:
    """The digest as Markdown."""
    return _folded(_rendered("digest.md.j2", digest, "markdown"))


def render_text(digest: Digest) -> str:
    """The digest as plain text, for the mail's part without markup."""
    return _folded(_rendered("digest.txt.j2", digest, "plain"))


def _rendered(template: str, digest: Digest, way: Way) -> str:
    return _environment(way).get_template(template).render(digest=digest)


def _folded(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def as_md(text: str) -> str:
    """Text at the start of a line that Markdown shows as it stands."""
    return _LINE_OPENERS.sub(_behind_backslash, as_md_within(text))


def as_md_within(text: str) -> str:
    """Text within a line that Markdown shows as it stands: one line, what could open markup behind a backslash."""
    return _SIGNS.sub(r"\\\1", as_shown(text))


def _behind_backslash(match: re.Match[str]) -> str:
    # A number opens a list by the sign after it, and a digit can not be escaped.
    return f"{match.group()}\\" if match.group().isdigit() else f"\\{match.group()}"


def _drawn(cell: Cell, side: Literal["scores", "conversations"]) -> str:
    return course([value for _, value in cell.number.weekly], side) if cell.number else ""


@cache
def _environment(way: Way) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=way == "markup",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["md"] = as_md
    environment.filters["md_within"] = as_md_within
    environment.filters["shown"] = as_shown
    environment.filters["figures"] = as_figures
    environment.globals["course"] = _drawn
    return environment


@cache
def _inliner() -> css_inline.CSSInliner:
    # The media queries for dark mode and phones can not be inlined; everything else goes into style attributes.
    return css_inline.CSSInliner(
        keep_style_tags=True, remove_inlined_selectors=True, load_remote_stylesheets=False
    )
