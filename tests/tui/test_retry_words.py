"""What is said of jobs that are to run again later."""

from __future__ import annotations

import pytest

from queuectl.tui.panes import Pane
from tests.tui.clerk import Stock, matching, office, on
from tests.tui.screen import piloted


@pytest.fixture
def stock(tmp_path):
    stock = Stock(tmp_path / "queue.db")
    yield stock
    stock.close()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("30s 1/s", "10 retried, due in 30s to 39s · u undo"),
        ("5m", "10 retried, due in 5m 00s · u undo"),
        ("1/s", "10 retried, due from now to 9s · u undo"),
        ("", "10 retried · u undo"),
    ],
)
@piloted
async def test_the_answer_to_a_retry_says_when_the_jobs_are_due(stock: Stock, asked: str, said: str) -> None:
    stock.dead(10)
    async with office(stock.path) as clerk:
        await clerk.begin("queue.retry-with", matching(Pane.DLQ))
        await clerk.pilot.press(*asked, "enter")
        await clerk.until(lambda: "Retry 10" in clerk.text and clerk.asked, "the question")
        await clerk.answer("y")
        assert clerk.told == said


@piloted
async def test_of_one_job_too(stock: Stock) -> None:
    (id,) = stock.dead()
    async with office(stock.path) as clerk:
        await clerk.do("queue.retry-with", on(stock.queue, Pane.DLQ, id), *"5m", "enter")
        assert clerk.told == f"Retried {id}, due in 5m 00s · u undo"
