"""The lines of the Money page: what each figure is made of, what stands behind it, and what form alone would have told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from metrics import registry, validity
from metrics.contrast.ranges import Formula
from metrics.contrast.stakes import CLASSES, Stakes
from metrics.validity import Precision

Section = Literal["cost", "spent", "value"]


@dataclass(frozen=True)
class Alone:
    """What form alone would have told in place of a line: its words, its amount, and the conversations behind it."""

    title: str
    name: str
    count: int
    column: str | None
    answer: str


@dataclass(frozen=True)
class Line:
    """One figure in money; its range stands in `Money.values` under its name, where nothing is missing for it.

    count: the conversations (customers where `noun` says so) behind it; n: of how many it is known. missing: the keys of
    assumptions without which it can not be told. experimental: why the signal it rests on is, empty where it is not. whole: the name of the value of which it
    is a share.
    """

    name: str
    section: Section
    title: str
    about: str
    count: int
    noun: str
    n: int
    column: str
    answer: str
    missing: tuple[str, ...]
    alone: Alone | None = None
    experimental: str = ""
    whole: str = ""


def formulas(inputs: Collection[str]) -> dict[str, Formula]:
    """How each figure is made, in the order of their making."""
    if "monthly_spend" in inputs and "count_everybody" in inputs:  # their part of what all conversations cost
        spend = {"spend": Formula(("monthly_spend", "months", "count_all"), ("count_everybody",))}
    elif "monthly_spend" in inputs:
        spend = {"spend": Formula(("monthly_spend", "months"))}
    else:
        minutes = "handle_minutes" if "handle_minutes" in inputs else "handle_measured"
        spend = {"spend": Formula(("hourly_cost", minutes, "count_all"), ("minutes_per_hour",))}
    made = spend | {
        "cost_per_ticket": Formula(("spend",), ("count_all",)),
        "cost_per_solved": Formula(("spend",), ("count_solved",)),
        "cost_per_confirmed": Formula(("cost_per_ticket",), ("share_confirmed",)),
        "cost_per_restored": Formula(("cost_per_ticket", "count_readable"), ("count_restored",)),
        "spent_on_worse": Formula(("cost_per_ticket", "count_worse")),
        "spent_on_rated_bad": Formula(("cost_per_ticket", "count_rated_bad")),
        "spent_on_back": Formula(("cost_per_ticket", "count_back")),
        "spent_on_reopened": Formula(("cost_per_ticket", "count_reopened")),
    }
    risks, is_whole = list[str](), True
    for one in (*(one.name for one in CLASSES), "rated_bad"):
        parts = []
        if f"customers_{one}" in inputs and "value_per_customer" in inputs:
            made[f"typed_{one}"] = Formula((f"customers_{one}", "value_per_customer"))
            parts.append(f"typed_{one}")
        if f"known_{one}" in inputs:
            parts.append(f"known_{one}")
        if parts:
            made[f"value_{one}"] = Formula(plus=tuple(parts))
            if f"share_{one}" in inputs:
                made[f"risk_{one}"] = Formula((f"value_{one}", f"share_{one}"))
                risks.append(f"risk_{one}")
        has_some = f"customers_{one}" in inputs or f"known_{one}" in inputs
        is_whole &= one == "rated_bad" or not has_some or f"risk_{one}" in made
    if risks and is_whole:
        made["risk"] = Formula(plus=tuple(risks))
    return made


def _experimental(column: str, precision: Precision | None) -> str:
    """Why the measure of a column is experimental; empty where it is not."""
    if column not in registry.names():
        return ""
    found = validity.standing(registry.find(column)[0], precision)
    return found.why if found.is_experimental else ""


def lines(
    counts: Mapping[str, int | None],
    shares: Mapping[str, dict[str, Any]],
    found: Stakes,
    inputs: Collection[str],
    values: Collection[str],
    precision: Precision | None,
) -> tuple[Line, ...]:
    """The lines of a period from its counts, shares by column and stakes; `inputs` and `values` name what is known."""
    cost = () if "spend" in values else ("monthly_spend",)

    def share(column: str) -> tuple[int, int]:
        row = shares.get(column)
        if row is None or row["value"] is None:
            return 0, 0
        return round(row["value"] * row["n"]), int(row["n"])

    n, solved = int(counts["n"] or 0), int(counts["solved"] or 0)
    rated, again = counts["rated_bad"], counts["reopened"]
    by_form = Alone("with the status solved", "cost_per_solved", solved, None, "")
    told = [Line("cost_per_ticket", "cost", "A conversation", "Cost over all conversations that ended.",
        n, "conversations", n, "", "", cost)]  # fmt: skip
    resting: tuple[tuple[str, Section, str, str, str, Alone | None], ...] = (
        ("cost_per_confirmed", "cost", "is_ended_confirmed", "A solution that the customer confirmed",
            "Cost of a conversation over the share confirmed.", by_form),
        ("cost_per_restored", "cost", "is_trust_restored", "A restored customer",
            "Cost of all that could be read over those who came unhappy, were fine after our answer and did not come back.", by_form),
        ("spent_on_worse", "spent", "left_worse", "Conversations that left people worse",
            "Cost of a conversation times those who left worse.",
            None if rated is None else Alone("rated not satisfied", "spent_on_rated_bad", rated, "is_satisfied", "no")),
        ("spent_on_back", "spent", "has_come_back", "Repeat contacts",
            "Each was followed by one more conversation about the same thing.",
            None if again is None else Alone("opened again", "spent_on_reopened", again, "is_reopened", "yes")),
    )  # fmt: skip
    for name, section, column, title, about, alone in resting:
        count, of = share(column)
        told.append(Line(name, section, title, about, count, "conversations", of, column, "yes", cost, alone,
            _experimental(column, precision)))  # fmt: skip
    for one in CLASSES:
        part = found.by_class[one.name]
        wanted = {
            "value_per_customer": f"value_{one.name}" in values,
            f"share_{one.name}": f"share_{one.name}" in inputs,
        }
        missing = tuple(key for key, is_there in wanted.items() if not is_there) if part.count else ()
        told.append(Line(f"risk_{one.name}", "value", one.title, one.about, part.count, "customers", found.count,
            one.column, "yes", missing,
            None if rated is None else Alone("of them also rated not satisfied", "", part.count_rated_bad, None, ""),
            _experimental(one.column, precision), f"value_{one.name}"))  # fmt: skip
    told.append(Line("risk", "value", "All three, each customer once", "The sum of the lines above.",
        sum(part.count for part in found.by_class.values()), "customers", found.count, "", "", (),
        None if rated is None else Alone("rated not satisfied: their whole yearly value", "value_rated_bad", found.rated_bad.count, "is_satisfied", "no")))  # fmt: skip
    return tuple(told)
