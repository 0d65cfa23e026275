"""Jobs as rows: for tables, JSON, JSON Lines or ids alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from queuectl.cli.printing import say, say_json, say_json_array
from queuectl.cli.table import say_table
from queuectl.core.job import Job
from queuectl.core.units import iso, say_duration
from queuectl.core.views import attempts_column, job_view
from queuectl.queue import Queue

TITLES = ("ID", "STATE", "QUEUE", ">PRIO", ">ATTEMPTS", ">AGE", "COMMAND")
DEAD_TITLES = ("ID", "QUEUE", ">ATTEMPTS", "DIED-AT", "ERROR", "COMMAND")


def say_jobs(jobs: Iterable[Job], queue: Queue, *, dead: bool = False) -> None:
    """A table; `dead`: with what matters of dead jobs."""
    if dead:
        say_table(DEAD_TITLES, map(_dead_row, jobs))
    else:
        say_table(TITLES, (_row(job, queue.clock()) for job in jobs), state=1)


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
    pools = queue.pools.all()
    for job in jobs:
        yield job_view(job, queue.waiting(job, pools), show_env)


def _row(job: Job, now: int) -> tuple[str, ...]:
    age = say_duration(max(now - job.state_since, 0) / 1000)
    state = f"{job.state} (held)" if job.held else str(job.state)
    return (job.id, state, job.queue, str(job.priority), attempts_column(job), age, job.command)


def _dead_row(job: Job) -> tuple[str, ...]:
    return (job.id, job.queue, attempts_column(job), iso(job.state_since), job.error or "", job.command)
