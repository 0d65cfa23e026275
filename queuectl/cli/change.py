"""What all commands that change jobs do: ask where a filter takes more than one, change, tell what came of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import click

from queuectl.cli.door import on_terminal
from queuectl.cli.parameters import json_option, quiet_option
from queuectl.cli.printing import counted, note, say, say_json
from queuectl.cli.selectors import Selection, selector
from queuectl.core.lifecycle import Asked
from queuectl.core.records import Bound
from queuectl.core.selector import Condition
from queuectl.errors import BadValue
from queuectl.queue import Changed, Queue

_NAMED = 20
_FIRST = 5


class Manner(NamedTuple):
    """How to go about a change: only look, do not ask, how to print."""

    dry_run: bool
    yes: bool
    as_json: bool
    quiet: bool


def changes_jobs(ids: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the options of a command that changes jobs; it gets `selection` and `manner`."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        def asked(dry_run: bool, yes: bool, as_json: bool, quiet: bool, **given: Any) -> Any:
            return function(manner=Manner(dry_run, yes, as_json, quiet), **given)

        asked.__doc__ = function.__doc__
        asked.__name__ = function.__name__
        click.option("--dry-run", is_flag=True, help="Only say how many, and the first ids.")(asked)
        click.option("--yes", "-y", is_flag=True, help="Do not ask.")(asked)
        return selector(ids)(json_option(quiet_option(asked)))

    return decorate


def change(queue: Queue, selection: Selection, asked: Asked, done: str, manner: Manner) -> Changed:
    """Change what was picked and print it; `done` is the word for it, such as `retried`."""
    selection.required()
    if selection.where is None:
        return _change_named(queue, selection.ids, asked, done, manner)
    return _change_matching(queue, selection.where, asked, done, manner)


def _change_named(queue: Queue, ids: tuple[str, ...], asked: Asked, done: str, manner: Manner) -> Changed:
    if manner.dry_run:
        for name in ids:
            queue.jobs.get(name)
        return _tell_dry(len(ids), list(ids[:_FIRST]), manner)
    changed = queue.jobs.change(ids, asked)
    if manner.as_json:
        say_json(_view(changed))
    elif manner.quiet or len(ids) <= _NAMED:
        for name in ids:
            say(name if manner.quiet else f"{done.capitalize()}: {name}")
    else:
        say(f"{counted(changed.changed)} {done}")
    return changed


def _change_matching(queue: Queue, where: Condition, asked: Asked, done: str, manner: Manner) -> Changed:
    bound = queue.jobs.bound()
    if manner.dry_run or not manner.yes:
        number = queue.jobs.count(where)
        first = [job.id for job in queue.jobs.page(where, limit=_FIRST)]
        if manner.dry_run:
            return _tell_dry(number, first, manner)
        if number > 1:
            _ask(number, first, done)
    changed = _in_batches(queue, where, asked, bound, done)
    if manner.as_json:
        say_json(_view(changed))
    elif not manner.quiet:
        say(f"{counted(changed.changed)} {done}")
        _tell_skipped(changed)
    return changed


def _in_batches(queue: Queue, where: Condition, asked: Asked, bound: Bound, done: str) -> Changed:
    latest = Changed(0, 0)

    def progress(so_far: Changed) -> None:
        nonlocal latest
        latest = so_far

    with _told_if_interrupted(lambda: f"{counted(latest.changed)} {done}, the rest is as it was"):
        return queue.jobs.change_matching(where, asked, bound, progress)


@contextmanager
def _told_if_interrupted(message: Callable[[], str]) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        note("\n" + message())
        raise


def _tell_skipped(changed: Changed) -> None:
    skipped = changed.matched - changed.changed
    if not skipped:
        return
    note(f"{counted(skipped)} skipped:")
    for name, reason in changed.skipped[:_FIRST]:
        note(f"  {name}: {reason}")
    if skipped > _FIRST:
        note(f"  and {skipped - _FIRST:,} more")


def _tell_dry(number: int, first: list[str], manner: Manner) -> Changed:
    changed = Changed(number, 0)
    if manner.as_json:
        say_json(_view(changed))
    elif manner.quiet:
        say(str(number))
    else:
        say(f"{counted(number)} would be taken{_listed(number, first)}")
    return changed


def _ask(number: int, first: list[str], done: str) -> None:
    """Raises BadValue where nobody can answer, and click.Abort if the answer is no."""
    question = f"{counted(number)} will be {done}{_listed(number, first)}"
    if not (on_terminal(sys.stdin) and on_terminal(sys.stderr)):
        raise BadValue(question, "--yes goes on without asking, --dry-run only looks")
    if not click.confirm(f"{question}. Go on?", err=True):
        raise BadValue("nothing was changed", "answer y, or give --yes")


def _listed(number: int, first: list[str]) -> str:
    if not first:
        return ""
    return f": {', '.join(first)}{', …' if number > len(first) else ''}"


def _view(changed: Changed) -> dict[str, object]:
    skipped = [{"id": name, "reason": reason} for name, reason in changed.skipped]
    return {"matched": changed.matched, "changed": changed.changed, "skipped": skipped}
