"""A digest as plain values: what JSON writes and what the typeset forms read."""

from __future__ import annotations

import dataclasses
from typing import Any

from pipelines.digest.content import Digest, Line, Quote
from pipelines.digest.shown import as_shown


def as_data(digest: Digest) -> dict[str, Any]:
    """Every field of the digest by its name, each item of a section with its kind (line or quote), and preheader, audience, has_figures.

    All texts stand on one line, without signs that can not be seen.
    """
    return {
        **_plain(digest),
        "preheader": as_shown(digest.preheader),
        "audience": as_shown(digest.audience),
        "has_figures": digest.has_figures,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return as_shown(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kind = {Line: {"kind": "line"}, Quote: {"kind": "quote"}}.get(type(value), {})
        return kind | {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return value
