"""How each system's data is got out, and what its exports make measurable: `heard guide`, `heard sources`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from metrics import registry
from metrics.measure import Capability
from pipelines.sources.source import Export, Source, discover
from warehouse.errors import BadInput


def of_system(name: str) -> tuple[Source, ...]:
    """The sources that read a system's files, by the system's name or a source's. Raises BadInput that names them all."""
    wanted = name.casefold().replace(" ", "_").replace("-", "_")
    found = tuple(one for one in discover() if wanted in (one.name, one.stands_for))
    if not found:
        known = sorted({one.stands_for for one in discover()})
        near = get_close_matches(wanted, known, n=1)
        raise BadInput(
            f"There is no guide for {name!r}.",
            fix=f"heard guide {near[0]}" if near else f"heard guide NAME, one of {', '.join(known)}",
        )
    return found


def enabled(source: Source) -> tuple[str, ...]:
    """What the exports of a source bring when all of them are loaded, as names of Capability in their order."""
    guide = source.guide
    known = {capability for export in guide.exports for capability in export.enables} if guide else set()
    return tuple(str(one) for one in Capability if one in known)


def measurable(capabilities: Sequence[str]) -> tuple[str, ...]:
    """The titles of the measures whose needs these capabilities meet."""
    return tuple(one.title for one in registry.discover() if one.needs <= set(capabilities))


def briefly(titles: Sequence[str]) -> list[str]:
    """Titles for a person: all that conversations show together where all of it is among them, since it comes as one."""
    shown = [one.title for one in registry.discover() if one.wing == "function"]
    if not set(shown) <= set(titles):
        return list(titles)
    rest = [title for title in titles if title not in shown]
    return [*rest, f"all that conversations show ({len(shown)} measures)"]


def lines(source: Source) -> Iterator[str]:
    """The guide of a source as text."""
    yield f"{source.title} ({source.name})"
    yield f"  {source.about}"
    guide = source.guide
    if guide is None:
        return
    if guide.is_from_documentation:
        yield "  Built from the vendor's documentation only; not tried on a real export yet."
    yield f"  Plan and rights: {guide.plan}"
    for export in guide.exports:
        yield f"  {export.name}"
        yield f"    How: {export.how}"
        yield f"    Brings: {in_words(export)}"
        if export.lacks:
            yield f"    Lacks: {export.lacks}"
    yield from (f"  Note: {note}" for note in guide.notes)


def in_words(export: Export) -> str:
    """What an export enables, in words."""
    return (
        ", ".join(str(one).replace("_", " ") for one in export.enables) or "names that others are read with"
    )


def as_json() -> list[dict[str, Any]]:
    """Every source with its guide, as plain values, in the order of their titles."""
    return [
        {
            "name": one.name,
            "system": one.stands_for,
            "title": one.title,
            "about": one.about,
            "measures": briefly(measurable(enabled(one))),
            "plan": one.guide.plan if one.guide else "",
            "is_from_documentation": bool(one.guide and one.guide.is_from_documentation),
            "notes": list(one.guide.notes) if one.guide else [],
            "exports": [
                {"name": export.name, "how": export.how, "enables": in_words(export), "lacks": export.lacks}
                for export in (one.guide.exports if one.guide else ())
            ],
        }
        for one in sorted(discover(), key=lambda one: (one.stands_for, one.title))
    ]
