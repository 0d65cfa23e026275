"""A store with a past: jobs in every state, a pool that lives, output that grows. For snapshots and screenshots.

Everything goes through the store's own ports at times that are given, so that two scenes are alike
to the last digit. The pool has a lock and records as a real one, but no process: nothing moves.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

from queuectl.core.attempt import Outcome, Result
from queuectl.core.job import Job, NewJob
from queuectl.core.lifecycle import Fail, Succeed
from queuectl.core.place import Place
from queuectl.core.pool import PoolRecord, WorkerRecord
from queuectl.core.turn import Settlement, Turn
from queuectl.queue import Queue
from queuectl.store import open_pool_store, open_store, place_of
from queuectl.wiring import connect
from queuectl.worker.outputfile import OutputWriter
from queuectl.worker.poolfile import PoolFile

NOW = 1_795_356_151_000
"""2026-11-22T14:02:31Z."""
SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
HOST = "render-1"
MEDIA = "/srv/media"

RESOLVE = "curl: (6) Could not resolve host: example.org"
FRAMES = "".join(
    f"frame={n * 24:5d} fps= 24 q=28.0 size={n * 293:8d}kB time=00:{n // 60:02d}:{n % 60:02d}.12 bitrate=2501.{n % 10}k"
    "\n"
    for n in range(1, 401)
)


class Scene:
    """Builds the store at `location`; `now` is what its clock says when it is looked at."""

    def __init__(self, location: str) -> None:
        self.location = location
        self.now = NOW
        self._person = open_store(location, create=True)
        self._pool = open_pool_store(location)
        self._place: Place = place_of(location)
        self._file = PoolFile.create(self._place)
        self._writers: list[OutputWriter] = []
        started = NOW - 131 * MINUTE
        pool = PoolRecord("p1", HOST, "boot", "ns", 48_210, 7, started, 4)
        self._pool.register(pool, [WorkerRecord("p1", f"w{k}", 48_210 + k, 9, started) for k in range(1, 5)])

    def add(self, command: str, at: int, **fields: object) -> None:
        """A job that arrives at that time (milliseconds UTC)."""
        self._person.adder.add([NewJob(command=command, cwd=MEDIA, **fields)], at)  # type: ignore[arg-type]

    def run(self, at: int, result: Result | None, worker: int = 1, delay_s: float = 2.0) -> Job:
        """The next job is run: claimed at that time and, with a result, settled when it says."""
        (job,) = self._pool.turn(Turn("p1", HOST, (), (), ((f"p1/w{worker}", 48_210 + worker),)), at).claimed
        if result is not None:
            event = Succeed() if result.exit_code == 0 else Fail(delay_s)
            self._pool.turn(
                Turn("p1", HOST, (), (Settlement(job.number, job.fence, event, result),), ()), result.finished_at
            )
        return job

    def dies(self, command: str, at: int, *results: Result, **fields: object) -> None:
        """A job that is run once for each result, from that time on, and then is dead."""
        self.add(command, at, max_retries=len(results), **fields)
        for n, result in enumerate(results, 1):
            self.run(result.started_at, result, worker=n % 4 + 1, delay_s=2.0**n)

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


def result(at: int, took_ms: int, exit_code: int = 0, error: str | None = None, output: str = "") -> Result:
    """An attempt that begins at that time."""
    cpu_s, memory = round(took_ms * 0.0009, 3), 48 * 2**20 + took_ms * 512
    data = output.encode()
    return Result(
        Outcome.EXITED, at, at + took_ms, took_ms, exit_code, None, error, cpu_s, memory, data, None, len(data)
    )


def killed(at: int, took_ms: int) -> Result:
    """An attempt that took too long."""
    text = f"SIGKILL · timed out after {took_ms // SECOND} s"
    data = FRAMES[:4_000].encode()
    return Result(
        Outcome.TIMED_OUT, at, at + took_ms, took_ms, None, "SIGKILL", text, 290.1, 512 * 2**20, data, None, len(data)
    )


def failures(at: int, took_ms: int, error: str, code: int = 1) -> list[Result]:
    """Three attempts that end alike, with the waits between them."""
    starts = (at, at + took_ms + 2 * SECOND, at + 2 * took_ms + 6 * SECOND)
    said = f"exit {code} · {error}"
    return [result(start, took_ms, code, said, f"trying …\n\x1b[31m{error}\x1b[0m\n") for start in starts]


def busy_day(location: str) -> Scene:
    """The scene of the drawings: encodes that wait and run, feeds that could not be fetched, reports that failed."""
    scene = Scene(location)
    _done(scene)
    _dead(scene)
    _running(scene)
    _waiting(scene)
    return scene


def _done(scene: Scene) -> None:
    for n in range(180):
        at = NOW - HOUR + n * 20 * SECOND
        scene.add(f"ffmpeg -i in/{n:04d}.mov -vf scale=1280:-2 out/{n:04d}.mp4", at, tags=("encode",))
        scene.run(at, result(at + 20, 2_000 + n * 37 % 1_900, output=FRAMES[:2_000]), worker=n % 4 + 1)


def _dead(scene: Scene) -> None:
    for n in range(38):
        at = NOW - 100 * MINUTE + n * 2 * MINUTE
        scene.dies("curl -fsS https://example.org/feed -o feed.xml", at, *failures(at, 310, RESOLVE, 6), tags=("feed",))
    others = (
        ("./report.sh --month 2026-06", "Traceback: KeyError: 'month'", 1),
        ("./report.sh --months 06", "usage: report.sh --month YYYY-MM", 2),
        ("ffprobe in/0399.mov", "sh: 1: ffprobe: not found", 127),
        ("python train.py --seed 7", "No space left on device", 1),
    )
    for n, (command, error, code) in enumerate(others * 2):
        at = NOW - 50 * MINUTE + n * 5 * MINUTE
        scene.dies(command, at, *failures(at, 1_200, error, code))
    at = NOW - 16 * MINUTE
    starts = (at, at + 302 * SECOND, at + 606 * SECOND)
    scene.dies("./encode.sh in/0391.mov", at, *(killed(start, 300 * SECOND) for start in starts), timeout_s=300.0)


def _running(scene: Scene) -> None:
    commands = (
        ("ffmpeg -i in/0411.mov -vf scale=1280:-2 out/0411.mp4", 41),
        ("./report.sh --month 2026-06", 12),
        ("curl -fsS https://example.org/dump -o dump.xml", 288),
        ("python train.py --seed 8", 2),
    )
    for n, (command, ran_s) in enumerate(commands, 1):
        scene.add(command, NOW - 6 * MINUTE, timeout_s=300.0, max_retries=3)
        job = scene.run(NOW - ran_s * SECOND, None, worker=n)
        scene.prints(job, FRAMES.encode() if n == 1 else f"{command.split()[0]} at work\n".encode())


def _waiting(scene: Scene) -> None:
    for n in range(3):
        at = NOW - 7 * MINUTE + n * SECOND
        scene.add(f"ffmpeg -i in/{396 + n:04d}.mov -c copy out/{396 + n:04d}.mkv", at, max_retries=3)
        failure = result(at + 10, 900, 1, "exit 1 · moov atom not found")
        scene.run(at + 10, failure, delay_s=(NOW + (n + 1) * 12 * SECOND - failure.finished_at) / SECOND)
    for n in range(60):
        priority = 9 if n < 2 else 5 if n < 6 else 0
        scene.add(
            f"ffmpeg -i in/{417 + n:04d}.mov -vf scale=1280:-2 out/{417 + n:04d}.mp4",
            NOW - 8 * MINUTE + n * 3 * SECOND,
            priority=priority, timeout_s=300.0, max_retries=3, tags=("encode",), held=n == 9,
        )  # fmt: skip
    scene.add("./nightly.sh", NOW - 3 * HOUR, run_at=NOW + 9 * HOUR, queue="night")


def connector(scene: Scene) -> Callable[..., Queue]:
    """What the app opens its queues with: their clock stands at the scene's `now`."""
    return functools.partial(connect, clock=lambda: scene.now)


def in_folder(folder: Path) -> Scene:
    """A busy day in a folder."""
    return busy_day(str(folder / "queue.db"))
