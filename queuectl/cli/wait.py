"""`queuectl wait`."""

from __future__ import annotations

import click

from queuectl.cli.door import command as make_command
from queuectl.cli.door import open_queue
from queuectl.cli.parameters import DURATION
from queuectl.cli.printing import counted, note
from queuectl.cli.selectors import Selection, selector
from queuectl.core.job import has_ended
from queuectl.core.views import stuck
from queuectl.errors import TimedOut
from queuectl.queue import Queue

_NAMED = 20
_LOOKED_AT = 1_000
_HELD = "held; queuectl release lets it run"


@make_command("queuectl wait job-1 job-2", "queuectl wait --queue media --timeout 10m", name="wait")
@click.option("--timeout", type=DURATION, metavar="T", help="Give up after this (90s, 5m); exit code 124.")
@selector()
def command(selection: Selection, timeout: float | None) -> int:
    """Wait until all jobs that match now have ended; exits 0 only if all of them completed.

    Jobs that are added later are not waited for. A job that is deleted counts as not completed.
    """
    queue = open_queue()
    ids = _ids(queue, selection.required())
    if not ids:
        note("No job matches, so there is nothing to wait for")
    for reason in _stuck(queue, ids):
        note(f"Waiting for {reason}")
    try:
        waited = queue.jobs.wait(ids, timeout)
    except TimedOut as error:
        raise TimedOut(error.message, "; ".join(_stuck(queue, ids)[:2]) or error.hint) from None
    if not waited.not_completed:
        return 0
    note(f"{counted(waited.not_completed)} did not complete:")
    for name, end in waited.other[:_NAMED]:
        note(f"  {name}: {end}")
    return 1


def _stuck(queue: Queue, ids: list[str]) -> list[str]:
    """Why some of the jobs will not end by themselves, a sentence for each cause; looks at the first 1,000."""
    pools, now = queue.pools.all(), queue.clock()
    causes: dict[str, list[str]] = {}
    for job in queue.jobs.found(ids[:_LOOKED_AT]):
        if not has_ended(job) and (cause := stuck(job, pools, now)):
            causes.setdefault(_HELD if job.held else cause, []).append(job.id)
    return [_said(names, cause) for cause, names in causes.items()]


def _said(names: list[str], cause: str) -> str:
    who = names[0] if len(names) == 1 else f"{counted(len(names))} ({names[0]} …)"
    return f"{who}: {cause}"


def _ids(queue: Queue, selection: Selection) -> list[str]:
    if selection.where is not None:
        return [job.id for job in queue.jobs.stream(selection.where)]
    for name in selection.ids:
        queue.jobs.get(name)
    return list(selection.ids)
