"""Stopping jobs: waiting ones at once, running ones after a question."""

from __future__ import annotations

from functools import partial

from queuectl.core.job import WAITING, State
from queuectl.core.lifecycle import Cancel
from queuectl.core.selector import All, Term
from queuectl.core.units import say_duration
from queuectl.queue import Queue
from queuectl.tui.commandline import Picks, on_jobs
from queuectl.tui.deeds.bulk import change
from queuectl.tui.deeds.errand import MOST_UNASKED, Errand, seen
from queuectl.tui.deeds.trial import tried
from queuectl.tui.desk import Desk, Target

_RUNNING = Term("state", ":", State.PROCESSING.value)
_UNDO_NONE = ("Undo", "none for those that run; `r` runs a cancelled job again")


async def cancel(desk: Desk, target: Target) -> None:
    """Stop them; as long as none of them runs, without a question."""
    line = on_jobs(("cancel",), Picks(target.ids, target.where))
    looked = await tried(desk, line, lambda queue: (_running(queue, target), queue.config.settings().kill_grace_s))
    if looked is None:
        return
    running, grace_s = looked
    states = WAITING | {State.PROCESSING} if running else WAITING
    errand = Errand(
        Cancel(),
        states,
        verb="Stop",  # the question has a Cancel of its own
        doing="Stopping",
        done="cancelled" if not running else "asked to stop",
        will=partial(_will, running, f"SIGTERM now, SIGKILL after {say_duration(grace_s)}"),
        twin=partial(on_jobs, ("cancel",)),
        notes=(_UNDO_NONE,) if running else (),
        unasked=0 if running else MOST_UNASKED,
    )
    await change(desk, target, errand)


async def kill(desk: Desk, target: Target) -> None:
    """Stop running ones without grace, after a question."""
    errand = Errand(
        Cancel(force=True),
        frozenset({State.PROCESSING}),
        verb="Kill",
        doing="Killing",
        done="killed",
        will=lambda number: f"end the command{'s' * (number > 1)} of {number:,} by SIGKILL now, without grace",
        twin=partial(on_jobs, ("cancel", "--force")),
        notes=(_UNDO_NONE,),
        unasked=0,
    )
    await change(desk, target, errand)


def _running(queue: Queue, target: Target) -> int:
    """How many of them run now, as far as the person can know it."""
    if State.PROCESSING not in seen(target):
        return 0
    if target.where is not None:
        return queue.jobs.count(All((_RUNNING, target.where)))
    return sum(job.state is State.PROCESSING for job in queue.jobs.found(target.ids))


def _will(running: int, how: str, number: int) -> str:
    waiting = max(number - running, 0)
    parts = [f"cancel {waiting:,} that wait{'s' * (waiting == 1)}"] if waiting else []
    parts += [f"stop {running:,} that run{'s' * (running == 1)}: {how}"] if running else []
    return "; ".join(parts)
