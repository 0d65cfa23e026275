"""`queuectl cancel`."""

from __future__ import annotations

import click

from queuectl.cli.change import Manner, change, changes_jobs
from queuectl.cli.door import command as make_command
from queuectl.cli.door import open_queue
from queuectl.cli.printing import counted, note
from queuectl.cli.selectors import Selection
from queuectl.core.job import State
from queuectl.core.lifecycle import Cancel
from queuectl.core.selector import All, Term
from queuectl.queue import Queue

_RUNNING = Term("state", ":", State.PROCESSING.value)


@make_command(
    "queuectl cancel job-1",
    "queuectl cancel --queue media --yes",
    "queuectl cancel --force --wait job-1",
    name="cancel",
)
@click.option("--force", is_flag=True, help="Kill running commands without the grace of kill-grace.")
@click.option("--wait", is_flag=True, help="Return when the running ones have ended.")
@changes_jobs()
def command(selection: Selection, manner: Manner, force: bool, wait: bool) -> None:
    """Stop jobs: waiting ones at once, running ones by SIGTERM and, after kill-grace, SIGKILL.

    For a running job the request is stored and the command returns; --wait waits for the end.
    """
    queue = open_queue(create=True)
    ids = _running(queue, selection.required())
    change(queue, selection, Cancel(force), "cancelled", manner)
    if ids and not manner.dry_run:
        _tell(queue, ids, wait, manner)


def _running(queue: Queue, selection: Selection) -> list[str]:
    """Those of the picked jobs that run now."""
    if selection.where is not None:
        return [job.id for job in queue.jobs.stream(All((_RUNNING, selection.where)))]
    return [job.id for job in map(queue.jobs.get, selection.ids) if job.state is State.PROCESSING]


def _tell(queue: Queue, ids: list[str], wait: bool, manner: Manner) -> None:
    if wait:
        queue.jobs.wait(ids)
    elif not manner.as_json and not manner.quiet:
        note(f"{counted(len(ids))} of these still running: the request is stored, they are being stopped")
