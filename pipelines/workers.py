"""Work in other processes of this machine: paths and counts go there and come back, never rows."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, TypeVar

from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor

from warehouse.store import Connection, OutOfMemory

T = TypeVar("T")
_watched: list[int] = []


def count() -> int:
    """How many processes work side by side."""
    return min(os.cpu_count() or 1, 8)


def done(
    work: Callable[..., T], tasks: Sequence[tuple[Any, ...]], *, alone: bool = False
) -> Iterator[tuple[int, T]]:
    """The place and the result of each task as it is done, in any order.

    With `alone`, or where there is but one task or processor, the work is done in this process.
    """
    if alone or len(tasks) < 2 or count() == 1:
        for place, task in enumerate(tasks):
            yield place, work(*task)
        return
    os.environ.setdefault("POLARS_MAX_THREADS", "1")  # of the processes made below: each has one processor
    processes = min(count(), len(tasks))
    run = Parallel(n_jobs=processes, return_as="generator_unordered", pre_dispatch="2*n_jobs", batch_size=1)
    yield from run(
        delayed(partial(_watched_work, os.getpid(), place, work))(*task) for place, task in enumerate(tasks)
    )


@contextmanager
def beside(connection: Connection) -> Iterator[None]:
    """While others work, the database makes do with an eighth of its memory; when they are done, they go and it has all.

    It only takes in what they have done. Waiting processes would keep what they once needed, which it needs next.
    """
    limit = str(connection.execute("SELECT current_setting('memory_limit')").fetchall()[0][0])
    size, unit = limit.split()
    with suppress(OutOfMemory):  # where more than that is in use and can not be put aside
        connection.execute(f"SET memory_limit='{float(size) / 8} {unit}'")
    try:
        yield
    finally:
        connection.execute(f"SET memory_limit='{limit}'")
        release()


def release() -> None:
    """Let the other processes go; the next work starts new ones."""
    get_reusable_executor().shutdown(wait=True, kill_workers=True)


def _watched_work(parent: int, place: int, work: Callable[..., T], *task: Any) -> tuple[int, T]:
    """The work in a process that ends when the run that started it is gone; else it would idle on for minutes."""
    if parent not in _watched:
        _watched.append(parent)
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    return place, work(*task)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
