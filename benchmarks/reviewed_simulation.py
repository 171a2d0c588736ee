"""Whether the interval of a corrected rate holds the truth as often as it says: known errors, drawn again and again.

    python -m benchmarks.reviewed_simulation [--runs 2000]

Each run draws conversations of which a known share truly has something, reads them with known errors, checks a sample of
the flagged and the unflagged, corrects the rate, and looks whether the interval holds the true share.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Final

import numpy as np

from metrics import intervals
from metrics.reviewed import Checked, corrected, stratum


@dataclass(frozen=True)
class Setting:
    """How often something is there, how well it is read, how many conversations there are and how many are checked."""

    truth: float
    recall: float
    false_alarms: float  # of the conversations where it is not
    conversations: int
    reviews: int


SETTINGS: Final = (
    Setting(0.30, 0.80, 0.05, 3000, 100),
    Setting(0.30, 0.60, 0.10, 3000, 200),
    Setting(0.15, 0.70, 0.03, 10000, 100),
    Setting(0.10, 0.50, 0.02, 3000, 200),
    Setting(0.05, 0.60, 0.01, 10000, 100),
    Setting(0.05, 0.60, 0.01, 10000, 400),
    Setting(0.02, 0.50, 0.005, 10000, 200),
    Setting(0.02, 0.70, 0.002, 10000, 400),
    Setting(0.01, 0.60, 0.004, 20000, 400),
    Setting(0.60, 0.90, 0.20, 500, 100),
)


@dataclass(frozen=True)
class Covered:
    """What came of a setting: shares of runs whose interval holds the truth, corrected and as read; mean width and bias."""

    corrected: float
    as_read: float
    width: float
    bias: float


def simulate(setting: Setting, runs: int, seed: int = 7) -> Covered:
    """Run a setting; the same seed gives the same result."""
    draw = np.random.Generator(np.random.PCG64(seed))
    held, held_as_read, widths, errors = 0, 0, [], []
    for _ in range(runs):
        there = draw.binomial(setting.conversations, setting.truth)
        right = draw.binomial(there, setting.recall)
        wrong = draw.binomial(setting.conversations - there, setting.false_alarms)
        flagged = right + wrong
        rate, n = flagged / setting.conversations, float(setting.conversations)
        low, high = (
            float(end[0]) for end in intervals.wilson(np.array([flagged]), np.array([n]), np.ones(1))
        )
        strata = []
        for size, good, share in (
            (flagged, right, 0.4),
            (setting.conversations - flagged, there - right, 0.6),
        ):
            checked_of_it = min(size, round(setting.reviews * share))
            good_of_it = draw.hypergeometric(good, size - good, checked_of_it)
            strata.append(stratum(size, [True] * good_of_it + [False] * (checked_of_it - good_of_it)))
        found = corrected(rate, low, high, Checked("made", strata[0], strata[1], setting.reviews))
        held += found.low <= setting.truth <= found.high
        held_as_read += low <= setting.truth <= high
        widths.append(found.high - found.low)
        errors.append(found.value - setting.truth)
    return Covered(held / runs, held_as_read / runs, float(np.mean(widths)), float(np.mean(errors)))


def main() -> None:
    """Print how often each setting's interval holds the truth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    runs = parser.parse_args().runs
    print("truth  recall  false alarms  conversations  reviews | covers  as read  width   bias")
    covered = []
    for setting in SETTINGS:
        found = simulate(setting, runs)
        covered.append(found.corrected)
        print(
            f"{setting.truth:5.2f}  {setting.recall:6.2f}  {setting.false_alarms:12.3f}  {setting.conversations:13,}"
            f"  {setting.reviews:7} | {found.corrected:6.1%}  {found.as_read:7.1%}  {found.width:.3f}  {found.bias:+.4f}"
        )
    print(f"over all settings: {np.mean(covered):.1%}")


if __name__ == "__main__":
    main()
