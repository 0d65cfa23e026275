"""Keys that come faster than the app follows: each reaches what the one before it has brought forth."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.message import Message
from textual.widget import Widget

from queuectl.core.job import State
from queuectl.tui.keyline import LONGEST_S, KeyLine
from queuectl.tui.screens.confirm import DEAF_S
from tests.patience import DEADLINE_S
from tests.tui.clerk import Stock
from tests.tui.screen import piloted
from tests.tui.terminal import KEYS, Terminal


class Taker(Widget, can_focus=True):
    """Notes its keys. `meanwhile` says what else one does."""

    class Next(Message):
        """The next one shall have the focus."""

    def __init__(self, meanwhile: dict[str, Callable[[Taker], object]]) -> None:
        super().__init__()
        self.took: list[str] = []
        self.stuck = asyncio.Event()
        self.is_stuck = False
        self._meanwhile = meanwhile

    async def on_key(self, event: events.Key) -> None:
        self.took.append(event.key)
        self.is_stuck = event.key == "s"
        if self.is_stuck:
            await self.stuck.wait()
            self.is_stuck = False
        self._meanwhile.get(event.key, lambda _: None)(self)


class Typed(App[None]):
    """Two takers, and the line of keys as `QueueApp` has it."""

    def __init__(self, longest_s: float = LONGEST_S, **meanwhile: Callable[[Taker], object]) -> None:
        super().__init__()
        self.keys = KeyLine(self, super().on_event, longest_s)
        self.first, self.second = Taker(meanwhile), Taker(meanwhile)

    def compose(self) -> ComposeResult:
        yield self.first
        yield self.second

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self.keys.take(event)
        else:
            await super().on_event(event)

    def on_taker_next(self) -> None:
        """Two steps after the key, as where a widget says something and a screen does something."""
        self.call_later(self.second.focus)

    def type(self, *keys: str) -> None:
        """All at once."""
        for key in keys:
            self.post_message(events.Key(key, key))

    async def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < deadline, (self.first.took, self.second.took)
            await asyncio.sleep(0.005)


@piloted
async def test_a_key_reaches_what_has_the_focus_after_the_one_before_it():
    app = Typed(n=lambda taker: taker.post_message(Taker.Next()))
    async with app.run_test():
        app.first.focus()
        app.type("a", "n", "b", "c")
        await app.until(lambda: len(app.second.took) == 2)
        assert (app.first.took, app.second.took) == (["a", "n"], ["b", "c"])


@piloted
async def test_keys_wait_for_as_long_as_they_are_held_and_then_come_in_order():
    held: list[Callable[[], None]] = []
    app = Typed(h=lambda _: held.append(app.keys.hold()))
    async with app.run_test() as pilot:
        app.first.focus()
        app.type("h", "a", "b")
        await app.until(lambda: bool(held))
        for _ in range(20):
            await pilot.pause()
        assert app.first.took == ["h"]
        held[0]()
        await app.until(lambda: app.first.took == ["h", "a", "b"])
        held[0]()  # a second time does nothing
        app.type("c")
        await app.until(lambda: app.first.took == ["h", "a", "b", "c"])


@piloted
async def test_two_holds_hold_until_both_are_gone():
    held: list[Callable[[], None]] = []
    app = Typed(h=lambda _: held.extend([app.keys.hold(), app.keys.hold()]))
    async with app.run_test() as pilot:
        app.first.focus()
        app.type("h", "a")
        await app.until(lambda: len(held) == 2)
        held[1]()
        for _ in range(20):
            await pilot.pause()
        assert app.first.took == ["h"]
        held[0]()
        await app.until(lambda: app.first.took == ["h", "a"])


@piloted
async def test_a_hold_that_nobody_ends_holds_no_longer_than_the_longest_time():
    app = Typed(0.1, h=lambda _: app.keys.hold())
    async with app.run_test():
        app.first.focus()
        app.type("h", "a", "b")
        await app.until(lambda: app.first.took == ["h", "a", "b"])


@piloted
async def test_keys_wait_for_the_rows_that_they_are_meant_for_but_only_once_for_too_long():
    app = Typed(1.0)
    async with app.run_test():
        app.first.focus()
        await app.until(lambda: app.focused is app.first)
        app.keys.wait(True)
        began = time.monotonic()
        app.type("a")
        app.call_later(app.keys.wait, False)
        await app.until(lambda: app.first.took == ["a"])
        assert time.monotonic() - began < 0.9
        app.keys.wait(True)
        app.type("b")
        await app.until(lambda: app.first.took == ["a", "b"])
        again = time.monotonic()
        assert again - began >= 1.0
        app.keys.wait(True)
        app.type("c", "d")
        await app.until(lambda: app.first.took == ["a", "b", "c", "d"])
        assert time.monotonic() - again < 0.9


@piloted
async def test_a_widget_that_hangs_does_not_take_the_keyboard():
    app = Typed(0.1)
    async with app.run_test():
        app.first.focus()
        await app.until(lambda: app.focused is app.first)
        app.type("s", "a", "b")
        await app.until(lambda: app.first.took == ["s"])
        app.second.focus()
        await app.until(lambda: app.second.took == ["a", "b"])
        app.first.stuck.set()
        await app.until(lambda: not app.first.is_stuck)


# On a terminal


@pytest.fixture
def stock(tmp_path: Path) -> Iterator[Stock]:
    stock = Stock(tmp_path / "queue.db")
    yield stock
    stock.queue.pools.stop(force=True, timeout_s=20)
    stock.close()


def test_five_jobs_typed_in_one_breath_are_five_jobs(stock: Stock) -> None:
    with Terminal(["--db", str(stock.path)], (80, 24)) as app:
        app.until("No jobs")
        app.send(b"".join(b"necho %d; true # qrdxK\x13" % number for number in range(5)))
        app.until_true(lambda: stock.queue.counts().total == 5, "the five jobs")
        assert [job.command for job in stock.jobs()] == [f"echo {number}; true # qrdxK" for number in range(5)]
        app.until_gone("New job")
        assert app.process.poll() is None


def test_what_is_typed_ahead_is_for_the_rows_that_come(stock: Stock) -> None:
    stock.dead(5)
    with Terminal(["--db", str(stock.path)], (80, 24)) as app:
        app.until("queuectl")
        app.send(b"3Ar")
        app.until("Retry 5 dead jobs?")
        assert len(stock.ids(State.DEAD)) == 5


def test_a_burst_up_to_a_dialog_opens_it_and_does_nothing_else(stock: Stock) -> None:
    stock.dead(2, command="x")
    stock.dead(1, command="other")
    before = stock.jobs()
    with Terminal(["--db", str(stock.path)], (80, 24)) as app:
        app.until("3 DLQ 3")
        app.send(b"3/err:example cmd:x\rAr")
        app.until("Retry 2 dead jobs?")
        app.until("err:example cmd:x")
        assert stock.jobs() == before
        while "Retry 2 dead jobs?" in app.text:
            app.read_for(DEAF_S)  # so long it takes no answer that was typed before it could be read
            app.press("esc")
        assert stock.jobs() == before


@pytest.mark.parametrize("keys", [":", "Y"], ids=["palette", "copy-menu"])
@pytest.mark.parametrize("page", ["pgup", "pgdn"])
def test_a_page_key_typed_ahead_of_a_list_of_options_does_nothing_bad(stock: Stock, keys: str, page: str) -> None:
    stock.add(50)
    with Terminal(["--db", str(stock.path)], (80, 24)) as app:
        app.until("0 Detail  j1")
        app.send(keys.encode() + KEYS[page].encode())
        app.until("Search for commands" if keys == ":" else "Copy of j1")
        app.press("esc")
        app.until_gone("Search for commands" if keys == ":" else "Copy of j1")
        app.press("q")
        assert app.wait_exit() == 0
        app.usable()
