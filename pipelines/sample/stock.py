"""The hand-written stock of conversation, read from data/stock and ready to be said.

A line may hold choices ``[a|b]``, slots ``{name}`` and the pilcrow for a line break. Choices do not nest.
A situation has one or more cases, so that cure and thanks fit the complaint: a line that begins with letters
and ``> `` belongs to those cases only, any other to all.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from warehouse.errors import HeardError

FOLDER = Path(__file__).resolve().parents[2] / "data" / "stock"
TEAMS = ("readers", "invoicing", "deliveries", "shop", "billing", "rescue")
_CASES = re.compile(r"^([a-e]+)> ")
_NEEDED = ("subjects", "leads", "details", "terse", "askback", "gives", "fix", "no", "still", "good")
_STRAY = re.compile(r"[\[\]{}]")
_PIECE = re.compile(r"\[([^\]]*)\]|\{(\w+)\}")


class Slot(str):
    """The name of a slot inside a line."""

    __slots__ = ()


Line = tuple["str | Slot | Choice", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Alternatives at one place of a line."""

    options: tuple[Line, ...]


Lines = tuple[Line, ...]


def compile_line(text: str) -> Line:
    """One line of the stock in the form that `say` walks."""
    parts: list[str | Slot | Choice] = []
    position = 0
    text = text.replace("¶", "\n")
    for match in _PIECE.finditer(text):
        if match.start() > position:
            parts.append(text[position : match.start()])
        if match[2]:
            parts.append(Slot(match[2]))
        else:
            parts.append(Choice(tuple(compile_line(option) for option in match[1].split("|"))))
        position = match.end()
    if position < len(text):
        parts.append(text[position:])
    if any(type(part) is str and _STRAY.search(part) for part in parts):
        raise HeardError(f"A line of the stock has brackets that do not pair up or are nested: {text}")
    return tuple(parts)


def say(line: Line, rng: Random, slots: Mapping[str, str]) -> str:
    """A line with its choices made and its slots filled."""
    said: list[str] = []
    for part in line:
        if type(part) is str:
            said.append(part)
        elif type(part) is Slot:
            said.append(slots[part])
        elif type(part) is Choice:
            options = part.options
            said.append(say(options[int(rng.random() * len(options))], rng, slots))
    return "".join(said)


def say_any(lines: Lines, rng: Random, slots: Mapping[str, str]) -> str:
    """One of several lines, said; nothing where there are none."""
    if not lines:
        return ""
    return say(lines[int(rng.random() * len(lines))], rng, slots)


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """One case of what broke, and what customers and agents say about it."""

    name: str
    team: str
    topic: str
    is_policy: bool
    subjects: Lines
    leads: Lines
    details: Lines
    impact: Lines
    asks: Lines
    terse: Lines
    whole: Lines
    askback: Lines
    gives: Lines
    mirror: Lines
    fix: Lines
    no: Lines
    still: Lines
    good: Lines


def _lines(text: str) -> Lines:
    return tuple(compile_line(line.strip()) for line in text.strip("\n").split("\n"))


def _compiled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _compiled(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_compiled(inner) for inner in value]
    return _lines(value) if isinstance(value, str) and "\n" in value else value


def _read(name: str) -> dict[str, Any]:
    path = FOLDER / f"{name}.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise HeardError(
            f"The conversation stock {path.name} is missing.",
            fix="git checkout -- data/stock",
        ) from error


@cache
def family(name: str) -> dict[str, Any]:
    """A file of the stock with its lines compiled: customers, agents, extras, ideas, surveys, languages."""
    return dict(_compiled(_read(name)))


@cache
def words(key: str) -> tuple[str, ...]:
    """A plain list of names.toml."""
    return tuple(_read("names")[key].strip().split("\n"))


@cache
def situations(team: str) -> tuple[tuple[Situation, ...], ...]:
    """All situations of a team, in the order of its file, each with its cases; heavier ones more than once."""
    found = []
    for entry in _read(team)["situation"]:
        letters = sorted({letter for line in entry["fix"].split("\n") for letter in _cases(line)}) or [""]
        cases = tuple(_case(entry, team, letter) for letter in letters)
        found += [cases] * entry.get("weight", 1)
    return tuple(found)


def _cases(line: str) -> str:
    match = _CASES.match(line)
    return match[1] if match else ""


def _case(entry: dict[str, Any], team: str, letter: str) -> Situation:
    fields = {}
    for key in Situation.__slots__[4:]:
        lines = entry.get(key, "").strip("\n").split("\n")
        fitting = [line for line in lines if line and (not _cases(line) or letter in _cases(line))]
        if not fitting and key in _NEEDED:
            raise HeardError(f"The stock has no {key} for case {letter} of {entry['id']} in {team}.toml.")
        fields[key] = tuple(compile_line(_CASES.sub("", line)) for line in fitting)
    return Situation(entry["id"], team, entry["topic"], entry.get("policy", False), **fields)
