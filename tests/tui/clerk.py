"""A desk over a real store: deeds are done on it as the app does them, and dialogs are answered by keys."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import apsw
from textual.app import App
from textual.pilot import Pilot
from textual.screen import ModalScreen

from queuectl.core.attempt import Outcome, Result
from queuectl.core.job import Job, NewJob, State
from queuectl.core.lifecycle import Fail, Succeed
from queuectl.core.selector import EVERYTHING, All, Condition, parse
from queuectl.core.turn import Settlement, Turn
from queuectl.errors import QueuectlError
from queuectl.queue import Queue
from queuectl.queue.clock import utc_ms
from queuectl.store import open_pool_store
from queuectl.tui.deeds import DEEDS
from queuectl.tui.desk import Desk, Target
from queuectl.tui.panes import LISTS, Pane
from queuectl.tui.screens.confirm import Confirm
from queuectl.wiring import connect
from tests.patience import DEADLINE_S
from tests.tui.screen import screen_text

ERROR = "exit 6 · curl: (6) Could not resolve host: example.org"


class Stock:
    """A store in which jobs are made to have any past, without a pool's processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.queue = connect(str(path), create=True)
        self._pool = open_pool_store(str(path))

    def add(self, number: int = 1, command: str = "true", **fields: Any) -> list[str]:
        """Ids of new jobs."""
        added = self.queue.jobs.add([NewJob(command, "/srv", **fields)] * number)
        return [one.id for one in added if one]

    def claim(self, number: int = 1) -> list[Job]:
        """So many of those that wait are processing now."""
        workers = tuple((f"p1/w{k}", 100 + k) for k in range(1, number + 1))
        claimed = self._pool.turn(Turn("p1", "here", (), (), workers), utc_ms()).claimed
        assert len(claimed) == number
        return list(claimed)

    def settle(self, jobs: Collection[Job], *, well: bool = False, output: bytes = b"", error: str = ERROR) -> None:
        """These running jobs end now."""
        now = utc_ms()
        said = None if well else error
        result = Result(Outcome.EXITED, now, now + 5, 5, 0 if well else 6, None, said, output=output)
        event = Succeed() if well else Fail(3_600.0)
        settlements = tuple(Settlement(job.number, job.fence, event, result) for job in jobs)
        self._pool.turn(Turn("p1", "here", (), settlements, ()), now)

    def dead(self, number: int = 1, output: bytes = b"", error: str = ERROR, **fields: Any) -> list[str]:
        """Ids of jobs in the DLQ."""
        ids = self.add(number, max_retries=1, **fields)
        self.settle(self.claim(number), output=output, error=error)
        return ids

    def job(self, id: str) -> Job:
        return self.queue.jobs.get(id)

    def jobs(self) -> list[Job]:
        return list(self.queue.jobs.stream(EVERYTHING))

    def ids(self, state: State) -> list[str]:
        return [job.id for job in self.jobs() if job.state is state]

    def close(self) -> None:
        self._pool.close()
        self.queue.close()


class Office(App[None]):
    """An app that has nothing but a desk, and does one deed at a time."""

    def __init__(self, path: Path, patience_s: float) -> None:
        super().__init__()
        self.desk = Desk(self, lambda: connect(str(path), create=True, patience_s=patience_s), False)
        self.told: list[str] = []
        self.working = False

    def notify(self, message: str, **settings: Any) -> None:
        self.told.append(message)

    def on_unmount(self) -> None:
        self.desk.close()

    async def do(self, name: str, target: Target) -> None:
        try:
            await DEEDS[name](self.desk, target)
        except QueuectlError as error:
            self.desk.tell_error(error)
        finally:
            self.working = False


class Clerk:
    """Does deeds in the office and answers what is asked."""

    def __init__(self, app: Office, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def told(self) -> str:
        """The last toast."""
        return self.app.told[-1] if self.app.told else ""

    @property
    def text(self) -> str:
        return screen_text(self.app)

    async def begin(self, name: str, target: Target) -> None:
        """Until the deed has ended, or asks something."""
        self.app.working = True
        self.app.run_worker(self.app.do(name, target))
        await self.until(lambda: not self.app.working or self.asked, f"{name} to end or to ask")

    async def do(self, name: str, target: Target, *keys: str) -> None:
        """The deed from its beginning to its end, its question answered by these keys."""
        await self.begin(name, target)
        if keys:
            await self.answer(*keys)
        assert not self.app.working, self.text

    async def answer(self, *keys: str) -> None:
        assert self.asked, "nothing was asked"
        await self.pilot.press(*keys)
        await self.until(lambda: not self.app.working, "the deed to end")

    @property
    def asked(self) -> bool:
        """Whether a question is there, and hears."""
        screen = self.app.screen
        if isinstance(screen, Confirm):
            return screen.hears
        return isinstance(screen, ModalScreen) and screen.is_mounted

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < deadline, f"waited for {what}\n{self.text}"
            await self.pilot.pause(0.01)
        await self.pilot.pause()


@asynccontextmanager
async def office(path: Path, patience_s: float = DEADLINE_S) -> AsyncIterator[Clerk]:
    """`patience_s`: how long a deed waits for a store that is locked, in seconds."""
    app = Office(path, patience_s)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        yield Clerk(app, pilot)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program keeps the store from being written."""
    connection = apsw.Connection(str(path))
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.execute("ROLLBACK")
    connection.close()


def matching(pane: Pane, text: str = "") -> Target:
    """All that match a filter, as the pane asks for them."""
    where: Condition = LISTS[pane].where
    return Target(pane, where=All((where, parse(text))) if text else where, filter=text)


def on(queue: Queue, pane: Pane, *ids: str) -> Target:
    """These jobs, seen in a pane as they are now."""
    return Target(pane, ids, tuple(queue.jobs.found(ids)))
