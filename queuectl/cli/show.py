"""`queuectl show`."""

from __future__ import annotations

import click

from queuectl.cli.door import command as make_command
from queuectl.cli.door import open_queue
from queuectl.cli.parameters import json_option
from queuectl.cli.printing import say, say_json
from queuectl.cli.table import say_table
from queuectl.core.attempt import Attempt
from queuectl.core.job import Job
from queuectl.core.plain import plain
from queuectl.core.units import iso, say_duration, say_size
from queuectl.core.views import attempt_view, attempts_words, job_view
from queuectl.queue import Queue

_HISTORY = ("#", "STARTED", ">DURATION", "OUTCOME", ">OUTPUT", "WORKER", "ERROR")


@make_command("queuectl show job-1", "queuectl show --json", "queuectl show job-1 --show-env", name="show")
@click.argument("id", required=False)
@click.option("--show-env", is_flag=True, help="With the values of --env.")
@json_option
def command(id: str | None, show_env: bool, as_json: bool) -> None:
    """Show a job, why it waits, and its attempts; the newest job without an id."""
    queue = open_queue()
    show(queue, queue.jobs.get(id), show_env, as_json)


def show(queue: Queue, job: Job, show_env: bool, as_json: bool) -> None:
    """Print the job for a person, or as one JSON value."""
    waiting = queue.waiting(job, queue.pools.all())
    attempts = queue.jobs.attempts(job)
    if as_json:
        history = [attempt_view(attempt) for attempt in attempts]
        say_json({**job_view(job, waiting, show_env), "attempts_history": history})
        return
    for name, text in _lines(job, waiting, show_env):
        say(f"{name:<13}{plain(text)}")
    if attempts:
        say()
        say_table(_HISTORY, map(_row, attempts))


def _lines(job: Job, waiting: str | None, show_env: bool) -> list[tuple[str, str]]:
    """What there is to say, under its names."""
    lines = {
        "id": job.id,
        "command": job.command,
        "state": f"{job.state}, {attempts_words(job)}",
        "waits": waiting,
        "cancelling": "asked for" if job.cancel_asked else None,
        "queue": f"{job.queue}, priority {job.priority}",
        "run at": iso(job.run_at),
        "created": iso(job.created_at),
        "started": _moment(job.started_at),
        "finished": _moment(job.finished_at),
        "took": None if job.duration_ms is None else say_duration(job.duration_ms / 1000),
        "exit code": None if job.exit_code is None else str(job.exit_code),
        "signal": job.signal,
        "error": job.error,
        "worker": job.worker,
        "interrupted": f"{job.interruptions} times" if job.interruptions else None,
        "timeout": None if job.timeout_s is None else say_duration(job.timeout_s),
        "directory": job.cwd,
        "environment": _env(job, show_env),
        "tags": ", ".join(job.tags),
        "unique key": job.unique_key,
    }
    return [(name, text) for name, text in lines.items() if text]


def _moment(ms: int | None) -> str | None:
    return None if ms is None else iso(ms)


def _env(job: Job, show: bool) -> str:
    return " ".join(f"{name}={value}" if show else name for name, value in (job.env or {}).items())


def _row(attempt: Attempt) -> tuple[str, ...]:
    return (
        str(attempt.n),
        iso(attempt.started_at),
        say_duration(attempt.duration_ms / 1000),
        attempt.outcome.value,
        say_size(attempt.output_bytes),
        attempt.worker or "",
        attempt.error or "",
    )
