"""How a pool says what became of a job."""

from __future__ import annotations

from queuectl.core.job import Job, State
from queuectl.core.units import say_duration, say_took


def started(job: Job) -> str:
    """What begins, in a line."""
    return f"{job.id} started: {job.command}"


def ended(job: Job, now: int) -> str:
    """A sentence about the job as it is after an attempt, at `now` (milliseconds UTC)."""
    allowed = max(1, job.max_retries)
    took = say_took(job.duration_ms or 0)
    match job.state:
        case State.COMPLETED:
            return f"{job.id} completed in {took}"
        case State.FAILED:
            wait = say_duration(max(0, job.run_at - now) / 1000)
            return f"{job.id} failed: {job.error}; attempt {job.attempts} of {allowed}, retry in {wait}"
        case State.DEAD:
            return f"{job.id} is dead after {job.attempts} of {allowed} attempts: {job.error}"
        case State.CANCELLED:
            return f"{job.id} cancelled"
        case _:
            return f"{job.id} given back{f': {job.error}' if job.error else ''}"
