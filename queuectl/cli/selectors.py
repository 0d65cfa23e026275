"""The words that pick jobs, the same on every command: ids, or filters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, NamedTuple

import click

from queuectl.cli.parameters import DURATION
from queuectl.core.selector import EVERYTHING, All, Condition, from_options
from queuectl.errors import BadValue

Function = Callable[..., Any]


class Selection(NamedTuple):
    """What was picked: ids, or a condition, or neither."""

    ids: tuple[str, ...]
    where: Condition | None

    def or_everything(self) -> Condition:
        """For the commands that only look: without a condition, all jobs."""
        return EVERYTHING if self.where is None else self.where

    def required(self) -> Selection:
        """Itself; raises BadValue if nothing was picked."""
        if not self.ids and self.where is None:
            raise BadValue("no jobs were picked", "name ids, or give --state, --queue, --filter … or --all")
        return self

    def within(self, bound: Condition) -> Selection:
        """Only those that the bound allows too."""
        return self if self.where is None else Selection(self.ids, All((bound, self.where)))


_MANY: tuple[tuple[str, str, Any, str], ...] = (
    ("--state", "S", None, "In this state."),
    ("--queue", "Q", None, "In this queue."),
    ("--tag", "T", None, "With this tag."),
    ("--match", "TEXT", None, "With this text in id or command."),
    ("--error", "TEXT", None, "With this text in the error."),
    ("--older-than", "D", DURATION, "In their state for longer than this (5m, 2h, 7d)."),
    ("--newer-than", "D", DURATION, "In their state for less than this."),
    ("--filter", "EXPR", None, "Parts that must all hold, such as 'state:dead exit:137 age<2h'; see above."),
)
_ABOUT = """
    The same option twice means either, different ones mean both. Ages count from when a job
    entered its present state.

    EXPR: state: queue: tag: id: worker: are exact, group: takes a key of `queuectl dlq groups`,
    cmd: err: and a bare word look for a text; exit prio tries take : < <= > >= and a number, age
    takes < or > and a duration. A field given twice means either, - before a part that it must
    not hold: 'cmd:ffmpeg tries>=2 -draft'.
"""


def selector(ids: bool = True) -> Callable[[Function], Function]:
    """Add the options (and ids) that pick jobs; the command gets them as `selection`."""

    def decorate(function: Function) -> Function:
        @wraps(function)
        def picked(**given: Any) -> Any:
            return function(selection=_selection(given), **given)

        picked.__doc__ = f"{(function.__doc__ or '').rstrip()}\n{_ABOUT}"
        click.option("--all", "all_", is_flag=True, help="Every job.")(picked)
        for name, metavar, kind, text in reversed(_MANY):
            click.option(name, metavar=metavar, type=kind, multiple=True, help=text)(picked)
        return click.argument("ids", nargs=-1, metavar="[ID]...")(picked) if ids else picked

    return decorate


def _selection(given: dict[str, Any]) -> Selection:
    """Takes its own options out of what the command was given."""
    ids: Sequence[str] = given.pop("ids", ())
    where = from_options(
        states=given.pop("state"),
        queues=given.pop("queue"),
        tags=given.pop("tag"),
        matches=given.pop("match"),
        errors=given.pop("error"),
        older_than_s=given.pop("older_than"),
        newer_than_s=given.pop("newer_than"),
        filters=given.pop("filter"),
        everything=given.pop("all_"),
    )
    if ids and where is not None:
        raise BadValue("both ids and filters are given", "name ids, or give filters")
    return Selection(tuple(dict.fromkeys(ids)), where)
