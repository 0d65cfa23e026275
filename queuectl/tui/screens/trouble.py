"""What is shown instead of everything while the store cannot be read at all."""

from __future__ import annotations

import os
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from queuectl.tui.desk import content
from queuectl.tui.picture import Trouble

RETRY, QUIT = "retry", "quit"
_LONGEST_PATH = 4_096


class TroubleScreen(ModalScreen[str]):
    """Says what is wrong with the store; ends with RETRY, QUIT, or the absolute path of another store.

    Nothing is made in the place of a store that is gone.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "answer('retry')", "Try again"),
        Binding("o", "ask_path", "Another store"),
        Binding("q", "answer('quit')", "Quit"),
        Binding("escape", "leave_path", "Back"),
    ]
    AUTO_FOCUS = "#retry"

    path = query_one(Input)
    said = query_one("#said", Static)

    def __init__(self, trouble: Trouble, location: str) -> None:
        super().__init__()
        self._trouble = trouble
        self._location = location

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield Static(self._words(), id="said")
            with Horizontal(id="answers"):
                yield Button(Content("r Try again"), id="retry", compact=True)
                yield Button(Content("o Other store"), id="open", compact=True)
                yield Button(Content("q Quit"), id="quit", compact=True)
            yield Input(
                placeholder="path of the other store",
                max_length=_LONGEST_PATH,
                compact=True,
                select_on_focus=False,
            )

    def on_mount(self) -> None:
        self.path.display = False
        self.path.cursor_blink = False

    def show(self, trouble: Trouble) -> None:
        """The same trouble still, or another one."""
        if trouble != self._trouble:
            self._trouble = trouble
            self.said.update(self._words())

    def _words(self) -> Content:
        lines = [
            Content.styled("✗ The store cannot be read", "bold $text-error"),
            Content(),
            content(self._location, "bold"),
            content(self._trouble.message),
        ]
        if self._trouble.hint:
            lines.append(content(self._trouble.hint, "dim"))
        return Content("\n").join([*lines, Content()])

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "open":
            self.action_ask_path()
        else:
            self.action_answer(str(event.button.id))

    def action_answer(self, answer: str) -> None:
        self.dismiss(answer)

    def action_ask_path(self) -> None:
        """Ask for the other store, beginning with what was tried."""
        self.path.display = True
        self.path.value = self._location
        self.path.cursor_position = len(self._location)
        self.path.focus()

    def action_leave_path(self) -> None:
        self.path.display = False
        self.query_one("#retry").focus()

    @on(Input.Submitted)
    def _given(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.dismiss(os.path.abspath(os.path.expanduser(event.value.strip())))
