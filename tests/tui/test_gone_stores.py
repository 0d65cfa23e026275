"""A store that goes, comes back or becomes another while the app is open."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from queuectl.core.job import State
from queuectl.core.lifecycle import Cancel
from queuectl.queue import Queue
from queuectl.tui.screens.confirm import DEAF_S
from queuectl.tui.screens.main import MainScreen
from queuectl.tui.screens.trouble import TroubleScreen
from queuectl.wiring import connect
from tests.tui.lone import holds, shown
from tests.tui.screen import piloted, screen_lines, screen_text
from tests.tui.whole import CROWDED, NO_WORKER, ROOMY, add, the_app, told


@pytest.fixture
def location(tmp_path: Path) -> str:
    return str(tmp_path / "queue.db")


@pytest.fixture
def queue(location: str) -> Iterator[Queue]:
    """A store of three jobs."""
    queue = connect(location, create=True)
    add(queue, *[f"curl -fsS https://example.org/{n}" for n in (1, 2, 3)])
    yield queue
    queue.close()


def _files(location: str) -> list[Path]:
    """The store's file and those of SQLite."""
    return [path for path in Path(location).parent.iterdir() if path.is_file() and path.name.startswith("queue.db")]


def _move_away(location: str) -> Path:
    away = Path(location).parent / "away"
    away.mkdir()
    for path in _files(location):
        path.rename(away / path.name)
    return away


@pytest.mark.parametrize("size", [CROWDED, ROOMY], ids=str)
def test_a_store_that_is_gone_is_not_made_anew_and_shown_when_it_is_back(
    location: str, queue: Queue, size: tuple[int, int]
) -> None:
    @piloted
    async def look() -> None:
        async with the_app(location, size) as pilot:
            await shown(pilot, NO_WORKER)
            await pilot.press("space")
            await shown(pilot, "1 marked")
            away = _move_away(location)
            await told(pilot, "there is no store at")
            await pilot.press("r")
            await told(pilot, "there is no store at")
            assert _files(location) == []
            for path in away.iterdir():
                path.rename(Path(location).parent / path.name)
            await shown(pilot, NO_WORKER)
            assert "marked" not in screen_text(pilot.app)
            await pilot.press("x")
            await shown(pilot, "2 jobs wait")

    look()


@piloted
async def test_nobody_adds_to_a_store_that_is_gone(location: str, queue: Queue) -> None:
    async with the_app(location) as pilot:
        await shown(pilot, NO_WORKER)
        await pilot.press("F")  # it does not look by itself now: only the form meets what has happened
        _move_away(location)
        await pilot.press("n")
        await told(pilot, "there is no store at")
        assert _files(location) == []


@piloted
async def test_asking_again_for_a_store_that_is_gone_is_no_haste(location: str, queue: Queue) -> None:
    looks: list[float] = []

    def counted(*args: Any, **settings: Any) -> Queue:
        looks.append(time.monotonic())
        return connect(*args, **settings)

    async with the_app(location, connect=counted) as pilot:
        _move_away(location)
        await told(pilot, "there is no store at")
        await pilot.press("r")
        before = len(looks)
        await pilot.pause(1.5)
        assert len(looks) - before <= 4


@piloted
async def test_a_store_in_its_place_is_shown_and_changed_as_itself(location: str, queue: Queue, tmp_path: Path) -> None:
    other = connect(str(tmp_path / "other.db"), create=True)
    add(other, "echo of another store")
    other.close()
    async with the_app(location) as pilot:
        await shown(pilot, NO_WORKER)
        await pilot.press("H")
        await shown(pilot, "u undo")
        _move_away(location)
        shutil.copy(tmp_path / "other.db", location)
        await shown(pilot, "echo of another store")
        await pilot.press("u")
        await shown(pilot, "Nothing to undo")
        await pilot.press("x")
        await shown(pilot, "No jobs wait")
    copied = connect(location)
    assert copied.jobs.get("j1").state is State.CANCELLED
    copied.close()


@pytest.mark.parametrize("keys", [("A", "d"), ("e",), ("R",), ("enter",)], ids=["question", "form", "prompt", "job"])
def test_what_was_begun_in_a_store_is_not_done_in_the_one_that_takes_its_place(
    location: str, queue: Queue, tmp_path: Path, keys: tuple[str, ...]
) -> None:
    @piloted
    async def begin_and_go_on() -> None:
        other = connect(str(tmp_path / "other.db"), create=True)
        add(other, "echo of another store")
        before = other.jobs.get("j1")
        other.close()
        queue.jobs.change(["j1", "j2", "j3"], Cancel())
        async with the_app(location) as pilot:
            await pilot.press("6")
            await shown(pilot, "▸")
            await pilot.press(*keys)
            await holds(pilot, lambda: not isinstance(pilot.app.screen, MainScreen), "another screen")
            await pilot.pause(DEAF_S)
            _move_away(location)
            shutil.copy(tmp_path / "other.db", location)
            await holds(pilot, lambda: isinstance(pilot.app.screen, MainScreen), "the main screen")
            await pilot.press("1")
            await shown(pilot, "echo of another store")
            await pilot.press("y", "ctrl+s")
            await pilot.pause(0.2)
        copied = connect(location)
        assert copied.jobs.get("j1") == before
        assert copied.counts().total == 1
        copied.close()

    begin_and_go_on()


@piloted
async def test_another_store_can_be_looked_at_instead(location: str, queue: Queue, tmp_path: Path) -> None:
    other = connect(str(tmp_path / "other.db"), create=True)
    add(other, "echo of another store")
    async with the_app(location) as pilot:
        away = _move_away(location)
        await told(pilot, "there is no store at")
        await pilot.press("o")
        await pilot.press(*["backspace"] * len("queue.db"), *"other.db", "enter")
        await shown(pilot, "echo of another store")
        assert "other.db" in screen_lines(pilot.app)[0]
        await pilot.press("x")
        await shown(pilot, "No jobs wait")
        assert other.jobs.get("j1").state is State.CANCELLED
        shutil.rmtree(away)
    other.close()


def _text(location: str) -> None:
    for path in _files(location):
        path.unlink()
    Path(location).write_text("hello there\n")


def _newer(location: str) -> None:
    connection = apsw.Connection(location)
    connection.pragma("user_version", 99)
    connection.close()


@pytest.mark.parametrize("read_only", [False, True], ids=["acting", "looking"])
@pytest.mark.parametrize(
    ("spoil", "words"),
    [(_text, "is not a store of queuectl"), (_newer, "was made by a newer queuectl")],
)
def test_a_store_that_becomes_something_else_is_named_and_left_alone(
    location: str, spoil: Any, words: str, read_only: bool
) -> None:
    connect(location, create=True).close()

    @piloted
    async def look() -> None:
        async with the_app(location, read_only=read_only) as pilot:
            await shown(pilot, "No jobs yet.")
            spoil(location)
            await told(pilot, words)
            content = Path(location).read_bytes()
            await pilot.press("r")
            await pilot.pause(0.3)
            await told(pilot, words)
            assert Path(location).read_bytes() == content

    look()


@piloted
async def test_a_damaged_store_is_named_and_left_alone(location: str) -> None:
    store = connect(location, create=True)
    add(store, "true")
    store.close()
    connection = apsw.Connection(location)
    root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'jobs'").fetchall()[0][0]
    size = connection.pragma("page_size")
    connection.close()
    whole = Path(location).read_bytes()
    spoilt = whole[: (root - 1) * size] + b"\xde\xad" * (size // 2) + whole[root * size :]
    Path(location).write_bytes(spoilt)
    async with the_app(location) as pilot:
        await told(pilot, "is damaged")
        assert isinstance(pilot.app.screen, TroubleScreen)
    assert Path(location).read_bytes() == spoilt
