"""What the command line and the app may show of jobs, attempts, pools and workers: frozen, or ready for JSON."""

# No `from __future__ import annotations`: NamedTuple would compile each text, and every command waits for it.

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from queuectl.core.job import WAITING, Job, State, allowed
from queuectl.core.records import Counts
from queuectl.core.units import iso, say_duration

if TYPE_CHECKING:
    from queuectl.core.attempt import Attempt

RUNNING = "running"
"""The state of a pool that takes new jobs."""
LOST = "lost"
"""The state of a pool that died and was not cleaned up."""


_FULL_BYTES = 64 * 2**10


class PoolView(NamedTuple):
    """A pool as it is shown. `queues` is empty if it serves all; `reason` says what keeps it from working.

    `state` is RUNNING while it takes new jobs; it shall have `wanted` workers. Times are
    milliseconds UTC.
    """

    name: str
    queues: tuple[str, ...]
    workers: int
    busy: int
    state: str
    host: str = ""
    pid: int = 0
    started_at: int = 0
    reason: str = ""
    wanted: int = 0

    @property
    def works(self) -> bool:
        """Whether it has workers, and takes new jobs."""
        return bool(self.workers) and self.state == RUNNING

    def serves(self, queue: str) -> bool:
        return not self.queues or queue in self.queues

    def view(self) -> dict[str, object]:
        return {
            "name": self.name,
            "host": self.host,
            "pid": self.pid,
            "workers": self.workers,
            "busy": self.busy,
            "started_at": iso(self.started_at),
            "state": self.state,
            "reason": self.reason or None,
            "queues": list(self.queues),
        }


class WorkerView(NamedTuple):
    """A worker as it is shown; `name` is like `p1/w3`, `job` the id of what it runs.

    It runs it since `job_since` (milliseconds UTC), for `job_timeout_s` at most; None is no limit.
    """

    name: str
    pool: str
    host: str
    pid: int
    state: str
    job: str | None
    started_at: int
    done: int
    failed: int
    job_since: int = 0
    job_timeout_s: float | None = None

    def view(self) -> dict[str, object]:
        return {
            "name": self.name,
            "pool": self.pool,
            "host": self.host,
            "pid": self.pid,
            "state": self.state,
            "job": self.job,
            "started_at": iso(self.started_at),
            "done": self.done,
            "failed": self.failed,
        }


class Status(NamedTuple):
    """All that `queuectl status` shows, at one moment. Times are milliseconds UTC.

    `unserved` are queues in which jobs are due while the workers that run serve others; `free_bytes`
    is what the store's disk has room for.
    """

    location: str
    size_bytes: int
    schema: int
    counts: Counts
    pools: tuple[PoolView, ...]
    oldest_waiting_s: float | None
    next_due: int | None
    finished_per_minute: int
    unserved: tuple[str, ...] = ()
    free_bytes: int = sys.maxsize

    @property
    def active_workers(self) -> int:
        return sum(pool.workers for pool in self.pools)

    @property
    def busy_workers(self) -> int:
        return sum(pool.busy for pool in self.pools)

    @property
    def is_full(self) -> bool:
        """Whether there is no room for as much as one more change of the store."""
        return self.free_bytes < _FULL_BYTES

    @property
    def warning(self) -> str | None:
        """What should not be so: nobody is there to run what is due, or to end what is processing.

        Held jobs and those whose time is still to come do not count.
        """
        if any(pool.works for pool in self.pools):
            return f"jobs are due that no worker serves, in {', '.join(self.unserved)}" if self.unserved else None
        claimed = self.counts.of(State.PROCESSING)
        if claimed and all(pool.state == LOST for pool in self.pools):
            return f"{claimed:,} {'job was' if claimed == 1 else 'jobs were'} left processing by a pool that is gone"
        return None if self.oldest_waiting_s is None else "jobs are due and no worker is running"

    def view(self) -> dict[str, object]:
        return {
            "store": {"location": self.location, "size_bytes": self.size_bytes, "schema": self.schema},
            "jobs": {**{state.value: self.counts.of(state) for state in State}, "total": self.counts.total},
            "workers": {"active": self.active_workers, "busy": self.busy_workers},
            "pools": [pool.view() for pool in self.pools],
            "queues": [_queue_view(name, states) for name, states in sorted(self.counts.by_queue.items())],
            "oldest_waiting_s": self.oldest_waiting_s,
            "next_due": _iso(self.next_due),
            "finished_per_minute": self.finished_per_minute,
        }


def left_out(counts: Counts, pools: Sequence[PoolView]) -> list[str]:
    """Queues in which jobs wait while all pools that work serve others; none while no pool works."""
    working = [pool for pool in pools if pool.works]
    return [
        queue
        for queue, states in counts.by_queue.items()
        if working and any(map(states.get, WAITING)) and not any(pool.serves(queue) for pool in working)
    ]


def _queue_view(name: str, states: Mapping[State, int]) -> dict[str, object]:
    shown = (State.PENDING, State.PROCESSING, State.FAILED, State.DEAD)
    return {"name": name, **{state.value: states.get(state, 0) for state in shown}}


def job_view(job: Job, waiting: str | None, show_env: bool) -> dict[str, object]:
    """A job for JSON. Without `show_env` the values of its environment are null, its names are there."""
    return {
        "id": job.id,
        "command": job.command,
        "state": job.state.value,
        "queue": job.queue,
        "priority": job.priority,
        "attempts": job.attempts,
        "max_retries": job.max_retries,
        "interruptions": job.interruptions,
        "run_at": iso(job.run_at),
        "created_at": iso(job.created_at),
        "updated_at": iso(job.updated_at),
        "started_at": _iso(job.started_at),
        "finished_at": _iso(job.finished_at),
        "duration": _seconds(job.duration_ms),
        "exit_code": job.exit_code,
        "signal": job.signal,
        "error": job.error,
        "worker": job.worker,
        "worker_pid": job.worker_pid,
        "host": job.host,
        "timeout": job.timeout_s,
        "cwd": job.cwd,
        "env": _env(job.env, show_env),
        "tags": list(job.tags),
        "unique_key": job.unique_key,
        "held": job.held,
        "waiting": waiting,
    }


def attempt_view(attempt: "Attempt") -> dict[str, object]:
    """One line of a job's history for JSON."""
    return {
        "n": attempt.n,
        "worker": attempt.worker,
        "host": attempt.host,
        "started_at": iso(attempt.started_at),
        "finished_at": iso(attempt.finished_at),
        "duration": _seconds(attempt.duration_ms),
        "outcome": attempt.outcome.value,
        "exit_code": attempt.exit_code,
        "signal": attempt.signal,
        "error": attempt.error,
        "cpu_s": attempt.cpu_s,
        "max_rss_bytes": attempt.max_rss_bytes,
        "output_bytes": attempt.output_bytes,
        "command": attempt.command,
    }


def _iso(ms: int | None) -> str | None:
    return None if ms is None else iso(ms)


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000


def _env(env: Mapping[str, str] | None, show: bool) -> dict[str, str | None] | None:
    return None if env is None else {name: value if show else None for name, value in env.items()}


def waiting(job: Job, pools: Sequence[PoolView], now: int, moment: Callable[[int], str] = iso) -> str | None:
    """Why the job does not run yet, as the end of "it waits …"; None if it does not wait. `moment` says a time."""
    if job.state not in WAITING:
        return None
    if job.held:
        return f"held; queuectl release {job.id} lets it run"
    if job.run_at > now:
        left = say_duration((job.run_at - now) / 1000)
        return f"retry in {left}" if job.state is State.FAILED else f"until {moment(job.run_at)} (in {left})"
    running = [pool for pool in pools if pool.works]
    if not running:
        return "no worker is running"
    serving = [pool for pool in running if pool.serves(job.queue)]
    if not serving:
        return f"no worker serves queue {job.queue!r}"
    workers, busy = sum(pool.workers for pool in serving), sum(pool.busy for pool in serving)
    return f"for a free worker ({busy} of {workers} busy)" if busy >= workers else "about to start"


def stranded(job: Job, pools: Sequence[PoolView]) -> str | None:
    """Who ends a job that is processing in a pool without a process; None for any other job."""
    if job.state is not State.PROCESSING or any(pool.name == job.pool and pool.state != LOST for pool in pools):
        return None
    saviour = next((pool.name for pool in pools if pool.state == RUNNING), None)
    return f"its pool {job.pool} is gone; {saviour or 'queuectl worker start'} takes it back"


def stuck(job: Job, pools: Sequence[PoolView], now: int) -> str | None:
    """Why the job will not end by itself, as things are: held, no worker, its pool is gone; else None."""
    if job.state not in WAITING:
        return stranded(job, pools)
    if job.held:
        return waiting(job, pools, now)
    serving = any(pool.works and pool.serves(job.queue) for pool in pools)
    if serving:
        return None
    return f"{waiting(job._replace(run_at=now), pools, now)}; start one in another terminal: queuectl worker start"


def attempts_words(job: Job) -> str:
    """Which attempt runs, or how many were made: `attempt 2 of 3`, `1 of 3 attempts made (4 in its life)`."""
    running = job.state is State.PROCESSING
    made, ever = job.attempts + running, job.runs + running
    words = f"attempt {made} of {allowed(job)}" if running else f"{made} of {allowed(job)} attempts made"
    return f"{words} ({ever} in its life)" if ever > made else words
