"""Whole pools as people start them: real processes over a real store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from queuectl.core.intake import new_job
from queuectl.core.job import Job, State
from queuectl.core.lifecycle import Cancel
from queuectl.core.selector import parse
from queuectl.queue import Queue
from queuectl.wiring import connect
from queuectl.worker import descendants
from tests.patience import DEADLINE_S, until

ROOT = Path(__file__).parents[2]


class Stage:
    """A store in a folder of its own, pools beside it, and jobs that leave proof of what they did."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.proof = folder / "proof"
        self.queue: Queue = connect(str(folder / "queue.db"), create=True)
        self.pools: list[subprocess.Popen[bytes]] = []

    def enqueue(self, command: str, **more: object) -> str:
        """The id of a new job, which runs in the stage's folder."""
        job = new_job({"command": command, **more}, self.queue.clock(), str(self.folder))
        added = self.queue.jobs.add([job])[0]
        assert added is not None
        return added.id

    def start(
        self, *args: str, workers: int = 1, more: Mapping[str, str] | None = None, before: Sequence[str] = ()
    ) -> subprocess.Popen[bytes]:
        """A pool in the foreground, in a session of its own.

        `more` are variables that it has besides; `before` is a program that becomes it.
        """
        env = {key: value for key, value in os.environ.items() if not key.startswith("QUEUECTL_")}
        cache = os.path.join(tempfile.gettempdir(), f"queuectl-tests-{os.getuid()}")
        env |= {"QUEUECTL_DB_PATH": self.queue.location, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": cache}
        env |= more or {}
        with (self.folder / f"pool-{len(self.pools)}.log").open("wb") as log:
            pool = subprocess.Popen(
                [*before, sys.executable, "-m", "queuectl", "worker", "start", "--count", str(workers), *args],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        self.pools.append(pool)
        return pool

    def door(self) -> Queue:
        """A connection of its own to the same queue, for another thread."""
        return connect(self.queue.location)

    def said(self, pool: int = 0) -> str:
        return (self.folder / f"pool-{pool}.log").read_text()

    def job(self, id: str) -> Job:
        return self.queue.jobs.get(id)

    def until_state(self, id: str, *states: State, within_s: float = DEADLINE_S) -> Job:
        until(lambda: self.job(id).state in states, f"{id} {states}", within_s)
        return self.job(id)

    def until_workers(self, count: int) -> list[int]:
        """The pids of the workers, once so many stand."""
        until(lambda: len(self.queue.pools.workers()) == count, f"{count} workers")
        return [worker.pid for worker in self.queue.pools.workers()]

    def lines(self) -> list[str]:
        return self.proof.read_text().split("\n")[:-1] if self.proof.exists() else []

    def until_lines(self, count: int) -> list[str]:
        until(lambda: len(self.lines()) >= count, f"{count} lines of proof")
        return self.lines()

    def end(self) -> None:
        """Whatever the test did, none of its processes outlives it."""
        self.queue.jobs.change_matching(_RUNNING, Cancel(force=True), self.queue.jobs.bound())
        for pool in self.pools:
            family = [*descendants.descendants([pool.pid]), descendants.look_up(pool.pid)]
            for process in family:
                if process is not None:
                    descendants.send(process, signal.SIGKILL)
            pool.wait(DEADLINE_S)
        self.queue.close()


def alive(pid: int) -> bool:
    process = descendants.look_up(pid)
    return process is not None and process.state not in "ZX"


def children(pid: int) -> list[int]:
    return [process.pid for process in descendants.running() if process.parent == pid]


_RUNNING = parse("state:processing")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.end()
