"""Peers that are programs, for commands of the shell: each job is `sh -c true`."""

from __future__ import annotations

import csv
import os
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from tests.benchmarks.peers_parts.processes import Gate, fresh_folder, lacking, patience_s
from tests.benchmarks.stamping import Stamps

_JOB = ["sh", "-c", "true"]
_PORTION = 200
_WARM = 2


class Xargs:
    """The floor: no queue, nothing kept. Inside the time: its own start (2 ms) to its end."""

    name = "xargs -P"

    def missing(self) -> str | None:
        return lacking("findutils", "xargs")

    def drain(self, jobs: int, workers: int) -> float:
        with fresh_folder() as folder:
            lines = folder / "lines"
            lines.write_text("x\n" * jobs)
            with lines.open() as given:
                began = time.perf_counter()
                # The line becomes $0 of the shell, which costs nothing.
                subprocess.run(["xargs", f"-P{workers}", "-n1", *_JOB], stdin=given, check=True)
                return time.perf_counter() - began

    def starts_ms(self, count: int) -> list[float]:
        """None: nothing can be added to it."""
        return []


class Parallel:
    """Output kept until the end of a job, and a line of its log written for each.

    By its own log, from the first start to the last end: its own start, 0.1 to 0.4 s, is outside.
    """

    name = "GNU parallel --joblog"

    def missing(self) -> str | None:
        return lacking("parallel", "parallel")

    def drain(self, jobs: int, workers: int) -> float:
        with fresh_folder() as folder:
            lines, log = folder / "lines", folder / "log"
            lines.write_text("true\n" * jobs)
            # Its own folder, so that neither a profile of the user's nor its notice about citations matters.
            env = os.environ | {"PARALLEL_HOME": str(folder), "TMPDIR": str(folder), "SHELL": "/bin/sh"}
            with lines.open() as given:
                command = ["parallel", "--will-cite", "--joblog", str(log), f"-j{workers}"]
                subprocess.run(command, stdin=given, env=env, check=True, stderr=subprocess.DEVNULL)
            with log.open() as read:
                runs = [
                    (float(run["Starttime"]), float(run["JobRuntime"])) for run in csv.DictReader(read, delimiter="\t")
                ]
        assert len(runs) == jobs
        return max(start + took for start, took in runs) - min(start for start, _ in runs)

    def starts_ms(self, count: int) -> list[float]:
        """None: it reads a list and is no queue; fed line by line it starts a job when the next line has come."""
        return []


class TaskSpooler:
    """A server in memory, each output in a file. Every job that waits is a process, and every new one costs more
    the more there are (with thousands, 0.1 s), so jobs come in portions of 200, whose times are added up.

    Inside the time: from the opening of a gate, which a job in each slot waits at, to the answer that the last jobs
    have ended.
    """

    name = "task-spooler"

    def missing(self) -> str | None:
        return lacking("task-spooler", "tsp")

    def drain(self, jobs: int, workers: int) -> float:
        return sum(self._portion_s(size, workers) for size in _portions(jobs))

    def _portion_s(self, jobs: int, workers: int) -> float:
        with self._server(workers) as (env, folder), _gate(folder) as gate:
            for _ in range(workers):
                _call(["tsp", *gate.command], env)
            last = [_call(["tsp", *_JOB], env) for _ in range(jobs)][-workers:]
            gate.until_reached(workers)
            began = time.perf_counter()
            gate.open()
            for job in last:
                _call(["tsp", "-w", job], env, patience_s(jobs))
            return time.perf_counter() - began

    def starts_ms(self, count: int) -> list[float]:
        with self._server(2) as (env, folder):
            return _starts_ms(lambda job: _call(["tsp", *job], env), folder, count)

    @contextmanager
    def _server(self, workers: int) -> Iterator[tuple[dict[str, str], Path]]:
        """Its environment, and its folder."""
        with fresh_folder() as folder:
            plain = {name: value for name, value in os.environ.items() if not name.startswith("TS_")}
            env = plain | {"TS_SOCKET": str(folder / "socket"), "TMPDIR": str(folder)}
            _call(["tsp", "-S", str(workers)], env)
            try:
                yield env, folder
            finally:
                _call(["tsp", "-K"], env)


class Nq:
    """One after another, whatever the count of workers; each output in a file. No server: every job that waits is a
    process which passes the locks of all before it, so here too there are portions of 200.

    Inside the time: from the opening of a gate, which the first job waits at, to the end of `nq -w`.
    """

    name = "nq (one at a time)"

    def missing(self) -> str | None:
        return lacking("nq", "nq")

    def drain(self, jobs: int, workers: int) -> float:
        return sum(self._portion_s(size) for size in _portions(jobs))

    def _portion_s(self, jobs: int) -> float:
        with fresh_folder() as folder, self._emptied(folder) as env, _gate(folder) as gate:
            _call(["nq", *gate.command], env)
            gate.until_reached(1)
            for _ in range(jobs):
                _call(["nq", "-q", *_JOB], env)
            began = time.perf_counter()
            gate.open()
            _call(["nq", "-w"], env, patience_s(jobs))
            return time.perf_counter() - began

    def starts_ms(self, count: int) -> list[float]:
        with fresh_folder() as folder, self._emptied(folder) as env:
            return _starts_ms(lambda job: _call(["nq", "-q", *job], env), folder, count)

    @contextmanager
    def _emptied(self, folder: Path) -> Iterator[dict[str, str]]:
        """Its environment; after it, nothing that waits there is left."""
        (folder / "jobs").mkdir()
        env = os.environ | {"NQDIR": str(folder / "jobs")}
        try:
            yield env
        finally:
            _call(["nq", "-w"], env, patience_s(_PORTION))


def _portions(jobs: int) -> list[int]:
    return [min(_PORTION, jobs - first) for first in range(0, jobs, _PORTION)]


@contextmanager
def _gate(folder: Path) -> Iterator[Gate]:
    """It is open in the end whatever happens, so that nobody waits at it for ever."""
    gate = Gate(folder)
    try:
        yield gate
    finally:
        gate.open()


def _call(command: Sequence[str], env: Mapping[str, str], within_s: float = 30.0) -> str:
    """What it says. Not through a pipe: what it leaves in the background would hold that open."""
    with tempfile.TemporaryFile() as said:
        subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=said, check=True, timeout=within_s)
        said.seek(0)
        return said.read().decode().strip()


def _starts_ms(add: Callable[[list[str]], object], folder: Path, count: int) -> list[float]:
    """By the shell, too, which executes a program that is all it has to do, or forks for it, as the system's does."""
    starts: list[float] = []
    with closing(Stamps(folder)) as stamps:
        for _ in range(count + _WARM):
            time.sleep(random.uniform(0.03, 0.08))  # in step with nothing
            add(["sh", "-c", " ".join(stamps.argv)])
            added = time.monotonic_ns()
            starts.append((stamps.next_ns() - added) / 1e6)
    return starts[_WARM:]
