"""`queuectl wait`."""

from __future__ import annotations

import click

from queuectl.cli.door import command as make_command
from queuectl.cli.door import open_queue
from queuectl.cli.parameters import DURATION
from queuectl.cli.printing import counted, note
from queuectl.cli.selectors import Selection, selector
from queuectl.queue import Queue

_NAMED = 20


@make_command("queuectl wait job-1 job-2", "queuectl wait --queue media --timeout 10m", name="wait")
@click.option("--timeout", type=DURATION, metavar="T", help="Give up after this (90s, 5m); exit code 124.")
@selector()
def command(selection: Selection, timeout: float | None) -> int:
    """Wait until all jobs that match now have ended; exits 0 only if all of them completed.

    Jobs that are added later are not waited for. A job that is deleted counts as not completed.
    """
    queue = open_queue()
    waited = queue.jobs.wait(_ids(queue, selection.required()), timeout)
    if not waited.not_completed:
        return 0
    note(f"{counted(waited.not_completed)} did not complete:")
    for name, end in waited.other[:_NAMED]:
        note(f"  {name}: {end}")
    return 1


def _ids(queue: Queue, selection: Selection) -> list[str]:
    if selection.where is not None:
        return [job.id for job in queue.jobs.stream(selection.where)]
    for name in selection.ids:
        queue.jobs.get(name)
    return list(selection.ids)
