"""What every signal finds in a file, to be read and judged: `python -m benchmarks.evidence_report FILE [--of 20]`.

Loads the export into a store of its own and prints for each signal the coverage and rate of its columns and, for each
kind of evidence, how many there are and a random sample of them. `--measure NAME` prints one signal; nothing is kept.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from metrics import registry, wording
from metrics.measure import Across, Signal
from metrics.totals import Scope, totals_of
from pipelines.ingest import ingest
from warehouse.settings import Settings
from warehouse.store import Store, Version

LONGEST = 220  # characters of a sentence that are printed


def report(version: Version, measure: Signal | Across, *, count: int, seed: int) -> Iterator[str]:
    """The lines about one signal."""
    yield f"\n{measure.name}: {measure.title}"
    pairs = [(measure, column) for column in measure.columns if column.total is not None]
    for row in totals_of(version, pairs, Scope()).iter_rows(named=True):
        unit = registry.find(row["column"])[1].unit
        interval = wording.say_interval(row["low"], row["high"], unit)
        covered = wording.say(row["coverage"], "share")
        yield (
            f"  {row['column']:34} {wording.say(row['value'], unit):>14}  ({interval}), n {row['n']:,}, coverage {covered}"
        )
    kinds = version.query(
        "SELECT kind, count(*) AS n FROM evidence WHERE measure = ? GROUP BY ALL ORDER BY kind",
        [measure.name],
    )
    for kind, found in kinds.iter_rows():
        yield f"  {kind}: {found:,}"
        yield from _sample(version, measure.name, kind, count, seed)


def _sample(version: Version, name: str, kind: str, count: int, seed: int) -> Iterator[str]:
    rows = version.query(
        """
        SELECT spoken.text, found."start", found."end" FROM (
            SELECT * FROM evidence WHERE measure = ? AND kind = ?
            ORDER BY hash(source, ticket_id, message_id, "start", ?::BIGINT) LIMIT ?) found
        JOIN turns spoken USING (source, ticket_id, message_id)
        """,
        [name, kind, seed, count],
    )
    for text, start, end in rows.iter_rows():
        yield f"    - {' '.join(text[start:end].split())[:LONGEST]}"


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("file", type=Path)
    options.add_argument("--of", type=int, default=20, help="how many evidences of each kind")
    options.add_argument("--measure", action="append", help="only this signal")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="heard-report-") as folder:
        store = Store(Path(folder))
        ingest([given.file], store=store, settings=Settings())
        hearing: tuple[Signal | Across, ...] = (*registry.signals(), *registry.across())
        with store.reading() as version:
            for measure in hearing:
                if not given.measure or measure.name in given.measure:
                    for line in report(version, measure, count=given.of, seed=given.seed):
                        print(line)


if __name__ == "__main__":
    main()
