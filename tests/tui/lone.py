"""An app around the widgets that a test looks at, with the real styles and a note of what they say."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

import queuectl.tui
from queuectl.core.job import State
from queuectl.core.panes import Rate
from queuectl.core.records import Counts
from queuectl.core.views import PoolView, Status
from queuectl.tui.actions import BY_NAME, allowed
from queuectl.tui.panes import Pane
from queuectl.tui.picture import Picture, Trouble
from queuectl.tui.themes import register
from tests.core.examples import NOW
from tests.patience import DEADLINE_S
from tests.tui.screen import screen_text

STYLES = Path(queuectl.tui.__file__).parent / "app.tcss"


class Lone(App[None]):
    """Widgets one below the other, and what they said."""

    CSS_PATH = str(STYLES)
    AUTO_FOCUS = None

    def __init__(self, *widgets: Widget) -> None:
        super().__init__()
        self._widgets = widgets
        self.heard: list[Message] = []
        register(self)

    def compose(self) -> ComposeResult:
        yield from self._widgets

    def hear(self, message: Message) -> None:
        """The hook of `run_test`: keeps the messages that queuectl's own widgets post."""
        if type(message).__module__.startswith("queuectl.") and message not in self.heard:
            self.heard.append(message)


class Doer(Lone):
    """Keeps the names that `do` was called with."""

    def on_mount(self) -> None:
        self.done: list[str] = []

    def get_default_screen(self) -> Screen[Any]:
        return DoerScreen()


class DoerScreen(Screen[None]):
    """What the main screen is to the footer and the palette."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action != "do":
            return True
        return allowed(BY_NAME[str(parameters[0])], Pane.CONFIG, None, marked=False, read_only=False)

    def action_do(self, name: str) -> None:
        self.app.done.append(name)  # type: ignore[attr-defined]


async def holds(pilot: Pilot[Any], condition: Callable[[], bool], what: str) -> None:
    """Wait until it holds; fails, saying what was waited for, after DEADLINE_S."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited for {what}:\n{screen_text(pilot.app)}"
        await pilot.pause(0.01)


async def shown(pilot: Pilot[Any], text: str) -> None:
    """Wait until the screen on top shows the text."""
    await holds(pilot, lambda: text in screen_text(pilot.app), text)


def a_pool(**fields: Any) -> PoolView:
    """A pool of four, all of them busy."""
    given: dict[str, Any] = {
        "name": "p1", "queues": (), "workers": 4, "busy": 4, "state": "running", "wanted": 4,
    }  # fmt: skip
    return PoolView(**{**given, **fields})


def a_status(*pools: PoolView, oldest_waiting_s: float | None = 1.0, **states: int) -> Status:
    """A store with so many jobs in each state; the pool of `a_pool` unless others are named."""
    counts = Counts({"default": {State(name): count for name, count in states.items()}})
    return Status("/x", 1, 1, counts, pools or (a_pool(),), oldest_waiting_s, None, 0)


def a_picture(status: Status | None = None, rates: tuple[Rate, ...] = ()) -> Picture:
    """A picture of nothing but the status."""
    return Picture(NOW, 2.6, status or a_status(pending=1), rates, {}, None, None, (), (), None)


CROWD = {"pending": 12_371, "processing": 4, "failed": 37, "dead": 112, "completed": 98_211}
HOSTILE = "\x1b]0;pwn\x07 [@click=app.quit]x[/] [/] \u202e \x9b2J"
BUSY = Trouble("the store is busy", "it is tried again", passing=True, since=0.0)
GONE = Trouble("there is no store at /x/q.db", "give another path", passing=False, since=0.0)
