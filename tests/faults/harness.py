"""A store, pools beside it, jobs that prove when they ran, and what must hold whatever happened to them."""

from __future__ import annotations

import os
import signal
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import apsw

from queuectl.core.attempt import Outcome
from queuectl.core.job import State
from queuectl.core.selector import parse
from queuectl.store import open_store
from queuectl.worker import descendants
from queuectl.worker.descendants import Process
from tests.patience import DEADLINE_S, until
from tests.pools.conftest import Stage, alive, children

_PROVEN = """exec 9>>"lock-$QUEUECTL_JOB_ID"; flock -n 9 || echo "overlap $QUEUECTL_JOB_ID" >>proof
read now _ </proc/uptime; echo "begin $QUEUECTL_JOB_ID $$ $now" >>proof
{body}
read now _ </proc/uptime; echo "end $QUEUECTL_JOB_ID $$ $now" >>proof
"""
"""The lock lives as long as anything that the attempt has started; times are seconds since the machine's start."""
LONG = "sleep 1000"
GATED = "until test -e go; do sleep 0.05; done"
POWERLESS = ("setpriv", "--inh-caps=-all", "--bounding-set=-all") if os.geteuid() == 0 else ()
"""Makes root somebody whom permissions bind."""
_ANY = parse("")


class Run(NamedTuple):
    """One time that a command was begun, and by when it had ended by itself; seconds of a clock that nobody sets."""

    job: str
    pid: int
    begin: float
    end: float | None


class Ground(Stage):
    """The stage of a fault. `check` says whether everything holds that must hold after any of them."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.added: list[str] = []

    def add(self, body: str, **more: object) -> str:
        """The id of a job whose command proves each of its runs."""
        id = self.enqueue(_PROVEN.format(body=body), **more)
        self.added.append(id)
        return id

    # What was proven

    def runs(self, id: str | None = None) -> list[Run]:
        """All times that commands, or that of one job, were begun, oldest first."""
        ends: dict[tuple[str, str], float] = {}
        begun: list[tuple[str, str, float]] = []
        for line in self.lines():
            what, job, *proof = line.split()
            assert what != "overlap", f"{job} began while something of its last run was alive"
            pid, now = proof
            if what == "begin":
                begun.append((job, pid, float(now)))
            else:
                ends[job, pid] = float(now)
        runs = [Run(job, int(pid), begin, ends.get((job, pid))) for job, pid, begin in begun]
        return [run for run in runs if id is None or run.job == id]

    def begun(self, id: str, times: int = 1, within_s: float = DEADLINE_S) -> Run:
        """That run of the job, once it has begun; the first is 1."""
        until(lambda: len(self.runs(id)) >= times, f"run {times} of {id}", within_s)
        return self.runs(id)[times - 1]

    # Whom to hit

    def pool(self, number: int = 0) -> int:
        """The keeper of a pool."""
        return self.pools[number].pid

    def dispatcher(self, number: int = 0) -> int:
        workers = {worker.pid for worker in self.queue.pools.workers()}
        (dispatcher,) = [pid for pid in children(self.pool(number)) if pid not in workers]
        return dispatcher

    def worker_of(self, id: str) -> int:
        pid = self.job(id).worker_pid
        assert pid is not None
        return pid

    def pool_processes(self, number: int = 0) -> list[Process]:
        """Keeper, dispatcher and workers, without what they run."""
        keeper = descendants.look_up(self.pool(number))
        assert keeper is not None
        family = [keeper, *descendants.descendants([keeper.pid])]
        program = os.readlink(f"/proc/{keeper.pid}/exe")
        return [each for each in family if os.readlink(f"/proc/{each.pid}/exe") == program]

    def beats(self) -> dict[str, int]:
        """How many signs of life each pool has given."""
        with closing(open_store(self.queue.location, create=False)) as store:
            return {pool.name: pool.beat for pool in store.book.pools()}

    def hit(self, number: signal.Signals, *processes: Process) -> None:
        for process in processes:
            descendants.send(process, number)

    def kill_at_one_instant(self, number: int = 0) -> None:
        """All of a pool but its commands: stopped first, so that none sees the others die."""
        doomed = self.pool_processes(number)
        self.hit(signal.SIGSTOP, *doomed)
        self.hit(signal.SIGKILL, *doomed)
        self.pools[number].wait(DEADLINE_S)

    # What must hold

    def check(self) -> None:
        """No job is lost, none is nobody's, all that was begun is told of, and the store is whole."""
        jobs = {job.id: job for job in self.queue.jobs.stream(_ANY)}
        assert set(self.added) <= set(jobs), "acknowledged jobs are missing"
        if any(pool.poll() is None for pool in self.pools):
            until(lambda: not self._nobodys(), "jobs without a live owner to be taken up", self._lease_s() + 2)
        begun = Counter(run.job for run in self.runs())
        for id in self.added:
            job = self.job(id)
            outcomes = [attempt.outcome for attempt in self.queue.jobs.attempts(job)]
            told = len(outcomes) + (job.state is State.PROCESSING)
            ended = sum(outcome is Outcome.EXITED for outcome in outcomes)  # others may not have come to their proof
            assert ended <= begun[id] <= told, f"{self.runs(id)} are not what is told: {job.state}, {outcomes}"
        with closing(apsw.Connection(self.queue.location, flags=apsw.SQLITE_OPEN_READONLY)) as connection:
            assert connection.pragma("integrity_check") == "ok"

    def _nobodys(self) -> list[str]:
        running = [job for job in self.queue.jobs.stream(_ANY) if job.state is State.PROCESSING]
        return [job.id for job in running if job.worker_pid is None or not alive(job.worker_pid)]

    def _lease_s(self) -> float:
        return self.queue.config.settings().lease_s

    def left_running(self) -> list[str]:
        """What still runs in the stage's folder, where every job runs; to be asked once the stage has ended."""
        found = []
        for process in descendants.running():
            try:
                if os.path.samefile(f"/proc/{process.pid}/cwd", self.folder) and process.state not in "ZX":
                    found.append(Path(f"/proc/{process.pid}/cmdline").read_text().replace("\0", " "))
            except OSError:
                continue
        return found
