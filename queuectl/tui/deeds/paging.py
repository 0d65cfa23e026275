"""A job's output in the person's pager."""

from __future__ import annotations

from collections.abc import Iterator

from queuectl.core.job import State
from queuectl.errors import NotFound
from queuectl.queue import Queue
from queuectl.tui.desk import Desk, Target
from queuectl.tui.output.pager import page


async def show_output(desk: Desk, target: Target) -> None:
    """Show what the running command, or the last attempt, has printed. Raises QueuectlError."""
    if len(target.ids) != 1:
        desk.tell("One job at a time is shown: clear the marks with M", "warning")
        return
    await page(desk.app, _output(desk, target.ids[0]))


def _output(desk: Desk, id: str) -> Iterator[bytes]:
    """Read on the pager's thread, so it opens a queue of its own there."""
    queue = desk.open_queue()
    try:
        yield from _printed(queue, id)
    finally:
        queue.close()


def _printed(queue: Queue, id: str) -> Iterator[bytes]:
    job = queue.jobs.get(id)
    attempts = queue.jobs.attempts(job)
    if job.state is not State.PROCESSING and not attempts:
        raise NotFound(f"{id} has printed nothing yet", "it has not been run")
    yield from queue.jobs.output(job, None if job.state is State.PROCESSING else attempts[-1])
