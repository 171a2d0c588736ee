"""The helpdesk's own figures out of a file, without loading it, to be held against ours."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import polars as pl

from metrics.reconcile import THEIRS
from pipelines import stage
from pipelines.identify import identify, options_of
from pipelines.ingest import merge_staged
from pipelines.reading import read_all
from pipelines.sources import _files
from warehouse.errors import NoData
from warehouse.settings import Settings
from warehouse.store import Store, connect, create_tables, query

# The rating that stands last in the file for each ticket, by the rule for CSAT that is in force.
_RATED = """
SELECT source, ticket_id, 'csat' AS name, NULL::DOUBLE AS calendar_minutes, NULL::DOUBLE AS business_minutes,
    arg_max(CASE WHEN is_positive IS NOT NULL THEN is_positive
        ELSE (score - scale_min) / (scale_max - scale_min) >= ? - 1e-9 END, coalesce(answered_at, '1970-01-01'))::INT::DOUBLE AS value
FROM ratings WHERE kind = 'csat' AND score IS NOT NULL AND ticket_id IS NOT NULL GROUP BY ALL
"""


def stated_in(
    path: Path, *, store: Store, settings: Settings, progress: Callable[[str, int, int], None]
) -> pl.DataFrame:
    """What the files below `path` state of their tickets' figures, in the columns of THEIRS.

    Raises BadInput where they can not be read, NoData where they state none.
    """
    options = options_of(store, settings, None, None, None, None)
    paths, _ = _files.find([path])
    files = [identify(one, options, is_named=True) for one in paths]
    with closing(connect(memory_limit=settings.store.memory_limit)) as connection:
        create_tables(connection)
        stage.create(connection)
        merge_staged(connection, read_all(connection, files, options, progress), progress)
        figures = query(connection, f"SELECT {', '.join(THEIRS)} FROM vendor_metrics")
        ratings = query(connection, _RATED, [settings.csat.positive_from_share])
    found = pl.concat([figures.cast(THEIRS), ratings.select(list(THEIRS)).cast(THEIRS)])
    if found.is_empty():
        raise NoData(
            f"{path.name} states no figures of the helpdesk's own.",
            fix="export the tickets as CSV, or the ticket metrics; heard guide SYSTEM says where",
        )
    return found
