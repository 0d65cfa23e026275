"""Tables: as wide as the terminal; piped, as wide as they need to be."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from queuectl.cli.door import on_terminal
from queuectl.cli.printing import coloured, colourful, say
from queuectl.core.plain import cut, plain, width

_LOOKED_AT = 500
"""Rows that decide how wide the columns are; what comes later may stick out."""
_NARROWEST = 8
_GAP = 2


def say_table(titles: Sequence[str], rows: Iterable[Sequence[str]], state: int | None = None) -> None:
    """Print rows under their titles, each text made harmless; column `state` is coloured by what it says.

    Titles that begin with `>` are set to the right. The last column is cut first.
    """
    names = [title.removeprefix(">") for title in titles]
    harmless = ([plain(text) for text in row] for row in rows)
    first = list(islice(harmless, _LOOKED_AT))
    widths = [max(map(width, column)) for column in zip(names, *first, strict=True)]
    limits = _fitted(widths, _room()) if on_terminal(sys.stdout) else None
    rights = [title.startswith(">") for title in titles]
    tinted = state if colourful(sys.stdout) else None
    for row in _lines(chain([names], first, harmless), limits):
        cells = [
            _padded(text, columns, right) for text, columns, right in zip(row, limits or widths, rights, strict=True)
        ]
        if tinted is not None:
            cells[tinted] = coloured(cells[tinted], row[tinted].split(" ")[0])
        say((" " * _GAP).join(cells).rstrip())


def _lines(rows: Iterable[list[str]], limits: Sequence[int] | None) -> Iterator[list[str]]:
    for row in rows:
        yield row if limits is None else [cut(text, limit) for text, limit in zip(row, limits, strict=True)]


def _padded(text: str, columns: int, right: bool) -> str:
    space = " " * (columns - width(text))
    return space + text if right else text + space


def _room() -> int:
    import shutil  # a terminal is the only reader that needs it

    return shutil.get_terminal_size().columns


def _fitted(widths: Sequence[int], room: int) -> list[int]:
    """The widths, made to fit: the last column first, then whichever is widest."""
    fitted = list(widths)
    over = sum(fitted) + _GAP * (len(fitted) - 1) - room
    while over > 0:
        last = len(fitted) - 1
        widest = last if fitted[last] > 2 * _NARROWEST else max(range(len(fitted)), key=fitted.__getitem__)
        if fitted[widest] <= 1:
            break
        fitted[widest] -= 1
        over -= 1
    return fitted
