"""What all commands that change jobs do: ask where a filter takes more than one, change, tell what came of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, NamedTuple

import click

from queuectl.cli.door import on_terminal
from queuectl.cli.parameters import json_option, quiet_option
from queuectl.cli.printing import counted, note, say, say_json
from queuectl.cli.selectors import Selection, selector
from queuectl.core.job import State
from queuectl.core.lifecycle import Asked
from queuectl.core.records import Bound, Preview
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


def change(
    queue: Queue,
    selection: Selection,
    asked: Asked,
    done: str,
    manner: Manner,
    instead: Mapping[str, str] = MappingProxyType({}),
    only: State | None = None,
) -> Changed:
    """Change what was picked and print it; `done` is the word for it, such as `retried`.

    `instead` has another word for some of the ids. With `only`, those named must be in that state.
    """
    selection.required()
    if selection.where is None:
        return _change_named(queue, selection.ids, asked, done, manner, instead, only)
    return _change_matching(queue, selection.where, asked, done, manner)


def _change_named(
    queue: Queue,
    ids: tuple[str, ...],
    asked: Asked,
    done: str,
    manner: Manner,
    instead: Mapping[str, str],
    only: State | None,
) -> Changed:
    if manner.dry_run:
        queue.jobs.check(ids, asked)
        return _tell_dry(Preview(len(ids), len(ids), ids[:_FIRST]), done, manner)
    changed = queue.jobs.change(ids, asked, only)
    if manner.as_json:
        say_json(_view(changed))
    elif manner.quiet:
        _say_ids(ids)
    elif len(ids) <= _NAMED:
        for name in ids:
            say(f"{instead.get(name, done).capitalize()}: {name}")
    else:
        say(f"{counted(changed.changed)} {done}")
    return changed


def _change_matching(queue: Queue, where: Condition, asked: Asked, done: str, manner: Manner) -> Changed:
    bound = queue.jobs.bound()
    if manner.dry_run or not manner.yes:
        preview = queue.jobs.preview(where, asked, _FIRST, bound)
        if manner.dry_run:
            return _tell_dry(preview, done, manner)
        if preview.matched > 1:
            _ask(preview, done)
    changed = _in_batches(queue, where, asked, bound, done, _say_ids if manner.quiet else lambda _: None)
    if manner.as_json:
        say_json(_view(changed))
    elif not manner.quiet:
        say(f"{counted(changed.changed)} {done}")
        _tell_skipped(changed)
    return changed


def _say_ids(ids: Iterable[str]) -> None:
    for name in ids:
        say(name)


def _in_batches(
    queue: Queue, where: Condition, asked: Asked, bound: Bound, done: str, hear: Callable[[Sequence[str]], None]
) -> Changed:
    latest = Changed(0, 0)

    def progress(so_far: Changed, ids: Sequence[str]) -> None:
        nonlocal latest
        latest = so_far
        hear(ids)

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
    """How many of what matched were passed over, and why: a line a reason."""
    if not changed.matched:
        note("nothing matches the filter")
    skipped = changed.matched - changed.changed
    if not skipped:
        return
    note(f"{counted(skipped)} skipped:")
    by_reason: dict[str, list[str]] = {}
    for name, reason in changed.skipped:
        by_reason.setdefault(reason.removeprefix(f"{name} "), []).append(name)
    for reason, names in by_reason.items():
        note(f"  {len(names):,} {reason}{_listed(len(names), names[:_FIRST])}")
    if skipped > len(changed.skipped):
        note(f"  and {skipped - len(changed.skipped):,} more")


def _tell_dry(preview: Preview, done: str, manner: Manner) -> Changed:
    changed = Changed(preview.matched, 0)
    if manner.as_json:
        say_json(_view(changed))
    elif manner.quiet:
        say(str(preview.fitting))
    else:
        say(_foreseen(preview, f"would be {done}"))
    return changed


def _foreseen(preview: Preview, what: str) -> str:
    """`3 jobs would be held: j1, j2, j3`, or `1 of 37 jobs would be held: j2 (36 cannot)`."""
    cannot = preview.matched - preview.fitting
    number = f"{preview.fitting:,} of " if cannot else ""
    first = _listed(preview.fitting, preview.first)
    return f"{number}{counted(preview.matched)} {what}{first}{f' ({cannot:,} cannot)' if cannot else ''}"


def _ask(preview: Preview, done: str) -> None:
    """Raises BadValue where nobody can answer, and if the answer is no."""
    if not (on_terminal(sys.stdin) and on_terminal(sys.stderr)):
        message = f"{_foreseen(preview, f'would be {done}')}; nothing was changed"
        raise BadValue(message, "--yes goes on without asking, --dry-run only looks")
    if not click.confirm(f"{_foreseen(preview, f'will be {done}')}. Go on?", err=True):
        raise BadValue("nothing was changed", "answer y, or give --yes")


def _listed(number: int, first: Sequence[str]) -> str:
    if not first:
        return ""
    return f": {', '.join(first)}{', …' if number > len(first) else ''}"


def _view(changed: Changed) -> dict[str, object]:
    skipped = [{"id": name, "reason": reason} for name, reason in changed.skipped]
    return {"matched": changed.matched, "changed": changed.changed, "skipped": skipped}
