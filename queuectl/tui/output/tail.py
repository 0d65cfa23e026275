"""The end of an output, without reading the rest of it."""

from __future__ import annotations

from collections.abc import Sequence

from queuectl.core.attempt import Attempt
from queuectl.core.job import Job, State
from queuectl.queue.jobs import Jobs


def tail(jobs: Jobs, job: Job, attempts: Sequence[Attempt], most: int) -> bytes:
    """Up to so many bytes of the end of what the running command, or else the last attempt, has printed."""
    if job.state is State.PROCESSING:
        chunks = jobs.output(job, None, max(jobs.printed(job) - most, 0))
    elif not attempts:
        return b""
    else:
        last = attempts[-1]
        # Of what log-limit cut the store holds less than was printed, but never much.
        start = 0 if last.output_file is None else max(last.output_bytes - most, 0)
        chunks = jobs.output(job, last, start)
    return b"".join(chunks)[-most:]
