"""Pools and workers as they stand in the store, and what a dispatcher sees when it looks."""

from __future__ import annotations

import pytest

from queuectl.core.lifecycle import Cancel
from queuectl.errors import Conflict, NotFound
from tests.store.conftest import NOW, given_back, job, pool_record, succeeded, turn, worker_record


def test_a_pool_is_read_as_it_was_registered(store, pool):
    record = pool_record(queues=("a", "b"))
    pool.register(record, [worker_record("w1"), worker_record("w10"), worker_record("w2")])
    assert store.book.pools() == [record]
    assert [worker.name for worker in store.book.workers()] == ["w1", "w2", "w10"]


def test_the_same_pool_keeps_what_was_asked_of_it_and_what_its_workers_did(store, pool):
    pool.register(pool_record(), [worker_record("w1"), worker_record("w2")])
    store.adder.add([job()], NOW)
    turn(pool, succeeded(turn(pool, free=1).claimed[0]))
    store.book.ask_scale("p1", 5)
    store.book.ask_stop("p1", "drain")
    pool.register(pool_record(), [worker_record("w1", pid=200)])
    (known,) = store.book.pools()
    assert (known.wanted, known.stop) == (5, "drain")
    (worker,) = store.book.workers()
    assert (worker.pid, worker.done) == (200, 1)


def test_another_pool_of_the_same_name_begins_anew(store, pool):
    pool.register(pool_record(), [worker_record("w1")])
    store.book.ask_stop("p1", "force")
    pool.register(pool_record(pid=77), [])
    assert store.book.pools()[0].stop == ""
    assert store.book.workers() == []


def test_a_stop_by_force_is_not_taken_back_and_a_stopping_pool_is_not_scaled(store, pool):
    pool.register(pool_record(), [])
    store.book.ask_stop("p1", "force")
    store.book.ask_stop("p1", "drain")
    assert store.book.pools()[0].stop == "force"
    with pytest.raises(Conflict):
        store.book.ask_scale("p1", 3)
    for ask in (lambda: store.book.ask_scale("p9", 3), lambda: store.book.ask_stop("p9", "drain")):
        with pytest.raises(NotFound):
            ask()


def test_a_pool_that_holds_claims_is_not_forgotten(store, pool):
    pool.register(pool_record(), [worker_record()])
    store.adder.add([job()], NOW)
    (running,) = turn(pool, free=1).claimed
    assert store.book.running() == {"p1/w1": running}
    pool.unregister("p1")
    assert store.book.pools() != []
    turn(pool, given_back(running))
    pool.unregister("p1")
    assert (store.book.pools(), store.book.workers()) == ([], [])


def test_a_look_is_given_only_when_something_changed(site, store, pool):
    assert pool.look("p1", (), NOW) is not None
    assert pool.look("p1", (), NOW) is None
    pool.beat("p1", NOW)
    assert pool.look("p1", (), NOW) is None
    store.adder.add([job()], NOW)
    assert pool.look("p1", (), NOW).work_left
    assert pool.look("p1", (), NOW) is None
    assert pool.look("p1", (), NOW, always=True) is not None
    store.adder.add([job()], NOW)
    assert pool.look("p1", (), NOW, always=True) is not None
    assert pool.look("p1", (), NOW) is not None


def test_a_look_shows_the_pool_the_others_the_claims_and_the_settings(site, store, pool):
    pool.register(pool_record(), [])
    site.pool().register(pool_record("p2", pid=11), [])
    store.config.put("lease", "5s", NOW)
    store.adder.add([job(), job(run_at=NOW + 50)], NOW)
    (running,) = turn(pool, free=1).claimed
    store.changer.change_named(["j1"], Cancel(force=True), NOW)
    look = pool.look("p1", (), NOW)
    assert (look.pool.name, [other.name for other in look.others]) == ("p1", ["p2"])
    assert look.claims == {1: (running.fence, 2)}
    assert (look.settings.lease_s, look.next_due, look.work_left) == (5.0, NOW + 50, True)


def test_a_sign_of_life_is_seen_by_others(site, store, pool):
    pool.register(pool_record(), [])
    other = site.pool()
    before = other.look("p2", (), NOW).others[0].beat
    pool.beat("p1", NOW)
    assert other.look("p2", (), NOW).others[0].beat == before + 1


def test_claims_of_a_pool_that_is_not_registered_are_seen_as_those_of_a_dead_one(site, store, pool):
    store.adder.add([job()], NOW)
    turn(pool, free=1, name="p7")
    (gone,) = pool.look("p1", (), NOW).others
    assert (gone.name, gone.pid) == ("p7", 0)
    assert len(pool.take_over("p7", pool_record(), NOW, print)[0]) == 1


@pytest.mark.parametrize(
    ("fields", "left"),
    [({}, True), ({"run_at": NOW + 9}, True), ({"held": True}, False), ({"queue": "other"}, False)],
)
def test_work_is_left_while_a_job_of_its_queues_may_still_run(store, pool, fields, left):
    store.adder.add([job(**{"queue": "mine", **fields})], NOW)
    assert pool.look("p1", ("mine",), NOW).work_left is left
    turn(pool, free=1, queues=("mine",))
    assert pool.look("p1", ("mine",), NOW, always=True).work_left is left
    assert pool.look("p1", (), NOW, always=True).work_left is (fields.get("held") is None)
