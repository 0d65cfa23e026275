"""How far a change of many jobs has come, and the way to stop it."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Event

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from queuectl.core.plain import plain
from queuectl.tui.screens.dialog import Dialog

_BAR = 40


class Progress(Dialog[None]):
    """`doing` is a word such as `Retrying`; `total` is how many jobs there were when it was asked.

    Whoever works posts `Advanced`, from any thread, looks at `stop_asked` now and then, and says `end`.
    """

    class Advanced(Message):
        """So many are done by now."""

        def __init__(self, done: int) -> None:
            super().__init__()
            self.done = done

    def __init__(self, doing: str, total: int) -> None:
        super().__init__(doing)
        self.stop_asked = Event()
        self._doing = doing
        self._total = total
        self._done = 0
        self._over = False

    def body(self) -> Iterable[Widget]:
        yield Static(self._text(), id="text")

    def end(self) -> None:
        """Go away, at once or when nothing else is in front of it: dismissing takes the screen on top."""
        self._over = True
        self.on_screen_resume()

    def on_screen_resume(self) -> None:
        if self._over and self.app.screen is self:
            self._over = False  # it hears of this more than once
            self.dismiss()

    def on_progress_advanced(self, message: Advanced) -> None:
        self._done = message.done
        self.query_one("#text", Static).update(self._text())

    def on_key(self, event: events.Key) -> None:
        event.stop()
        if event.key == "escape":
            self.stop_asked.set()
            self.query_one("#text", Static).update(self._text())

    def _text(self) -> Content:
        full = min(_BAR * self._done // max(self._total, 1), _BAR)
        how = "stopping" if self.stop_asked.is_set() else "esc stops"
        text = f"{plain(self._doing)} {self._done:,} / {self._total:,} · {how}"
        return Content(f"{text}\n{'█' * full}{'░' * (_BAR - full)}")
