"""What became of an attempt to run a job: as its worker saw it, and as the store remembers it."""

# No `from __future__ import annotations`: NamedTuple would compile each text, and every command waits for it.

from enum import StrEnum
from typing import NamedTuple

from queuectl.core.job import Job


class Outcome(StrEnum):
    """How one attempt ended."""

    EXITED = "exited"
    SIGNALLED = "signalled"
    TIMED_OUT = "timed-out"
    NOT_STARTED = "not-started"
    INTERRUPTED = "interrupted"
    CANCELLED = "cancelled"


class Result(NamedTuple):
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


class Attempt(NamedTuple):
    """One attempt as the store remembers it; `n` counts over the job's whole life, from 1.

    `command` is None if it ran what is the job's command now, else what it ran.
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


def with_result(job: Job, result: Result) -> Job:
    """The job with what its latest attempt came to: call it with what `transition` returned for its end."""
    return job._replace(
        runs=job.runs + 1,
        started_at=result.started_at,
        finished_at=result.finished_at,
        duration_ms=result.duration_ms,
        exit_code=result.exit_code,
        signal=result.signal,
        error=job.error or result.error,
    )


def without_result(job: Job, latest: Attempt | None) -> Job:
    """The job after a claim whose command was never started: what it shows is its latest attempt, if it had any."""
    if latest is None:
        return job._replace(worker=None, host=None, started_at=None)
    return job._replace(
        worker=latest.worker,
        host=latest.host,
        started_at=latest.started_at,
        finished_at=latest.finished_at,
        duration_ms=latest.duration_ms,
        exit_code=latest.exit_code,
        signal=latest.signal,
        error=latest.error,
    )
