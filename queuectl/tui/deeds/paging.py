"""A job's output in the person's pager."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from queuectl.core.attempt import Attempt
from queuectl.core.job import Job, State
from queuectl.errors import NotFound
from queuectl.queue import Queue
from queuectl.tui.desk import Desk, Target
from queuectl.tui.output.pager import file_name, page


async def show_output(desk: Desk, target: Target) -> None:
    """Show what the running command, or the last attempt, has printed. Raises QueuectlError."""
    if len(target.ids) != 1:
        desk.tell("One job at a time is shown: clear the marks with M", "warning")
        return
    job, attempt = await desk.ask(lambda queue: _latest(queue, target.ids[0]))
    run = attempt.n if attempt is not None else job.runs + 1
    await page(desk.app, _output(desk, job, attempt), file_name(job.id, run))


def _latest(queue: Queue, id: str) -> tuple[Job, Attempt | None]:
    """The job, and its last attempt unless one runs. Raises NotFound if it has never been run."""
    job = queue.jobs.get(id)
    attempts = queue.jobs.attempts(job)
    if job.state is State.PROCESSING:
        return job, None
    if not attempts:
        raise NotFound(f"no pager was opened: {id} has printed nothing", "it has not been run")
    return job, attempts[-1]


def _output(desk: Desk, job: Job, attempt: Attempt | None) -> Iterator[bytes]:
    """Read on the pager's thread, so it opens a queue of its own there."""
    with closing(desk.open_queue()) as queue:
        yield from queue.jobs.output(job, attempt)
