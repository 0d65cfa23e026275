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


def say_table(
    titles: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    state: int | None = None,
    spare: Sequence[int] = (),
    folded: bool = False,
) -> None:
    """Print rows under their titles, each text made harmless; column `state` is coloured by what it says.

    Titles that begin with `>` are set to the right. On a terminal the first column and `state`
    are never cut; the last one is cut first, or broken into lines if `folded`; the columns
    `spare` are left out where every row says the same.
    """
    names = [title.removeprefix(">") for title in titles]
    harmless = ([plain(text) for text in row] for row in rows)
    first = list(islice(harmless, _LOOKED_AT))
    person = on_terminal(sys.stdout)
    gone = _alike(first, spare) if person and len(first) < _LOOKED_AT else set()
    kept = [column for column in range(len(names)) if column not in gone]
    widths = [max(width(names[column]), *(width(row[column]) for row in first), 0) for column in kept]
    tint = None if state is None else kept.index(state)
    limits = _fitted(widths, _room(), {0, tint or 0}) if person else widths
    rights = [titles[column].startswith(">") for column in kept]
    for whole in chain([names], first, harmless):
        row = [whole[column] for column in kept]
        for line in _folded(row, limits) if person and folded else [row]:
            shown = [cut(text, limit) for text, limit in zip(line, limits, strict=True)] if person else line
            say(_line(shown, limits, rights, tint if colourful(sys.stdout) else None))


def _alike(rows: Sequence[Sequence[str]], columns: Sequence[int]) -> set[int]:
    return {column for column in columns if len({row[column] for row in rows}) == 1}


def _line(row: Sequence[str], widths: Sequence[int], rights: Sequence[bool], tint: int | None) -> str:
    cells = [_padded(text, columns, right) for text, columns, right in zip(row, widths, rights, strict=True)]
    if tint is not None:
        cells[tint] = coloured(cells[tint], row[tint].split(" ")[0])
    return (" " * _GAP).join(cells).rstrip()


def _folded(row: Sequence[str], limits: Sequence[int]) -> Iterator[list[str]]:
    """The row as one line or more, its last cell broken at its width."""
    from textwrap import wrap  # only long cells on a terminal need it

    text = row[-1]
    parts = [text] if width(text) <= limits[-1] else wrap(text, limits[-1]) or [text]
    yield [*row[:-1], parts[0]]
    for part in parts[1:]:
        yield [*[""] * (len(row) - 1), part]


def _padded(text: str, columns: int, right: bool) -> str:
    space = " " * (columns - width(text))
    return space + text if right else text + space


def _room() -> int:
    import shutil  # a terminal is the only reader that needs it

    return shutil.get_terminal_size().columns


def _fitted(widths: Sequence[int], room: int, whole: set[int]) -> list[int]:
    """The widths, made to fit: the last column first, then whichever is widest but those that are `whole`."""
    fitted = list(widths)
    others = [column for column in range(len(fitted)) if column not in whole]
    over = sum(fitted) + _GAP * (len(fitted) - 1) - room
    while over > 0:
        last = len(fitted) - 1
        widest = last if fitted[last] > 2 * _NARROWEST else max(others, key=fitted.__getitem__)
        if fitted[widest] <= _NARROWEST:
            break
        fitted[widest] -= 1
        over -= 1
    return fitted
