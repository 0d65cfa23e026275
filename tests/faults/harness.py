"""A store, pools beside it, jobs that prove when they ran, and what must hold whatever happened to them."""

from __future__ import annotations

import os
import re
import signal
from collections import Counter
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

import apsw

from queuectl.core.attempt import Attempt, Outcome
from queuectl.core.job import Job, State
from queuectl.core.selector import parse
from queuectl.store import open_store
from queuectl.worker import descendants
from queuectl.worker.descendants import Process
from tests.cli.conftest import Answer, Program
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
        self.acknowledged: set[str] = set()
        self.retried = False
        self._file = os.stat(self.queue.location)

    def add(self, body: str, **more: object) -> str:
        """The id of a job whose command proves each of its runs."""
        id = self.enqueue(_PROVEN.format(body=body), **more)
        self.added.append(id)
        return id

    def enqueue(self, command: str, **more: object) -> str:
        id = super().enqueue(command, **more)
        self.acknowledged.add(id)
        return id

    def hear(self, args: Sequence[str], said: str) -> None:
        """A command that went well: what it named is acknowledged from now on, or need not be there any more."""
        match args:
            case ["enqueue", *_] if self.has_its_store():
                self.acknowledged.update(re.findall(r"^Enqueued job: (\S+)$", said, re.MULTILINE))
            case ["delete", *ids]:
                self.acknowledged.difference_update(ids)
        self.retried |= "retry" in args or "--retry" in args

    def has_its_store(self) -> bool:
        """Whether no other one lies in its place."""
        with suppress(FileNotFoundError):
            return os.path.samestat(os.stat(self.queue.location), self._file)
        return False

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
        """No job is lost, none is nobody's, all that was begun is told of and counted, and the store is whole."""
        if self.has_its_store():
            self._check_jobs()
        with closing(apsw.Connection(self.queue.location, flags=apsw.SQLITE_OPEN_READONLY)) as connection:
            assert connection.pragma("integrity_check") == "ok"

    def _check_jobs(self) -> None:
        jobs = {job.id for job in self.queue.jobs.stream(_ANY)}
        assert jobs >= self.acknowledged, f"acknowledged jobs are missing: {self.acknowledged - jobs}"
        if any(pool.poll() is None for pool in self.pools):
            until(lambda: not self._nobodys(), "jobs without a live owner to be taken up", self._lease_s() + 2)
        begun_before = Counter(run.job for run in self.runs())  # pools go on meanwhile
        told = {id: self._told(id) for id in sorted(self.acknowledged)}
        begun_since = Counter(run.job for run in self.runs())
        for id, (job, history) in told.items():
            _check_counts(job, history, self.retried)
            if id in self.added:
                most = len(history) + (job.state is State.PROCESSING)
                ended = sum(each.outcome is Outcome.EXITED for each in history)  # others may not have come to it
                assert begun_before[id] <= most, f"{self.runs(id)} are more than is told: {job.state}, {history}"
                assert ended <= begun_since[id], f"{self.runs(id)} are less than is told: {job.state}, {history}"

    def _told(self, id: str) -> tuple[Job, list[Attempt]]:
        """The job and its history, of the same moment."""
        while True:
            job = self.job(id)
            history = list(self.queue.jobs.attempts(job))
            if self.job(id).version == job.version:
                return job, history

    def _nobodys(self) -> list[str]:
        running = [job for job in self.queue.jobs.stream(_ANY) if job.state is State.PROCESSING]
        return [job.id for job in running if job.worker_pid is None or not alive(job.worker_pid)]

    def _lease_s(self) -> float:
        return self.queue.config.settings().lease_s

    def left_running(self) -> list[Process]:
        """What still runs of the stage, stopped or not; to be asked once it has ended.

        Every job runs in its folder, and what belongs to a pool was told of its store.
        """
        return [each for each in descendants.running() if each.pid != os.getpid() and self._concerns(each.pid)]

    def _concerns(self, pid: int) -> bool:
        with suppress(OSError):
            if os.path.samefile(f"/proc/{pid}/cwd", self.folder):
                return True
        with suppress(OSError):
            told = b"\0".join(Path(f"/proc/{pid}/{each}").read_bytes() for each in ("environ", "cmdline"))
            return os.fsencode(self.folder) + b"/" in told
        return False


class Witnessed(Program):
    """The program; its ground, if the test has one, hears what it acknowledges."""

    ground: Ground | None = None

    def __call__(self, *args: str, stdin: str | bytes | None = None, code: int | None = None) -> Answer:
        answer = super().__call__(*args, stdin=stdin, code=code)
        if self.ground and answer.code == 0 and self.env["QUEUECTL_DB_PATH"] == str(self.ground.folder / "queue.db"):
            self.ground.hear(args, answer.out)
        return answer


def words_of(process: Process) -> str:
    """How it was called, and whether it is stopped."""
    with suppress(OSError):
        return f"{process.state} {Path(f'/proc/{process.pid}/cmdline').read_text().replace(chr(0), ' ')}"
    return "gone by now"


def _check_counts(job: Job, history: Sequence[Attempt], retried: bool) -> None:
    """Attempts and interruptions are those of the history; a retry may have begun to count anew at any of them."""
    assert [each.n for each in history] == list(range(1, job.runs + 1)), f"{job.id}: {history}"
    counted = [_counts(history)]
    if job.state is State.CANCELLED and history:  # what ended it then is not counted, whatever it came to
        counted.append(_counts(history[:-1]))
    if retried:
        counted += [_counts(history[start:]) for start in range(1, len(history) + 1)]
    found = (job.attempts, job.interruptions)
    assert found in counted, f"{job.id} counts {found}, its history {counted}: {job.state}, {history}"


def _counts(history: Sequence[Attempt]) -> tuple[int, int]:
    """Attempts, and interruptions; one that a stop of its pool brought about is neither."""
    attempts = sum(each.outcome not in {Outcome.INTERRUPTED, Outcome.CANCELLED} for each in history)
    lost = sum(each.outcome is Outcome.INTERRUPTED and "was lost" in str(each.error) for each in history)
    return attempts, lost
