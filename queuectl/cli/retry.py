"""`queuectl retry`."""

from __future__ import annotations

from functools import wraps
from typing import Any

import click

from queuectl.cli.change import Manner, change, changes_jobs
from queuectl.cli.door import command as make_command
from queuectl.cli.door import open_queue
from queuectl.cli.moments import say_moment
from queuectl.cli.parameters import DURATION, RATE
from queuectl.cli.printing import note
from queuectl.cli.selectors import Function, Selection
from queuectl.core.lifecycle import Retry
from queuectl.core.units import say_duration
from queuectl.queue import Changed, Queue


def retries(function: Function) -> Function:
    """Add the options that say when jobs are due again; the command gets them as `asked`."""

    @wraps(function)
    def asking(rate: float | None, delay: float, **given: Any) -> Any:
        return function(asked=Retry(delay, rate), **given)

    click.option("--delay", type=DURATION, default=0.0, metavar="D", help="Not before this has passed.")(asking)
    return click.option("--rate", type=RATE, metavar="N/s", help="Spread them: 10/s, 30/min, 100/h.")(asking)


@make_command(
    "queuectl retry job-1",
    "queuectl retry --state dead --queue media --yes",
    "queuectl retry --state dead --rate 10/s --delay 5m --yes",
    name="retry",
)
@retries
@changes_jobs()
def command(selection: Selection, manner: Manner, asked: Retry) -> None:
    """Run jobs again.

    A job that has ended (dead, cancelled, completed) is pending again with all its attempts
    before it; one that waits for its retry (failed) is due now and keeps the attempts it made.

    Named ids are changed all or none. A filter takes what fits and skips the rest; if it
    matches more than one job you are asked, or give --yes.
    """
    queue = open_queue(create=True)
    tell_due(queue, asked, change(queue, selection, asked, "retried", manner), manner)


def tell_due(queue: Queue, asked: Retry, changed: Changed, manner: Manner) -> None:
    """When the jobs run, if that is not at once."""
    if not changed.changed or manner.as_json or manner.quiet:
        return
    last = asked.behind(changed.changed - 1, changed.began).run_at(changed.began)
    left_s = (last - queue.clock()) / 1000
    if left_s > 0:
        which = "it is due" if changed.changed == 1 else "the last one is due" if asked.rate else "they are due"
        note(f"{which} at {say_moment(last)}, in {say_duration(left_s)}")
