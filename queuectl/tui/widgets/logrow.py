"""Lines of output laid out in the columns there are: in rows of their own, or cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from queuectl.tui.output.colours import Run, runs
from queuectl.tui.output.search import Needle

Segments = list[Segment]
_MOST_KEPT = 500


class Paints(NamedTuple):
    """The styles of a log."""

    base: Style
    number: Style
    note: Style
    match: Style
    current: Style


class LogPainter:
    """Paints numbered lines in so many columns; what it painted is kept for the next time.

    `digits` is the room for the numbers. With `wrap` a line takes as many rows as it needs.
    """

    def __init__(self, paints: Paints, columns: int, digits: int, wrap: bool, needle: Needle) -> None:
        self.paints = paints
        self.columns = columns
        self._digits = digits
        self._room = max(columns - digits - 3, 2)
        self._wrap = wrap
        self._needle = needle
        self._kept: dict[tuple[int, bytes | None, str], list[Strip]] = {}

    def rows(self, line: int, data: bytes | None, note: str = "") -> list[Strip]:
        """A line (from 0) in rows; None: not read yet. A `note` stands at the end of the one that was sought."""
        key = (line, data, note)
        if key not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = self._paint(line, data, note)
        return self._kept[key]

    def say(self, text: str) -> Strip:
        """A row of words instead of lines; they must be harmless."""
        return self._strip([Segment(text, self.paints.note)])

    def blank(self) -> Strip:
        return Strip.blank(self.columns, self.paints.base)

    def _paint(self, line: int, data: bytes | None, note: str) -> list[Strip]:
        if data is None:
            rows = [[Segment("…", self.paints.note)]]
        else:
            segments = self._segments(runs(data), self.paints.current if note else self.paints.match)
            rows = list(folded(segments, self._room)) if self._wrap else [cut(segments, self._room, self.paints.base)]
        if 0 < len(note) < self._room:
            room = self._room - len(note)
            beside = _padded(cut(rows[0], room, self.paints.base), room, self.paints.base)
            rows[0] = [*beside, Segment(note, self.paints.note)]
        numbers = [f"{line + 1:>{self._digits}} │ ", *[f"{'':>{self._digits}} │ "] * (len(rows) - 1)]
        return [
            self._strip([Segment(number, self.paints.number), *row]) for number, row in zip(numbers, rows, strict=True)
        ]

    def _segments(self, shown: Sequence[Run], mark: Style) -> Segments:
        return painted(shown, self.paints.base, self._needle.spans("".join(run.text for run in shown)), mark)

    def _strip(self, segments: Segments) -> Strip:
        fitting = next(folded(segments, self.columns))
        return Strip(_padded(fitting, self.columns, self.paints.base), self.columns)


def painted(shown: Sequence[Run], base: Style, spans: Sequence[tuple[int, int]], mark: Style) -> Segments:
    """The runs on top of a base style; spans of the whole line's text are marked. Spans are in order."""
    segments, begin = [], 0
    for text, style in shown:
        end = begin + len(text)
        cuts = sorted({begin, end, *(cut for span in spans for cut in span if begin < cut < end)})
        for left, right in pairwise(cuts):
            inside = any(first <= left < last for first, last in spans)
            part = text[left - begin : right - begin]
            segments.append(Segment(part, base + style + mark if inside else base + style))
        begin = end
    return segments


def folded(segments: Segments, columns: int) -> Iterator[Segments]:
    """The line in as many rows as it needs, at least one; no character is lost where a row ends."""
    columns = max(columns, 2)  # what a wide character needs
    row: Segments = []
    left = columns
    for segment in segments:
        text = segment.text
        while text:
            taken = _fitting(text, left)
            if taken:
                row.append(Segment(text[:taken], segment.style))
                left -= cell_len(text[:taken])
                text = text[taken:]
            if text:
                yield row
                row, left = [], columns
    yield row


def _fitting(text: str, columns: int) -> int:
    """How many of the first characters fit."""
    if text.isascii():
        return min(len(text), columns)
    for place, character in enumerate(text):
        columns -= cell_len(character)
        if columns < 0:
            return place
    return len(text)


def cut(segments: Segments, columns: int, base: Style) -> Segments:
    """The line in at most so many columns, with `…` at the end if something is missing."""
    if _width(segments) <= columns:
        return segments
    return [*next(folded(segments, columns - 1)), Segment("…", base)]


def _padded(segments: Segments, columns: int, base: Style) -> Segments:
    blank = columns - _width(segments)
    return [*segments, Segment(" " * blank, base)] if blank > 0 else segments


def _width(segments: Segments) -> int:
    return sum(cell_len(segment.text) for segment in segments)
