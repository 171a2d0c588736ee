"""How often the corrected bounds of similar conversations name a team among equals, and how often intervals hold the truth.

    python -m benchmarks.similar_simulation --runs 400

Six teams with unequal queues, drawn by `drawn`. Prints the family-wise rate (to be 5 %) and the coverage of
95 % intervals, with and without customers who write many times.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl

from metrics.contrast.similar import similar
from metrics.totals import Scope
from warehouse.store import Version, connect, insert

FIRST, LAST = date(2026, 8, 17), date(2026, 11, 15)
NOW, BEFORE = Scope(FIRST, LAST), Scope(FIRST - timedelta(days=91), FIRST - timedelta(days=1))
MOODS = (-0.6, -0.3, 0.0, 0.3)
CHANNELS = ("chat", "email", "web")
TEAMS = tuple("ABCDEF")
# How often a conversation leaves worse, by arrival mood and channel: the queue, not the team.
WORSE = np.array([[0.50, 0.42, 0.36], [0.34, 0.28, 0.22], [0.20, 0.14, 0.10], [0.12, 0.08, 0.05]])


def drawn(
    rng: np.random.Generator,
    size: int,
    effects: Sequence[float],
    *,
    tilt: float = 1.0,
    scope: Scope = NOW,
    customers: int = 0,
) -> pl.DataFrame:
    """Conversations of six teams whose queues differ; `effects` is what each team adds to the chance of leaving worse."""
    team = rng.integers(len(TEAMS), size=size)
    lean = tilt * np.linspace(-1, 1, len(TEAMS))[team]
    mood = np.clip(np.round(rng.normal(1.5 + 1.1 * lean, 0.9)), 0, 3).astype(int)
    channel = np.clip(np.round(rng.normal(1 + 0.6 * lean, 0.8)), 0, 2).astype(int)
    owner = rng.integers(customers, size=size) if customers else np.arange(size)
    own = rng.normal(0, 0.15 if customers else 0.0, size=max(customers, size))[owner]
    chance = np.clip(WORSE[mood, channel] + np.asarray(effects)[team] + own, 0, 1)
    worse = rng.random(size) < chance
    assert scope.date_from is not None
    day = [scope.date_from + timedelta(int(number)) for number in rng.integers(91, size=size)]
    return pl.DataFrame(
        {
            "source": "desk", "ticket_id": [f"{scope.date_from}/{number}" for number in range(size)],
            "team": [TEAMS[one] for one in team], "channel": [CHANNELS[one] for one in channel], "language": "en",
            "contact_reason": "same", "tags": [["outage"] if day_.isoweekday() == 1 else [] for day_ in day],
            "cluster": owner.astype(np.uint64), "mood_on_arrival": [MOODS[one] for one in mood],
            "created_on": day, "ended_on": day, "created_at": [f"{one}T{hour:02}:10:00+00:00" for one, hour in zip(day, rng.integers(24, size=size), strict=True)],
            "left_worse": worse, "mood_shift": 0.1 - 0.3 * worse + rng.normal(0, 0.1, size),
            "resolution_minutes": np.exp(rng.normal(5 - 0.5 * mood, 1.0)),
            "chance": chance,
        }
    )  # fmt: skip


def version_of(frame: pl.DataFrame) -> Version:
    """A version whose ticket_facts are these rows."""
    connection = connect()
    connection.execute(
        "CREATE TABLE ticket_facts (source VARCHAR, ticket_id VARCHAR, team VARCHAR, channel VARCHAR, priority VARCHAR, type VARCHAR,"
        " brand VARCHAR, language VARCHAR, contact_reason VARCHAR, agent VARCHAR, customer_id VARCHAR, tags VARCHAR[], cluster UBIGINT,"
        " mood_on_arrival DOUBLE, created_on DATE, ended_on DATE, solved_on DATE, created_at TIMESTAMPTZ, left_worse BOOLEAN, mood_shift DOUBLE,"
        " resolution_minutes DOUBLE, is_answered_by_both BOOLEAN, is_answered_by_human BOOLEAN, is_answered_by_ai BOOLEAN,"
        " is_answered_by_bot BOOLEAN, is_answered_by_nobody BOOLEAN)"
    )
    connection.execute(
        "CREATE TABLE ticket_accounts (source VARCHAR, ticket_id VARCHAR, account_tier VARCHAR)"
    )
    connection.execute("CREATE TABLE meta (key VARCHAR, value VARCHAR)")
    insert(
        connection,
        "ticket_facts",
        frame.drop("chance").with_columns(
            pl.col("created_at").str.to_datetime(time_zone="UTC"), solved_on="ended_on"
        ),
    )
    return Version("made", connection)


def family_wise(runs: int, size: int, customers: int) -> float:
    """The share of runs in which at least one of six equal teams is named, over two columns."""
    rng = np.random.default_rng(2026)
    named = 0
    for _ in range(runs):
        version = version_of(drawn(rng, size, [0.0] * 6, tilt=0.5, customers=customers))
        told = similar(version, ["left_worse", "mood_shift"], NOW, "team", ("mood", "channel"))
        named += any(bool(one.frame["is_beyond"].any()) for one in told)
    return named / runs


def main() -> None:
    """Print the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=400)
    runs = parser.parse_args().runs
    for size, customers in ((900, 0), (3000, 0), (3000, 600)):
        of = f"{customers:,} customers" if customers else "each of another customer"
        print(
            f"{size:,} conversations, {of}: {family_wise(runs, size, customers):.1%} of {runs} runs name a team"
        )


if __name__ == "__main__":
    main()
