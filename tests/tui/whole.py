"""The whole app in a test, over a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from queuectl.core.job import NewJob
from queuectl.queue import Queue
from queuectl.tui.app import QueueApp
from queuectl.wiring import connect
from tests.tui.lone import holds
from tests.tui.screen import screen_text

CROWDED, ROOMY = (80, 24), (120, 40)
NO_WORKER = "3 jobs wait and no worker runs"


def add(queue: Queue, *commands: str, **fields: Any) -> None:
    queue.jobs.add([NewJob(command, "/", **fields) for command in commands])


@asynccontextmanager
async def the_app(location: str, size: tuple[int, int] = CROWDED, **settings: Any) -> AsyncIterator[Pilot[None]]:
    """The app over a store, as it is once it has looked at it or failed to."""
    app = QueueApp(location, settings.pop("connect", connect), **settings)
    async with app.run_test(size=size, notifications=True) as pilot:
        await holds(pilot, lambda: (app.picture or app.trouble) is not None, "the first news")
        yield pilot


async def gone(pilot: Pilot[Any], text: str) -> None:
    await holds(pilot, lambda: text not in screen_text(pilot.app), f"{text!r} to vanish")


def flat(text: str) -> str:
    """What a screen says as one line: where it is wrapped depends on the length of paths."""
    return " ".join(text.replace("┃", " ").split())


async def told(pilot: Pilot[Any], text: str) -> None:
    """Wait until the screen on top says it, wrapped or not."""
    await holds(pilot, lambda: text in flat(screen_text(pilot.app)), text)
