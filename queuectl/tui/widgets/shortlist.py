"""A list that is wholly in memory: some hundred lines, and a cursor that stays with its line."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from queuectl.core.plain import plain
from queuectl.tui.wording import cut_cells, padded

CURSOR = "▸"


class Cell(NamedTuple):
    """Text in so many columns, 0 for as many as it needs; `part` names the component class that colours it."""

    text: str
    columns: int = 0
    part: str = ""
    right: bool = False


class Line(NamedTuple):
    """A line of the list; the cursor stands on those that have a `key` only."""

    cells: tuple[Cell, ...]
    key: str = ""


class ShortList(ScrollView, can_focus=True, inherit_bindings=False):
    """Lines below an optional heading that does not scroll, and `notes` below the last, where there is room.

    The cursor stands on a line by its key, and is shown while the list has the focus. It has no keys
    of its own: those of a scrolling container would hide the registry's.
    A subclass hands its lines to `show_lines`, again from `lay_out` and whenever they are others.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "shortlist--heading",
        "shortlist--cursor",
        "shortlist--good",
        "shortlist--warning",
        "shortlist--bad",
        "shortlist--muted",
        "shortlist--title",
    }
    ALLOW_MAXIMIZE = False

    def __init__(self) -> None:
        super().__init__()
        self.cursor_key = ""
        self.read_only = False
        self._heading: Line | None = None
        self._lines: tuple[Line, ...] = ()
        self._notes: tuple[Line, ...] = ()

    def show_lines(self, lines: tuple[Line, ...], heading: Line | None = None, notes: tuple[Line, ...] = ()) -> None:
        """Show these; only lines that differ from those before are painted."""
        before, self._lines = self._lines, lines
        whole = (heading, notes, len(lines)) != (self._heading, self._notes, len(before))
        self._heading, self._notes = heading, notes
        index = next((i for i, line in enumerate(before) if line.key and line.key == self.cursor_key), 0)
        if not any(line.key == self.cursor_key for line in lines if line.key):
            self._point(self._nearest(index))
        self._measure()
        if whole:
            self.refresh()
            return
        for number, (old, new) in enumerate(zip(before, lines, strict=True)):
            if old != new:
                self._repaint(number)

    def set_read_only(self, read_only: bool) -> None:
        """Whether the notes offer what changes something."""
        if read_only != self.read_only:
            self.read_only = read_only
            self.lay_out()

    def move(self, how: str) -> None:
        """Move the cursor; `how` is the name of a `move.*` action without "move."."""
        page = max(self.size.height - self._top, 1)
        steps = {
            "down": 1, "up": -1, "half-down": page // 2, "half-up": -(page // 2), "page-down": page, "page-up": -page,
            "top": -len(self._lines), "bottom": len(self._lines),
        }  # fmt: skip
        places = [number for number, line in enumerate(self._lines) if line.key]
        if not places or how not in steps:
            return
        step = steps[how] or (1 if how.endswith("down") else -1)
        at = places.index(self._index) if self._index in places else 0
        self._point(places[min(max(at + step, 0), len(places) - 1)])

    @property
    def _top(self) -> int:
        """Lines that the heading takes."""
        return 0 if self._heading is None else 1

    @property
    def _index(self) -> int:
        return next((i for i, line in enumerate(self._lines) if line.key and line.key == self.cursor_key), -1)

    def _nearest(self, index: int) -> int:
        """The line nearest to `index` that the cursor may stand on, -1 if there is none."""
        places = [number for number, line in enumerate(self._lines) if line.key]
        return min(places, key=lambda place: abs(place - index), default=-1)

    def _point(self, index: int) -> None:
        key = self._lines[index].key if index >= 0 else ""
        if key == self.cursor_key:
            return
        before, self.cursor_key = self._index, key
        for number in (before, index):
            if number >= 0:
                self._repaint(number)
        if index >= 0:
            self.scroll_to_region(Region(0, index, 1, 1 + self._top), animate=False, force=True)
        self.pointed()

    def pointed(self) -> None:
        """The cursor stands on another line."""

    def lay_out(self) -> None:
        """Make the lines anew: there is more or less room for them."""

    def _repaint(self, number: int) -> None:
        """Paint a line again; the widget's own lines begin with the heading."""
        self.refresh_line(number + self._top)

    @property
    def columns(self) -> int:
        """What the cursor's sign and the scrollbar leave to a line; 1 at least."""
        return max(int(self.scrollable_content_region.width) - len(CURSOR) - 1, 1)

    def _measure(self) -> None:
        size = Size(int(self.scrollable_content_region.width), len(self._lines) + self._top)
        if size != self.virtual_size:
            self.virtual_size = size

    def on_resize(self) -> None:
        self._measure()
        self.lay_out()

    def watch_show_vertical_scrollbar(self) -> None:
        self.on_resize()

    def watch_has_focus(self, _has_focus: bool) -> None:
        super().watch_has_focus(_has_focus)
        if self._index >= 0:
            self._repaint(self._index)

    def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)
        number = self.scroll_offset.y + at.y - self._top if at is not None and at.y >= self._top else -1
        if 0 <= number < len(self._lines) and self._lines[number].key:
            self._point(number)

    def render_line(self, y: int) -> Strip:
        if self._heading is not None and y == 0:
            return self._strip(self._heading, "shortlist--heading", "  ")
        number = self.scroll_offset.y + y - self._top
        if number < len(self._lines):
            line = self._lines[number]
            pointed = self.has_focus and bool(line.key) and line.key == self.cursor_key
            return self._strip(line, "shortlist--cursor" if pointed else "", f"{CURSOR} " if pointed else "  ")
        below = number - len(self._lines)
        note = self._notes[below] if below < len(self._notes) else Line(())
        return self._strip(note, "shortlist--muted", "  ")

    def _strip(self, line: Line, part: str, before: str) -> Strip:
        base = self.get_component_rich_style(part) if part else self.rich_style
        segments = [Segment(before, base)]
        for cell in line.cells:
            style = base + self.get_component_rich_style(f"shortlist--{cell.part}", partial=True) if cell.part else base
            segments.append(Segment(_fitted(cell), style))
        return Strip(segments).crop_extend(0, self.columns + len(CURSOR) + 1, base)


def _fitted(cell: Cell) -> str:
    """The cell's text made harmless, in exactly its columns."""
    return padded(cut_cells(cell.text, cell.columns), cell.columns, cell.right) if cell.columns else plain(cell.text)
