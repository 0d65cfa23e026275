"""`queuectl dlq`: the dead letter queue, which is the jobs in state `dead`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from queuectl.cli.change import Manner, change, changes_jobs
from queuectl.cli.door import command as make_command
from queuectl.cli.door import group, open_queue
from queuectl.cli.list import ORDERS, picked, tell_more
from queuectl.cli.moments import say_moment
from queuectl.cli.parameters import json_option, quiet_option
from queuectl.cli.printing import note, say_json_array
from queuectl.cli.retry import retries, tell_due
from queuectl.cli.rows import say_ids, say_jobs, say_jobs_json
from queuectl.cli.selectors import Selection, selector
from queuectl.cli.show import show as show_job
from queuectl.cli.table import say_table
from queuectl.core.job import Job, State
from queuectl.core.lifecycle import Delete, Retry
from queuectl.core.selector import Condition, Term
from queuectl.errors import WrongState
from queuectl.queue import Queue

if TYPE_CHECKING:
    from queuectl.core.errorgroup import Group

GROUP_TITLES = ("GROUP", ">JOBS", "NEWEST", "COMMAND", "ERROR")
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


@make_command("queuectl dlq groups", "queuectl dlq groups --newer-than 1d --json", name="groups")
@json_option
@selector(ids=False)
def groups(selection: Selection, as_json: bool) -> None:
    """Group dead jobs by what they died of, most first: the command's first word, and the error without its numbers.

    Each group has a key, which the filter language takes: group:KEY.
    """
    found = _grouped(open_queue(), selection.or_everything())
    if as_json:
        say_json_array(group.view() for group in found)
    elif not found:
        note("No dead jobs")
    else:
        say_table(GROUP_TITLES, (_group_row(group) for group in found))
        sys.stdout.flush()
        note(f"To retry the first of these: queuectl dlq retry --filter group:{found[0].key} --yes")


@make_command(
    "queuectl dlq retry job-1",
    "queuectl dlq retry --error resolve --yes",
    "queuectl dlq retry --all --rate 10/s --delay 5m --yes",
    name="retry",
)
@retries
@changes_jobs()
def retry(selection: Selection, manner: Manner, asked: Retry) -> None:
    """Run dead jobs again, with all their attempts before them."""
    queue = open_queue(create=True)
    _check_all_dead(queue, selection.ids)
    changed = change(queue, selection.within(DEAD), asked, "retried", manner, only=State.DEAD)
    tell_due(queue, asked, changed, manner)


@make_command("queuectl dlq purge job-1", "queuectl dlq purge --all --dry-run", name="purge")
@changes_jobs()
def purge(selection: Selection, manner: Manner) -> None:
    """Remove dead jobs for good, with their attempts and output."""
    queue = open_queue(create=True)
    _check_all_dead(queue, selection.ids)
    change(queue, selection.within(DEAD), Delete(), "deleted", manner, only=State.DEAD)


command.meant = {"ls": "list", "group": "groups", "delete": "purge", "remove": "purge", "requeue": "retry"}
for _command in (list_, groups, show, retry, purge):
    command.add_command(_command)


def _grouped(queue: Queue, where: Condition) -> list[Group]:
    for grouping in queue.jobs.groups(where):
        found = grouping
    return found.groups()


def _group_row(group: Group) -> tuple[str, ...]:
    return (group.key, f"{group.size:,}", group.newest_id, group.command, group.error)


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
