"""The forms of a digest as bytes: mail, web page, Markdown, plain text, JSON, PDF, workbook, picture. Same digest, same bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Literal

from metrics.typeset import STANDARD, typeset
from pipelines.digest.as_data import as_data
from pipelines.digest.chart import course
from pipelines.digest.content import Digest
from pipelines.digest.render import TEMPLATES, render_html, render_md, render_page, render_text
from pipelines.digest.shown import as_figures
from pipelines.digest.workbook import workbook

Kind = Literal["html", "page", "md", "text", "json", "pdf", "xlsx", "png"]
# The ending of each form's file and its media type.
ENDINGS: Final[dict[Kind, tuple[str, str]]] = {
    "html": ("html", "text/html"),
    "page": ("page.html", "text/html"),
    "md": ("md", "text/markdown"),
    "text": ("txt", "text/plain"),
    "json": ("json", "application/json"),
    "pdf": ("pdf", "application/pdf"),
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "png": ("png", "image/png"),
}


def form(digest: Digest, kind: Kind) -> bytes:
    """The digest in a form.

    html is the mail, page the web page, text the mail's part without markup, png the first page of the PDF as a picture.
    """
    return _FORMS[kind](digest)


def _json(digest: Digest) -> bytes:
    return (json.dumps(as_data(digest), ensure_ascii=False, indent=1) + "\n").encode()


def _held(digest: Digest) -> dict[str, Any]:
    """What the typst template reads: the plain values, and the course of each figure as SVG."""
    held = as_data(digest)
    for row in held["rows"]:
        for side in ("scores", "conversations"):
            for cell in row[side]:
                weekly = cell["number"]["weekly"] if cell["number"] else []
                cell["course"] = course([value for _, value in weekly], side)
                cell |= {name: as_figures(cell[name]) for name in ("value", "change", "target", "basis")}
    return held


def _set(digest: Digest, kind: Literal["pdf", "png"]) -> bytes:
    at = datetime.fromisoformat(digest.as_of) if digest.as_of else None
    return typeset(TEMPLATES / "digest.typ", _held(digest), kind=kind, at=at, standard=STANDARD)[0]


_FORMS: Final[dict[Kind, Callable[[Digest], bytes]]] = {
    "html": lambda digest: render_html(digest).encode(),
    "page": lambda digest: render_page(digest).encode(),
    "md": lambda digest: render_md(digest).encode(),
    "text": lambda digest: render_text(digest).encode(),
    "json": _json,
    "pdf": lambda digest: _set(digest, "pdf"),
    "xlsx": workbook,
    "png": lambda digest: _set(digest, "png"),
}
