"""Which panes are on screen, and how tall: a pure function of the terminal's size, the focus and the zoom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from queuectl.tui.panes import LISTS, Pane

WIDE_COLUMNS, WIDE_LINES = 110, 30
"""From here on five panes fit beside each other."""
_PEEK_FROM, _PEEK_LINES = 24, 8
_FILTER_FROM = 14
_WEIGHTS = {Pane.PENDING: 14, Pane.PROCESSING: 8, Pane.DLQ: 14, Pane.DONE: 14}
_GROWN = 6
NORMAL, HALF, FULL = 0, 1, 2


class Layout(NamedTuple):
    """The panes of both columns from top to bottom, with their share of the height; 0 columns: one above the other."""

    left: Mapping[Pane, int]
    right: Mapping[Pane, int]
    wide: bool
    filter_line: bool

    @property
    def panes(self) -> tuple[Pane, ...]:
        return (*self.left, *self.right)


def arrange(columns: int, lines: int, focused: Pane, zoom: int) -> Layout:
    """The layout for a terminal of that size."""
    if columns < WIDE_COLUMNS or lines < WIDE_LINES:
        return _narrow(lines, focused, zoom)
    if zoom == FULL:
        return Layout({focused: 1}, {}, True, True)
    left, right = _left(focused), {Pane.DETAIL: 18, Pane.WORKERS: 9, Pane.CONFIG: 9}
    if focused in left:
        left = {focused: 1} if zoom == HALF else left | {focused: left[focused] + _GROWN}
    elif zoom == HALF:
        right = {focused: 1}
    elif focused in right:
        right = right | {focused: right[focused] + _GROWN}
    return Layout(left, right, True, True)


def _left(focused: Pane) -> dict[Pane, int]:
    """Done has its place where the DLQ is, while somebody looks at it."""
    last = Pane.DONE if focused is Pane.DONE else Pane.DLQ
    return {pane: _WEIGHTS[pane] for pane in (Pane.PENDING, Pane.PROCESSING, last)}


def _narrow(lines: int, focused: Pane, zoom: int) -> Layout:
    """One pane at a time; below a list of jobs a peek at the one under the cursor."""
    peek = zoom == NORMAL and lines >= _PEEK_FROM and focused in LISTS
    share = lines - 4 - _PEEK_LINES
    left = {focused: share, Pane.DETAIL: _PEEK_LINES} if peek else {focused: 1}
    return Layout(left, {}, False, lines >= _FILTER_FROM)
