"""What waits: held, released, put before all others."""

from __future__ import annotations

from functools import partial

from queuectl.core.job import WAITING
from queuectl.core.lifecycle import Edit, Hold, Release
from queuectl.queue import Queue
from queuectl.tui.commandline import Picks, on_jobs
from queuectl.tui.deeds.bulk import change
from queuectl.tui.deeds.errand import Errand
from queuectl.tui.deeds.trial import tried
from queuectl.tui.desk import Desk, Target


async def hold(desk: Desk, target: Target) -> None:
    """Hold them if any of them is not held; else release them."""
    free = await tried(
        desk, on_jobs(("hold",), Picks(target.ids, target.where)), lambda queue: _any_free(queue, target)
    )
    if free is None:
        return
    if free:
        errand = Errand(
            Hold(),
            WAITING,
            verb="Hold",
            doing="Holding",
            done="held",
            will=lambda number: f"keep {number:,} from being run until they are released",
            twin=partial(on_jobs, ("hold",)),
        )
    else:
        errand = Errand(
            Release(),
            WAITING,
            verb="Release",
            doing="Releasing",
            done="released",
            will=lambda number: f"let {number:,} be run",
            twin=partial(on_jobs, ("release",)),
        )
    await change(desk, target, errand)


async def run_next(desk: Desk, target: Target) -> None:
    """Put them before all that waits."""
    if target.where is not None:
        desk.tell("Only jobs that are marked one by one can be put first: there is no order among all", "warning")
        return
    errand = Errand(
        Edit({}, next=True),
        WAITING,
        verb="Run next",
        doing="Putting first",
        done="put first",
        will=lambda number: f"give {number:,} a priority above all that waits, due now",
        twin=partial(on_jobs, ("edit", "--next")),
        to=", but it is held: H releases it" if any(job.held for job in target.jobs) else ", due now",
    )
    await change(desk, target, errand)


def _any_free(queue: Queue, target: Target) -> bool:
    if target.where is not None:
        return queue.jobs.preview(target.where, Hold(), 0).fitting > 0
    jobs = [job for job in queue.jobs.found(target.ids) if job.state in WAITING]
    return not jobs or not all(job.held for job in jobs)
