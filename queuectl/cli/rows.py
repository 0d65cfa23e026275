"""Jobs as rows: for tables, JSON, JSON Lines or ids alone."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import chain

from queuectl.cli.door import on_terminal
from queuectl.cli.moments import say_short_moment
from queuectl.cli.printing import note, say, say_json, say_json_array
from queuectl.cli.table import say_table
from queuectl.core.job import WAITING, Job, attempts_column
from queuectl.core.units import say_duration
from queuectl.queue import Queue

TITLES = ("ID", "STATE", "QUEUE", ">PRIO", ">ATTEMPTS", ">AGE", "COMMAND")
DEAD_TITLES = ("ID", "QUEUE", ">ATTEMPTS", "DIED-AT", "ERROR", "COMMAND")


def say_jobs(jobs: Iterable[Job], queue: Queue, *, dead: bool = False) -> None:
    """A table; `dead`: with what matters of dead jobs. A terminal without any gets a sentence instead."""
    found = iter(jobs)
    first = next(found, None)
    if first is None and on_terminal(sys.stdout):
        note("No dead jobs" if dead else "No jobs")
        return
    shown = found if first is None else chain([first], found)
    if dead:
        say_table(DEAD_TITLES, (_dead_row(job, queue.clock()) for job in shown), spare=(1,))
    else:
        say_table(TITLES, (_row(job, queue.clock()) for job in shown), state=1, spare=(2, 3))


def say_jobs_json(jobs: Iterable[Job], queue: Queue, show_env: bool, *, lines: bool = False) -> None:
    """An array, or a JSON object a line."""
    views = _views(jobs, queue, show_env)
    if lines:
        for view in views:
            say_json(view)
    else:
        say_json_array(views)


def job_views(queue: Queue, ids: Iterable[str]) -> Iterator[dict[str, object]]:
    """Jobs by their ids, for JSON."""
    return _views(map(queue.jobs.get, ids), queue, show_env=False)


def say_ids(jobs: Iterable[Job]) -> None:
    """One a line."""
    for job in jobs:
        say(job.id)


def _views(jobs: Iterable[Job], queue: Queue, show_env: bool) -> Iterator[dict[str, object]]:
    from queuectl.core.views import job_view  # tables do without

    pools = queue.pools.all()
    for job in jobs:
        yield job_view(job, queue.waiting(job, pools), show_env)


def _row(job: Job, now: int) -> tuple[str, ...]:
    age = say_duration(max(now - job.state_since, 0) / 1000)
    return (job.id, _state(job, now), job.queue, str(job.priority), attempts_column(job), age, job.command)


def _state(job: Job, now: int) -> str:
    """With what keeps it from running; when it will run is for people only, who see it pass."""
    if job.held:
        return f"{job.state} (held)"
    if job.state in WAITING and job.run_at > now and on_terminal(sys.stdout):
        return f"{job.state} (in {say_duration((job.run_at - now) / 1000)})"
    return str(job.state)


def _dead_row(job: Job, now: int) -> tuple[str, ...]:
    died = say_short_moment(job.state_since, now)
    return (job.id, job.queue, attempts_column(job), died, job.error or "", job.command)
