"""Printing: data on standard output, everything else on standard error, colours only for a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import IO, Any

from queuectl.cli.door import on_terminal

_COLOURS = {"completed": "32", "processing": "36", "failed": "33", "dead": "31", "cancelled": "2"}


def say(text: str = "") -> None:
    """A line of data."""
    sys.stdout.write(text + "\n")


def say_now(text: str = "") -> None:
    """A line of data that somebody is waiting for, whoever reads."""
    say(text)
    sys.stdout.flush()


def note(text: str) -> None:
    """A line for the person, made harmless; a line break at its beginning stays."""
    from queuectl.core.plain import plain  # most commands have nothing to add

    below = "\n" if text.startswith("\n") else ""
    sys.stderr.write(f"{below}{plain(text.removeprefix(below))}\n")


def say_json(value: object) -> None:
    """One JSON value, in ASCII: what it holds cannot drive a terminal, and comes back exactly."""
    say(_encoded(value))


def say_json_array(values: Iterable[object]) -> None:
    """An array, written while its values are still being read."""
    separator = "["
    for value in values:
        sys.stdout.write(separator + _encoded(value))
        separator = ",\n "
    say("[]" if separator == "[" else "]")


def _encoded(value: object) -> str:
    import json  # 3 ms that texts for people can do without

    return json.dumps(value)


def colourful(stream: IO[Any]) -> bool:
    """Whether colours may be printed there."""
    return on_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def coloured(text: str, state: str) -> str:
    """The text in the colour of a state."""
    code = _COLOURS.get(state)
    return f"\x1b[{code}m{text}\x1b[0m" if code else text


def counted(number: int, noun: str = "job") -> str:
    """`1 job`, `2 jobs`, `12,000 jobs`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
