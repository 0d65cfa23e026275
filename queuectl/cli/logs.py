"""`queuectl logs`."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import click

from queuectl.cli.door import command as make_command
from queuectl.cli.door import open_queue
from queuectl.cli.follow import follow as follow_job
from queuectl.cli.follow import say_output
from queuectl.core.attempt import Attempt
from queuectl.core.job import Job, State
from queuectl.errors import BadValue, NotFound
from queuectl.queue import Queue


@make_command("queuectl logs job-1", "queuectl logs -f job-1", "queuectl logs job-1 --attempt 2 --tail 20", name="logs")
@click.argument("id", required=False)
@click.option("--follow", "-f", is_flag=True, help="Wait for a start, go on through retries until the job ends.")
@click.option("--attempt", type=click.IntRange(min=1), metavar="N", help="Attempt N of the job's life.")
@click.option("--tail", type=click.IntRange(min=0), metavar="N", help="The last N lines only.")
def command(id: str | None, follow: bool, attempt: int | None, tail: int | None) -> None:
    """Print what a job printed in its last attempt; the newest job's without an id.

    Piped, these are the exact bytes. On a terminal colours stay and every other control sequence
    is made visible.
    """
    if follow and (attempt or tail is not None):
        raise BadValue("--follow goes with neither --attempt nor --tail", "leave one of them out")
    queue = open_queue()
    job = queue.jobs.get(id)
    chunks = follow_job(queue, job.id) if follow else _printed(queue, job, attempt)
    say_output(chunks if tail is None else _last_lines(chunks, tail))


def _printed(queue: Queue, job: Job, n: int | None) -> Iterator[bytes]:
    attempts = {attempt.n: attempt for attempt in queue.jobs.attempts(job)}
    running = job.runs + 1 if job.state is State.PROCESSING else None
    wanted = n or running or max(attempts, default=None)
    if n is not None and n != running and n not in attempts:
        raise _no_attempt(job, n, attempts)
    if wanted is None:
        return iter(())
    return queue.jobs.output(job, attempts.get(wanted))


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
