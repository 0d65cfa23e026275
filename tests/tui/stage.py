"""The app on a stage: over a prepared store, with clocks that stand, driven to a picture that does not change.

For snapshots and screenshots, which are alike to the last cell each time they are made.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from queuectl.queue import Queue
from queuectl.tui.app import QueueApp
from queuectl.tui.screens.job import JobScreen
from tests.patience import DEADLINE_S
from tests.tui.scene import Scene, connector
from tests.tui.screen import screen_text

Keys = Sequence[str]
"""Keys that are pressed in one go."""


@contextmanager
def at_home(home: Path) -> Iterator[Path]:
    """The path of a store in that home directory, while the process lives there, in UTC and with colours."""
    unset = ("NO_COLOR", "COLORTERM", "TEXTUAL_THEME", "TEXTUAL_ANIMATIONS")
    before, folder = dict(os.environ), os.getcwd()
    for name in unset:
        os.environ.pop(name, None)
    os.environ |= {"HOME": str(home), "TZ": "UTC"}
    (home / ".queuectl").mkdir(exist_ok=True)
    (home / "media").mkdir(exist_ok=True)
    os.chdir(home / "media")
    time.tzset()
    try:
        yield home / ".queuectl" / "queue.db"
    finally:
        os.environ.clear()
        os.environ.update(before)
        os.chdir(folder)
        time.tzset()


def app_over(scene: Scene, connect: Callable[..., Queue] | None = None, **settings: Any) -> QueueApp:
    """The app over a scene, whose time it takes for the present."""
    return app_at(scene.location, connect or connector(scene), scene.now, **settings)


def app_at(location: str, connect: Callable[..., Queue], now: int, **settings: Any) -> QueueApp:
    """The app over any store, at that time (milliseconds UTC)."""
    app = QueueApp(location, connect, clock=lambda: now, stopwatch=lambda: 0.0, **settings)
    app.animation_level = "none"
    return app


async def play(pilot: Pilot[Any], sees: str, *steps: Keys) -> None:
    """Press keys, each lot once the screen stands still; at its end it must show `sees`."""
    await stand_still(pilot, "" if steps else sees)
    for number, keys in enumerate(steps, 1):
        await pilot.press(*keys)
        await stand_still(pilot, sees if number == len(steps) else "")


async def stand_still(pilot: Pilot[Any], sees: str = "") -> None:
    """Until all that is wanted has been read and painted, and `sees` is on the screen."""
    deadline = time.monotonic() + DEADLINE_S
    before = None
    while True:
        await pilot.pause()
        _stop_blinking(pilot.app.screen.query("Input, TextArea").results())
        text = screen_text(pilot.app) if _is_idle(pilot.app) else None
        if text is not None and text == before and sees in text:
            return
        before = text
        assert time.monotonic() < deadline, f"waited for {sees or 'rest'!r} in\n{screen_text(pilot.app)}"


def _is_idle(app: Any) -> bool:
    """Whether nothing is on its way from the threads that read."""
    screen = app.screen
    return app.feed.idle and (not isinstance(screen, JobScreen) or screen._feed.idle)


def _stop_blinking(fields: Iterable[Any]) -> None:
    for field in fields:
        if isinstance(field, (Input, TextArea)):
            field.cursor_blink = False
