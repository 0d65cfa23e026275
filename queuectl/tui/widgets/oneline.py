"""Lines that fit themselves into the terminal's width."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.widget import Widget

DOT = " · "
STYLES = {"ok": "$text-success", "muted": "dim", "warning": "bold $text-warning", "error": "bold reverse $error"}
"""How severities look; bold and reverse say it without colours."""


def fitted(forms: Iterable[Content], columns: int) -> Content:
    """The first of the forms that takes at most so many columns; the last one cut if none does. Needs one at least."""
    form = Content()
    for form in forms:
        if form.cell_length <= columns:
            return form
    return form.truncate(max(columns, 0), ellipsis=True)


def spread(left: Content, right: Content, columns: int) -> Content:
    """Both ends of a line with room between them: one column at least, so that it may be wider than `columns`."""
    gap = max(columns - left.cell_length - right.cell_length, 1)
    return Content.assemble(left, " " * gap, right)


def put_on_border(widget: Widget, *, title: Content | None = None, subtitle: Content | None = None) -> None:
    """Textual paints all of a widget again each time that words are put on its border: only others are put there."""
    if title is not None and widget.border_title != title.markup:
        widget.border_title = title
    if subtitle is not None and widget.border_subtitle != subtitle.markup:
        widget.border_subtitle = subtitle


class OneLine(Widget):
    """A widget of one line, which is drawn again only when it reads otherwise."""

    DEFAULT_CSS = "OneLine { height: 1; }"

    _drawn = Content()
    _known: tuple[int, Content] = (-1, Content())
    """What the line was found to say last, and in how many columns."""

    def line(self, columns: int) -> Content:
        """What the line says in so many columns."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Call it after a change of what is shown."""
        self._known = (-1, Content())
        if self.display and not self._line().is_same(self._drawn):
            self.refresh()

    def on_show(self) -> None:
        self.redraw()

    def render(self) -> Content:
        self._drawn = self._line()
        return self._drawn

    def _line(self) -> Content:
        columns = self.size.width
        if self._known[0] != columns:
            self._known = columns, self.line(columns)
        return self._known[1]
