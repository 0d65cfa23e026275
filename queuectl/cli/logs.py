"""`queuectl logs`."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import click

from queuectl.cli.door import command as make_command
from queuectl.cli.door import open_queue
from queuectl.cli.follow import follow as follow_job
from queuectl.cli.follow import say_output
from queuectl.cli.printing import note
from queuectl.core.attempt import Attempt
from queuectl.core.job import Job, State
from queuectl.errors import BadValue, NotFound
from queuectl.queue import Queue

MOST_LINES = 1_000_000_000


@make_command("queuectl logs job-1", "queuectl logs -f job-1", "queuectl logs job-1 --attempt 2 --tail 20", name="logs")
@click.argument("id", required=False)
@click.option("--follow", "-f", is_flag=True, help="Wait for a start, go on through retries until the job ends.")
@click.option("--attempt", type=click.IntRange(min=1), metavar="N", help="Attempt N of the job's life.")
@click.option("--tail", type=click.IntRange(0, MOST_LINES), metavar="N", help="The last N lines only.")
def command(id: str | None, follow: bool, attempt: int | None, tail: int | None) -> None:
    """Print what a job printed in its last attempt; the newest job's without an id.

    Piped, these are the exact bytes. On a terminal colours stay and every other control sequence
    is made visible.
    """
    if follow and (attempt or tail is not None):
        raise BadValue("--follow goes with neither --attempt nor --tail", "leave one of them out")
    queue = open_queue()
    job = queue.jobs.get(id)
    if (follow or not job.runs) and (stuck := queue.stuck(job)):
        note(f"{job.id} waits: {stuck}")
    chunks = follow_job(queue, job.id, note) if follow else _printed(queue, job, attempt)
    say_output(chunks if tail is None else _last_lines(chunks, tail))


def _printed(queue: Queue, job: Job, n: int | None) -> Iterator[bytes]:
    attempts = {attempt.n: attempt for attempt in queue.jobs.attempts(job)}
    running = job.runs + 1 if job.state is State.PROCESSING else None
    wanted = n or running or max(attempts, default=None)
    if n is not None and n != running and n not in attempts:
        raise _no_attempt(job, n, attempts)
    if wanted is None:
        note(f"{job.id} is {job.state} and has not run so far")
        return iter(())
    return _said_if_gone(queue.jobs.output(job, attempts.get(wanted)), job, attempts.get(wanted))


def _said_if_gone(chunks: Iterator[bytes], job: Job, attempt: Attempt | None) -> Iterator[bytes]:
    """The output; where nothing is left of what there was (output-total, or somebody's hand), a note says so."""
    anything = False
    for chunk in chunks:
        anything = anything or bool(chunk)
        yield chunk
    if attempt is not None and attempt.output_bytes and not anything:
        note(f"the output of attempt {attempt.n} of {job.id} is no longer kept")


def _no_attempt(job: Job, n: int, attempts: dict[int, Attempt]) -> NotFound:
    known = f"{min(attempts)} to {max(attempts)}" if attempts else "none so far"
    return NotFound(f"{job.id} has no attempt {n}", f"attempts: {known}")


def _last_lines(chunks: Iterable[bytes], count: int) -> Iterator[bytes]:
    """The last lines; memory is bounded by their size, which log-limit bounds."""
    lines: deque[bytes] = deque(maxlen=count)
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        lines.extend(line + b"\n" for line in whole)
    if rest:
        lines.append(rest)
    return iter(lines)
