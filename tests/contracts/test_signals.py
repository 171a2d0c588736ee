"""What holds for every signal: its examples, and that who speaks, and how, does not change what is said.

Each signal has a file tests/signals/<name>.toml with talks that count and at least as many that must not:

    [[counts]]
    kind = "made"                                 # the kind of evidence that is found
    talk = ["customer: Where is my parcel, {name}?", "agent: I will call you tomorrow."]
    says = ["I will call you tomorrow."]          # optional: what the evidence of that kind says, in order

    [[must_not]]
    kind = "made"                                 # the kind that must not be found; without it: nothing at all
    why = "conditional"                           # one of WHYS
    talk = ["agent: If I find out more, I will call you tomorrow."]

{name} and {place} stand for anybody and anywhere. `varies_not = {articles = "reason"}` leaves a variation out.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from metrics import registry
from metrics.measure import Signal
from tests.conftest import PROJECT
from tests.talks import talks
from warehouse.schema import EVIDENCE

EXAMPLES = PROJECT / "tests" / "signals"
WHYS = frozenset(
    "negation quote irony conditional question politeness wish other_speaker other_thing own_case too_late".split()
)
FEWEST = 6  # examples of each kind of outcome a signal has at least
SIGNALS = registry.signals()
AS_IT_STANDS = "as it stands"
Found = list[tuple[str, str]]  # kinds of evidence and what they say
PEOPLE = (("Maria", "Leeds"), ("Oluwaseun", "Lagos"), ("Priya", "Pune"), ("J\u00fcrgen", "K\u00f6ln"))
_ARTICLES = re.compile(r"\b(?:the|an?) (?=[a-z])")
_AMERICAN = (
    ("organis", "organiz"), ("apologis", "apologiz"), ("recognis", "recogniz"), ("realis", "realiz"),
    ("cancelled", "canceled"), ("cancelling", "canceling"), ("favour", "favor"), ("colour", "color"),
    ("cheque", "check"), ("mum ", "mom "), ("whilst", "while"),
)  # fmt: skip


@cache
def examples(name: str) -> dict[str, Any]:
    return tomllib.loads((EXAMPLES / f"{name}.toml").read_text(encoding="utf-8"))


def filled(talk: list[str], person: tuple[str, str] = PEOPLE[0]) -> list[str]:
    return [line.replace("{name}", person[0]).replace("{place}", person[1]) for line in talk]


def _told(lines: list[str], change: Any) -> list[str]:
    """The lines with what is said changed, and who says it as it was."""
    return [f"{who}: {change(said)}" for who, said in (line.split(": ", 1) for line in lines)]


def _american(said: str) -> str:
    for british, american in _AMERICAN:
        said = said.replace(british, american)
    return said


def _needful(lines: list[str]) -> list[str]:
    """A formula of business English closes the customer's first message."""
    first = next((place for place, line in enumerate(lines) if line.startswith("customer")), None)
    return [f"{line}\nKindly do the needful." if place == first else line for place, line in enumerate(lines)]


VARIATIONS: dict[str, Callable[[list[str]], list[str]]] = {
    "curly": lambda lines: _told(lines, lambda said: said.replace("'", "\u2019")),
    "no_apostrophes": lambda lines: _told(
        lines, lambda said: re.sub(r"(?<=\w)'(?=(?:t|s|ve|m|d|re)\b)", "", said)
    ),
    "small_letters": lambda lines: _told(lines, str.lower),
    "articles": lambda lines: _told(lines, lambda said: _ARTICLES.sub("", said)),
    "american": lambda lines: _told(lines, _american),
    "needful": _needful,
    "spaces": lambda lines: _told(lines, lambda said: re.sub(r"(?<=[a-z,]) (?=[a-z])", "  ", said, count=3)),
}


def cases() -> list[Any]:
    found = []
    for signal in SIGNALS:
        if not (EXAMPLES / f"{signal.name}.toml").exists():
            continue
        for part in ("counts", "must_not"):
            for number, _ in enumerate(examples(signal.name)[part], start=1):
                found.append(pytest.param(signal, part, number, id=f"{signal.name}-{part}-{number}"))
    return found


def variants(example: dict[str, Any]) -> dict[str, list[str]]:
    """The talk of an example as it stands, with other people in it, and said in other ways."""
    lines = filled(example["talk"])
    left_out = example.get("varies_not", {})
    assert set(left_out) <= set(VARIATIONS)
    others = {person[0]: filled(example["talk"], person) for person in PEOPLE[1:]}
    said = {name: vary(lines) for name, vary in VARIATIONS.items() if name not in left_out}
    return {AS_IT_STANDS: lines, **others, **said}


@cache
def judged(signal: Signal) -> dict[tuple[str, int], dict[str, Found]]:
    """What the signal finds in each variant of each of its examples: all heard together, as in a batch of the pipeline."""
    found: dict[tuple[str, int], dict[str, Found]] = {}
    by_status: dict[str, list[tuple[str, int, str, list[str]]]] = {}
    for part in ("counts", "must_not"):
        for number, example in enumerate(examples(signal.name)[part], start=1):
            for name, lines in variants(example).items():
                by_status.setdefault(example.get("status", "solved"), []).append((part, number, name, lines))
    for status, rows in by_status.items():
        for (part, number, name, _), own in zip(
            rows, _found(signal, [row[3] for row in rows], status), strict=True
        ):
            found.setdefault((part, number), {})[name] = own
    return found


def _found(signal: Signal, said: list[list[str]], status: str) -> list[Found]:
    """The kinds of evidence found in each talk and what they say."""
    heard = talks(*said, status=status)
    texts = dict(heard.messages.select("message_id", "text").iter_rows())
    evidence = signal.judge(heard)
    assert evidence.schema == EVIDENCE
    assert set(evidence["measure"]) <= {signal.name}, "evidence of another measure"
    found: dict[str, Found] = {}
    for row in evidence.sort("message_id", "start").iter_rows(named=True):
        assert 0 <= row["start"] < row["end"] <= len(texts[row["message_id"]])
        found.setdefault(row["ticket_id"], []).append(
            (row["kind"], texts[row["message_id"]][row["start"] : row["end"]])
        )
    return [found.get(f"t{number}", []) for number in range(1, len(said) + 1)]


def holds(part: str, example: dict[str, Any], found: Found) -> bool:
    kind = example.get("kind")
    is_found = any(kind in (None, own) for own, _ in found)
    return is_found == (part == "counts")


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
def test_a_signal_has_examples_that_count_and_as_many_that_must_not(signal: Signal) -> None:
    given = examples(signal.name)
    assert set(given) == {"counts", "must_not"}
    assert len(given["counts"]) >= FEWEST
    assert len(given["must_not"]) >= len(given["counts"])
    for example in given["counts"] + given["must_not"]:
        assert set(example) <= {"kind", "talk", "says", "why", "status", "varies_not"}
    whys = {example["why"] for example in given["must_not"]}
    assert whys <= WHYS
    assert len(whys) >= 4
    assert {example["kind"] for example in given["counts"]}


@pytest.mark.parametrize(("signal", "part", "number"), cases())
def test_an_example_is_judged_as_it_says(signal: Signal, part: str, number: int) -> None:
    example = examples(signal.name)[part][number - 1]
    found = judged(signal)[part, number][AS_IT_STANDS]
    assert holds(part, example, found), found
    if "says" in example:
        assert [text for kind, text in found if kind == example["kind"]] == example["says"]


@pytest.mark.parametrize(("signal", "part", "number"), cases())
def test_names_places_dialect_and_a_learners_errors_change_no_verdict(
    signal: Signal, part: str, number: int
) -> None:
    example = examples(signal.name)[part][number - 1]
    changed = {
        name for name, found in judged(signal)[part, number].items() if not holds(part, example, found)
    }
    assert not changed
