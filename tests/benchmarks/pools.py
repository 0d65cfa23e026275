"""Rows 7, 8 and 14: what a pool costs that has nothing to do, and many pools on one store."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from statistics import median

from queuectl.core.job import Job, NewJob, State
from queuectl.core.place import Place
from queuectl.core.pool import PoolRecord
from queuectl.store import open_pool_store
from queuectl.store.upkeep import PoolSide
from queuectl.worker.host import Host, start_ticks
from queuectl.worker.poolfile import PoolFile
from tests.benchmarks import processes
from tests.benchmarks.command_line import PROGRAM, environment
from tests.benchmarks.rows import Row, at_least, at_most
from tests.benchmarks.run import Run
from tests.benchmarks.turns import in_turns, quantile
from tests.patience import DEADLINE_S
from tests.pools.conftest import Stage
from tests.store.conftest import succeeded, turn

_WORKERS = 8
_IDLE_S, _CALM_S = 60, 3.0
_POOLS, _ENQUEUERS, _EACH = 16, 8, 1_000
_MOST_S = 600.0
_WAITING = (sys.executable, "-c", "import time; print(flush=True); time.sleep(1000)")


def row_7(run: Run) -> Iterator[Row]:
    """Once, for a minute: what is seldom done is in it, and the next minute is the same."""
    seconds = run.of(_IDLE_S, 5)
    with run.stage() as stage:
        pids = _idle_pool(stage)
        cpu_s, woken = processes.cpu_s(pids), {pid: processes.wakes(pid) for pid in pids}
        began = time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - began
        percent = (processes.cpu_s(pids) - cpu_s) / took * 100
        each = [(processes.wakes(pid) - before) / took for pid, before in woken.items()]
    what = f"idle pool of {_WORKERS}, {seconds} s"
    yield Row(7, f"{what}: of a core", "%", [percent], limit=at_most(0.1, "%"))
    note = f"all {len(each)} processes together {sum(each):.2f} /s"
    yield Row(7, f"{what}: wakes of the busiest process", "/s", [max(each)], limit=at_most(1, "/s"), note=note)


def _idle_pool(stage: Stage) -> list[int]:
    """Keeper, dispatcher and workers, when what they do after their start is over."""
    keeper = stage.start(workers=_WORKERS)
    stage.until_workers(_WORKERS)
    time.sleep(_CALM_S)
    pids = processes.family(keeper.pid)
    assert len(pids) == _WORKERS + 2, pids
    return pids


def row_8(run: Run) -> Iterator[Row]:
    told: list[float] = []
    memory = in_turns({"pool": lambda: _pool_mib(run, told), "python": lambda: _python_mib(run)}, run.rounds, warm=0)
    what = f"memory of a pool of {_WORKERS} (sum of PSS)"
    note = f"files' pages counted whole; as the system shares them out among all that run now {median(told):.1f} MiB"
    yield Row(8, what, "MiB", memory["pool"], "python -c pass", memory["python"], at_most(5), note)


def _pool_mib(run: Run, told: list[float]) -> float:
    with run.stage() as stage:
        pids = _idle_pool(stage)
        told.append(processes.pss_mib(pids))
        return processes.memory_mib(pids)


def _python_mib(run: Run) -> float:
    """It waits instead of ending, and says when it does."""
    with subprocess.Popen(_WAITING, stdout=subprocess.PIPE, env=environment(run.folder)) as python:
        assert python.stdout is not None
        python.stdout.readline()
        try:
            return processes.memory_mib([python.pid])
        finally:
            python.kill()


# Many pools


def row_14(run: Run) -> Iterator[Row]:
    """The same eight programs add the same jobs, and as many workers run them: only in how many pools differs."""
    waits: dict[int, list[float]] = {1: [], _POOLS: []}
    pools = run.of(_POOLS, 6)
    rates = in_turns(
        {
            "many": lambda: _many_rate(run, pools, 1, waits[_POOLS]),
            "one": lambda: _many_rate(run, 1, pools, waits[1]),
        },
        run.rounds,
        warm=0,
    )
    what = f"{pools} pools of 1 worker, {_ENQUEUERS} enqueuers"
    beside = f"one pool of {pools}, {_ENQUEUERS} enqueuers"
    yield Row(14, what, "/s", rates["many"], beside, rates["one"], at_least(0.8))
    p99_ms = quantile(waits[_POOLS], 99)
    note = f"{len(waits[_POOLS])} claims, median {median(waits[_POOLS]):.1f} ms; beside one pool p99 "
    note += f"{quantile(waits[1], 99):.1f} ms"
    yield Row(14, f"{what}: claim p99", "ms", [p99_ms], limit=at_most(100, "ms"), note=note)


def _many_rate(run: Run, pools: int, workers: int, waits_ms: list[float]) -> float:
    """Jobs a second, from the first line that is handed to the enqueuers, which have started, to the last result."""
    each = run.of(_EACH, 50)
    with run.stage() as stage, ExitStack() as ended:
        for _ in range(pools):
            stage.start("--queue", "default", workers=workers)
        stage.until_workers(pools * workers)
        enqueuers = [ended.enter_context(_enqueuer(stage)) for _ in range(_ENQUEUERS)]
        time.sleep(_CALM_S)
        began = time.perf_counter()
        for enqueuer in enqueuers:
            assert enqueuer.stdin is not None
            enqueuer.stdin.write(b"true\n" * each)
            enqueuer.stdin.close()
        with closing(_Prober(stage)) as prober:
            waits_ms += prober.claims_ms(each * _ENQUEUERS)
            rate = each * _ENQUEUERS / (time.perf_counter() - began)
        assert [enqueuer.wait(DEADLINE_S) for enqueuer in enqueuers] == [0] * _ENQUEUERS
        return rate


def _enqueuer(stage: Stage) -> subprocess.Popen[bytes]:
    command = [*PROGRAM, "enqueue", "--quiet", "-"]
    env = environment(stage.folder)
    return subprocess.Popen(command, env=env, cwd=stage.folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)


class _Prober:
    """One more pool, with a job of its own every now and then: how long it waits for its turn at the store."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._queue = stage.door()
        self._file = PoolFile.create(Place(stage.queue.location))
        self._store: PoolSide = open_pool_store(stage.queue.location)
        here, me = Host.here(), os.getpid()
        now = self._queue.clock()
        record = PoolRecord(self._file.name, here.name, here.boot_id, here.pid_ns, me, start_ticks(me), now, 1)
        self._store.register(record, [])

    def claims_ms(self, jobs: int) -> Iterator[float]:
        """Until so many jobs that are not its own are completed."""
        own, deadline = 0, time.monotonic() + _MOST_S
        while self._queue.counts().of(State.COMPLETED) < jobs + own:
            assert time.monotonic() < deadline, self._queue.counts()
            self._queue.jobs.add([NewJob("true", "/", queue="probe")])
            began = time.perf_counter()
            claimed = self._turn(free=1)
            yield (time.perf_counter() - began) * 1000
            assert claimed
            self._turn(*claimed)
            own += 1
            time.sleep(random.uniform(0.01, 0.03))

    def _turn(self, *ended: Job, free: int = 0) -> list[Job]:
        settled = map(succeeded, ended)
        now = self._queue.clock()
        turned = turn(self._store, *settled, free=free, queues=("probe",), name=self._file.name, now=now)
        return list(turned.claimed)

    def close(self) -> None:
        self._store.close()
        self._queue.close()
        self._file.remove()
