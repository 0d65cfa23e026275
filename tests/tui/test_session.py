"""A whole session as a person types it: a real terminal, a real store, a real pool."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from queuectl.core.job import NewJob, State
from queuectl.core.lifecycle import Cancel
from queuectl.core.selector import EVERYTHING
from queuectl.queue import Queue
from queuectl.tui.screens.confirm import DEAF_S
from queuectl.wiring import connect
from tests.patience import DEADLINE_S, until
from tests.tui.clerk import Stock
from tests.tui.terminal import Terminal

SIZES = [(80, 24), (120, 40)]


@pytest.fixture
def location(tmp_path: Path) -> Iterator[str]:
    location = str(tmp_path / "queue.db")
    yield location
    queue = connect(location)
    queue.jobs.change_matching(EVERYTHING, Cancel(force=True), queue.jobs.bound())
    queue.pools.stop(force=True, timeout_s=DEADLINE_S)
    queue.close()


@pytest.fixture
def queue(location: str) -> Iterator[Queue]:
    queue = connect(location, create=True)
    yield queue
    queue.close()


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_from_the_first_job_to_a_pool_that_goes_on(location: str, queue: Queue, size: tuple[int, int]) -> None:
    queue.config.set("backoff-base", "1")
    inputs = [Path(location).with_name(f"input{n}") for n in range(3)]
    with Terminal(["--db", location], size) as app:
        app.until("No jobs yet. n adds one")
        _add_a_job_and_a_worker(app)
        _watch_jobs_die(app, queue, inputs)
        _retry_those_of_one_error(app, queue, inputs)
        _scale_the_pool(app, queue)
        _change_a_setting(app, queue)
        app.press("1", "q")
        assert app.wait_exit() == 0
        app.usable()
        assert "3 workers keep running" in app.text
    _the_pool_still_works(queue)


@pytest.mark.parametrize("burst", [False, True], ids=["typed", "in one burst"])
def test_all_dead_jobs_of_one_error_are_retried_with_six_keys(tmp_path: Path, burst: bool) -> None:
    stock = Stock(tmp_path / "queue.db")
    stock.dead(38, command="curl -fsS https://example.org/feed")
    kept = set(stock.dead(6, command="./report.sh", error="exit 1 · Traceback: KeyError: 'month'"))
    with Terminal(["--db", str(tmp_path / "queue.db")], (80, 24)) as app:
        app.until("3 DLQ 44")
        keys = ("3", "/", "err:resolve", "enter", "A", "r")
        if burst:
            app.send(b"3/err:resolve\rAr")
        else:
            for key in keys:
                app.press(key)
                app.settle()
        app.until("Retry 38 dead jobs?")
        app.until("queuectl dlq retry --filter err:resolve --yes")
        _say_yes(app, "Retry 38 dead jobs?")
        app.until("38 retried")
        app.press("q")
        assert app.wait_exit() == 0
    assert set(stock.ids(State.DEAD)) == kept
    assert len(stock.ids(State.PENDING)) == 38
    stock.close()


def _say_yes(app: Terminal, question: str) -> None:
    """A dialog takes no answer that was typed before it could be read: so it is given until it is taken."""
    app.until(question)
    while question in app.text:
        app.read_for(DEAF_S)
        if question in app.text:
            app.press("y")
            app.settle()


def _add_a_job_and_a_worker(app: Terminal) -> None:
    app.press("n")
    app.until("New job")
    app.press("echo hello; exec sleep 600")
    app.until("queuectl enqueue -- 'echo hello; exec sleep 600'")
    app.until("also start 1 worker")
    app.press("ctrl+s")
    app.until("Added j1")
    app.press("2")
    app.until("p1/w1")
    app.press("enter")
    app.until("FOLLOW on")
    app.until("1 │ hello")
    app.press("esc")
    app.until_gone("FOLLOW")
    app.press("x")
    _say_yes(app, "1 running job?")
    app.until("Nothing runs.")


def _watch_jobs_die(app: Terminal, queue: Queue, inputs: list[Path]) -> None:
    for path in inputs:
        app.press("n", f"cat {path}", "ctrl+s")  # as fast as a line can bring it
    app.press("1")
    app.until("retry in")
    app.press("n", "echo other >&2; exit 7", "ctrl+s", "3")
    app.until("exit 7 · other")
    until(lambda: queue.counts().of(State.DEAD) == 4, "all to be dead")


def _retry_those_of_one_error(app: Terminal, queue: Queue, inputs: list[Path]) -> None:
    for path in inputs:
        path.touch()
    app.press("/", "err:such", "enter")
    app.until("3 of 4")
    app.press("A", "r")
    _say_yes(app, "Retry 3 dead jobs?")
    app.until("3 retried")
    app.press("esc", "6")
    until(lambda: queue.counts().of(State.COMPLETED) == 3, "the three to complete")
    app.until("✓ completed")
    assert queue.counts().of(State.DEAD) == 1


def _scale_the_pool(app: Terminal, queue: Queue) -> None:
    app.press("4", "=")
    app.until("1 to 256 workers")
    app.press("backspace", "3")
    app.until("queuectl worker scale 3 p1")
    app.press("enter")
    app.until("w3")
    until(lambda: len(queue.pools.workers()) == 3, "three workers")


def _change_a_setting(app: Terminal, queue: Queue) -> None:
    app.press("5", "e")
    app.until("queuectl config set max-retries")
    app.press("backspace", "5")
    app.until("queuectl config set max-retries 5")
    app.press("enter")
    app.until("set ")
    until(lambda: queue.config.get("max-retries") == "5", "the setting")


def _the_pool_still_works(queue: Queue) -> None:
    (added,) = queue.jobs.add([NewJob("true", "/")])
    assert added is not None
    assert queue.jobs.wait([added.id], DEADLINE_S).completed == 1
