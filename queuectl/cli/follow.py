"""The output of jobs on its way to the reader: exact bytes to a pipe, harmless text to a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from queuectl.cli.door import on_terminal
from queuectl.cli.printing import colourful
from queuectl.core.job import State, has_ended
from queuectl.core.plain import PlainStream
from queuectl.queue import Queue


def follow(queue: Queue, id: str) -> Iterator[bytes]:
    """What the job prints, from the beginning of its latest attempt, through retries, until it ends.

    Waits for a start. Ends without a word if the job is deleted; raises NotFound only at once.
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
        if has_ended(job):
            return
        if job.state is State.PROCESSING:
            shown = shown if job.fence == fence else 0
            fence = job.fence
            end = queue.jobs.printed(job)
            if end > shown:
                yield from queue.jobs.output(job, None, shown)
                shown = end


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
