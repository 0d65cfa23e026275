"""A job, what is asked of a new one, and what became of each attempt to run it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


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


class Outcome(StrEnum):
    """How one attempt ended."""

    EXITED = "exited"
    SIGNALLED = "signalled"
    TIMED_OUT = "timed-out"
    NOT_STARTED = "not-started"
    INTERRUPTED = "interrupted"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job as it is asked for, already checked; None leaves the choice to the store or its configuration.

    `run_at` is milliseconds UTC (None: now). `max_retries` is the number of attempts in all.
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


@dataclass(frozen=True)
class Job:
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


def changed(job: Job, **fields: object) -> Job:
    """The job with some fields changed; as `dataclasses.replace`, which takes 20 µs for so many fields.

    A dispatcher does this half a dozen times a job, so it must not cost more than the job's row in the store.
    """
    copy = object.__new__(Job)
    copy.__dict__.update(job.__dict__)
    copy.__dict__.update(fields)
    return copy


@dataclass(frozen=True, slots=True)
class Result:
    """What a worker saw of one attempt.

    `output` is what was kept in memory (64 KiB at most); where there was more, `output_file` names
    a file of the store's output folder, and `output` is what belongs behind it (a mark, or
    nothing). `output_bytes` counts all that the command printed, kept or not. `max_rss_bytes` is
    None where it cannot be told apart from the worker's own.
    """

    outcome: Outcome
    started_at: int
    finished_at: int
    duration_ms: int
    exit_code: int | None = None
    signal: str | None = None
    error: str | None = None
    cpu_s: float | None = None
    max_rss_bytes: int | None = None
    output: bytes = b""
    output_file: str | None = None
    output_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt as the store remembers it; `n` counts over the job's whole life, from 1.

    `command` is None unless the job's command was edited since.
    """

    n: int
    worker: str | None
    host: str | None
    started_at: int
    finished_at: int
    duration_ms: int
    outcome: Outcome
    exit_code: int | None
    signal: str | None
    error: str | None
    cpu_s: float | None
    max_rss_bytes: int | None
    output_bytes: int
    output_file: str | None
    command: str | None
