"""`queuectl list`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import click

from queuectl.cli.door import command as make_command
from queuectl.cli.door import on_terminal, open_queue
from queuectl.cli.parameters import json_option, quiet_option
from queuectl.cli.printing import counted, note
from queuectl.cli.rows import say_ids, say_jobs, say_jobs_json
from queuectl.cli.selectors import Selection, selector
from queuectl.core.job import Job
from queuectl.queue import Queue

ON_A_TERMINAL = 200
ORDERS = [sign + order for sign in ("", "-") for order in ("arrival", "priority", "state-age")]


@make_command(
    "queuectl list --state dead --limit 50",
    "queuectl list --filter 'cmd:ffmpeg age<2h' --json",
    "queuectl list --state pending --sort priority",
    name="list",
)
@click.option("--sort", type=click.Choice(ORDERS), help="Order; with - before it reversed.")
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="The newest N, with --sort the first N; 0: all.")
@click.option("--jsonl", is_flag=True, help="A JSON object a line.")
@click.option("--show-env", is_flag=True, help="With the values of --env, in JSON.")
@json_option
@quiet_option
@selector()
def command(
    selection: Selection, sort: str | None, limit: int | None, jsonl: bool, show_env: bool, as_json: bool, quiet: bool
) -> None:
    """List jobs in order of arrival, newest last; without a selector all of them.

    A terminal gets the newest 200 and a line that says how many more there are (--limit 0: all).
    """
    queue = open_queue()
    jobs, more = picked(queue, selection, sort, limit, people=not (as_json or jsonl or quiet))
    if as_json or jsonl:
        say_jobs_json(jobs, queue, show_env, lines=jsonl)
    elif quiet:
        say_ids(jobs)
    else:
        say_jobs(jobs, queue)
        tell_more(more)


def picked(
    queue: Queue, selection: Selection, sort: str | None, limit: int | None, *, people: bool
) -> tuple[Iterator[Job], Callable[[], str]]:
    """The jobs to list, and what to say behind them of those that a terminal is spared.

    These are counted when it is called: to count what a filter picks of a million jobs takes longer than a page.
    """
    if selection.ids:
        return iter(list(map(queue.jobs.get, selection.ids))), str
    where, shown = selection.or_everything(), limit
    spared = limit is None and people and on_terminal(sys.stdout)
    if spared:
        shown = ON_A_TERMINAL

    def rest() -> str:
        more = queue.jobs.count(where) - ON_A_TERMINAL if spared else 0
        older = "" if sort else ", older than these"
        return f"{counted(more, 'more job')}{older}; --limit 0 shows all" if more > 0 else ""

    if shown and not sort:
        return queue.jobs.newest(where, shown), rest
    return queue.jobs.stream(where, sort or "arrival", shown or None), rest


def tell_more(rest: Callable[[], str]) -> None:
    """What `picked` said, behind the table."""
    sys.stdout.flush()
    if more := rest():
        note(more)
