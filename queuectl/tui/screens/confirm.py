"""The question before what cannot be taken back, or is much: what it takes, what it does, how else to say it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from textual import events
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from queuectl.core.plain import cut, plain
from queuectl.tui.screens.dialog import Dialog, row

DEAF_S = 0.2
"""For so long after it opened keys are not heard: they were meant for what was there before."""
_NO = {"enter", "escape", "n"}
_LONGEST_VALUE = 1_000


class Question(NamedTuple):
    """`verb` stands beside `key`, which applies. With a `number`, that has to be typed before."""

    title: str
    rows: tuple[tuple[str, str], ...]
    verb: str
    key: str = "y"
    number: int | None = None


class Choice(Static):
    """Something to click on."""

    class Taken(Message):
        """It was clicked on."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    def on_click(self) -> None:
        self.post_message(self.Taken(self))


class Confirm(Dialog[bool]):
    """True if the person said yes. `clock` counts seconds and is never set back."""

    DEFAULT_CSS = """
    Confirm {
        #box { border: round $warning; }
        #body { padding-bottom: 1; }
        Choice { width: auto; margin: 0 2 0 1; }
        #cancel { text-style: reverse; }
        #apply { text-style: bold; }
        #apply.-waits { text-style: dim; }
        #how { width: 1fr; text-align: right; }
        #typed { margin-top: 1; height: auto; }
    }
    """

    def __init__(self, question: Question, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(question.title)
        self._question = question
        self._clock = clock
        self._opened_s: float | None = None
        self._typed = ""

    def body(self) -> Iterable[Widget]:
        for label, value in self._question.rows:
            yield row(label, cut(value, _LONGEST_VALUE))
        if self._question.number is not None:
            yield Static(self._prompt(), id="typed")

    def foot(self) -> Iterable[Widget]:
        question = self._question
        yield Horizontal(
            Choice(Content("[ Cancel ]"), id="cancel"),
            Choice(Content(plain(f"{question.key}  {question.verb}")), id="apply", classes=self._waits),
            Static(Content("n, enter and esc cancel"), id="how"),
            id="foot",
        )

    def on_mount(self) -> None:
        self.call_after_refresh(self._open)

    def _open(self) -> None:
        self._opened_s = self._clock()

    @property
    def hears(self) -> bool:
        """Whether it has been there long enough."""
        return self._opened_s is not None and self._clock() - self._opened_s >= DEAF_S

    @property
    def _ready(self) -> bool:
        return self._question.number is None or self._typed == str(self._question.number)

    @property
    def _waits(self) -> str:
        return "" if self._ready else "-waits"

    def on_key(self, event: events.Key) -> None:
        if not self.hears:
            event.stop()
            if event.key == self._question.key:
                self.query_one("#how", Static).update(Content(f"{event.key} came too soon: press it again"))
            return
        if event.key in _NO:
            self.dismiss(False)
        elif event.key == self._question.key:
            self._apply()
        elif not (self._type(event) or self.scroll(event.key)):
            return
        event.stop()

    def _type(self, event: events.Key) -> bool:
        """Take a digit of the number, or the last one back; whether the key was one of these."""
        if self._question.number is None:
            return False
        if event.key == "backspace":
            self._typed = self._typed[:-1]
        elif event.character and event.character in "0123456789":
            self._typed = (self._typed + event.character)[:20]
        else:
            return False
        self.query_one("#typed", Static).update(self._prompt())
        self.query_one("#apply").set_class(not self._ready, "-waits")
        return True

    def _prompt(self) -> Content:
        asked = f"Type {self._question.number}, then {self._question.key}: "
        return Content.assemble(asked, (self._typed, "bold"), ("▏", "dim"))

    def on_choice_taken(self, message: Choice.Taken) -> None:
        if not self.hears:
            return
        if message.choice.id == "apply":
            self._apply()
        else:
            self.dismiss(False)

    def _apply(self) -> None:
        if self._ready:
            self.dismiss(True)
