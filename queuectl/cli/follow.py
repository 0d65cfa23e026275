"""The output of jobs on its way to the reader: exact bytes to a pipe, harmless text to a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator

from queuectl.cli.door import on_terminal
from queuectl.cli.printing import colourful
from queuectl.core.attempt import Attempt, Outcome
from queuectl.core.job import Job, State, has_ended
from queuectl.core.plain import PlainStream
from queuectl.core.units import say_duration
from queuectl.queue import Queue


def follow(queue: Queue, id: str, tell: Callable[[str], None] | None = None) -> Iterator[bytes]:
    """What the job prints, from the beginning of its latest attempt, through retries, until it ends.

    Waits for a start. `tell` hears how each attempt and the job ended. Raises NotFound if the job
    is not there, or not any more.
    """
    job = queue.jobs.get(id)
    attempt = job.runs + (job.state is State.PROCESSING)
    fence, shown = job.fence, 0
    for changed in queue.jobs.looks():
        if changed:
            job = queue.jobs.get(id)
            for ended in queue.jobs.attempts(job):
                if ended.n >= attempt:
                    yield from queue.jobs.output(job, ended, shown)
                    attempt, shown = ended.n + 1, 0
                    if tell and (ended.n < job.runs or not has_ended(job)):
                        tell(_between(job, ended, queue.clock()))
        if has_ended(job):
            if tell:
                tell(f"{job.id} is {job.state}" + (f": {job.error}" if job.error else ""))
            return
        # Until it has printed something, a new fence may only say that the claim went over to another pool.
        if job.state is State.PROCESSING and (end := queue.jobs.printed(job)):
            shown = shown if job.fence == fence else 0
            fence = job.fence
            if end > shown:
                yield from queue.jobs.output(job, None, shown)
                shown = end


def _between(job: Job, ended: Attempt, now: int) -> str:
    """What stands between the output of two attempts."""
    cause = f": {ended.error}" if ended.error else ""
    left = say_duration((job.run_at - now) / 1000) if job.run_at > now else ""
    wait = f"; the next in {left}" if left and job.state is State.FAILED else ""
    if ended.outcome is Outcome.INTERRUPTED:
        return f"attempt {ended.n} of {job.id} was interrupted{cause}; it runs again"
    number = f"{job.attempts} of {max(job.max_retries, 1)}" if ended.n == job.runs else str(ended.n)
    return f"attempt {number} of {job.id} failed{cause}{wait}"


def say_output(chunks: Iterable[bytes]) -> None:
    """Write output as it comes: as it is to a pipe, made harmless to a terminal."""
    sys.stdout.flush()
    raw = sys.stdout.buffer
    stream = PlainStream(colourful(sys.stdout)) if on_terminal(sys.stdout) else None
    for chunk in chunks:
        raw.write(chunk if stream is None else _encoded(stream.feed(chunk)))
        raw.flush()
    if stream is not None:
        raw.write(_encoded(stream.end()))
        raw.flush()


def _encoded(text: str) -> bytes:
    return text.encode(sys.stdout.encoding, "backslashreplace")
