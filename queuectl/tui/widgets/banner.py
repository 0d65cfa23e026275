"""What is wrong, below the header, for as long as it is."""

from __future__ import annotations

from textual.content import Content

from queuectl.core.plain import plain
from queuectl.tui.widgets.oneline import OneLine, fitted


class Banner(OneLine):
    """A line that is there only while it has something to say."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self.display = False

    def show(self, text: str, severity: str) -> None:
        """An empty text hides it; `severity` is warning or error."""
        self._text = plain(text)
        self.display = bool(text)
        self.set_class(severity == "error", "-error")
        self.redraw()

    def line(self, columns: int) -> Content:
        line = fitted([Content(f" {self._text} ")], columns)
        return line.pad_right(columns - line.cell_length)
