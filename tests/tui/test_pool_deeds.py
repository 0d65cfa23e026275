"""What keys do to pools and settings, with real pools."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from queuectl.core.job import State
from queuectl.core.views import PoolView
from queuectl.queue import Queue
from queuectl.tui.desk import Target
from queuectl.tui.panes import Pane
from queuectl.wiring import connect
from tests.patience import until
from tests.tui.clerk import Stock, office
from tests.tui.screen import piloted

WORKERS = Target(Pane.WORKERS)


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    queue = connect(str(tmp_path / "queue.db"), create=True)
    yield queue
    queue.pools.stop(force=True, timeout_s=20)
    queue.close()


def the_pool(queue: Queue) -> PoolView:
    (pool,) = queue.pools.all()
    return pool


@piloted
async def test_n_starts_a_pool_then_adds_workers_to_it_and_counts_what_was_asked_before(queue: Queue) -> None:
    async with office(Path(queue.location)) as clerk:
        await clerk.do("pool.add", WORKERS)
        assert clerk.app.told == ["Starting 1 worker …", "Pool p1 runs 1 worker"]
        await clerk.do("pool.add", WORKERS)
        await clerk.do("pool.add", WORKERS)
        assert clerk.told == "p1: 2 → 3 workers"
        until(lambda: the_pool(queue).workers == 3, "three workers")
        assert [entry.line for entry in clerk.app.desk.log] == [
            "queuectl worker start --detach --count 1",
            "queuectl worker scale 2 p1",
            "queuectl worker scale 3 p1",
        ]


@piloted
async def test_n_while_a_pool_starts_adds_a_worker_to_it_and_starts_no_other(queue: Queue) -> None:
    async with office(Path(queue.location)) as clerk:
        clerk.app.run_worker(clerk.app.do("pool.add", WORKERS))
        await clerk.do("pool.add", WORKERS)
        await clerk.until(lambda: clerk.told == "p1: 1 → 2 workers", "the second one to have waited")
        assert the_pool(queue).wanted == 2


@piloted
async def test_several_workers_are_asked_for_where_no_pool_runs(queue: Queue) -> None:
    async with office(Path(queue.location)) as clerk:
        await clerk.begin("pool.scale", WORKERS)
        assert "queuectl worker start --detach --count 1" in clerk.text
        await clerk.answer("backspace", "2", "enter")
        assert clerk.told == "Pool p1 runs 2 workers"


@pytest.mark.parametrize("name", ["pool.add", "pool.scale"])
@piloted
async def test_a_pool_that_is_stopping_is_not_taken_for_another_one(queue: Queue, name: str) -> None:
    named, other = queue.pools.start(1), queue.pools.start(1)
    stock = Stock(Path(queue.location))
    stock.add(2, command="sleep 30")
    until(lambda: len(stock.ids(State.PROCESSING)) == 2, "both pools to be busy")
    queue.pools.ask_stop(named)
    async with office(Path(queue.location)) as clerk:
        await clerk.do(name, Target(Pane.WORKERS, (named,)))
        assert clerk.told == f"{named} is stopping\nmove the cursor to a pool that runs"
    assert [pool.wanted for pool in queue.pools.all() if pool.name == other] == [1]
    stock.close()


@pytest.mark.parametrize("name", ["pool.add", "pool.scale", "pool.stop", "pool.kill"])
@piloted
async def test_a_pool_that_has_ended_is_not_taken_for_another_one(queue: Queue, name: str) -> None:
    ended, other = queue.pools.start(1), queue.pools.start(1)
    queue.pools.stop(ended, force=True, timeout_s=20)
    async with office(Path(queue.location)) as clerk:
        await clerk.do(name, Target(Pane.WORKERS, (ended,)))
        assert clerk.told.startswith(f"{ended} is gone")
    assert [(pool.name, pool.state, pool.wanted) for pool in queue.pools.all()] == [(other, "running", 1)]


@piloted
async def test_the_number_of_workers_is_asked_for_and_checked(queue: Queue) -> None:
    queue.pools.start(1)
    async with office(Path(queue.location)) as clerk:
        await clerk.begin("pool.scale", WORKERS)
        await clerk.pilot.press(*"257", "enter")
        assert "must be from 1 to 256" in clerk.text
        await clerk.answer("backspace", "backspace", "enter")
        until(lambda: the_pool(queue).workers == 2, "two workers")


@piloted
async def test_x_asks_and_lets_commands_finish_without_holding_up_the_desk(queue: Queue) -> None:
    queue.pools.start(1)
    async with office(Path(queue.location)) as clerk:
        stock = Stock(Path(queue.location))
        (id,) = stock.add(command="sleep 30")
        until(lambda: stock.job(id).state is State.PROCESSING, "the job to run")
        await clerk.begin("pool.stop", WORKERS)
        assert "let 1 command finish, take no more, then end" in clerk.text
        await clerk.answer("escape")
        assert the_pool(queue).state == "running"
        await clerk.do("pool.stop", WORKERS, "y")
        assert clerk.told == "p1 was told to end when its commands have finished"
        assert the_pool(queue).state == "stopping"
        await clerk.begin("pool.kill", Target(Pane.WORKERS, ("p1",)))
        assert "their jobs go back" in clerk.text
        await clerk.answer("y")
        until(lambda: not queue.pools.all(), "the pool to be gone")
        job = stock.job(id)
        assert (job.state, job.attempts, job.interruptions) == (State.PENDING, 0, 0)
        stock.close()


@piloted
async def test_of_several_pools_the_one_under_the_cursor_is_meant(queue: Queue) -> None:
    names = [queue.pools.start(1), queue.pools.start(1)]
    async with office(Path(queue.location)) as clerk:
        await clerk.do("pool.add", WORKERS)
        assert clerk.told.startswith("several pools are running")
        await clerk.do("pool.add", Target(Pane.WORKERS, (names[1],)))
        assert clerk.told == f"{names[1]}: 1 → 2 workers"


@piloted
async def test_without_a_pool_there_is_nothing_to_stop(queue: Queue) -> None:
    async with office(Path(queue.location)) as clerk:
        await clerk.do("pool.stop", WORKERS)
        assert clerk.told == "No pool is running"


@piloted
async def test_d_puts_a_setting_back_after_a_question_with_both_values(queue: Queue) -> None:
    queue.config.set("max-retries", "7")
    target = Target(Pane.CONFIG, ("max-retries",))
    async with office(Path(queue.location)) as clerk:
        await clerk.begin("config.reset", target)
        for part in ("Now       7", "Default   3", "Applies", "queuectl config reset max-retries"):
            assert part in clerk.text
        await clerk.answer("enter")
        assert queue.config.get("max-retries") == "7"
        await clerk.do("config.reset", target, "y")
        assert queue.config.get("max-retries") == "3"
        assert clerk.told.startswith("max-retries: back to 3 (was 7)")
        await clerk.do("config.reset", target)
        assert clerk.told == "max-retries is 3, which is the default"
