"""A list of rows below a heading: drawn line by line, so that a million rows cost what fits on the screen."""

from __future__ import annotations

from typing import ClassVar, Generic, NamedTuple, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events, on
from textual.content import Content
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollDown, ScrollTo, ScrollUp
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

from queuectl.tui.widgets.columns import SIGNS, Cell, Table
from queuectl.tui.widgets.lines import Lines
from queuectl.tui.widgets.rows import Rows
from queuectl.tui.wording import UNKNOWN

T = TypeVar("T")

SOON_S = 0.1
"""For so long rows that are gone from view stay painted while those that take their place are being read."""
HEADING = 1
"""Lines above the rows that do not scroll."""


class Drawn(NamedTuple):
    """One line as it is on the screen: the signs before it, its pieces, and what colours all of it."""

    signs: str
    pieces: tuple[Cell, ...] = ()
    part: str = ""


_BLANK = Drawn("")


class RowList(ScrollView, Generic[T], can_focus=True, inherit_bindings=False):
    """Rows with a cursor. Only lines that look different are painted again.

    It has no keys of its own: those of a scrolling container would hide the registry's.
    A subclass hands new items to `rows` and calls `settle`; it says what follows from a move in
    `settled`, `opened` and `heading_clicked`, and what is marked in `is_marked`.
    """

    ALLOW_MAXIMIZE = False
    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--heading",
        "rows--cursor",
        "rows--muted",
        "rows--success",
        "rows--warning",
        "rows--error",
    }
    DEFAULT_CSS = """
    RowList {
        overflow-x: hidden;
        overflow-y: scroll;  /* `auto` would lay the screen out again whenever what is found fits, or no more */
        scrollbar-size-vertical: 1;

        .rows--heading { color: $text-muted; text-style: bold; }
        .rows--cursor { background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold; }
        .rows--muted { color: $text-muted; }
        .rows--success { color: $text-success; }
        .rows--warning { color: $text-warning; text-style: bold; }
        .rows--error { color: $text-error; }

        &:nocolor .rows--cursor { background: $background; color: $foreground; text-style: bold reverse; }
    }
    """

    def __init__(self, table: Table[T], rows: Rows[T]) -> None:
        super().__init__()
        self.rows = rows
        self._lines = Lines(table, rows)
        self._known = False
        self._empty = Content("")
        self._empty_strips: list[Strip] = []
        self._drawn: list[Drawn] = []
        self._part_styles: dict[str, Style] = {}

    @property
    def awaited(self) -> bool:
        """Whether what is under the cursor has yet to be read."""
        return self.rows.pointed is None and not (self._known and self.rows.count == 0)

    def forget(self) -> None:
        """Nothing is known of the list any more, as before it was first shown."""
        self.rows.forget()
        self._known = False
        self._lines.forget()
        self._redraw()

    def set_empty(self, content: Content) -> None:
        """What stands in the middle when there are no rows."""
        if (content.plain, content.spans) != (self._empty.plain, self._empty.spans):
            self._empty = content
            self._draw_all()

    def move(self, how: str) -> None:
        """Move the cursor; `how` is the name of a `move.*` action without "move."."""
        self.rows.move(how)
        self.settle()

    # What a subclass says

    def settled(self) -> None:
        """Cursor, view or items may have changed, and the screen shows it."""

    def opened(self) -> None:
        """The row under the cursor was clicked twice."""

    def heading_clicked(self, order: str) -> None:
        """The name of a column was clicked that there is an order by."""

    def is_marked(self, _item: T) -> bool:
        return False

    # What it looks like

    def show_at(self, now: int) -> None:
        """The items may have changed, and it is `now` (milliseconds UTC): bring the screen up to that."""
        self._known = True
        self._lines.look(now)
        self.settle()

    def settle(self) -> None:
        """Cursor, view or marks may have changed: bring the screen up to that, and say what follows."""
        self._redraw()
        self.settled()

    def _redraw(self, now: bool = False) -> None:
        """Have those lines painted that look different now, or in a moment if none of them has been read yet."""
        before = self._drawn
        if not now and before and (self.rows.count or not self._known) and not self.rows.in_view():
            self.set_timer(SOON_S, lambda: self._redraw(now=True))
            return
        self._draw()
        if len(before) != len(self._drawn):
            self.refresh()
            return
        changed = [y for y, (old, new) in enumerate(zip(before, self._drawn, strict=True)) if old != new]
        if changed:
            self.refresh(*(Region(0, y, self.container_size.width, 1) for y in changed))

    def _draw(self) -> None:
        self._place_scrollbar()
        self._lines.fit(self._width)
        self._drawn = [self._line(y) for y in range(self.container_size.height)]

    def _draw_all(self) -> None:
        """As `_redraw`, but paint every line."""
        self._empty_strips.clear()
        self._drawn.clear()
        self._redraw()

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """All is painted once in the new size: what is in view is settled before, and not again after it."""
        changed = super()._size_updated(size, virtual_size, container_size, layout)
        if changed:
            self._empty_strips.clear()
            self._draw()
        return changed

    def _place_scrollbar(self) -> None:
        """Let the scrollbar say where the view is, without a new layout of the screen for each row that comes."""
        self.rows.resize(self.container_size.height - HEADING)
        size = Size(self._width, self.rows.count + HEADING)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            self._scroll_update(size)
        self.scroll_target_y = self.scroll_y = self.rows.top

    @property
    def _width(self) -> int:
        return max(self.container_size.width - self.scrollbar_size_vertical, 0)

    def _line(self, y: int) -> Drawn:
        if y < HEADING:
            return Drawn("", (Cell(self._lines.heading),), "heading")
        row = self.rows.top + y - HEADING
        if not self._known:
            return Drawn("", (Cell(" " * SIGNS + UNKNOWN),), "muted") if y == HEADING else _BLANK
        if not self.rows.count:
            return Drawn("", (Cell(self._empty_strip(y - HEADING).text),))
        if row >= self.rows.count:
            return _BLANK
        item, pointed = self.rows.item(row), row == self.rows.cursor and self.has_focus
        signs = f"{'▸' if pointed else ' '}{'●' if item is not None and self.is_marked(item) else ' '} "
        if item is None:
            return Drawn(signs, (Cell(UNKNOWN),), "cursor" if pointed else "muted")
        return Drawn(signs, self._lines.pieces(row), "cursor" if pointed else "")

    def render_line(self, y: int) -> Strip:
        if self._known and not self.rows.count and y >= HEADING:
            return self._empty_strip(y - HEADING)
        drawn = self._drawn[y] if y < len(self._drawn) else _BLANK
        style = self._style(drawn.part)
        if drawn.part:
            segments = [Segment(drawn.signs + "".join(text for text, _ in drawn.pieces), style)]
        else:
            parts = (Cell(drawn.signs), *drawn.pieces)
            segments = [Segment(text, self._style(part) if part else style) for text, part in parts]
        return Strip(segments).crop_extend(0, self._width, style)

    def _empty_strip(self, y: int) -> Strip:
        """A line of what an empty list says, which stands in the middle."""
        if not self._empty_strips and self._width > 0:
            self._empty_strips = Visual.to_strips(self, self._empty, self._width, None, self.visual_style)
        place = y - max(self.rows.height - len(self._empty_strips), 0) // 2
        if not 0 <= place < len(self._empty_strips):
            return Strip.blank(self._width, self._style(""))
        return self._empty_strips[place].text_align(self._width, "center").apply_style(self.rich_style)

    def _style(self, part: str) -> Style:
        if part not in self._part_styles:
            style = self.get_component_rich_style(f"rows--{part}") if part else self.rich_style
            self._part_styles[part] = style
        return self._part_styles[part]

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._part_styles.clear()
        self._empty_strips.clear()

    # What Textual says

    @on(events.Mount)
    @on(events.Focus)
    @on(events.Blur)
    def _looks_otherwise(self) -> None:
        self._redraw()

    def on_resize(self, _: events.Resize) -> None:
        self.settled()

    def watch_scroll_y(self, _old: float, new: float) -> None:
        """The wheel or the scrollbar may have moved the view; where the view itself comes from `rows`, all is said."""
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = new
        self.rows.resize(self.container_size.height - HEADING)
        if round(new) != self.rows.top:
            self.rows.view(round(new))
            self.settle()

    def on_scroll_to(self, event: ScrollTo) -> None:
        """A drag on the scrollbar: at once, each step on the way would be read from the store."""
        event.prevent_default()
        if event.y is not None:
            self.rows.view(round(event.y))
            self.settle()

    def on_scroll_up(self, event: ScrollUp) -> None:
        event.prevent_default()
        self.move("page-up")

    def on_scroll_down(self, event: ScrollDown) -> None:
        event.prevent_default()
        self.move("page-down")

    def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)
        if at is None:
            return
        if at.y < HEADING:
            order = self._lines.order_at(at.x)
            if order:
                self.heading_clicked(order)
            return
        row = self.rows.top + at.y - HEADING
        if row < self.rows.count:
            self.rows.go(row)
            self.settle()
            if event.chain == 2:
                self.opened()
