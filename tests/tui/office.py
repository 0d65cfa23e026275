"""An app that has a desk and nothing else, for deeds that begin with a form; and what a person does to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual import events
from textual.app import App
from textual.pilot import Pilot

import queuectl.tui
from queuectl.core.job import Job, NewJob
from queuectl.core.lifecycle import Cancel
from queuectl.errors import QueuectlError
from queuectl.queue import Queue
from queuectl.tui.desk import Desk, Target
from queuectl.tui.panes import Pane
from queuectl.tui.screens.jobform import JobForm
from queuectl.wiring import connect
from tests.tui.screen import screen_lines, screen_text

CSS = Path(queuectl.tui.__file__).parent / "app.tcss"


class Office(App[None]):
    """An app that has a desk, and nothing else."""

    CSS_PATH = str(CSS)

    def __init__(self, store: Path) -> None:
        super().__init__()
        self.desk = Desk(self, lambda: connect(str(store), create=True), read_only=False)
        self.told: list[str] = []
        self.error: QueuectlError | None = None
        self.busy = False

    def notify(self, message: str, **settings: Any) -> None:
        self.told.append(message)

    def do(self, deed: Callable[[Desk, Target], Any], *jobs: str, pane: Pane = Pane.PENDING, **target: Any) -> None:
        self.error, self.busy = None, True
        self.run_worker(self._do(deed, Target(pane, jobs, **target)))

    async def _do(self, deed: Callable[[Desk, Target], Any], target: Target) -> None:
        try:
            await deed(self.desk, target)
        except QueuectlError as error:
            self.error = error
        self.busy = False

    def on_unmount(self) -> None:
        self.desk.close()


def added(on: Queue, command: str = "true", **fields: Any) -> Job:
    done = on.jobs.add([NewJob(command, "/srv", **fields)])[0]
    assert done is not None
    return on.jobs.get(done.id)


def ended(queue: Queue, command: str = "true", **fields: Any) -> Job:
    job = added(queue, command, **fields)
    queue.jobs.change([job.id], Cancel())
    return queue.jobs.get(job.id)


def only(queue: Queue) -> Job:
    return queue.jobs.get(None)


async def opened(pilot: Pilot[Any], screen: type = JobForm) -> None:
    await pause_until(pilot, lambda: isinstance(pilot.app.screen, screen), f"a {screen.__name__}")
    await pilot.pause()


async def done(pilot: Pilot[Any]) -> None:
    await pause_until(pilot, lambda: not pilot.app.busy, "the deed to end")  # type: ignore[attr-defined]


async def pause_until(pilot: Pilot[Any], condition: Callable[[], bool], what: str) -> None:
    for _ in range(3_000):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError(f"waited for {what}\n{screen_text(pilot.app)}")


async def paste(pilot: Pilot[Any], text: str) -> None:
    await pilot.pause()
    assert pilot.app.focused is not None
    pilot.app.focused.post_message(events.Paste(text))
    await pilot.pause()


def shown(app: App[Any], label: str) -> str:
    return next((line for line in screen_lines(app) if label in line), "")
