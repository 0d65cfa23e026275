"""One line to type, checked as it is typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from queuectl.core.plain import plain
from queuectl.errors import QueuectlError
from queuectl.tui.screens.dialog import Dialog


class Prompt(Dialog[str]):
    """The text that was entered; left with Esc, None.

    `check` is asked of every text: it returns the command line that does the same, or raises
    QueuectlError, and then the text is not taken. `empty` stands in the field and says what no text means.
    """

    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar = [Binding("escape", "leave", show=False)]
    DEFAULT_CSS = """
    Prompt {
        Input { border: tall $primary; height: 3; }
        #answer { height: auto; color: $text-muted; &.-bad { color: $error; } }
    }
    """

    def __init__(self, title: str, label: str, value: str, check: Callable[[str], str], empty: str = "") -> None:
        super().__init__(title)
        self._label = label
        self._value = value
        self._check = check
        self._empty = empty

    def body(self) -> Iterable[Widget]:
        yield Static(Content(plain(self._label, one_line=False)), classes="value")
        yield Input(plain(self._value), plain(self._empty), select_on_focus=True)
        yield Static("", id="answer")

    def foot(self) -> Iterable[Widget]:
        yield Static(Content("enter does it · esc cancels"), id="how")

    def on_mount(self) -> None:
        self._judge(self._value)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._judge(event.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if self._judge(event.value):
            self.dismiss(event.value)

    def _judge(self, text: str) -> bool:
        """Say what would come of the text; whether it can be taken."""
        answer = self.query_one("#answer", Static)
        try:
            line = self._check(text)
        except QueuectlError as error:
            answer.update(Content(plain(f"{error.message}: {error.hint}" if error.hint else error.message)))
            answer.add_class("-bad")
            return False
        answer.update(Content(f"Same as  {plain(line)}" if line else ""))
        answer.remove_class("-bad")
        return True

    def action_leave(self) -> None:
        self.dismiss(None)
