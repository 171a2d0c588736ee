"""Whether the interval of everybody's estimate holds the truth as often as it says: known silence, drawn again and again.

    python -m benchmarks.silent_simulation [--runs 1000]

Each run draws customers with their conversations, of which one would be rated satisfied with a known chance, and lets some
answer: at random, by the mood that the conversation shows, or by the very answer, which nobody can see. It asks whether the
interval of the estimate, and that of the plain share of those who answered, holds the true share, and whether the bounds do.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from metrics.contrast.augmented import augmented, clustered_mean
from metrics.contrast.bounds import Bounds
from metrics.prediction import Flags, Numbers, scale_of, scaled

Silence = Literal["random", "mood", "unseen"]


@dataclass(frozen=True)
class Setting:
    """How silence comes about, and how many conversations of how many customers there are."""

    silence: Silence
    conversations: int
    customers: int


SETTINGS: Final = tuple(
    Setting(silence, count, count // share)
    for silence in ("random", "mood", "unseen")
    for count, share in ((1000, 3), (3000, 2), (3000, 10))
)


@dataclass(frozen=True)
class Drawn:
    """One run: what is seen, who answered, who would be satisfied, and whose conversation it is."""

    seen: Numbers
    answered: Flags
    satisfied: Flags
    customers: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Held:
    """Shares of runs in which an interval holds the truth, mean bias and width; `bounds` holds the drawn population's."""

    estimate: float
    plain: float
    bounds: float
    bias: float
    bias_plain: float
    width: float


def drawn(setting: Setting, draw: np.random.Generator) -> Drawn:
    """Draw a run. Moods go with the customer and the conversation; satisfaction with the mood and how long they waited."""
    count = setting.conversations
    customers = draw.integers(0, setting.customers, count)
    temper = draw.normal(scale=0.6, size=setting.customers)[customers]
    mood = temper + draw.normal(size=count)
    wait = draw.normal(size=count)
    channel = draw.integers(0, 3, count)
    # Where nothing can be read of the mood nothing follows it either: those conversations are alike in it.
    is_heard = draw.random(count) < 0.85
    felt, own_temper = np.where(is_heard, mood, -0.3), np.where(is_heard, temper, 0.0)
    satisfied = draw.random(count) < expit(0.9 + 1.1 * felt - 0.5 * wait + 0.3 * own_temper)
    odds = {
        "random": np.full(count, -0.8),
        "mood": -0.8 + 0.8 * felt - 0.3 * wait + 0.4 * (channel == 1),
        "unseen": -1.2 + 1.2 * satisfied,
    }[setting.silence]
    answered = draw.random(count) < expit(odds)
    noise = draw.normal(size=(count, 5))
    heard_mood = np.where(is_heard, mood, np.nan)
    is_low = np.where(is_heard, mood < -1, np.nan)
    figures = np.column_stack([heard_mood, is_low, wait, channel == 0, channel == 1, noise])
    return Drawn(scaled(figures, scale_of(figures)), answered, satisfied, customers)


def truth(setting: Setting) -> float:
    """The share that would be satisfied among all conversations of the setting, of a very large draw."""
    large = Setting(setting.silence, 500_000, 500_000 * setting.customers // setting.conversations)
    return float(drawn(large, np.random.Generator(np.random.PCG64(1))).satisfied.mean())


def simulate(setting: Setting, runs: int, seed: int = 7) -> Held:
    """Run a setting; the same seed gives the same result."""
    draw = np.random.Generator(np.random.PCG64(seed))
    real = truth(setting)
    held, held_plain, inside, errors, errors_plain, widths = 0, 0, 0, [], [], []
    for _ in range(runs):
        one = drawn(setting, draw)
        found = augmented(one.seen, one.answered, [(1.0, one.satisfied)], one.customers).mean
        _, groups = np.unique(one.customers[one.answered], return_inverse=True)
        plain = clustered_mean(one.satisfied[one.answered].astype(float), groups)
        assert found.low is not None and found.high is not None
        assert plain.low is not None and plain.high is not None
        held += found.low <= real <= found.high
        held_plain += plain.low <= real <= plain.high
        bounds = Bounds(
            "share",
            len(one.answered),
            int(one.answered.sum()),
            int((one.answered & one.satisfied).sum()),
        )
        assert bounds.lowest is not None and bounds.highest is not None
        inside += bounds.lowest <= one.satisfied.mean() <= bounds.highest
        errors.append(found.value - real)
        errors_plain.append(plain.value - real)
        widths.append(found.high - found.low)
    return Held(
        held / runs, held_plain / runs, inside / runs,
        float(np.mean(errors)), float(np.mean(errors_plain)), float(np.mean(widths)),
    )  # fmt: skip


def main() -> None:
    """Print one line a setting."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=1000)
    runs = parser.parse_args().runs
    print(f"{runs} runs a setting; share of runs whose 95 % interval holds the true share\n")
    print("silence  conversations customers  estimate  plain share  bounds    bias  plain's  width")
    for one in SETTINGS:
        held = simulate(one, runs)
        print(
            f"{one.silence:<8} {one.conversations:>13,} {one.customers:>9,}  {held.estimate:>8.1%}  {held.plain:>11.1%}  {held.bounds:>6.0%}"
            f"  {held.bias:>+6.3f}  {held.bias_plain:>+7.3f}  {held.width:>5.3f}"
        )


if __name__ == "__main__":
    main()
