"""What became of an attempt to run a job: as its worker saw it, and as the store remembers it."""

# No `from __future__ import annotations`: NamedTuple would compile each text, and every command waits for it.

from enum import StrEnum
from typing import NamedTuple


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
