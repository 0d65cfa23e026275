"""What a person did is put back, unless the job has moved since."""

from __future__ import annotations

import pytest

from queuectl.core.job import State
from queuectl.core.lifecycle import Cancel, Delete, Edit, Hold, Release, Retry
from queuectl.core.selector import EVERYTHING
from tests.store.conftest import NOW, failed, job, succeeded, turn

LATER = NOW + 5_000


def jobs(store):
    return {each.id: each for each in store.reader.page(EVERYTHING, "arrival", None, 999, NOW)}


def some_of_each(store, pool):
    """Jobs in every state but processing, held and scheduled ones among them."""
    store.adder.add([job("old", id=name, max_retries=1 + (name != "dead")) for name in ("done", "dead", "failed")], NOW)
    done, dead, failing = turn(pool, free=3).claimed
    turn(pool, succeeded(done), failed(dead), failed(failing))
    store.adder.add([job(), job(held=True), job(run_at=NOW + 60_000), job()], NOW)
    store.changer.change_named(["j7"], Cancel(), NOW)


@pytest.mark.parametrize(
    "asked",
    [
        *(Retry(), Retry(9.0, 0.1), Cancel(), Hold(), Release(), Edit({"command": "new", "queue": "q", "priority": 3})),
        Edit({"command": "new", "max_retries": 9, "tags": ("t",), "env": {"A": "b"}, "timeout_s": 2.0}, retry=True),
    ],
    ids=str,
)
def test_undoing_puts_every_job_back_and_the_version_goes_on(store, pool, asked):
    some_of_each(store, pool)
    before, attempts = jobs(store), [store.reader.attempts(n) for n in range(1, 8)]
    batch = store.changer.change_matching(EVERYTHING, asked, store.changer.bound(NOW), 0, NOW)
    assert [each.id for each in batch.before] == list(batch.ids) != []
    undone = store.changer.undo(batch.before, LATER)
    assert (undone.matched, undone.changed, undone.skipped, undone.ids) == (batch.changed, batch.changed, (), batch.ids)
    after = jobs(store)
    for name in batch.ids:
        assert after[name] == before[name]._replace(version=before[name].version + 2, updated_at=LATER)
    assert [store.reader.attempts(n) for n in range(1, 8)] == attempts
    counted = {state: sum(each.state is state for each in after.values()) for state in State}
    assert counted == {state: store.reader.counts().of(state) for state in State}


def test_what_may_run_after_an_undoing_is_claimed_and_nothing_else(store, pool):
    some_of_each(store, pool)
    ids = ["j4", "j5", "j6"]
    held = store.changer.change_named(["j4", "j6"], Hold(), NOW)
    freed = store.changer.change_named(["j5"], Release(), NOW)
    store.changer.undo((*held.before, *freed.before), NOW)
    assert [each.id for each in turn(pool, free=9, now=NOW + 1).claimed if each.id in ids] == ["j4"]


def test_jobs_that_have_moved_since_are_left_and_named(store, pool):
    store.adder.add([job() for _ in range(5)], NOW)
    batch = store.changer.change_named([f"j{n}" for n in range(1, 6)], Edit({"priority": 2}), NOW)
    store.changer.change_named(["j1"], Hold(), NOW)
    store.changer.change_named(["j2"], Delete(), NOW)
    turn(pool, free=1)
    before = jobs(store)
    undone = store.changer.undo(batch.before, LATER)
    assert (undone.matched, undone.changed, undone.ids) == (5, 2, ("j4", "j5"))
    assert undone.skipped == (
        ("j1", "j1 has moved since and is pending; it stays as it is"),
        ("j2", "j2 is gone"),
        ("j3", "j3 has moved since and is processing; it stays as it is"),
    )
    after = jobs(store)
    assert [after[name] for name in ("j1", "j3")] == [before[name] for name in ("j1", "j3")]
    assert [after[name].priority for name in ("j4", "j5")] == [0, 0]


def test_undoing_twice_changes_nothing_more(store):
    store.adder.add([job()], NOW)
    batch = store.changer.change_named(["j1"], Cancel(), NOW)
    assert store.changer.undo(batch.before, LATER).changed == 1
    assert store.changer.undo(batch.before, LATER).changed == 0
    assert store.reader.get("j1").state is State.PENDING


def test_a_cancel_that_a_running_command_has_heard_of_is_not_undone(store, pool):
    store.adder.add([job()], NOW)
    turn(pool, free=1)
    batch = store.changer.change_named(["j1"], Cancel(), NOW)
    undone = store.changer.undo(batch.before, LATER)
    assert undone.skipped == (("j1", "j1 was processing; what was asked of it cannot be undone"),)
    assert store.reader.get("j1").cancel_asked == 1


def test_a_job_whose_unique_key_another_took_since_stays_as_it_is(store):
    store.adder.add([job(unique_key="k"), job()], NOW)
    batch = store.changer.change_named(["j1", "j2"], Cancel(), NOW)
    store.adder.add([job(unique_key="k")], NOW)
    undone = store.changer.undo(batch.before, LATER)
    assert (undone.changed, undone.ids) == (1, ("j2",))
    assert "j1 has the unique key of another job" in undone.skipped[0][1]
    assert store.reader.get("j1").state is State.CANCELLED


def test_more_than_a_batch_and_what_was_deleted_cannot_be_undone(store):
    store.adder.add([job() for _ in range(501)], NOW)
    assert len(store.changer.change_named([f"j{n}" for n in range(1, 501)], Hold(), NOW).before) == 500
    assert store.changer.change_named([f"j{n}" for n in range(1, 502)], Edit({"priority": 1}), NOW).before == ()
    assert store.changer.change_named(["j1"], Delete(), NOW).before == ()
    assert store.changer.undo((), NOW)[:3] == (0, 0, ())
