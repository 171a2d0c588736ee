"""How the figures of a report on files that are tried out are counted, and what to do with such files next."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from metrics import ideas, registry, validity, verdicts
from metrics.contrast import looks_fine
from metrics.contrast.pairs import Pair
from metrics.measure import Measure, Signal
from pipelines.sources.source import discover
from pipelines.summary import Summary
from warehouse.settings import Settings

KEPT = (
    "The files were read into a temporary folder on the machine where this report was made, and that folder is gone: "
    "nothing was kept, nothing was sent. What customers wrote stands here as they wrote it, save that e-mail addresses, "
    "telephone, card and account numbers, links, handles and names in greetings are masked; other names may stand in "
    "it. Forward it as you would a ticket."
)


@dataclass(frozen=True)
class Counted:
    """How a figure is counted: its side, its title, its rule, and in small words what it leaves out and how well it reads."""

    side: str
    title: str
    rule: str
    beside: tuple[str, ...]


@dataclass(frozen=True)
class Move:
    """What to do next, with what to type."""

    words: str
    command: str = ""


@dataclass(frozen=True)
class Report:
    """What a report holds beside what a digest does."""

    counted: tuple[Counted, ...]
    moves: tuple[Move, ...]
    kept: str = KEPT


def counted(pairs: Sequence[Pair], settings: Settings) -> tuple[Counted, ...]:
    """Every figure of the ledger and what looks fine and isn't, each measure once."""
    found: dict[str, tuple[str, Measure]] = {}
    for side in ("scores", "conversations"):
        for pair in pairs:
            for figure in getattr(pair, side):
                name = "scores" if side == "scores" else "talk"
                found.setdefault(figure.measure, (name, registry.measure(figure.measure)))
    for name in ("looks_fine", ideas.MEASURE):
        found.setdefault(name, ("talk", registry.measure(name)))
    return tuple(
        Counted(side, measure.title, _rule(measure, settings), _beside(measure))
        for side, measure in found.values()
    )


def _rule(measure: Measure, settings: Settings) -> str:
    if measure.name == looks_fine.looks_fine.name:
        return looks_fine.rule_text(settings.looks_fine)
    return measure.rule_with(settings)


def _beside(measure: Measure) -> tuple[str, ...]:
    left_out = (f"Left out: {measure.leaves_out[:1].lower()}{measure.leaves_out[1:]}",) if measure.leaves_out else ()  # fmt: skip
    if not isinstance(measure, Signal):
        return left_out
    tried = [
        f"{verdicts.verdict(row)} ({verdicts.figures(row)}; {verdicts.data(row)})"
        for row in validity.nearest(measure)
    ]
    how = f"On data that others labelled, nearest to yours: {'; '.join(tried)}." if tried else "Not measured on labelled data."  # fmt: skip
    return (*left_out, how)


def moves(summary: Summary, paths: Sequence[Path]) -> tuple[Move, ...]:
    """What to do next with files that were tried out."""
    systems = dict.fromkeys(file.reader.split("/")[0] for file in summary.files if file.reader)
    known = {one.name: one for one in discover() if one.guide and not one.is_declared}
    return (
        Move("Load the files to keep them, and read each figure down to its sentence in the dashboard:",
             command("ingest", [Path(path.name) if path.is_absolute() else path for path in paths])),
        Move("", "heard serve"),
        *(
            Move(f"See what else can be exported from {known[name].title}, and what it would tell:",
                 f"heard guide {known[name].stands_for}")
            for name in systems
            if name in known
        ),
        Move("Have the week told by mail every Monday (docs/digest.md):", "heard digest send --preview out"),
    )  # fmt: skip


def command(verb: str, paths: Sequence[Path]) -> str:
    """What to type to do this with these files."""
    return f"heard {verb} {' '.join(shlex.quote(str(path)) for path in paths)}"
