"""`queuectl cancel`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from queuectl.cli.change import Manner, change, changes_jobs
from queuectl.cli.door import command as make_command
from queuectl.cli.door import open_queue
from queuectl.cli.printing import counted, note
from queuectl.cli.selectors import Selection
from queuectl.core.job import Job, State
from queuectl.core.lifecycle import Cancel
from queuectl.core.selector import All, Term
from queuectl.core.units import say_duration
from queuectl.core.views import stranded
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
    running = _running(queue, selection.required())
    change(queue, selection, Cancel(force), "cancelled", manner, {job.id: "stopping" for job in running})
    if not running or manner.dry_run:
        return
    if not manner.as_json and not manner.quiet:
        _tell(queue, running, force)
    if wait:
        queue.jobs.wait([job.id for job in running])


def _running(queue: Queue, selection: Selection) -> list[Job]:
    """Those of the picked jobs that run now."""
    if selection.where is not None:
        return list(queue.jobs.stream(All((_RUNNING, selection.where))))
    queue.jobs.check(selection.ids, Cancel())  # names all that are unknown, not the first one only
    return [job for job in map(queue.jobs.get, selection.ids) if job.state is State.PROCESSING]


def _tell(queue: Queue, running: Sequence[Job], force: bool) -> None:
    """What becomes of those that ran when the request was stored."""
    pools = queue.pools.all()
    for reason in dict.fromkeys(filter(None, (stranded(job, pools) for job in running))):
        note(f"nobody is there to stop it, the request is stored: {reason}")
    stopped = [job for job in running if stranded(job, pools) is None]
    if again := sum(job.cancel_asked > 0 for job in stopped):
        note(f"{counted(again)} of these {'was' if again == 1 else 'were'} being stopped already")
    if stopped:
        grace = say_duration(queue.config.settings().kill_grace_s)
        how = "SIGKILL now" if force else f"SIGTERM now, SIGKILL after {grace}"
        it = "it" if len(stopped) == 1 else "them"
        note(f"{counted(len(stopped))} still running: the request is stored, and the pool ends {it} by {how}")
