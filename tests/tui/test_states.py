"""What the app shows when there is nothing yet, and when something is wrong: real stores, processes and pools."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from queuectl.core.job import State
from queuectl.core.lifecycle import Cancel, Hold
from queuectl.core.selector import EVERYTHING
from queuectl.queue import Queue
from queuectl.queue.clock import utc_ms
from queuectl.queue.pools import Pools
from queuectl.wiring import connect
from tests.patience import DEADLINE_S, until
from tests.tui.holders import held
from tests.tui.lone import shown
from tests.tui.screen import piloted, screen_lines, screen_text
from tests.tui.terminal import Terminal
from tests.tui.whole import CROWDED, NO_WORKER, ROOMY, add, gone, the_app


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


@pytest.fixture
def pools(queue: Queue) -> Iterator[Pools]:
    """Pools over it, which end with the test."""
    yield queue.pools
    queue.jobs.change_matching(EVERYTHING, Cancel(force=True), queue.jobs.bound())
    queue.pools.stop(force=True, timeout_s=DEADLINE_S)


def hurried(times: int) -> Any:
    """A stopwatch that runs so much faster than time does."""
    return lambda: time.monotonic() * times


# Nothing yet


@pytest.mark.parametrize("size", [CROWDED, ROOMY], ids=str)
def test_a_new_store_says_in_each_pane_what_comes_there_and_how(location: str, size: tuple[int, int]) -> None:
    connect(location, create=True).close()

    @piloted
    async def look() -> None:
        async with the_app(location, size) as pilot:
            for key, words in (
                ("1", "No jobs yet. n adds one · queuectl enqueue -- 'echo hi'"),
                ("2", "Nothing runs."),
                ("3", "Empty. Jobs land here after 3 failed tries (max-retries)."),
                ("4", "No workers. n starts one, = starts several"),
                ("6", "Nothing has completed or was cancelled yet."),
            ):
                await pilot.press(key)
                await shown(pilot, words)
            assert "✓ OK" in screen_lines(pilot.app)[0]

    look()


@piloted
async def test_an_empty_list_of_a_store_with_a_past_does_not_say_that_it_is_new(location: str, queue: Queue) -> None:
    queue.jobs.change_matching(EVERYTHING, Cancel(), queue.jobs.bound())
    queue.config.set("max-retries", "1")
    async with the_app(location) as pilot:
        await shown(pilot, "No jobs wait. n adds one")
        await pilot.press("3")
        await shown(pilot, "Empty. Jobs land here after 1 failed try (max-retries).")


@piloted
async def test_a_filter_that_nothing_matches_says_so_and_how_to_leave_it(location: str, queue: Queue) -> None:
    async with the_app(location) as pilot:
        await pilot.press("/", *"err:foo", "enter")
        await shown(pilot, "0 of 3 match err:foo · Esc clears")
        await pilot.press("escape")
        await shown(pilot, "example.org/1")


def test_a_first_run_makes_a_store_at_home_without_a_word(tmp_path: Path) -> None:
    with Terminal(env={"HOME": str(tmp_path)}) as app:
        app.until("No jobs yet.")
        assert "Made the store" not in app.text
    assert (tmp_path / ".queuectl" / "queue.db").is_file()


def test_a_store_in_a_new_folder_is_told_of_since_its_path_may_be_a_slip(tmp_path: Path) -> None:
    store = tmp_path / "typo" / "queue.db"
    with Terminal(["--db", str(store)], ROOMY) as app:
        app.until("Made the store")
    assert store.is_file()


def test_who_only_looks_makes_no_store(tmp_path: Path) -> None:
    store = tmp_path / "typo" / "queue.db"
    with Terminal(["--db", str(store), "tui", "--read-only"]) as app:
        app.until("there is no store at")
        app.press("q")
        assert app.wait_exit() == 0
        app.usable()
    assert not store.parent.exists()


# Jobs that nobody runs


@pytest.mark.parametrize("size", [CROWDED, ROOMY], ids=str)
def test_jobs_that_wait_for_a_worker_are_told_of(location: str, queue: Queue, size: tuple[int, int]) -> None:
    @piloted
    async def look() -> None:
        async with the_app(location, size) as pilot:
            await shown(pilot, f"! {NO_WORKER} · n in Workers (4) starts one")
            assert "STALLED" in screen_lines(pilot.app)[0]

    look()


@piloted
async def test_workers_of_other_queues_do_not_help(location: str, queue: Queue, pools: Pools) -> None:
    pools.start(1, ["media"])
    async with the_app(location, ROOMY) as pilot:
        await shown(pilot, "! 3 jobs wait in default, which no worker serves · queuectl worker start -d -q default")
        assert "STALLED" in screen_lines(pilot.app)[0]
        queue.jobs.change_matching(EVERYTHING, Hold(), queue.jobs.bound())
        await shown(pilot, "✓ OK")  # nothing is due any more


@piloted
async def test_a_worker_that_is_lost_is_told_of_once_with_its_job(location: str, queue: Queue, pools: Pools) -> None:
    add(queue, "exec sleep 600", priority=9)
    pools.start(1)
    until(lambda: any(worker.job == "j4" for worker in pools.workers()), "the job to run")
    async with the_app(location, ROOMY) as pilot:
        await shown(pilot, "▶ busy")
        os.kill(pools.workers()[0].pid, signal.SIGKILL)
        await shown(pilot, "worker p1/w1 was lost and replaced; j4 is given back")
        os.kill(pools.all()[0].pid, signal.SIGKILL)
        await shown(pilot, "✗ pool p1 · lost")
        assert "STALLED" in screen_lines(pilot.app)[0]
        queue.jobs.change_matching(EVERYTHING, Cancel(), queue.jobs.bound())
        await shown(pilot, "! p1 died")
        pools.start(1)
        await gone(pilot, "p1 died")


@piloted
async def test_a_job_that_kills_its_workers_is_told_of_with_the_reason(
    location: str, queue: Queue, pools: Pools
) -> None:
    queue.config.set("max-interruptions", "100")
    queue.jobs.change_matching(EVERYTHING, Hold(), queue.jobs.bound())  # one that ends would be progress
    add(queue, "kill -9 $PPID; exec sleep 600", priority=9)
    pools.start(1)
    async with the_app(location, ROOMY) as pilot:
        await shown(pilot, "again and again; next try in")
        assert "! p1: w1 ended (SIGKILL)" in screen_lines(pilot.app)[2]
        await pilot.press("g")
        await shown(pilot, "lost     worker lost while running this")
        queue.config.set("max-interruptions", "5")
        await pilot.press("3")
        await shown(pilot, "interrupted ")


# A store that is busy


@piloted
async def test_a_change_waits_for_a_busy_store_and_then_says_that_it_was_not_made(location: str, queue: Queue) -> None:
    async with the_app(location) as pilot:
        await shown(pilot, NO_WORKER)
        with held(location, "writing"):
            await pilot.press("x")
            await shown(pilot, "another process has kept it to")
            assert "example.org/1" in screen_text(pilot.app)
            assert queue.counts().of(State.CANCELLED) == 0
        await pilot.press("x")
        await shown(pilot, "2 jobs wait")
        assert queue.jobs.get("j1").state is State.CANCELLED


@piloted
async def test_a_store_that_cannot_be_read_for_a_while_leaves_the_last_picture(location: str, queue: Queue) -> None:
    async with the_app(location, ROOMY, stopwatch=hurried(5)) as pilot:
        await shown(pilot, NO_WORKER)
        with held(location, "recovering"):
            await shown(pilot, "store busy ")
            assert "! BUSY" in screen_lines(pilot.app)[0]
            await shown(pilot, " s · trying again")
            assert "example.org/1" in screen_text(pilot.app)
        await shown(pilot, NO_WORKER)
        assert "! STALLED" in screen_lines(pilot.app)[0]


@piloted
async def test_a_store_that_is_busy_from_the_first_look_on_is_shown_once_it_can_be_read(location: str) -> None:
    store = connect(location, create=True)
    add(store, "echo at last")
    store.close()
    with held(location, "alone") as holder:
        async with the_app(location) as pilot:
            await shown(pilot, "! BUSY · store busy")
            await pilot.press("j", "n", "escape")  # nothing is known, nothing fails
            holder.kill()
            await shown(pilot, "echo at last")


# A disk that is full


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=False)
    if mounted.returncode:
        pytest.skip("only root can mount a disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def test_a_full_disk_is_told_of_until_there_is_room(tmp_path: Path) -> None:
    @piloted
    async def look(folder: Path) -> None:
        location = str(folder / "queue.db")
        queue = connect(location, create=True)
        add(queue, "echo hi")
        async with the_app(location, ROOMY) as pilot:
            await shown(pilot, "1 job waits")
            _fill(folder / "fill")
            await shown(pilot, "! no room is left on the store's disk (0 B free) · nothing can be written")
            assert "! FULL" in screen_lines(pilot.app)[0]
            await pilot.press("n")
            await shown(pilot, "New job")
            await pilot.press(*"true", "ctrl+s")
            await shown(pilot, "(0 B free)")
            await shown(pilot, "there is no room left to write to the store")
            (folder / "fill").unlink()
            await gone(pilot, "no room is left on the store's disk")
            assert queue.counts().total == 1
            await pilot.press("escape", "x")
            await shown(pilot, "No jobs wait")
        queue.close()

    with small_disk(tmp_path / "disk") as folder:
        look(folder)


# A picture that is not the present


@piloted
async def test_a_picture_that_nobody_renews_is_not_taken_for_the_present(location: str, queue: Queue) -> None:
    go_on = threading.Event()
    go_on.set()

    def clock() -> int:
        """The feed hangs in it as on a disk that does not answer."""
        if threading.current_thread().name == "feed":
            go_on.wait()
        return utc_ms()

    async with the_app(location, connect=partial(connect, clock=clock), stopwatch=hurried(10)) as pilot:
        await shown(pilot, NO_WORKER)
        go_on.clear()
        await shown(pilot, "! STALE")
        await shown(pilot, "s old")
        go_on.set()
        await shown(pilot, "! STALLED")


@piloted
async def test_a_frozen_picture_stands_still_while_one_moves_about_and_acts(location: str, queue: Queue) -> None:
    async with the_app(location, ROOMY) as pilot:
        await shown(pilot, NO_WORKER)
        await pilot.press("F")
        await shown(pilot, "‖ FROZEN")
        add(queue, "echo later")
        await pilot.pause(0.6)
        assert "echo later" not in screen_text(pilot.app)
        await pilot.press("j", "j")
        await shown(pilot, "0 Detail  j3")
        await pilot.press("H")
        await shown(pilot, "Held j3")
        assert queue.jobs.get("j3").held
        await pilot.press("F")
        await shown(pilot, "echo later")
        await gone(pilot, "FROZEN")


@piloted
async def test_who_only_looks_is_told_that_nothing_can_be_changed(location: str, queue: Queue) -> None:
    async with the_app(location, read_only=True) as pilot:
        await shown(pilot, NO_WORKER)
        assert "READ-ONLY" in screen_lines(pilot.app)[0]
        await pilot.press("x", "n", "H")
        await pilot.pause()
        assert queue.counts().of(State.PENDING) == 3
