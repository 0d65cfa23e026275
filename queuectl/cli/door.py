"""How every command gets at the queue: the `--db` option, and the door that it opens."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
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


class Family(click.Group):
    """A group that knows what was meant by some words that are no commands of it."""

    meant: Mapping[str, str] = {}

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.list_commands(ctx) and not args[0].startswith("-"):
            from queuectl.core.units import nearest

            near = self.meant.get(args[0]) or nearest(args[0], self.list_commands(ctx))
            hint = f" Did you mean {near!r}?" if near else ""
            raise click.UsageError(f"No such command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)


def group(*examples: str, name: str) -> Callable[[Callable[..., Any]], Family]:
    """Make a group of a function, as `command` does."""

    def decorate(function: Callable[..., Any]) -> Family:
        made = click.group(name, cls=Family, epilog=epilog(examples))(function)
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

    context = click.get_current_context()
    said = folder_words() if create else ""
    queue = connect(location(), create=create)
    context.call_on_close(queue.close)
    if said and not context.params.get("as_json"):
        from queuectl.cli.printing import note  # which imports this module

        note(said)
    if not create and on_terminal(sys.stderr) and not context.params.get("as_json"):
        _tell_if_missing(queue.location)
    return queue


def folder_words() -> str:
    """What to say once the store is made; empty unless its directory is new, and a person named it: it may be a slip.

    Call it before the store is made.
    """
    given = click.get_current_context().meta.get(_META)
    path = os.path.realpath(os.path.expanduser(given.removeprefix("sqlite:///"))) if given else ""
    makes_folder = path and not os.path.isdir(os.path.dirname(path))
    return f"Made the store {path} and its directory" if makes_folder else ""


def _tell_if_missing(store: str) -> None:
    from queuectl.cli.printing import note  # which imports this module

    if not os.path.exists(store):
        note(f"There is no store at {store}: taken for an empty queue")


def on_terminal(stream: IO[Any]) -> bool:
    """Whether a person is at the other end."""
    try:
        return os.isatty(stream.fileno())
    except (OSError, ValueError):
        return False
