"""`queuectl show`."""

from __future__ import annotations

import click

from queuectl.cli.door import command as make_command
from queuectl.cli.door import open_queue
from queuectl.cli.moments import say_moment, say_short_moment
from queuectl.cli.parameters import json_option
from queuectl.cli.printing import say, say_json
from queuectl.cli.table import say_table
from queuectl.core.attempt import Attempt
from queuectl.core.job import WAITING, Job, State
from queuectl.core.plain import plain
from queuectl.core.units import say_duration, say_size, say_took, times
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
    attempts = queue.jobs.attempts(job)
    if as_json:
        waiting = queue.waiting(job, queue.pools.all())
        history = [attempt_view(attempt) for attempt in attempts]
        say_json({**job_view(job, waiting, show_env), "attempts_history": history})
        return
    for name, text in _lines(job, _waits(queue, job), show_env):
        say(f"{name:<15}{plain(text)}")
    if attempts:
        say()
        say_table(_HISTORY, (_row(attempt, queue.clock()) for attempt in attempts), folded=True)
    for text, numbers in _other_commands(attempts).items():
        say(f"Attempt{'s' * (len(numbers) > 1)} {', '.join(numbers)} ran another command: {plain(text)}")


def _waits(queue: Queue, job: Job) -> str | None:
    pools = queue.pools.all()
    return queue.waiting(job, pools, say_moment) or (queue.stuck(job) if job.state is State.PROCESSING else None)


def _lines(job: Job, waiting: str | None, show_env: bool) -> list[tuple[str, str]]:
    """What there is to say, under its names; what the latest attempt came to is `last …` while another is to come."""
    last = "last " if job.state in WAITING else ""
    lines = {
        "id": job.id,
        "command": job.command,
        "state": f"{job.state}, {attempts_words(job)}",
        "waits": waiting,
        "cancelling": "asked for" if job.cancel_asked else None,
        "queue": f"{job.queue}, priority {job.priority}",
        "run at": say_moment(job.run_at),
        "created": say_moment(job.created_at),
        f"{last}started": _moment(job.started_at),
        f"{last}finished": _moment(job.finished_at),
        f"{last}took": None if job.duration_ms is None else say_took(job.duration_ms),
        f"{last}exit code": None if job.exit_code is None else str(job.exit_code),
        f"{last}signal": job.signal,
        f"{last}error": job.error,
        f"{last}worker": job.worker,
        "interrupted": times(job.interruptions) if job.interruptions else None,
        "timeout": None if job.timeout_s is None else say_duration(job.timeout_s),
        "directory": job.cwd,
        "environment": _env(job, show_env),
        "tags": ", ".join(job.tags),
        "unique key": job.unique_key,
    }
    return [(name, text) for name, text in lines.items() if text]


def _other_commands(attempts: list[Attempt]) -> dict[str, list[str]]:
    """What was run before the command was edited, with the numbers of the attempts that ran it."""
    commands: dict[str, list[str]] = {}
    for attempt in attempts:
        if attempt.command is not None:
            commands.setdefault(attempt.command, []).append(str(attempt.n))
    return commands


def _moment(ms: int | None) -> str | None:
    return None if ms is None else say_moment(ms)


def _env(job: Job, show: bool) -> str:
    return " ".join(f"{name}={value}" if show else name for name, value in (job.env or {}).items())


def _row(attempt: Attempt, now: int) -> tuple[str, ...]:
    return (
        str(attempt.n),
        say_short_moment(attempt.started_at, now),
        say_took(attempt.duration_ms),
        attempt.outcome.value,
        say_size(attempt.output_bytes),
        attempt.worker or "",
        attempt.error or "",
    )
