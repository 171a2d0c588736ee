"""How fast it is, each figure against a baseline in the same run: `python -m benchmarks.speed [--quick] [--json]`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from benchmarks import speed_run, speed_text, speed_totals
from warehouse.settings import PROJECT

Row = dict[str, Any]
SHARED = PROJECT.parent / "shared"  # the measuring data, where it lies beside the checkout


def rows(*, quick: bool) -> Iterator[Row]:
    """Every row of the speed table that exists, one after the other as it is measured."""
    texts = speed_text.texts(2_000 if quick else 20_000)
    yield speed_text.sentiment_row(texts)
    if SHARED.exists() and not quick:
        yield speed_text.measured_row(SHARED)
    yield speed_text.cues_row(texts)
    yield from speed_text.hearing_rows(
        2_000 if quick else 20_000, SHARED if SHARED.exists() and not quick else None
    )
    yield from speed_run.run_rows(2_000 if quick else 100_000)
    yield speed_totals.totals_row(50_000 if quick else 1_000_000)


def main() -> int:
    """Print the rows as a table, or with --json as a list of objects."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--quick", action="store_true", help="small inputs: seconds instead of minutes")
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    if given.json:
        print(json.dumps(list(rows(quick=given.quick)), indent=1))
        return 0
    for row in rows(quick=given.quick):
        more = ", ".join(
            f"{key} {value}" for key, value in row.items() if key not in ("what", "value", "unit")
        )
        print(f"{row['what']}: {row['value']} {row['unit']} ({more})", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
