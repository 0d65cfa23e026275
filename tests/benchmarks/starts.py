"""Rows 5 and 15: how soon a command runs that was just added, and one whose worker was just killed."""

from __future__ import annotations

import os
import random
import select
import shlex
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median

from queuectl.core.job import NewJob, State
from queuectl.core.lifecycle import Cancel
from queuectl.queue import Queue
from tests.benchmarks.rows import Row, at_most
from tests.benchmarks.run import Run
from tests.benchmarks.stamping import Commits, Stamps
from tests.benchmarks.turns import quantile
from tests.patience import until
from tests.pools.conftest import Stage

_STARTS, _AT_ONCE = 300, 50
_KILLS = 20
_ENOUGH, _FORSAKEN_S = b"q", 60.0
_DEFAULTS = [signal.SIGINT, signal.SIGPIPE]


def row_5(run: Run) -> Iterator[Row]:
    """In turns of fifty: starts by the pool, bare spawns of the same program, wake-ups by a FIFO."""
    ours: list[float] = []
    spawns: list[float] = []
    first: list[float] = []
    wakes: list[float] = []
    at_once = run.of(_AT_ONCE, 10)
    with started(run) as (stamps, commits, stage), closing(Waker(stage.folder)) as waker:
        for _ in range(run.of(_STARTS // _AT_ONCE, 3)):
            ours += _starts_ms(stage.queue, stamps, commits, at_once)
            for _ in range(at_once):
                took, began = _spawn_ms(stamps)
                spawns.append(took)
                first.append(began)
            wakes += [waker.woken_ms() for _ in range(at_once)]
        how = stamps.how
    least = median(spawns) + median(wakes)
    beside = "bare spawn and wait + FIFO wake-up"
    note = (
        f"spawn and wait {median(spawns):.2f} ms, wake-up {median(wakes):.2f} ms; through sh -c a bare spawn comes "
        f"to the command's first instruction in {median(first):.2f} ms; the time is noted by {how}"
    )
    what = "commit to the command's first instruction"
    yield Row(5, f"{what}: p50 of {len(ours)}", "ms", ours, beside, [least], at_most(3), note)
    yield Row(5, f"{what}: p99", "ms", [quantile(ours, 99)], beside, [least], at_most(15))


@contextmanager
def started(run: Run) -> Iterator[tuple[Stamps, Commits, Stage]]:
    """An idle pool of two, and a queue whose commits are noted."""
    commits = Commits()
    with commits.noted(), run.stage() as stage, closing(Stamps(stage.folder)) as stamps:
        stage.start(workers=2)
        stage.until_workers(2)
        time.sleep(0.3)
        yield stamps, commits, stage


def pool_starts_ms(run: Run, count: int) -> list[float]:
    with started(run) as (stamps, commits, stage):
        return _starts_ms(stage.queue, stamps, commits, count)


def _starts_ms(queue: Queue, stamps: Stamps, commits: Commits, count: int) -> list[float]:
    command = shlex.join(stamps.argv)
    done = queue.counts().of(State.COMPLETED)
    times = []
    for number in range(1, count + 1):
        queue.jobs.add([NewJob(command, "/")])
        times.append((stamps.next_ns() - commits.last_ns) / 1e6)
        until(lambda number=number: queue.counts().of(State.COMPLETED) == done + number, "the result")  # type: ignore[misc]
        _rest()
    return times


def _spawn_ms(stamps: Stamps) -> tuple[float, float]:
    """To spawn the program and wait for its end; and to its first instruction where a shell starts it."""
    actions = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
    times = []
    for argv in (stamps.argv, ["/bin/sh", "-c", shlex.join(stamps.argv)]):
        began = time.monotonic_ns()
        pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=actions, setsid=True, setsigdef=_DEFAULTS)
        os.waitpid(pid, 0)
        ended = time.monotonic_ns()
        times.append((began, ended, stamps.next_ns()))
        _rest()
    (began, ended, _), (shell_began, _, ran) = times
    return (ended - began) / 1e6, (ran - shell_began) / 1e6


def _rest() -> None:
    """Long enough for everything to be idle, in step with nothing."""
    time.sleep(random.uniform(0.01, 0.03))


class Waker:
    """A process that waits for a FIFO as a dispatcher does, and says when it woke."""

    def __init__(self, folder: Path) -> None:
        self._path = str(folder / "wake")
        os.mkfifo(self._path)
        self._answers, answers = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                _answer(os.open(self._path, os.O_RDWR), answers)
            finally:
                os._exit(0)
        os.close(answers)

    def woken_ms(self) -> float:
        _rest()
        began = time.monotonic_ns()
        self._poke(b".")
        return (int(os.read(self._answers, 64)) - began) / 1e6

    def _poke(self, what: bytes) -> None:
        """Whoever adds a job has to open it first."""
        fifo = os.open(self._path, os.O_WRONLY)
        os.write(fifo, what)
        os.close(fifo)

    def close(self) -> None:
        self._poke(_ENOUGH)
        os.close(self._answers)
        os.waitpid(self._pid, 0)


def _answer(reading: int, answers: int) -> None:
    poll = select.epoll()
    poll.register(reading, select.EPOLLIN)
    while True:
        if not poll.poll(_FORSAKEN_S):
            return  # who asked was killed
        woke = time.monotonic_ns()
        if os.read(reading, 1) == _ENOUGH:
            return
        os.write(answers, b"%d" % woke)


def row_15(run: Run) -> Iterator[Row]:
    """From the kill to the first instruction of the job's next run, begun by the same pool."""
    with started(run) as (stamps, _, stage):
        times = [_rescue_ms(stage, stamps) for _ in range(run.of(_KILLS, 3))]
    yield Row(15, f"rescue after kill -9 of a worker: p95 of {len(times)}", "ms", [quantile(times, 95)],
              limit=at_most(1_000, "ms"), note=f"median {median(times):.0f} ms")  # fmt: skip


def _rescue_ms(stage: Stage, stamps: Stamps) -> float:
    """A new job each time: one that was interrupted often is given up. Its end tells the pool that all is well."""
    id = stage.enqueue(f"{shlex.join(stamps.argv)}; exec sleep 1000")
    stamps.next_ns()
    stage.until_state(id, State.PROCESSING)
    worker = stage.job(id).worker_pid
    assert worker is not None
    time.sleep(random.uniform(0.1, 0.4))
    killed = time.monotonic_ns()
    os.kill(worker, signal.SIGKILL)
    took = (stamps.next_ns() - killed) / 1e6
    stage.queue.jobs.change([id], Cancel(force=True))
    stage.until_state(id, State.CANCELLED)
    stage.until_workers(2)
    return took
