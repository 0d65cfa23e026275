"""Row 9: what a job costs at the store, whatever lies beside it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

from queuectl.core.job import Job, NewJob
from queuectl.store import open_pool_store
from queuectl.wiring import connect
from tests.benchmarks.rows import Row, at_most
from tests.benchmarks.run import Run
from tests.benchmarks.stores import store
from tests.benchmarks.turns import in_turns
from tests.store.conftest import succeeded, turn

_TURNS = 200
_FEW = 1_000


def row_9(run: Run) -> Iterator[Row]:
    """Four stores in turns; the first three are what is beside, in the queue's words, the last one has nothing."""
    stores = {
        f"{run.jobs:,} claimable": store(run, run.jobs),
        f"{_FEW:,} claimable, {run.jobs:,} finished": store(run, _FEW, completed=run.jobs),
        f"{_FEW:,} claimable, {run.jobs:,} scheduled above them": store(run, _FEW, scheduled=run.jobs),
        "few": store(run, _FEW),
    }
    measures = {name: lambda path=path: claim_ms(path) for name, path in stores.items()}
    took = in_turns(measures, run.rounds if run.short else 2 * run.rounds)
    few = took.pop("few")
    for name, each in took.items():
        yield Row(9, f"claim and settle, {name}", "ms", each, f"{_FEW:,} claimable", few, at_most(1.25))


def claim_ms(path: Path) -> float:
    """The median of many turns that settle one job and claim the next, as a dispatcher's do.

    Afterwards as many jobs wait as before.
    """
    with closing(open_pool_store(str(path))) as pool:
        now, times = time.time_ns() // 1_000_000, list[float]()
        claimed: list[Job] = []
        for _ in range(_TURNS):
            began = time.perf_counter()
            claimed = list(turn(pool, *map(succeeded, claimed), free=1, now=now).claimed)
            times.append((time.perf_counter() - began) * 1000)
            assert claimed
        turn(pool, *map(succeeded, claimed), now=now)
    with closing(connect(str(path))) as queue:
        queue.jobs.add([NewJob("true", "/")] * _TURNS)
    return median(times)
