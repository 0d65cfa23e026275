"""How ends of attempts are written: guarded by the fence, kept in the history, never in each other's way."""

from __future__ import annotations

import pytest

from queuectl.core.attempt import Outcome
from queuectl.core.job import State
from queuectl.core.lifecycle import Cancel, GiveBack, Retry
from queuectl.core.turn import Settlement
from tests.store.conftest import (
    NOW,
    failed,
    given_back,
    job,
    pool_record,
    result,
    succeeded,
    turn,
    worker_record,
)


@pytest.fixture
def running(store, pool):
    store.adder.add([job(max_retries=2)], NOW)
    return turn(pool, free=1).claimed[0]


def test_what_is_settled_is_what_is_read(store, pool, running):
    (settled,) = turn(pool, succeeded(running, cpu_s=0.25, max_rss_bytes=7, output=b"hi\n", output_bytes=3)).settled
    assert store.reader.get("j1") == settled
    (attempt,) = store.reader.attempts(settled.number)
    assert (attempt.n, attempt.worker, attempt.host, attempt.outcome) == (1, "p1/w1", "host", Outcome.EXITED)
    assert (attempt.cpu_s, attempt.max_rss_bytes, attempt.output_bytes) == (0.25, 7, 3)
    assert store.reader.output(settled.number, 1) == b"hi\n"


def test_an_old_fence_changes_nothing(store, pool, running):
    turn(pool, given_back(running))
    (again,) = turn(pool, free=1, name="p2").claimed
    assert turn(pool, succeeded(running)).settled == (None,)
    assert store.reader.get("j1") == again
    assert store.reader.attempts(1) == []


def test_a_settlement_is_taken_once(store, pool, running):
    assert turn(pool, succeeded(running), succeeded(running)).settled[1] is None
    assert len(store.reader.attempts(1)) == 1


def test_an_asked_cancel_wins_over_the_result(store, pool, running):
    store.changer.change_named(["j1"], Cancel(), NOW)
    look = pool.look("p1", (), NOW, always=True)
    assert look.claims == {1: (running.fence, 1)}
    (settled,) = turn(pool, succeeded(running)).settled
    assert (settled.state, settled.attempts, settled.cancel_asked) == (State.CANCELLED, 0, 0)


def test_numbers_of_attempts_go_on_after_a_retry(store, pool, running):
    turn(pool, failed(running))
    (second,) = turn(pool, free=1, now=NOW + 5_000).claimed
    turn(pool, failed(second))
    store.changer.change_named(["j1"], Retry(), NOW + 6_000)
    (third,) = turn(pool, free=1, now=NOW + 6_000).claimed
    turn(pool, succeeded(third))
    assert [attempt.n for attempt in store.reader.attempts(1)] == [1, 2, 3]
    assert store.reader.get("j1").attempts == 1


def test_an_interruption_too_many_is_death(store, pool, running):
    settlement = Settlement(1, running.fence, GiveBack(True, 0), result(Outcome.INTERRUPTED, None))
    (dead,) = turn(pool, settlement).settled
    assert (dead.state, dead.error) == (State.DEAD, "interrupted 1 times")
    assert store.reader.get("j1") == dead


@pytest.mark.parametrize(
    "bad",
    [
        {"error": "\ud800"},
        {"output": b"x" * 70_000},
        {"exit_code": 2**70},
        {"max_rss_bytes": "much"},
        {"output_bytes": -1},
    ],
)
def test_a_result_that_cannot_be_stored_stands_in_nobodys_way(store, pool, bad):
    store.adder.add([job(), job(), job()], NOW)
    first, second = turn(pool, free=2).claimed
    spoilt = succeeded(first)._replace(result=result()._replace(**bad))
    both = turn(pool, spoilt, succeeded(second), free=1)
    assert [job.state for job in both.settled] == [State.COMPLETED] * 2
    assert [job.id for job in both.claimed] == ["j3"]
    assert store.reader.attempts(first.number)[0].error == "the result of this attempt could not be stored as it was"
    assert store.reader.attempts(second.number)[0].error is None


def test_workers_count_what_they_did(store, pool):
    pool.register(pool_record(), [worker_record()])
    store.adder.add([job(), job()], NOW)
    (first,) = turn(pool, free=1).claimed
    (second,) = turn(pool, succeeded(first), free=1).claimed
    turn(pool, failed(second))
    (worker,) = store.book.workers()
    assert (worker.done, worker.failed) == (1, 1)


@pytest.mark.parametrize(("elsewhere", "known"), [({}, [100]), ({"boot_id": "old"}, []), ({"pid_ns": "other"}, [])])
def test_who_takes_over_from_who_took_over_is_told_of_the_first_ones_worker(site, store, pool, elsewhere, known):
    pool.register(pool_record("p1", **elsewhere), [worker_record()])
    store.adder.add([job()], NOW)
    (running,) = turn(pool, free=1).claimed
    site.pool().take_over("p1", pool_record("p2"), NOW, print)
    jobs, workers = site.pool().take_over("p2", pool_record("p3"), NOW, print)
    assert [job.id for job in jobs] == [running.id]
    assert [worker.pid for worker in workers] == known


def test_a_claim_taken_over_is_lost_for_the_one_that_held_it(site, store, pool, running):
    pool.register(pool_record(), [worker_record()])
    other = site.pool()
    told = []
    jobs, workers = other.take_over("p1", pool_record("p2"), NOW, told.extend)
    assert told == jobs
    assert jobs == [running]
    assert [worker.pid for worker in workers] == [100]
    assert turn(pool, succeeded(running)).settled == (None,)
    ours = running._replace(fence=running.fence + 1)
    assert turn(other, given_back(ours), name="p2").settled[0].state is State.PENDING
