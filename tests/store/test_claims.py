"""Which jobs a turn claims, and in which order."""

from __future__ import annotations

from queuectl.core.job import State
from queuectl.core.lifecycle import Release
from queuectl.core.selector import EVERYTHING
from tests.store.conftest import NOW, failed, given_back, job, succeeded, turn

HOUR = 3_600_000


def claimed(pool, free, **more):
    return [job.id for job in turn(pool, free=free, **more).claimed]


def test_claims_go_by_priority_then_run_at_then_arrival(store, pool):
    store.adder.add(
        [job(id="late", run_at=NOW - 1), job(id="first", run_at=NOW - 2), job(id="same", run_at=NOW - 1)], NOW
    )
    store.adder.add([job(id="high", priority=5), job(id="low", priority=-5, run_at=NOW - HOUR)], NOW)
    assert claimed(pool, 10) == ["high", "first", "late", "same", "low"]


def test_a_turn_claims_one_job_for_each_free_worker_and_names_it(store, pool):
    store.adder.add([job(), job(), job()], NOW)
    taken = turn(pool, free=2).claimed
    assert [(job.worker, job.worker_pid, job.pool, job.host) for job in taken] == [
        ("p1/w1", 100, "p1", "host"),
        ("p1/w2", 101, "p1", "host"),
    ]
    assert store.reader.get("j1") == taken[0]
    assert store.reader.get("j3").state is State.PENDING


def test_a_held_job_is_never_claimed(store, pool):
    store.adder.add([job(held=True)], NOW)
    assert claimed(pool, 3) == []
    assert turn(pool).next_due is None


def test_a_job_that_is_due_later_is_claimed_when_its_time_has_come(store, pool):
    store.adder.add([job(run_at=NOW + 5_000, priority=9), job()], NOW)
    first = turn(pool, free=2)
    assert [job.id for job in first.claimed] == ["j2"]
    assert first.next_due == NOW + 5_000
    assert claimed(pool, 2, now=NOW + 4_999) == []
    assert claimed(pool, 2, now=NOW + 5_000) == ["j1"]


def test_two_pools_never_claim_the_same_job(site, store):
    store.adder.add([job() for _ in range(60)], NOW)
    pools = [(site.pool(), f"p{k}") for k in range(3)]
    taken = [each for _ in range(10) for pool, name in pools for each in claimed(pool, 3, name=name)]
    assert sorted(taken) == sorted(f"j{n}" for n in range(1, 61))


def test_a_pool_of_two_queues_claims_from_both_in_one_order(store, pool):
    store.adder.add([job(id="b1", queue="b"), job(id="a1", queue="a"), job(id="c1", queue="c", priority=9)], NOW)
    store.adder.add([job(id="a2", queue="a", priority=3), job(id="b2", queue="b", run_at=NOW - 1)], NOW)
    assert claimed(pool, 3, queues=("a", "b")) == ["a2", "b2", "b1"]
    assert claimed(pool, 3, queues=("a", "b")) == ["a1"]
    assert claimed(pool, 3, queues=("a", "b")) == []


def test_a_pool_of_one_queue_hears_only_of_its_own_due_jobs(store, pool):
    store.adder.add([job(queue="a", run_at=NOW + 10), job(queue="b", run_at=NOW + 5)], NOW)
    assert turn(pool, queues=("a",)).next_due == NOW + 10
    assert claimed(pool, 5, queues=("a",), now=NOW + 20) == ["j1"]


def test_what_became_due_for_another_queue_is_no_obstacle(store, pool):
    store.adder.add([job(queue="b", run_at=NOW + 1) for _ in range(1_500)], NOW)
    store.adder.add([job(id="mine", queue="a", run_at=NOW + 2)], NOW)
    assert claimed(pool, 1, queues=("a",), now=NOW + 10) == ["mine"]


def test_more_jobs_than_one_transaction_lets_in_are_all_claimed_in_the_end(store, pool):
    store.adder.add([job(run_at=NOW + 1) for _ in range(2_500)], NOW)
    assert len(claimed(pool, 2_000, now=NOW + 10)) == 1_000
    assert len(claimed(pool, 2_000, now=NOW + 10)) == 1_000
    assert len(claimed(pool, 2_000, now=NOW + 10)) == 500


def test_run_at_follows_a_clock_that_is_set_back(store, pool):
    store.adder.add([job(id="soon", run_at=NOW + HOUR), job(id="now")], NOW)
    assert claimed(pool, 1, now=NOW + HOUR) == ["now"]
    # The clock goes back before the promoted job was taken.
    back = turn(pool, free=1, now=NOW + 1)
    assert back.claimed == ()
    assert back.next_due == NOW + HOUR
    assert claimed(pool, 1, now=NOW + HOUR) == ["soon"]


def test_many_jobs_ahead_of_a_clock_that_was_set_back_leave_the_way_of_others(store, pool):
    store.adder.add([job(priority=9) for _ in range(1_200)], NOW)
    store.adder.add([job(id="due", run_at=NOW - 2 * HOUR)], NOW)
    assert pool.look("p1", (), NOW - HOUR, always=True).next_due == NOW
    assert claimed(pool, 1, now=NOW - HOUR) == ["due"]


def test_more_jobs_ahead_than_one_transaction_takes_are_all_shut_out(store, pool):
    store.adder.add([job(priority=9) for _ in range(2_500)], NOW)
    store.adder.add([job(id=f"due{n}", run_at=NOW - 2 * HOUR) for n in range(4)], NOW)
    turn(pool)
    for n in range(4):
        assert claimed(pool, 1, now=NOW - HOUR) == [f"due{n}"]
    assert pool.demote(NOW - HOUR) == 0


def test_a_job_released_before_its_time_waits_for_it(store, pool):
    store.adder.add([job(held=True, run_at=NOW + 9), job(held=True)], NOW)
    store.changer.change_matching(EVERYTHING, Release(), store.changer.bound(NOW), 0, NOW)
    assert turn(pool).next_due == NOW + 9
    assert claimed(pool, 2) == ["j2"]


def test_a_settled_job_is_claimed_again_when_its_delay_is_over(store, pool):
    store.adder.add([job(max_retries=2)], NOW)
    (first,) = turn(pool, free=1).claimed
    after = turn(pool, failed(first, delay_s=2.0), free=1)
    assert (after.settled[0].state, after.claimed, after.next_due) == (State.FAILED, (), NOW + 2_000)
    (second,) = turn(pool, free=1, now=NOW + 2_000).claimed
    assert second.fence == first.fence + 1
    assert turn(pool, failed(second), now=NOW + 2_000).settled[0].state is State.DEAD


def test_a_job_given_back_is_the_next_of_its_priority(store, pool):
    store.adder.add([job(), job(), job()], NOW)
    (first,) = turn(pool, free=1).claimed
    again = turn(pool, given_back(first), free=2)
    assert again.settled[0].state is State.PENDING
    assert [job.id for job in again.claimed] == ["j1", "j2"]


def test_a_turn_settles_and_claims_at_once(store, pool):
    store.adder.add([job(), job()], NOW)
    (first,) = turn(pool, free=1).claimed
    both = turn(pool, succeeded(first), free=1)
    assert both.settled[0].state is State.COMPLETED
    assert [job.id for job in both.claimed] == ["j2"]
    assert store.reader.count(EVERYTHING, NOW) == 2
