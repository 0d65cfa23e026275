"""A job, and what is asked of a new one."""

# No `from __future__ import annotations`: NamedTuple would compile each text, and every command waits for it.

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """Where a job stands; only `queuectl.core.lifecycle.transition` moves it on."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    DEAD = "dead"
    CANCELLED = "cancelled"


WAITING = frozenset({State.PENDING, State.FAILED})
ENDED = frozenset({State.COMPLETED, State.DEAD, State.CANCELLED})


class NewJob(NamedTuple):
    """A job as it is asked for, already checked; None leaves the choice to the store or its configuration.

    `run_at` is milliseconds UTC (None: now). `max_retries` is the number of attempts in all; a
    `timeout_s` of 0 is no limit, whatever is configured.
    """

    command: str
    cwd: str
    id: str | None = None
    queue: str = "default"
    priority: int = 0
    max_retries: int | None = None
    timeout_s: float | None = None
    run_at: int | None = None
    env: Mapping[str, str] | None = None
    tags: tuple[str, ...] = ()
    held: bool = False
    unique_key: str | None = None


class Added(NamedTuple):
    """A job that is in the store: `new` is False if one with its unique_key was there before."""

    id: str
    new: bool


class Job(NamedTuple):
    """One job as the store holds it. Times are milliseconds UTC.

    `started_at` … `error`, `worker` and `host` are those of the latest attempt.
    `number` is the order of arrival and is never used again; `runs` counts all attempts of the
    job's life, `attempts` those that count against `max_retries`. `fence` grows with each claim
    and `version` with each change. `cancel_asked` is 0, 1, or 2 when no grace is to be given.
    `duration_ms` is measured by a clock that nobody sets.
    """

    number: int
    id: str
    command: str
    state: State
    queue: str
    priority: int
    attempts: int
    max_retries: int
    interruptions: int
    run_at: int
    created_at: int
    updated_at: int
    state_since: int
    cwd: str
    timeout_s: float | None = None
    env: Mapping[str, str] | None = None
    tags: tuple[str, ...] = ()
    unique_key: str | None = None
    held: bool = False
    cancel_asked: int = 0
    runs: int = 0
    fence: int = 0
    version: int = 1
    pool: str | None = None
    worker: str | None = None
    worker_pid: int | None = None
    host: str | None = None
    started_at: int | None = None
    finished_at: int | None = None
    duration_ms: int | None = None
    exit_code: int | None = None
    signal: str | None = None
    error: str | None = None


def has_ended(job: Job) -> bool:
    """Whether nothing but a person will move the job again."""
    return job.state in ENDED


def allowed(job: Job) -> int:
    """Attempts in all: none is one."""
    return max(job.max_retries, 1)


def attempts_column(job: Job) -> str:
    """Attempts made / allowed, for tables: `1/3`."""
    return f"{job.attempts}/{allowed(job)}"
