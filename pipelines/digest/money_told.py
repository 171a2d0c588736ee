"""What a week cost and what is at stake, for those who may see Money: figures as ranges, never with persons' words."""

from __future__ import annotations

from metrics import entered, review_figures, wording
from metrics.contrast import assumptions, money
from metrics.contrast.money_lines import Line as Told
from metrics.totals import Scope
from pipelines.digest.addresses import Addresses
from pipelines.digest.content import Line, Section
from warehouse.rights import Area, Role
from warehouse.settings import Settings
from warehouse.store import Version

RULE = (
    "Assumptions times counts of this week's conversations, from low to high; cost is spread evenly over the conversations. "
    "Errors of reading are not in the ranges."
)
MISSING = "Nothing has an amount yet: type on the Money page what support costs in a month, and what a customer is worth."


def amounts(version: Version, scope: Scope, settings: Settings, where: Addresses) -> Section | None:
    """The section of money; null where it is not this reader's, and for others than finance where nothing was typed."""
    if not version.rights.may(Area.MONEY):
        return None
    entries = entered.standing(version, assumptions.KIND)
    precision = review_figures.precision(version, settings)
    typed = assumptions.standing(entries)
    found = money.money(version, scope, typed, least=settings.display.too_few, precision=precision)
    currency = assumptions.currency(entries, found.currency)
    lines = [
        Line(
            f"{one.title}: {_amount(found, one, currency)}",
            _behind(one, where),
            about=_counted(one),
        )
        for one in found.lines
        if one.name in found.values and one.n and not one.experimental
    ]
    is_asked = version.rights.role is Role.FINANCE
    if not lines and not is_asked:
        return None
    return Section(
        "money",
        _title(found, currency),
        "" if lines else MISSING,
        tuple(lines),
        RULE if lines else "",
        where.page("money"),
    )


def _title(found: money.Money, currency: str) -> str:
    spent = found.values.get("spent_on_worse")
    told = {one.name: one for one in found.lines}
    worse = told.get("spent_on_worse")
    if spent and worse and worse.n and not worse.experimental:
        return f"{wording.say_money_range(spent.low, spent.high, currency)} went into conversations that left people worse"
    each = found.values.get("cost_per_ticket")
    if each:
        return f"A conversation cost {wording.say_money_range(each.low, each.high, currency)}"
    return "What the week cost is not known yet"


def _amount(found: money.Money, one: Told, currency: str) -> str:
    value = found.values[one.name]
    likely = wording.say_money(value.likely, currency)
    span = wording.say_money_range(value.low, value.high, currency)
    return span if value.low == value.high else f"{span}, likely {likely}"


def _counted(one: Told) -> str:
    counted = f"{one.count:,} of {one.n:,}" if one.count != one.n else f"{one.n:,}"
    return f"{counted} {one.noun}"


def _behind(one: Told, where: Addresses) -> str | None:
    if not one.column or one.noun != "conversations":
        return where.page("money")
    return where.page("conversations", column=one.column, answer=one.answer) or where.page("money")
