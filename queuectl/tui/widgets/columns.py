"""Columns of a list: what stands in them, and how they share the width that there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from operator import itemgetter
from typing import Generic, NamedTuple, TypeVar

from rich.cells import cell_len

from queuectl.tui.wording import cut_cells, cut_middle, padded

T = TypeVar("T")

SIGNS = 3
"""Cells before the first column: the cursor, the mark, a blank."""
GAP = 2
LEAST_TEXT = 20
"""Columns are left out until the text has so many cells, or none is left that may go."""
LEAST_BESIDE_NOTE = 8
"""Cells that are left of the text for a note to be shown."""


class Cell(NamedTuple):
    """What stands in a column; `part` is the component class that colours it, empty for none."""

    text: str
    part: str = ""


class Column(NamedTuple, Generic[T]):
    """One column but the last. Its width is that of what was seen in it, between `least` and `most` cells.

    `order` is what a click on its name sorts by. `goes` says when it is left out for want of
    room, 1 first; 0 never. `middle`: what is too long is cut there. `cell` takes the item and now.
    """

    name: str
    cell: Callable[[T, int], Cell]
    least: int
    most: int
    right: bool = False
    order: str = ""
    goes: int = 0
    middle: bool = False


class Table(NamedTuple, Generic[T]):
    """All columns. The last takes what is left: a text from outside, and a harmless note that is not cut off for it."""

    columns: tuple[Column[T], ...]
    name: str
    text: Callable[[T], str]
    note: Callable[[T, int], str] = lambda _item, _now: ""


class Place(NamedTuple):
    """Where a column of the table is, in cells from the left."""

    column: int
    start: int
    cells: int


class Layout(NamedTuple):
    """The columns that there is room for, and where the text begins; it ends at `width`."""

    places: tuple[Place, ...]
    text_start: int
    width: int


class Told(NamedTuple):
    """What a row says of its item: what stands in each column, and the note; what follows from them is costlier."""

    cells: tuple[Cell, ...]
    note: str


def told(table: Table[T], item: T, now: int) -> Told:
    """What there is to say of an item now (milliseconds UTC)."""
    return Told(tuple(column.cell(item, now) for column in table.columns), table.note(item, now))


def seen_widths(table: Table[T], rows: Iterable[Told], before: tuple[int, ...]) -> tuple[int, ...]:
    """How wide the columns must be for the rows, and at least as wide as before: they do not flutter."""
    widths = list(before or (column.least for column in table.columns))
    for row in rows:
        for number, (column, cell) in enumerate(zip(table.columns, row.cells, strict=True)):
            widths[number] = max(widths[number], min(cell_len(cell.text), column.most))
    return tuple(widths)


def fitted(table: Table[T], widths: tuple[int, ...], width: int) -> Layout:
    """The columns as `width` cells have room for them; one that is cut in the middle gets a quarter at most."""
    wanted = [
        min(cells, max(width // 4, 5)) if column.middle else cells
        for column, cells in zip(table.columns, widths, strict=True)
    ]
    shown = list(range(len(wanted)))
    for number in sorted((n for n in shown if table.columns[n].goes), key=lambda n: table.columns[n].goes):
        if width - SIGNS - sum(wanted[n] + GAP for n in shown) >= LEAST_TEXT:
            break
        shown.remove(number)
    places, start = [], SIGNS
    for number in shown:
        places.append(Place(number, start, wanted[number]))
        start += wanted[number] + GAP
    return Layout(tuple(places), start, width)


def heading(table: Table[T], layout: Layout) -> str:
    """The names of the columns, each above what stands in it."""
    names = [padded(table.columns[n].name, cells, table.columns[n].right) + " " * GAP for n, _, cells in layout.places]
    return padded(" " * SIGNS + "".join(names) + table.name, layout.width)


def line(table: Table[T], layout: Layout, item: T, row: Told) -> tuple[Cell, ...]:
    """An item's row behind the signs: pieces that fill the width exactly, as few as their colours need."""
    pieces = []
    for number, _, cells in layout.places:
        column = table.columns[number]
        text, part = row.cells[number]
        shown = cut_middle(text, cells) if column.middle else cut_cells(text, cells)
        pieces.append(Cell(padded(shown, cells, column.right), part))
        pieces.append(Cell(" " * GAP))
    pieces += _last(max(layout.width - layout.text_start, 0), table.text(item), row.note)
    return tuple(Cell("".join(cell.text for cell in alike), part) for part, alike in groupby(pieces, itemgetter(1)))


def _last(room: int, text: str, note: str) -> tuple[Cell, ...]:
    if not note or cell_len(note) + LEAST_BESIDE_NOTE > room:
        return (Cell(padded(cut_cells(text, room), room)),)
    shown = cut_cells(text, room - cell_len(note) - 1)
    return Cell(f"{shown} "), Cell(padded(note, room - cell_len(shown) - 1), "muted")


def order_at(table: Table[T], layout: Layout, x: int) -> str:
    """What a click on the heading sorts by; empty where there is no order."""
    found = (table.columns[n].order for n, start, cells in layout.places if start <= x < start + cells + GAP)
    return next(found, "")
