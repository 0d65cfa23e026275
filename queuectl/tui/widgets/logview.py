"""The output of an attempt: numbered lines, of which only those in view are ever held or painted."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from queuectl.tui.output.news import OutputNews, OutputWant, Seek
from queuectl.tui.output.search import Needle
from queuectl.tui.widgets.logrow import LogPainter, Paints
from queuectl.tui.widgets.moves import lines_moved

HOLD_S = 0.1
"""So long what is in view stays there while the lines that shall come instead are read."""
_NUMBER_COLUMNS = 5
_NARROW = 50
"""With fewer columns than these the numbers take no more than they need."""


class LogView(ScrollView, can_focus=True, inherit_bindings=False):
    """Lines as they come from `show`; `want` says which it needs.

    It follows the end until somebody moves up or searches, and again from there on. With `wrap`
    long lines are broken, and moving still goes by whole lines.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"logview--number", "logview--match", "logview--current", "logview--note"}
    DEFAULT_CSS = "LogView { overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1; }"

    class Looked(Message):
        """Other lines are wanted, or something in the title has changed."""

    def __init__(self) -> None:
        super().__init__()
        self.news = OutputNews()
        self.follow = True
        self.wrap = False
        self.run = 0
        self.words = ""
        self._needle = Needle("")
        self._seek: Seek | None = None
        self._seeks = 0
        self._current = -1
        self._placing = False
        self._shown_top = 0
        self._strips: list[Strip] | None = None
        self._hold: Timer | None = None
        self._painter: LogPainter | None = None
        self._look: tuple[int, int, bool, Needle] = (0, 0, False, self._needle)

    # What is wanted and shown

    @property
    def want(self) -> OutputWant:
        """What the reading thread should read for what is in view."""
        top, height = self.scroll_offset.y, max(self.size.height, 1)
        return OutputWant(self.run, top, height, self.follow, self._needle.text, self._seek)

    @property
    def needle(self) -> str:
        return self._needle.text

    @property
    def percent(self) -> int:
        """How far down the last line in view is."""
        last = min(self.scroll_offset.y + self.size.height, self.news.lines)
        return 100 if self.follow or not self.news.lines else 100 * last // self.news.lines

    def show(self, news: OutputNews, words: str = "") -> None:
        """Show these lines; `words` stand where there are none."""
        if news.run != self.news.run:
            self.follow, self._current = True, -1
        self.news, self.words = news, words
        self._size_anew()
        if self._seek is not None and news.sought == self._seek.serial:
            self._arrive()
        self._place(self.max_scroll_y if self.follow else self.scroll_offset.y)
        self._repaint()

    def choose(self, run: int) -> None:
        """Show another attempt, 0: the latest, from its end on."""
        self.run, self.follow, self._current = run, True, -1
        self._looked()

    def toggle_follow(self) -> None:
        self.follow = not self.follow
        if self.follow:
            self._place(self.max_scroll_y)
        self._looked()

    def toggle_wrap(self) -> None:
        self.wrap = not self.wrap
        self._size_anew()
        self._looked()

    # Moving

    def move(self, how: str) -> None:
        """`down`, `up`, `half-down`, `half-up`, `page-down`, `page-up`, `top` or `bottom`."""
        top = self._shown_top if self.follow else self.scroll_offset.y
        if how == "bottom":
            self.follow = True
            self._place(self.max_scroll_y)
        elif how == "top":
            self._leave_end(0)
        elif (lines := lines_moved(how, self.size.height)) < 0:
            self._leave_end(top + lines)
        elif not self.follow:
            self._place(top + lines)
            self.follow = self._at_end
        self._looked()

    def _leave_end(self, top: int) -> None:
        self.follow = False
        self._size_anew()
        self._place(top)

    @property
    def _at_end(self) -> bool:
        return self.scroll_offset.y >= self.max_scroll_y

    def _place(self, top: int) -> None:
        self._placing = True
        self.scroll_to(y=max(top, 0), animate=False, force=True)
        self._placing = False

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The wheel and the scrollbar move as keys do: up leaves the end, at the end it is followed again.

        Not as the base class has it, which would paint at once what has not been read.
        """
        if not self._placing and round(old_value) != round(new_value):
            self.follow = new_value > old_value and self._at_end
            self._looked()

    # Searching

    def search(self, text: str) -> None:
        """Mark what matches and go to the first match from the top of the view on; empty: end the search."""
        self._needle = Needle(text)
        self._current = -1
        self._seek = None
        if text:
            self._wish(self._shown_top)
        self._hold = self._hold or self.set_timer(HOLD_S, self._paint_anew)  # the letter typed is painted first
        self.post_message(self.Looked())

    def next_match(self, backwards: bool = False) -> None:
        """Go to the match behind, or before, the one that was gone to last; round at the ends."""
        if not self._needle.text:
            return
        here = self._current if self._current >= 0 else self._shown_top - (not backwards)
        self._wish(here if backwards else here + 1, backwards)
        self._looked()

    def _wish(self, line: int, backwards: bool = False) -> None:
        self._seeks += 1
        self._seek = Seek(self._seeks, line, backwards)

    def _arrive(self) -> None:
        """The match that was sought is there, or there is none."""
        self._seek = None
        match = self.news.match
        self._current = -1 if match is None else match.line
        if match is not None:
            self.follow = False
            self._size_anew()
            if self.wrap:
                self._place(match.line - 1)
            elif not self.scroll_offset.y <= match.line < self.scroll_offset.y + self.size.height:
                self._place(match.line - self.size.height // 2)
        self.post_message(self.Looked())

    # Painting

    def on_resize(self, _: events.Resize) -> None:
        self._strips = None
        self._size_anew()
        if self.follow:
            self._place(self.max_scroll_y)
        self._looked()

    def notify_style_update(self) -> None:
        self._painter = self._strips = None
        super().notify_style_update()

    @property
    def _columns(self) -> int:
        """What the scrollbar leaves."""
        return int(self.scrollable_content_region.width)

    def _size_anew(self) -> None:
        """Broken lines may take many rows, so any line can be brought to the top."""
        below = max(self.size.height - 1, 0) if self.wrap and not self.follow and self.news.lines else 0
        size = Size(self._columns, self.news.lines + below)
        if size != self.virtual_size:
            self.virtual_size = size

    def _looked(self) -> None:
        self._repaint()
        self.post_message(self.Looked())

    def _repaint(self) -> None:
        """Paint what is in view now; if that is still to be read, soon, or everything would be painted twice."""
        if self._is_read or self._strips is None:
            self._paint_anew()
        elif self._hold is None:
            self._hold = self.set_timer(HOLD_S, self._paint_anew)

    @property
    def holds(self) -> bool:
        """Whether it waits for lines that have been asked for."""
        return self._hold is not None

    @property
    def _is_read(self) -> bool:
        """Whether all lines in view are there."""
        height, lines = self.size.height, self.news.lines
        top = max(lines - height, 0) if self.follow else self.scroll_offset.y
        return self.news.first <= top and min(top + height, lines) <= self.news.first + len(self.news.rows)

    def _paint_anew(self) -> None:
        if self._hold is not None:
            self._hold.stop()
            self._hold = None
        before, self._strips = self._strips, None
        self.vertical_scrollbar.position = self.scroll_offset.y
        if before is None or len(before) != len(self._painted()):
            self.refresh()
            return
        for y, (old, new) in enumerate(zip(before, self._painted(), strict=True)):
            if old != new:
                self.refresh_line(self.scroll_offset.y + y)

    def render_line(self, y: int) -> Strip:
        strips = self._painted()
        return strips[y] if y < len(strips) else self.painter.blank()

    def _painted(self) -> list[Strip]:
        if self._strips is None:
            self._strips = self._paint() if self.news.lines else [self.painter.say(f" {self.words}")]
        return self._strips

    def _paint(self) -> list[Strip]:
        """The rows in view: from the top line on, or if the end is followed, up to the last one."""
        height, lines, painter = self.size.height, self.news.lines, self.painter
        rows: list[Strip] = []
        if not self.follow:
            self._shown_top = line = self.scroll_offset.y
            while line < lines and len(rows) < height:
                rows += self._rows(line, painter)
                line += 1
            return rows[:height]
        line = lines
        while line > 0 and len(rows) < height:
            line -= 1
            rows[:0] = self._rows(line, painter)
        self._shown_top = line
        return rows[-height:]

    def _rows(self, line: int, painter: LogPainter) -> list[Strip]:
        place = line - self.news.first
        known = 0 <= place < len(self.news.rows)
        note = f" ← {self.match_words}" if line == self._current else ""
        return painter.rows(line, self.news.rows[place] if known else None, note)

    @property
    def painter(self) -> LogPainter:
        """One for how the log looks now."""
        columns, count = self._columns, len(str(self.news.lines))
        digits = count if columns < _NARROW else max(_NUMBER_COLUMNS, count)
        look = (columns, digits, self.wrap, self._needle)
        if self._painter is None or look != self._look:
            self._painter, self._look = LogPainter(self._paints(), *look), look
        return self._painter

    def _paints(self) -> Paints:
        styles = (self.get_component_rich_style(f"logview--{name}") for name in ("number", "note"))
        marks = (self.get_component_rich_style(f"logview--{name}", partial=True) for name in ("match", "current"))
        return Paints(self.rich_style, *styles, *marks)

    @property
    def match_words(self) -> str:
        """`match 2 of 5`; a `+` while it is still counted. Empty without a search."""
        news = self.news
        if news.matches is None or not self._needle.text:
            return ""
        count = f"{news.matches:,}{'' if news.searched else '+'}"
        if news.match is not None and self._current == news.match.line:
            return f"match {news.match.ordinal:,} of {count}"
        return f"{count} {'match' if news.matches == 1 else 'matches'}"
