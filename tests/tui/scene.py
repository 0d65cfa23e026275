"""A store with a past: jobs in every state, a pool that lives, output that grows. For snapshots and screenshots.

Everything goes through the store's own ports at times that are given, so that two scenes are alike
to the last digit. The pool has a lock and records as a real one, but no process: nothing moves.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from queuectl.core.attempt import Outcome, Result
from queuectl.core.job import Job, NewJob
from queuectl.core.lifecycle import Fail, Succeed
from queuectl.core.place import Place
from queuectl.core.pool import PoolRecord, WorkerRecord
from queuectl.core.turn import Settlement, Turn, Turned
from queuectl.queue import Queue
from queuectl.store import open_pool_store, open_store, place_of
from queuectl.wiring import connect
from queuectl.worker.outputfile import OutputWriter
from queuectl.worker.poolfile import PoolFile

NOW = 1_795_356_151_000
"""2026-11-22T14:02:31Z."""
SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
POOL_STARTED = NOW - 131 * MINUTE
HOST = "render-1"
MEDIA = "/srv/media"
KEEPER_PID = 48_210
_FAR_AHEAD_S = 2**32


class Scene:
    """Builds the store at `location`; `now` is what its clock says when it is looked at."""

    def __init__(self, location: str, workers: int = 4) -> None:
        self.location = location
        self.now = NOW
        self._person = open_store(location, create=True)
        self._pool = open_pool_store(location)
        self._place: Place = place_of(location)
        self._writers: list[OutputWriter] = []
        if workers:
            self._file = PoolFile.create(self._place)
            os.utime(self._place.pool("p1"), (_FAR_AHEAD_S, _FAR_AHEAD_S))  # it gives no signs of life
            self._register(workers)

    def _register(self, workers: int) -> None:
        pool = PoolRecord("p1", HOST, "boot", "ns", KEEPER_PID, 7, POOL_STARTED, workers)
        records = [WorkerRecord("p1", f"w{k}", KEEPER_PID + k, 9, POOL_STARTED) for k in range(1, workers + 1)]
        self._pool.register(pool, records)

    def add(self, command: str, at: int, **fields: object) -> None:
        """A job that arrives at that time (milliseconds UTC)."""
        self.add_all([NewJob(command, MEDIA, **fields)], at)  # type: ignore[arg-type]

    def add_all(self, jobs: Sequence[NewJob], at: int) -> None:
        self._person.adder.add(jobs, at)

    def configure(self, key: str, value: str, at: int) -> None:
        self._person.config.put(key, value, at)

    def beat(self, at: int) -> None:
        """The pool's sign of life, by which the depth of the queue is noted."""
        self._pool.beat("p1", at)

    def turn(self, at: int, settlements: tuple[Settlement, ...], free: tuple[int, ...]) -> Turned:
        """One turn of the pool's dispatcher: attempts end, and workers that are free take jobs."""
        workers = tuple((f"p1/w{worker}", KEEPER_PID + worker) for worker in free)
        return self._pool.turn(Turn("p1", HOST, (), settlements, workers), at)

    def run(self, at: int, result: Result | None, worker: int = 1, delay_s: float = 2.0) -> Job:
        """The next job is run: claimed at that time and, with a result, settled when it says."""
        (job,) = self.turn(at, (), (worker,)).claimed
        if result is not None:
            self.turn(result.finished_at, (settlement(job, result, delay_s),), ())
        return job

    def prints(self, job: Job, output: bytes) -> None:
        """What a running job has printed so far."""
        writer = OutputWriter(self._place, job.number, job.fence, 10 * 2**20)
        writer.write(output)
        self._writers.append(writer)

    def close(self) -> None:
        for writer in self._writers:
            writer.close()
        self._pool.close()
        self._person.close()


def settlement(job: Job, result: Result, delay_s: float) -> Settlement:
    """The end of a claim; after a failure it is tried again so many seconds later."""
    return Settlement(job.number, job.fence, Succeed() if result.exit_code == 0 else Fail(delay_s), result)


def result(at: int, took_ms: int, exit_code: int = 0, error: str | None = None, output: str = "") -> Result:
    """An attempt that begins at that time."""
    cpu_s, memory = round(took_ms * 0.0009, 3), 48 * 2**20 + took_ms * 512
    data = output.encode()
    return Result(
        Outcome.EXITED, at, at + took_ms, took_ms, exit_code, None, error, cpu_s, memory, data, None, len(data)
    )


def killed(at: int, took_ms: int, output: str) -> Result:
    """An attempt that took too long."""
    text = f"SIGKILL · timed out after {took_ms // SECOND} s"
    data = output.encode()
    return Result(
        Outcome.TIMED_OUT, at, at + took_ms, took_ms, None, "SIGKILL", text, 290.1, 512 * 2**20, data, None, len(data)
    )


def failures(at: int, took_ms: int, error: str, code: int = 1) -> list[Result]:
    """Three attempts that end alike, with the waits between them."""
    starts = (at, at + took_ms + 2 * SECOND, at + 2 * took_ms + 6 * SECOND)
    said = f"exit {code} · {error}"
    return [result(start, took_ms, code, said, f"trying …\n\x1b[31m{error}\x1b[0m\n") for start in starts]


def connector(scene: Scene) -> Callable[..., Queue]:
    """What the app opens its queues with: their clock stands at the scene's `now`."""
    return functools.partial(connect, clock=lambda: scene.now)


def in_folder(folder: Path) -> Scene:
    """A busy day in a folder."""
    from tests.tui.busyday import busy_day

    return busy_day(str(folder / "queue.db"))
