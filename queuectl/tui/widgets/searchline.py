"""The line to type in what to look for in an output."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Input, Static

LONGEST = 200


class SearchLine(Horizontal):
    """There only while somebody searches: `open` begins, Enter keeps the text, `close` ends it."""

    class Changed(Message):
        """Another text was typed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Kept(Message):
        """Typing is over."""

    text = query_one(Input)
    found = query_one("#matches", Static)

    def __init__(self) -> None:
        super().__init__()
        self._words = ""
        self.display = False

    def compose(self) -> ComposeResult:
        yield Static(Content("/"), id="slash")
        field = Input(compact=True, select_on_focus=True, max_length=LONGEST)
        field.cursor_blink = False
        yield field
        yield Static(id="matches")

    def open(self) -> None:
        self.display = True
        self.text.focus()

    def close(self) -> None:
        self.display = False
        with self.prevent(Input.Changed):
            self.text.value = ""

    def show(self, words: str) -> None:
        """How many matches there are."""
        if words != self._words:
            self._words = words
            self.found.update(Content(words))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(event.value))

    @on(Input.Submitted)
    def _kept(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Kept())
