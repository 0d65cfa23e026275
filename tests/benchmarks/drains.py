"""Rows 3, 4 and 6: how fast a backlog is worked off."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from statistics import median
from typing import TYPE_CHECKING

from queuectl.core.job import NewJob, State
from tests.benchmarks.rows import Limit, Row, at_least, at_most
from tests.benchmarks.run import Run, say
from tests.benchmarks.turns import in_turns
from tests.pools.conftest import Stage

if TYPE_CHECKING:
    from tests.benchmarks.peers import Peer

_LOOK_S = 0.01
_MOST_S = 600.0
_ONCE = 5_000
_WITH_PEERS, _STARTS = 1_000, 40
_SLEEPS, _SLEEPERS, _SLEEP_S = 200, 8, 0.05


def drain_s(run: Run, jobs: int, workers: int, command: str = "true") -> float:
    """From the commit of a batch to the last result stored, by a pool that stands idle before.

    xargs has its lines ready and its own start, 2 ms, inside the time; the pool has its jobs ready,
    and being woken is inside. Its start, of a second, is not: it stays up for days.
    """
    with run.stage() as stage:
        stage.start(workers=workers)
        stage.until_workers(workers)
        time.sleep(0.3)  # what the pool does after its start is over
        stage.queue.jobs.add([NewJob(command, "/")] * jobs)
        return _until_completed_s(stage, jobs)


def _until_completed_s(stage: Stage, jobs: int) -> float:
    """A look takes 0.1 ms, so that looking a hundred times a second disturbs by a hundredth at most."""
    began = time.perf_counter()
    while stage.queue.counts().of(State.COMPLETED) < jobs:
        took = time.perf_counter() - began
        assert took < _MOST_S, stage.queue.counts()
        time.sleep(_LOOK_S)
    return time.perf_counter() - began


def xargs_s(run: Run, jobs: int, workers: int) -> float:
    """`sh -c true` for each of so many lines."""
    folder = run.fresh()
    lines = folder / "lines"
    lines.write_text("x\n" * jobs)
    with lines.open() as given:
        began = time.perf_counter()
        subprocess.run(["xargs", f"-P{workers}", "-n1", "sh", "-c", "true"], stdin=given, check=True)
        return time.perf_counter() - began


def row_3(run: Run) -> Iterator[Row]:
    jobs = run.of(_ONCE, 400)
    for workers, bound in ((2, 0.6), (4, 0.8)):
        rates = in_turns(
            {
                "ours": lambda workers=workers: jobs / drain_s(run, jobs, workers),  # type: ignore[misc]
                "xargs": lambda workers=workers: jobs / xargs_s(run, jobs, workers),  # type: ignore[misc]
            },
            run.rounds,
        )
        what = f"drain of {jobs:,} `true`, {workers} workers"
        yield Row(3, what, "/s", rates["ours"], f"xargs -P{workers}", rates["xargs"], at_least(bound))


def row_4(run: Run) -> Iterator[Row]:
    """A thousand jobs each: some of the peers need a minute for them. Each has its own turns with us."""
    from tests.benchmarks.peers import PEERS

    for peer in PEERS:
        if peer.name.startswith("xargs"):
            continue  # row 3 is about it
        if (reason := peer.missing()) is not None:
            yield Row(4, f"drain beside {peer.name}", left_out=reason)
            continue
        say(f"  {peer.name}")
        try:
            yield from _beside(run, peer)
        except Exception as error:  # noqa: BLE001 - the other peers are measured all the same
            yield Row(4, f"beside {peer.name}", left_out=f"failed: {error!r}"[:80])


def _beside(run: Run, peer: Peer) -> Iterator[Row]:
    from tests.benchmarks.starts import pool_starts_ms

    jobs, starts = run.of(_WITH_PEERS, 200), run.of(_STARTS, 10)
    rates = in_turns(
        {"ours": lambda: jobs / drain_s(run, jobs, 2), "theirs": lambda: jobs / peer.drain(jobs, 2)},
        run.rounds,
        warm=0,
    )
    what = f"drain of {jobs:,} `true`, 2 workers"
    yield Row(4, what, "/s", rates["ours"], peer.name, rates["theirs"], _limit_beside(peer))
    theirs = peer.starts_ms(starts)
    if theirs and median(theirs) > 0:
        yield Row(4, "start on an idle pool of 2", "ms", pool_starts_ms(run, starts), peer.name, theirs)


def _limit_beside(peer: Peer) -> Limit | None:
    """The loops are less than a queue: no shell, no output kept."""
    if "smallest" in peer.name:
        return None
    return at_least(0.8 if "litequeue" in peer.name else 1)


def row_6(run: Run) -> Iterator[Row]:
    sleeps = _SLEEPS
    took = [drain_s(run, sleeps, _SLEEPERS, f"sleep {_SLEEP_S}") for _ in range(run.rounds)]
    ideal = sleeps * _SLEEP_S / _SLEEPERS
    what = f"{sleeps} × `sleep {_SLEEP_S}`, {_SLEEPERS} workers"
    yield Row(6, what, "s", took, "ideal", [ideal], at_most(1.15))
