"""What dead pools left: noticing them, and killing what still runs of their jobs.

A job of a dead pool is first taken over (a guarded write with a new fence), then cleaned up after
here, and only then given back: so its command never runs twice at the same time.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from queuectl.core.job import Job
from queuectl.core.place import Place
from queuectl.core.pool import PoolRecord, WorkerRecord
from queuectl.worker import descendants, descriptors, poolfile
from queuectl.worker.descendants import Process

_LONGEST_STEP_S = 2.0
_END_WAIT_S = 0.1
_DESCRIPTORS = 8
_FENCE = re.compile(r"[0-9]{1,19}")


class Watch:
    """Observes the other pools of the store.

    A pool is dead once nobody holds its lock, or once it gave no sign of life for a whole lease
    of the observer's own time; time in which the observer itself was stopped or could not write
    does not count.
    """

    def __init__(self, place: Place, own: str) -> None:
        self._place = place
        self._own = own
        self._others: dict[str, PoolRecord] = {}
        self._silent_s: dict[str, float] = {}
        self._looked_at: float | None = None

    def update(self, others: Iterable[PoolRecord]) -> None:
        """Take in what the store says of the other pools now."""
        before = self._others
        self._others = {pool.name: pool for pool in others if pool.name != self._own}
        for name, pool in self._others.items():
            if name not in before or _sign_of_life(before[name]) != _sign_of_life(pool):
                self._silent_s[name] = 0.0

    def dead(self, now: float, lease_s: float, could_write: bool) -> list[PoolRecord]:
        """Those whose claims are free to take, at `now` (monotonic clock, seconds)."""
        step = 0.0 if self._looked_at is None or not could_write else min(now - self._looked_at, _LONGEST_STEP_S)
        self._looked_at = now
        found = []
        for name, pool in self._others.items():
            self._silent_s[name] = self._silent_s.get(name, 0.0) + step
            if self._silent_s[name] > lease_s or not poolfile.alive(self._place, name):
                self._silent_s[name] = 0.0
                found.append(pool)
        return found


def _sign_of_life(pool: PoolRecord) -> tuple[int, int, int]:
    return pool.pid, pool.start_ticks, pool.beat


class Salvage(NamedTuple):
    """What a pool took over of a dead one.

    `jobs` are as they were before they were taken over; the commands of those with the numbers
    `begun` had begun. `workers` are those of this host that ran them.
    """

    dead: PoolRecord
    jobs: Sequence[Job]
    begun: frozenset[int]
    workers: Sequence[WorkerRecord]
    store_id: str

    def clean_up(self) -> None:
        """Kill what still runs of the jobs, and see it dead. Blocks until it is.

        Raises OSError if there were no descriptors to look with: then what was not seen may be there.
        """
        descriptors.check_room(_DESCRIPTORS)
        self._kill()
        descriptors.check_room(_DESCRIPTORS)

    def _kill(self) -> None:
        for worker in self._live_workers():
            _kill_tree(worker)
        doomed: list[Process] = []
        while strays := self._strays() or _still_ending(doomed):
            for process in strays:
                _kill_tree(process)
            doomed = strays

    def _live_workers(self) -> list[Process]:
        found = [(descendants.look_up(worker.pid), worker.start_ticks) for worker in self.workers]
        return [process for process, ticks in found if process and process.start_ticks == ticks]

    def _strays(self) -> list[Process]:
        """Processes that carry a claim on one of the jobs, of this fence or an older one."""
        fences = {f"{self.store_id}:{job.number}:": job.fence for job in self.jobs}
        return [process for process in descendants.running() if _carries_old_claim(process, fences)]


def begun(jobs: Iterable[Job], marks: frozenset[tuple[int, int]] | None) -> frozenset[int]:
    """The numbers of those jobs whose command had begun, by the marks in their pool's file; without one, all."""
    return frozenset(job.number for job in jobs if marks is None or (job.number, job.fence) in marks)


def _carries_old_claim(process: Process, fences: dict[str, int]) -> bool:
    claim = _claim_of(process.pid)
    head, _, fence = claim.rpartition(":")
    latest = fences.get(head + ":")
    if latest is None or process.pid == os.getpid() or not _FENCE.fullmatch(fence):
        return False
    return int(fence) <= latest


def _still_ending(killed: Iterable[Process]) -> list[Process]:
    """Those whose environment is gone already, while what they have locked is theirs still."""
    return [process for process in killed if not descendants.await_end(process, _END_WAIT_S)]


def _claim_of(pid: int) -> str:
    """QUEUECTL_CLAIM in the environment that the process was started with; empty if it has none or is not ours."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            environment = file.read()
    except OSError:
        return ""
    for entry in environment.split(b"\0"):
        if entry.startswith(b"QUEUECTL_CLAIM="):
            return entry.partition(b"=")[2].decode(errors="replace")
    return ""


def _kill_tree(root: Process) -> None:
    """Stop it, so that it starts nothing more, kill what it started until nothing is left of that, and then itself."""
    if not descendants.send(root, signal.SIGSTOP):
        return
    descendants.kill_below(root.pid)
    descendants.send(root, signal.SIGKILL)
    descendants.await_end(root, _END_WAIT_S)
