"""An app that forgets `plain` and hands hostile texts to widgets of every kind: `python -m tests.tui.posters`."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.content import Content
from textual.filter import LineFilter
from textual.widgets import DataTable, Input, OptionList, Static
from textual.widgets.option_list import Option

from queuectl.tui import terminal
from queuectl.tui.linefilter import NET
from tests.tui.hostile import HOSTILE


class Posters(App[None]):
    CSS = "DataTable { height: 8; } OptionList { height: 8; } Static { height: 1; border: none; }"

    def get_line_filters(self) -> list[LineFilter]:
        return [*super().get_line_filters(), NET]

    def compose(self) -> ComposeResult:
        yield Static("", id="text")
        yield Input("", id="field")
        yield DataTable()
        yield OptionList()

    def on_mount(self) -> None:
        self.query_one(DataTable).add_column("text")
        self.post(list(HOSTILE))

    def post(self, names: list[str]) -> None:
        """One text after the other, in all places; then it says so."""
        if not names:
            self.query_one("#text", Static).update("all were shown")
            return
        text = HOSTILE[names[0]][:200]
        table, options = self.query_one(DataTable), self.query_one(OptionList)
        self.query_one("#text", Static).update(Content(text))
        self.query_one("#field", Input).value = text
        table.clear()
        table.add_row(Content(text))
        table.border_title = options.border_subtitle = Content(text)  # type: ignore[assignment] # it takes both
        options.clear_options()
        options.add_option(Option(Content(text)))
        self.notify(text, title=text, markup=False, timeout=0.1)
        self.set_timer(0.1, lambda: self.post(names[1:]))


if __name__ == "__main__":
    sys.exit(terminal.run(Posters()))
