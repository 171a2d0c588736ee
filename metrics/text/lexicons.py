"""The lexicons that ship, and what heard.toml changes of them: cues of your own, and shipped ones switched off."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Final

from metrics.text.cues import Cue, fold
from metrics.text.lexicon_files import WORDS, cues_of, load_lexicon
from warehouse.errors import BadSettings, Declaration, NoData
from warehouse.settings import OwnCue, Settings

LEXICONS: Final = Path(__file__).resolve().parents[2] / "data" / "lexicons"
# Moods are scored with these words together with weights that were fitted and measured beside them.
FIXED: Final = frozenset({"support_mood"})


@dataclass(frozen=True)
class Changes:
    """What heard.toml changes of the shipped cues; a value that can be sent to other processes and remembered by.

    `without` holds the (lexicon, kind, name) of each shipped cue that is switched off, in order.
    """

    added: tuple[Cue, ...] = ()
    without: tuple[tuple[str, str, str], ...] = ()


NO_CHANGES: Final = Changes()


def lexicon_names() -> tuple[str, ...]:
    """Every lexicon that ships."""
    return tuple(sorted(path.stem for path in LEXICONS.glob("*.toml") if path != WORDS))


@cache
def shipped(name: str) -> tuple[Cue, ...]:
    """The cues of a lexicon as it ships. Raises NoData with the nearest name where there is none."""
    if name not in lexicon_names():
        raise NoData(f"There is no lexicon called {name!r}.", fix=_nearest(name, lexicon_names()))
    return load_lexicon(LEXICONS / f"{name}.toml", is_trusted=True)


def cues_in_force(lexicons: Iterable[str], changes: Changes = NO_CHANGES) -> tuple[Cue, ...]:
    """The cues of these lexicons in their order, without those that are switched off and with your own at the end of each."""
    found: list[Cue] = []
    for name in lexicons:
        found += [cue for cue in shipped(name) if (cue.lexicon, cue.kind, cue.name) not in changes.without]
        found += [cue for cue in changes.added if cue.lexicon == name]
    return tuple(found)


def changes_of(settings: Settings) -> Changes:
    """What the [[cues]] of the settings change.

    Raises BadSettings, with the nearest name, on a lexicon, kind or shipped cue that is not there, and on whatever a
    lexicon file is refused for.
    """
    file = settings.file or Path("heard.toml")
    added: list[Cue] = []
    without: set[tuple[str, str, str]] = set()
    for number, own in enumerate(settings.cues, start=1):
        where = f"[[cues]] {number}"
        known = check(file, where, own)
        without |= {(own.lexicon, own.kind, _switched_off(file, where, name, known)) for name in own.without}
        if own.phrases or own.patterns or not own.without:
            added += own_cues(file, where, own)
    return Changes(tuple(added), tuple(sorted(without)))


def own_cues(file: Path, where: str, own: OwnCue) -> list[Cue]:
    """The cues that one [[cues]] table adds. Raises BadSettings as a lexicon file would raise Declaration."""
    block = {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in dataclasses.asdict(own).items()
        if key not in ("lexicon", "without")
    }
    try:
        return [dataclasses.replace(cue, is_own=True) for cue in cues_of(file, own.lexicon, where, block)]
    except Declaration as error:
        raise BadSettings(error.what, fix=error.fix) from error


def kinds_of(lexicon: str) -> tuple[str, ...]:
    """The kinds of cue in a lexicon, in its order."""
    return tuple(dict.fromkeys(cue.kind for cue in shipped(lexicon)))


def check(file: Path, where: str, own: OwnCue) -> tuple[Cue, ...]:
    """The shipped cues of the table's lexicon and kind. Raises BadSettings where there is none, with the nearest name."""
    if own.lexicon not in lexicon_names():
        what = f"there is no lexicon {own.lexicon!r}" if own.lexicon else "lexicon is missing"
        raise BadSettings(f"{file.name}, {where}: {what}.", fix=_nearest(own.lexicon, lexicon_names()))
    if own.lexicon in FIXED:
        raise BadSettings(
            f"{file.name}, {where}: {own.lexicon} can not be changed; moods are scored with it as it was measured.",
            fix="name another lexicon; heard lexicon list shows them",
        )
    kinds = kinds_of(own.lexicon)
    if own.kind not in kinds:
        what = f"{own.lexicon} has no kind {own.kind!r}" if own.kind else "kind is missing"
        raise BadSettings(f"{file.name}, {where}: {what}.", fix=_nearest(own.kind, kinds))
    return tuple(cue for cue in shipped(own.lexicon) if cue.kind == own.kind)


def _switched_off(file: Path, where: str, name: str, known: Sequence[Cue]) -> str:
    """The name of the shipped cue that is meant; letter case and apostrophes make no difference."""
    for cue in known:
        if name == cue.name or (cue.is_phrase and fold(name).split() == fold(cue.name).split()):
            return cue.name
    raise BadSettings(
        f"{file.name}, {where}: no shipped cue of {known[0].lexicon}, {known[0].kind} is written {name!r}.",
        fix=_nearest(name, [cue.name for cue in known], f"heard lexicon show {known[0].lexicon} lists them"),
    )


def _nearest(name: str, known: Sequence[str], otherwise: str = "") -> str:
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else otherwise or f"known are {', '.join(known)}"
