"""A dispatcher's way to the store: at once where nobody waits, by the thread where it had to."""

import contextlib
import threading
import time

import apsw
import pytest

from queuectl.core.job import NewJob
from queuectl.core.turn import Turn
from queuectl.store import open_pool_store, open_store
from queuectl.worker.clerk import Clerk
from queuectl.worker.clock import wall_ms
from tests.patience import until

SOON_S = 0.5


@pytest.fixture
def clerk(tmp_path, place):
    path = str(tmp_path / "queue.db")
    open_store(path, create=True).close()
    clerk = Clerk(open_pool_store(path), place, "p1", ())
    clerk.path = path
    clerk.dues = []
    clerk.begin(lambda _: None, clerk.dues.append, lambda _: True, lambda error: pytest.fail(repr(error)))
    yield clerk
    clerk.close()


def a_turn(store):
    return store.turn(Turn("p1", "here", (), (), (("p1/w1", 1),)), wall_ms())


def until_heard(clerk, condition, what):
    def heard():
        clerk.await_answer(SOON_S)
        with contextlib.suppress(BlockingIOError):  # nothing came
            clerk.deliver()
        return condition()

    until(heard, what)


def test_what_need_not_wait_is_done_by_the_caller(clerk):
    done = []
    clerk.ask_at_once(lambda store: (threading.current_thread(), a_turn(store)), done.append)
    ((thread, turned),) = done
    assert thread is threading.current_thread()
    assert turned.claimed == ()


def test_while_another_process_writes_the_caller_goes_on_and_hears_of_it_later(clerk):
    other, done = apsw.Connection(clerk.path), []
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    clerk.ask_at_once(a_turn, done.append)
    assert time.monotonic() - began < SOON_S
    assert done == []
    other.execute("COMMIT")
    other.close()
    until_heard(clerk, lambda: done, "the answer")
    assert [turned.claimed for turned in done] == [()]


def test_behind_what_was_asked_before_it_waits_its_turn(clerk):
    go, done = threading.Event(), []
    clerk.ask(lambda _: go.wait(30), lambda _: done.append("first"))
    clerk.ask_at_once(lambda _: None, lambda _: done.append("second"))
    assert done == []
    go.set()
    until_heard(clerk, lambda: len(done) == 2, "both answers")
    assert done == ["first", "second"]


def test_what_was_seen_before_is_heard_before(clerk):
    """A turn between a look and its answer would make the look say that what was just claimed is lost."""
    seen, done = threading.Event(), []
    clerk.ask(lambda _: seen.set(), lambda _: done.append("look"))
    assert seen.wait(30)
    clerk.ask_at_once(lambda _: None, lambda _: done.append("turn"))
    until_heard(clerk, lambda: len(done) == 2, "both answers")
    assert done == ["look", "turn"]


def test_what_becomes_due_soon_is_seen_though_the_thread_sleeps(clerk):
    due = wall_ms() + 200
    person = open_store(clerk.path, create=False)
    person.adder.add([NewJob("true", "/", run_at=due)], wall_ms())
    person.close()

    def claim(store):
        clerk.expect(a_turn(store).next_due)

    clerk.ask_at_once(claim, lambda _: None)
    until_heard(clerk, lambda: clerk.dues, "that it is due")
    assert due <= wall_ms() < due + 1000 * SOON_S
