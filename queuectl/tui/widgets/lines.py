"""The lines of a list's rows, worked out again only where they read otherwise than a moment ago."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

from queuectl.tui.widgets.columns import (
    Cell,
    Layout,
    Table,
    Told,
    fitted,
    heading,
    line,
    order_at,
    seen_widths,
    told,
)
from queuectl.tui.widgets.rows import Rows

T = TypeVar("T")


class Line(NamedTuple, Generic[T]):
    """A row as it was worked out last: for which item, what is told of it, and its pieces."""

    item: T
    told: Told
    pieces: tuple[Cell, ...]


class Lines(Generic[T]):
    """Columns that are as wide as what has been in view, and the lines of what is in view now."""

    def __init__(self, table: Table[T], rows: Rows[T]) -> None:
        self._table = table
        self._rows = rows
        self._now = 0
        self._widths: tuple[int, ...] = ()
        self._layout = Layout((), 0, 0)
        self._lines: dict[int, Line[T]] = {}

    def forget(self) -> None:
        """What has been in view is another list's."""
        self._widths = ()
        self._lines.clear()

    def look(self, now: int) -> None:
        """It is `now` (milliseconds UTC), and the items may be others: lines that still hold are kept."""
        self._now = now
        in_view = range(self._rows.top, self._rows.top + self._rows.height)
        self._lines = {row: line for row, line in self._lines.items() if row in in_view and self._holds(row, line)}

    def _holds(self, row: int, line: Line[T]) -> bool:
        return self._rows.item(row) == line.item and told(self._table, line.item, self._now) == line.told

    def fit(self, width: int) -> None:
        """Work out the rows in view that have no line yet in so many cells; all if they need wider columns."""
        table, in_view = self._table, range(self._rows.top, self._rows.top + self._rows.height)
        items = ((row, self._rows.item(row)) for row in in_view if row not in self._lines)
        new = {row: (item, told(table, item, self._now)) for row, item in items if item is not None}
        widths = seen_widths(table, (says for _, says in new.values()), self._widths)
        if widths != self._widths or self._layout.width != width:
            new = {row: (line.item, line.told) for row, line in self._lines.items()} | new
            self._widths, self._layout = widths, fitted(table, widths, width)
        for row, (item, says) in new.items():
            self._lines[row] = Line(item, says, line(table, self._layout, item, says))

    @property
    def heading(self) -> str:
        return heading(self._table, self._layout)

    def pieces(self, row: int) -> tuple[Cell, ...]:
        """The line of a row in view whose item is known, behind its signs."""
        return self._lines[row].pieces

    def order_at(self, x: int) -> str:
        """What a click on the heading sorts by; empty where there is no order."""
        return order_at(self._table, self._layout, x)
