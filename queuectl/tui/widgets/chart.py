"""Block bars: one line of them, or a chart with its axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from textual.content import Content

BARS = " ▁▂▃▄▅▆▇█"
MARK = "▔"
_STEPS = 8
_AXIS = 8
"""Columns of the numbers at the left, the line beside them included."""
_ROOM_FOR_MIDDLE = 28

Values = Sequence[float | None]


def sparkline(values: Sequence[float]) -> str:
    """A bar a value, the highest of them full; nothing lower than `▁`, so that an empty stretch is seen as one."""
    highest = max(values, default=0)
    return "".join(BARS[max(1, _eighths(value, highest, 1))] for value in values)


def _eighths(value: float, highest: float, rows: int) -> int:
    """How many eighths of a row the bar takes; what is not nothing takes one at least."""
    if value <= 0 or highest <= 0:
        return 0
    return min(max(round(value / highest * rows * _STEPS), 1), rows * _STEPS)


def bars(values: Values, highest: float, rows: int) -> list[str]:
    """Bars of so many rows, from the top row to the lowest; None leaves a gap."""
    heights = [_eighths(value or 0, highest, rows) for value in values]
    return [
        "".join(BARS[min(max(height - row * _STEPS, 0), _STEPS)] for height in heights)
        for row in range(rows - 1, -1, -1)
    ]


def marked(drawn: list[str], values: Values, highest: float) -> list[str]:
    """The bars with a MARK where other values end, unless a bar is in its place."""
    rows = [list(row) for row in drawn]
    for column, value in enumerate(values):
        height = _eighths(value or 0, highest, len(rows))
        row = len(rows) - 1 - (height - 1) // _STEPS
        if height and rows[row][column] == " ":
            rows[row][column] = MARK
    return ["".join(row) for row in rows]


def squeezed(values: Values, columns: int) -> list[float | None]:
    """The values in so many columns: several in one give their highest, few are drawn wider."""
    count = len(values)
    if not count or columns <= 0:
        return []
    shown: list[float | None] = []
    for column in range(columns):
        first = column * count // columns
        part = [value for value in values[first : max((column + 1) * count // columns, first + 1)] if value is not None]
        shown.append(max(part, default=None))
    return shown


def round_up(value: float) -> float:
    """The next number with one digit and zeros that is not lower, and 1 at least: what an axis ends with."""
    step = 1.0
    while True:
        for factor in range(1, 10):
            if value <= step * factor:
                return step * factor
        step *= 10


class Chart(NamedTuple):
    """What a chart shows, oldest value first: bars of `values`, and marks where `marks` end.

    `legend` says the latest, `say` writes a number of the axis, `ends` the times at the left end,
    the middle and the right end.
    """

    title: str
    legend: str
    values: Values
    say: Callable[[float], str]
    ends: tuple[str, str, str]
    style: str = "$primary"
    marks: Values = ()

    def lines(self, columns: int, rows: int) -> list[Content]:
        """A line of title, so many rows of bars, and the axis of time."""
        room = max(columns - _AXIS, 1)
        known = [value for value in (*self.values, *self.marks) if value is not None]
        highest = round_up(max(known, default=0))
        drawn = bars(squeezed(self.values, room), highest, rows)
        if self.marks:
            drawn = marked(drawn, squeezed(self.marks, room), highest)
        title = Content.assemble((self.title, "bold"), "  ", (self.legend, "dim"))
        return [
            title.truncate(columns, ellipsis=True),
            *(self._row(row, number, rows, highest) for number, row in enumerate(drawn)),
            self._times(room),
        ]

    def _row(self, row: str, number: int, rows: int, highest: float) -> Content:
        label = self.say(highest) if number == 0 else "0" if number == rows - 1 else ""
        axis = "┤" if label else "│"
        return Content.assemble((f"{label:>{_AXIS - 1}}{axis}", "dim"), (row, self.style))

    def _times(self, room: int) -> Content:
        left, middle, right = self.ends
        gap = room - len(left) - len(right)
        if gap < 1:
            return Content()
        between = middle.center(gap) if room >= _ROOM_FOR_MIDDLE else " " * gap
        return Content.styled(" " * _AXIS + left + between + right, "dim")
