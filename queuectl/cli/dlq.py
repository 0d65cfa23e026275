"""`queuectl dlq`: the dead letter queue, which is the jobs in state `dead`."""

from __future__ import annotations

import click

from queuectl.cli.change import Manner, change, changes_jobs
from queuectl.cli.door import command as make_command
from queuectl.cli.door import group, open_queue
from queuectl.cli.list import ORDERS, picked, tell_more
from queuectl.cli.moments import say_moment
from queuectl.cli.parameters import json_option, quiet_option
from queuectl.cli.rows import say_ids, say_jobs, say_jobs_json
from queuectl.cli.selectors import Selection, selector
from queuectl.cli.show import show as show_job
from queuectl.core.job import Job, State
from queuectl.core.lifecycle import Delete, Retry
from queuectl.core.selector import Term
from queuectl.errors import WrongState
from queuectl.queue import Queue

DEAD = Term("state", ":", State.DEAD.value)


@group("queuectl dlq list", "queuectl dlq retry job-1", "queuectl dlq purge --older-than 30d --yes", name="dlq")
def command() -> None:
    """The dead letter queue: jobs whose attempts are used up, or that were interrupted too often.

    Only a person ever takes jobs out of it.
    """


@make_command("queuectl dlq list", "queuectl dlq list --error resolve --json", name="list")
@click.option("--sort", type=click.Choice(ORDERS), help="Order; with - before it reversed.")
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="The newest N, with --sort the first N; 0: all.")
@click.option("--jsonl", is_flag=True, help="A JSON object a line.")
@json_option
@quiet_option
@selector(ids=False)
def list_(selection: Selection, sort: str | None, limit: int | None, jsonl: bool, as_json: bool, quiet: bool) -> None:
    """List dead jobs with when they died and their error, in order of arrival."""
    queue = open_queue()
    dead = Selection((), selection.or_everything()).within(DEAD)
    jobs, more = picked(queue, dead, sort, limit, people=not (as_json or jsonl or quiet))
    if as_json or jsonl:
        say_jobs_json(jobs, queue, show_env=False, lines=jsonl)
    elif quiet:
        say_ids(jobs)
    else:
        say_jobs(jobs, queue, dead=True)
        tell_more(more)


@make_command("queuectl dlq show job-1", "queuectl dlq show job-1 --json", name="show")
@click.argument("id")
@json_option
def show(id: str, as_json: bool) -> None:
    """Show a dead job and all its attempts."""
    queue = open_queue()
    job = queue.jobs.get(id)
    _check_dead(job)
    show_job(queue, job, show_env=False, as_json=as_json)


@make_command("queuectl dlq retry job-1", "queuectl dlq retry --error resolve --yes", name="retry")
@changes_jobs()
def retry(selection: Selection, manner: Manner) -> None:
    """Run dead jobs again, with all their attempts before them."""
    queue = open_queue(create=True)
    _check_all_dead(queue, selection.ids)
    change(queue, selection.within(DEAD), Retry(), "retried", manner, only=State.DEAD)


@make_command("queuectl dlq purge job-1", "queuectl dlq purge --all --dry-run", name="purge")
@changes_jobs()
def purge(selection: Selection, manner: Manner) -> None:
    """Remove dead jobs for good, with their attempts and output."""
    queue = open_queue(create=True)
    _check_all_dead(queue, selection.ids)
    change(queue, selection.within(DEAD), Delete(), "deleted", manner, only=State.DEAD)


command.meant = {"ls": "list", "delete": "purge", "remove": "purge", "requeue": "retry"}
for _command in (list_, show, retry, purge):
    command.add_command(_command)


def _check_all_dead(queue: Queue, ids: tuple[str, ...]) -> None:
    for job in list(map(queue.jobs.get, ids)):
        _check_dead(job)


def _check_dead(job: Job) -> None:
    if job.state is State.DEAD:
        return
    if job.state is State.FAILED:
        hint = f"it runs again at {say_moment(job.run_at)}; queuectl retry {job.id} runs it now"
    else:
        hint = f"queuectl show {job.id} tells more"
    raise WrongState(f"{job.id} is {job.state}, not dead", hint)
