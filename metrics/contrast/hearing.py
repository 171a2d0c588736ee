"""What can be said of the silent in words: sentences made from the numbers, true in every case."""

from __future__ import annotations

from typing import Final

from metrics import wording
from metrics.contrast.bounds import Bounds, Tipping, Unit
from metrics.contrast.difference import Estimate, difference
from metrics.contrast.everybody import Everybody
from metrics.contrast.silent import Rate, Silence
from metrics.contrast.surveyed import Survey

CALLED: Final[dict[Survey, str]] = {"csat": "CSAT", "nps": "NPS"}
# Two sorts that are set against each other, the first where the titles' words come from; the first pair measured is told.
_AGAINST: Final = (
    ("worse", "better", "Of those who left worse {0} answered, of those who left better {1}"),
    ("open", "confirmed", "Of conversations left open {0} were rated, of those confirmed as solved {1}"),
)
_WITHIN_NOISE: Final = "No difference beyond noise: "


def answer(found: Silence, period: str) -> tuple[str, str]:
    """How many did not answer, and what that leaves open; the first sentence stands out."""
    bounds = found.bounds
    silent = wording.say(bounds.count_silent / bounds.count_asked, "share")
    are = "was" if bounds.count_silent == 1 else "were"
    if found.is_asked_known:
        what = "satisfaction surveys" if found.survey == "csat" else "recommendation surveys"
        first = f"Of {bounds.count_asked:,} {what} sent {period}, {bounds.count_silent:,} ({silent}) {are} never answered."
    else:
        first = (
            f"Of {bounds.count_asked:,} conversations that ended {period}, {bounds.count_silent:,} ({silent}) {are} never rated;"
            " who was asked is not in these data."
        )
    if bounds.value is None:
        return first, "Nobody answered, so that there is no figure at all."
    name, ends = CALLED[found.survey], wording.say_interval(bounds.lowest, bounds.highest, bounds.unit)
    said = f"Those who answered give {'an' if name == 'NPS' else 'a'} {name} of {wording.say(bounds.value, bounds.unit)}"
    if not bounds.count_silent:
        return first, f"{said}."
    return first, f"{said}; with the silent, it lies anywhere from {ends}."


def tipping_point(bounds: Bounds, tip: Tipping, survey: Survey) -> str:
    """Where the figure of everybody tips, without a full stop."""
    name, wanted = CALLED[survey], wording.say(tip.target, bounds.unit)
    match tip.verdict:
        case "none":
            return f"Everybody answered, so that the {name} is that of all"
        case "reached":
            return f"Whatever the silent think, the {name} of everybody is at least {wanted}"
        case "missed":
            return f"Whatever the silent think, the {name} of everybody is under {wanted}"
    if bounds.unit == "net":
        return f"The {name} of everybody is under {wanted} if that of the silent is below {wording.signed(tip.needed or 0, 1)}"
    return (
        f"The {name} of everybody is under {wanted} if fewer than {tip.count_needed:,} of the {bounds.count_silent:,} silent"
        f" ({wording.say(tip.needed, 'share')}) are satisfied"
    )


def who_answers(rates: tuple[Rate, ...], least: int) -> str:
    """Who answers less often, by how the conversation ended; told of groups of at least `least` conversations."""
    known = {rate.sort.key: rate.answered for rate in rates if rate.answered.n >= least}
    for low, high, words in _AGAINST:
        if low in known and high in known:
            moved = difference(known[low], known[high])
            shares = [wording.say(known[key].value, "share") for key in (low, high)]
            is_apart = moved is not None and moved.exceeds_noise
            said = words.format(*shares)
            return said if is_apart else _WITHIN_NOISE + said[:1].lower() + said[1:]
    return "How often customers answered, by how the conversation went"


def moods(answered: Estimate, silent: Estimate) -> str:
    """The mood after our answer of the silent against that of those who answered."""
    moved = difference(silent, answered)
    if moved is None:
        return "Mood after our answer, of those who answered and of the silent"
    said = f"{wording.say(silent.value, 'mood')} against {wording.say(answered.value, 'mood')}"
    if not moved.exceeds_noise:
        return f"The silent left in much the same mood as those who answered: {said}, within noise"
    return f"The silent left in a {'lower' if moved.change < 0 else 'better'} mood than those who answered: {said}"


def estimate(found: Everybody, survey: Survey, unit: Unit) -> str:
    """What the model puts everybody at, beside those who answered."""
    name = CALLED[survey]
    if found.value is None:
        return f"What everybody would have answered can not be estimated {'here' if found.of else 'at all'}"
    return (
        f"A model puts the {name} of everybody at {wording.say(found.value, unit)}"
        f" ({wording.say_interval(found.low, found.high, unit)}); those who answered give {wording.say(found.plain, unit)}"
    )
