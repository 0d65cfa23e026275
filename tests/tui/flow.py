"""The app over a real store whose jobs are made as they are needed, and what a person presses in it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from textual._compositor import LayoutUpdate
from textual.pilot import Pilot

from queuectl.core.job import Job, State
from queuectl.core.lifecycle import Cancel, Delete
from queuectl.core.pool import PoolRecord, WorkerRecord
from queuectl.core.selector import EVERYTHING
from queuectl.queue.clock import utc_ms
from queuectl.store import open_pool_store, place_of
from queuectl.tui.actions import GROUPS, JOB
from queuectl.tui.app import QueueApp
from queuectl.tui.layout import NORMAL
from queuectl.tui.panes import DIGITS, LISTS, Pane
from queuectl.tui.screens.confirm import Confirm
from queuectl.tui.screens.job import JobScreen
from queuectl.tui.screens.main import MainScreen
from queuectl.wiring import connect
from queuectl.worker.poolfile import PoolFile
from tests.patience import DEADLINE_S
from tests.tui.clerk import Stock
from tests.tui.screen import screen_text

DIGIT_OF = {pane: digit for digit, pane in DIGITS.items()}
SHORT = "echo some words"
LONG = f"{SHORT}; " * 200
FEW, MANY = 3, 40
"""Jobs that a list has, if nothing else is asked for, and where it has more than fit on the screen."""


@contextmanager
def a_pool_of_elsewhere(path: Path) -> Iterator[None]:
    """A pool that lives and takes nothing: nobody needs to start one, and jobs stay as they are."""
    file, store, now = PoolFile.create(place_of(str(path))), open_pool_store(str(path)), utc_ms()
    pool = PoolRecord("p1", "elsewhere", "boot", "ns", 48_210, 7, now, 1)
    store.register(pool, [WorkerRecord("p1", "w1", 48_211, 9, now)])
    yield
    store.close()
    del file  # and its lock


class Flow:
    """A person at the app: `at` brings jobs and focus where a check wants them, `press` types."""

    def __init__(self, app: QueueApp, pilot: Pilot[None], stock: Stock) -> None:
        self.app, self.pilot, self.stock = app, pilot, stock
        self._size = (app.size.width, app.size.height)
        self.scope = self._many = ""
        self._command = SHORT
        self.quits = 0
        self.told: list[str] = []
        """Toasts, as they came."""
        self._notify, app.notify = app.notify, self._tell  # type: ignore[method-assign]
        self.repainted = 0
        """How often the whole screen was painted, and not only what changed."""
        app.exit = self._quit  # type: ignore[method-assign]
        app._display = self._paint  # type: ignore[method-assign]

    def _tell(self, message: str, **settings: object) -> None:
        self.told.append(message)
        self._notify(message, **settings)  # type: ignore[arg-type]

    def _quit(self, *_: object) -> None:
        self.quits += 1

    def _paint(self, _: object, painted: object) -> None:
        self.repainted += isinstance(painted, LayoutUpdate)

    # Bringing things about

    async def at(self, scope: str, state: State | None = None, number: int = FEW) -> Job | None:
        """Go there, with so many jobs of that state and no others; returns the one under the cursor."""
        self.scope, self._many = scope, ""
        await self.at_rest()
        self._clear()
        pane = _pane_for(scope, state)
        if state is not None or scope in LISTS or scope in {GROUPS, JOB, Pane.DETAIL}:
            ids = self.make(state or LISTS[pane].states[-1], number)
        else:
            ids = []
        await self.press(DIGIT_OF[pane])
        await self.shows(pane, ids)
        if ids and pane in LISTS:
            await self.press("g")
        await self._enter_scope(scope)
        return self.main.pointed

    async def at_nothing(self, scope: str) -> None:
        """There, with no job at all."""
        self.scope, self._many = scope, ""
        await self.at_rest()
        self._clear()
        await self.press(DIGIT_OF[_pane_for(scope, None)])
        await self.shows(_pane_for(scope, None), [])
        await self.press(*{GROUPS: "t", Pane.DETAIL: "0"}.get(scope, ""))

    async def be_at(self, scope: str) -> None:
        """There, with the jobs of the check before if it left things in order."""
        here = JOB if isinstance(self.app.screen, JobScreen) else self.main.scope
        in_order = (
            not self.main.zoom
            and not self.main.filter_bar.is_open
            and self.app.size == self._size
            and not self._dressed()
        )
        if in_order and here == scope and isinstance(self.app.screen, (MainScreen, JobScreen)):
            return
        if not in_order or not isinstance(self.app.screen, MainScreen) or scope in {JOB, GROUPS} or self.scope != scope:
            await self.at(scope)
        else:
            await self.press("0" if scope == Pane.DETAIL else DIGIT_OF[Pane(scope)])

    def _dressed(self) -> list[Pane]:
        """The lists that have marks or a filter."""
        lists = self.main.grid.lists.items()
        return [pane for pane, jobs in lists if self.main.lenses[pane].filtered or jobs.marks or jobs.all_matching]

    async def go(self, scope: str) -> None:
        """To the scope, with the jobs as they are."""
        self.scope = scope
        await self.press(DIGIT_OF[_pane_for(scope, State.PENDING)])
        if scope in {JOB, Pane.DETAIL}:
            self.make(State.PENDING, 1)
            self.app.feed.refresh()
            await self.until(lambda: self.main.pointed is not None, "a job")
        if scope != Pane.DLQ:
            await self._enter_scope(scope)

    async def be_at_many_rows(self, scope: str) -> None:
        """Where there is something to move about in."""
        if self._many == scope:
            return
        await self._make_many_rows(scope)
        self._many = scope

    async def _make_many_rows(self, scope: str) -> None:
        if scope != GROUPS:
            self._command = LONG if scope == Pane.DETAIL else SHORT
            await self.at(scope, State.DEAD if scope in {JOB, Pane.DETAIL} else None, MANY)
            self._command = SHORT
        else:
            await self.at(scope, number=0)
            for n in range(30):
                self.stock.dead(command=f"program{n}")
            self.app.feed.refresh()
            await self.until(lambda: self.main.grid.groups.rows.count == 30, "the groups")
        if scope == JOB:
            await self.says("200 lines")
        if scope == Pane.DETAIL:
            await self.pilot.resize_terminal(80, 20)

    async def _enter_scope(self, scope: str) -> None:
        if scope == GROUPS:
            await self.press("t")
            dead = any(job.state is State.DEAD for job in self.stock.jobs())
            await self.until(lambda: (self.main.grid.groups.cursor is not None) is dead, "the groups")
        elif scope == Pane.DETAIL:
            await self.press("0")
            await self.until(lambda: self.main.picture.job is not None, "the job in Detail")
        elif scope == JOB:
            await self.press("enter")
            await self.until(lambda: isinstance(self.app.screen, JobScreen), "the job's screen")
            await self.until(lambda: self.app.screen.news is not None, "the job")

    async def at_rest(self) -> None:
        """The main screen as it was at first: no toast, dialog, marks, filter, groups, zoom."""
        self.app.clear_notifications()
        while not isinstance(self.app.screen, MainScreen):
            await self.press("escape")
        if self.main.filter_bar.is_open:
            await self.press("escape")
        if self.app.size != self._size:
            await self.pilot.resize_terminal(*self._size)
        for pane in self._dressed():
            while pane in self._dressed():
                await self.press(DIGIT_OF[pane], "escape")
        if self.main.grid.grouped:
            await self.press(DIGIT_OF[Pane.DLQ], "escape")
        self.main.set_zoom(NORMAL)

    def _clear(self) -> None:
        running = [job for job in self.stock.jobs() if job.state is State.PROCESSING]
        self.stock.settle(running, well=True)
        self.queue.jobs.change_matching(EVERYTHING, Delete(), self.queue.jobs.bound())

    def make(self, state: State, number: int) -> list[str]:
        """Ids of so many jobs in this state, that print something."""
        stock = self.stock
        fields = {"max_retries": 1 if state is State.DEAD else 3, "command": self._command}
        ids = stock.add(number, **fields) if number else []
        if state is State.CANCELLED:
            self.queue.jobs.change(ids, Cancel())
        elif state is not State.PENDING and ids:
            claimed = stock.claim(number)
            if state is not State.PROCESSING:
                stock.settle(claimed, well=state is State.COMPLETED, output=b"a line of words\n" * 200)
        return ids

    async def shows(self, pane: Pane, ids: list[str]) -> None:
        """Wait until the pane, if it lists jobs, shows these and the cursor is on one of them."""
        self.app.feed.refresh()
        if pane in LISTS:
            await self.until(lambda: self._total(pane) == len(ids), f"{len(ids)} jobs in {pane}")
            jobs = self.main.grid.lists[pane]
            await self.until(lambda: (jobs.cursor.id in ids) if jobs.cursor else not ids, "a cursor")

    def _total(self, pane: Pane) -> int | None:
        picture = self.main.picture
        return picture.lists[pane].total if picture is not None and pane in picture.lists else None

    # What is there

    @property
    def queue(self):
        return self.stock.queue

    @property
    def main(self) -> MainScreen:
        return self.app.main

    @property
    def text(self) -> str:
        return screen_text(self.app)

    def seen(self) -> Job | None:
        """The job that the screen is about, as it shows it."""
        if isinstance(self.app.screen, JobScreen):
            return None if self.app.screen.news is None else self.app.screen.news.job
        return self.main.pointed

    def state(self, job: Job) -> State:
        return self.queue.jobs.get(job.id).state

    # Pressing and waiting

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)

    async def type(self, text: str) -> None:
        names = {" ": "space", "/": "slash", ":": "colon"}
        await self.press(*(names.get(letter, letter) for letter in text))

    async def says(self, text: str) -> None:
        await self.until(lambda: text in self.text, repr(text))

    async def is_at(self, screen: type) -> None:
        await self.until(lambda: isinstance(self.app.screen, screen), f"a {screen.__name__}")

    async def yes(self) -> None:
        """Wait for the question, and say yes as soon as it hears."""
        await self.is_at(Confirm)
        await self.until(lambda: self.app.screen.hears, "the question to hear")
        await self.press("y")

    async def until_job(self, job: Job, holds: Callable[[Job], bool], what: str) -> None:
        """Wait until it holds for the job as it is in the store."""
        await self.until(lambda: holds(self.queue.jobs.get(job.id)), what)

    async def until(self, condition: Callable[[], bool], what: str, within_s: float = DEADLINE_S) -> None:
        deadline = time.monotonic() + within_s
        while not condition():
            assert time.monotonic() < deadline, f"in {self.scope}: waited for {what}\n{self.text}"
            await self.pilot.pause(0.01)
        await self.pilot.pause()


def _pane_for(scope: str, state: State | None) -> Pane:
    """The pane that a way to the scope begins in."""
    if scope in {JOB, Pane.DETAIL}:
        wanted = state or State.DEAD
        return next(pane for pane, listed in LISTS.items() if wanted in listed.states)
    return Pane.DLQ if scope == GROUPS else Pane(scope)


@asynccontextmanager
async def flow(folder: Path, size: tuple[int, int] = (80, 24), read_only: bool = False) -> AsyncIterator[Flow]:
    """The app on a store of its own in the folder."""
    path = folder / "queue.db"
    stock = Stock(path)
    app = QueueApp(str(path), connect, read_only)
    async with app.run_test(size=size, notifications=True) as pilot:
        one = Flow(app, pilot, stock)
        await one.until(lambda: app.picture is not None, "the first picture")
        yield one
    stock.close()
