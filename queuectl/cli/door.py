"""How every command gets at the queue: the `--db` option, and the door that it opens."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from queuectl.queue import Queue

_META = "queuectl.db"


def db_option() -> click.Option:
    """`--db`: taken before and after the command; the later one counts."""

    def keep(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
        if value is not None:
            ctx.meta[_META] = value

    return click.Option(
        ["--db"],
        metavar="LOCATION",
        expose_value=False,
        callback=keep,
        help="The store: a path or sqlite:///path.",
    )


def command(
    *examples: str, name: str | None = None, cls: type[click.Command] = click.Command, **settings: Any
) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a command of a function; its docstring is the help text, which ends with the examples."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        made = click.command(name, cls=cls, epilog=epilog(examples), **settings)(function)
        made.params.append(db_option())
        return made

    return decorate


def epilog(examples: Sequence[str]) -> str:
    """The end of a help text; backspace marks a paragraph that is not to be wrapped."""
    return "Examples:\n\n\b\n" + "\n".join(f"    {example}" for example in examples)


def group(*examples: str, name: str) -> Callable[[Callable[..., Any]], click.Group]:
    """Make a group of a function, as `command` does."""

    def decorate(function: Callable[..., Any]) -> click.Group:
        made = click.group(name, epilog=epilog(examples))(function)
        made.params.append(db_option())
        return made

    return decorate


def location() -> str:
    """Where the store of this command is."""
    from queuectl.wiring import location_of  # here: help texts need neither the store nor apsw

    return location_of(click.get_current_context().meta.get(_META))


def open_queue(*, create: bool = False) -> Queue:
    """The queue of this command, closed when it ends; `create` makes the store if there is none."""
    from queuectl.wiring import connect  # as in `location`

    queue = connect(location(), create=create)
    click.get_current_context().call_on_close(queue.close)
    return queue


def on_terminal(stream: IO[Any]) -> bool:
    """Whether a person is at the other end."""
    try:
        return os.isatty(stream.fileno())
    except (OSError, ValueError):
        return False
