"""What holds for the table of how well signals hear, whoever adds a signal or a labelled task."""

from __future__ import annotations

import pytest

from benchmarks import validity as measuring
from metrics import registry, validity, verdicts
from metrics.measure import Across, Signal
from tests.conftest import shared

HEARING = (*registry.signals(), *registry.across())


@pytest.mark.parametrize("measure", HEARING, ids=lambda measure: measure.name)
def test_a_signal_has_rows_on_the_data_nearest_to_the_users_or_says_that_nothing_is_labelled(
    measure: Signal | Across,
) -> None:
    """Where there is nothing labelled, the signal says so in words and stays experimental."""
    assert len(measure.validity_note) > 20
    if measure.nearest is None:
        assert validity.standing(measure).why == "not measured on labelled data"
        return
    found = validity.nearest(measure)
    assert found, (
        f"data/validity.json has no row of {measure.nearest}: python -m benchmarks.validity DIR --write"
    )
    assert validity.rows(measure)[: len(found)] == found


@pytest.mark.parametrize("row", validity.table(), ids=lambda row: f"{row.dataset}-{row.label}-{row.measure}")
def test_a_row_of_the_table_can_be_said(row: validity.Row) -> None:
    assert row.measure in registry.names()
    assert row.n > 0
    assert row.main in row.figures
    assert verdicts.verdict(row)
    assert verdicts.figures(row)
    assert verdicts.beside(row)
    low, high = row.intervals.get(row.main, (row.figures[row.main], row.figures[row.main]))
    assert low - 0.05 <= row.figures[row.main] <= high + 0.05


def test_every_labelled_task_is_answered_by_a_signal() -> None:
    """A folder of labelled rows that nothing measures would look like a figure that nobody minds."""
    tasks = {path.name for path in shared("labelled").iterdir() if path.is_dir()}
    assert tasks <= set(measuring.tasks())
    answered = {row.task for row in validity.table()}
    assert tasks <= answered, "python -m benchmarks.validity DIR --write"
