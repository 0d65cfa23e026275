"""What people do to jobs: by name all or none, by a condition in batches that agree with `transition`."""

from __future__ import annotations

import pytest

from queuectl.core.job import WAITING, State
from queuectl.core.lifecycle import (
    Cancel,
    Delete,
    Edit,
    Hold,
    Release,
    Retry,
    check_deletable,
    transition,
)
from queuectl.core.selector import EVERYTHING, Term
from queuectl.core.units import PRIORITY_LIMIT
from queuectl.errors import Conflict, NotFound, WrongState
from tests.store.conftest import NOW, failed, given_back, job, succeeded, turn

LATER = NOW + 60_000
VERBS = [
    *(Retry(), Retry(30.0), Retry(1.5, 3.0, 4), Retry(rate=0.7, since=NOW), Cancel(), Cancel(force=True)),
    *(Hold(), Release(), Delete(), Edit({"priority": 7, "command": "new"}), Edit({"max_retries": 1})),
    *(Edit({"queue": "q", "max_retries": 1}, retry=True), Edit({"run_at": LATER}, retry=True)),
]


def one_of_each(store, pool):
    """A job in every state, held, interrupted, scheduled and cancel-asked ones among them; their ids."""
    names = ["done", "dead", "failed", "failed-held", "running", "asked", "forced"]
    store.adder.add([job(id=name, max_retries=1 if name == "dead" else 3) for name in names], NOW)
    claimed = {each.id: each for each in turn(pool, free=7).claimed}
    turn(pool, succeeded(claimed["done"]), *(failed(claimed[name]) for name in names[1:4]))
    store.changer.change_named(["failed-held"], Hold(), NOW)
    store.changer.change_named(["asked"], Cancel(), NOW)
    store.changer.change_named(["forced"], Cancel(force=True), NOW)
    store.adder.add([job(id="pending"), job(id="held", held=True), job(id="soon", run_at=NOW + 30_000)], NOW)
    store.adder.add([job(id="scheduled", run_at=LATER + 9), job(id="held-later", held=True, run_at=LATER + 9)], NOW)
    store.adder.add([job(id="gone")], NOW)
    store.changer.change_named(["gone"], Cancel(), NOW)
    return [*names, "pending", "held", "soon", "scheduled", "held-later", "gone"]


@pytest.mark.parametrize("verb", VERBS, ids=str)
def test_a_change_in_bulk_agrees_with_transition_from_every_state(store, pool, verb):
    names = one_of_each(store, pool)
    before = {name: store.reader.get(name) for name in names}
    batch = store.changer.change_matching(EVERYTHING, verb, store.changer.bound(LATER), 0, LATER)
    skipped = dict(batch.skipped)
    assert batch.matched == len(names)
    assert batch.changed == len(names) - len(skipped)
    retried = 0
    for name, was in before.items():
        expected = outcome(was, verb.behind(retried, LATER) if isinstance(verb, Retry) else verb)
        retried += not isinstance(expected, str)
        assert skipped.get(name) == (expected if isinstance(expected, str) else None)
        assert found(store, name) == (was if isinstance(expected, str) else expected)


@pytest.mark.parametrize("verb", VERBS, ids=str)
def test_a_preview_counts_and_names_what_a_change_takes(store, pool, verb):
    one_of_each(store, pool)
    preview = store.changer.preview(EVERYTHING, verb, 100, store.changer.bound(LATER))
    batch = store.changer.change_matching(EVERYTHING, verb, store.changer.bound(LATER), 0, LATER)
    assert (preview.matched, preview.fitting, preview.first) == (batch.matched, batch.changed, batch.ids)


def test_a_preview_names_the_first_only(store):
    store.adder.add([job(), job(), job()], NOW)
    assert store.changer.preview(EVERYTHING, Hold(), 2, store.changer.bound(NOW)) == (3, 3, ("j1", "j2"))


@pytest.mark.parametrize("verb", VERBS, ids=str)
def test_a_check_refuses_what_a_change_would_refuse_and_changes_nothing(store, pool, verb):
    for name in one_of_each(store, pool):
        before = store.reader.get(name)
        expected = outcome(before, verb)
        if isinstance(expected, str):
            with pytest.raises(WrongState) as refused:
                store.changer.check_named([name], verb, LATER)
            assert refused.value.message == expected
        else:
            store.changer.check_named([name], verb, LATER)
        assert store.reader.get(name) == before


def outcome(was, verb):
    """The job after the verb, None if it is gone, or why the verb does not apply."""
    try:
        if not isinstance(verb, Delete):
            return transition(was, verb, LATER)
        check_deletable(was)
    except WrongState as refusal:
        return refusal.message
    return None


def found(store, name):
    try:
        return store.reader.get(name)
    except NotFound:
        return None


@pytest.mark.parametrize("verb", [Retry(), Release(), Edit({"run_at": LATER}), Hold()], ids=str)
def test_what_may_run_after_a_change_is_claimed_and_nothing_else(store, pool, verb):
    names = one_of_each(store, pool)
    store.changer.change_matching(EVERYTHING, verb, store.changer.bound(LATER), 0, LATER)
    jobs = [store.reader.get(name) for name in names]
    may_run = {each.id for each in jobs if each.state in WAITING and not each.held and each.run_at <= LATER}
    assert {each.id for each in turn(pool, free=50, now=LATER).claimed} == may_run


def test_named_jobs_are_all_changed_or_none(store, pool):
    store.adder.add([job(), job(), job()], NOW)
    turn(pool, free=1)
    before = [store.reader.get(name) for name in ("j1", "j2", "j3")]
    with pytest.raises(WrongState, match="j1 is processing"):
        store.changer.change_named(["j2", "j1", "j3"], Hold(), NOW)
    with pytest.raises(NotFound, match="nope"):
        store.changer.change_named(["j2", "nope"], Cancel(), NOW)
    assert [store.reader.get(name) for name in ("j1", "j2", "j3")] == before


def test_a_bound_leaves_out_what_comes_and_what_changes_later(store):
    store.adder.add([job(), job(), job()], NOW)
    bound = store.changer.bound(NOW)
    store.adder.add([job()], NOW + 1)
    store.changer.change_named(["j2"], Cancel(), NOW + 1)
    batch = store.changer.change_matching(EVERYTHING, Hold(), bound, 0, NOW + 2)
    assert (batch.matched, batch.changed, batch.after) == (2, 2, None)
    assert not store.reader.get("j4").held


def test_jobs_that_changed_by_a_clock_set_back_since_are_not_left_out(store):
    store.adder.add([job()], NOW + 3_600_000)
    assert store.changer.change_matching(EVERYTHING, Hold(), store.changer.bound(NOW), 0, NOW).changed == 1


def test_many_jobs_are_changed_in_batches_and_can_be_cut_short(store):
    store.adder.add([job() for _ in range(1_100)], NOW)
    bound, after, seen = store.changer.bound(NOW), 0, []
    while after is not None:
        batch = store.changer.change_matching(Term("state", ":", "pending"), Cancel(), bound, after, NOW)
        seen.append(batch.changed)
        after = batch.after
    assert sum(seen) == 1_100
    assert max(seen) <= 500
    assert store.reader.counts().of(State.CANCELLED) == 1_100


def test_a_retry_in_bulk_makes_one_live_job_of_each_unique_key(store, pool):
    for _ in range(3):
        store.adder.add([job(unique_key="k", max_retries=1)], NOW)
        turn(pool, failed(turn(pool, free=1).claimed[0]))
    store.adder.add([job(max_retries=1)], NOW)
    turn(pool, failed(turn(pool, free=1).claimed[0]))
    batch = store.changer.change_matching(EVERYTHING, Retry(), store.changer.bound(NOW), 0, NOW)
    assert (batch.matched, batch.changed) == (4, 2)
    assert [name for name, _ in batch.skipped] == ["j2", "j3"]
    assert "unique key" in batch.skipped[0][1]


def test_named_jobs_are_retried_at_a_rate_in_the_order_in_which_they_are_named(store):
    store.adder.add([job(), job(), job()], NOW)
    names = ["j3", "j1", "j2"]
    store.changer.change_named(names, Cancel(), NOW)
    store.changer.change_named(names, Retry(1.0, 10.0), NOW)
    assert [store.reader.get(name).run_at for name in names] == [NOW + 1000, NOW + 1100, NOW + 1200]


def test_a_job_that_is_not_as_it_was_seen_is_not_changed_and_neither_are_the_others(store):
    store.adder.add([job(), job()], NOW)
    seen = [store.reader.get(name) for name in ("j1", "j2")]
    store.changer.change_named(["j2"], Edit({"priority": 3}), NOW)
    now = [store.reader.get(name) for name in ("j1", "j2")]
    with pytest.raises(WrongState, match="j2 has changed meanwhile and is pending"):
        store.changer.change_named(["j1", "j2"], Edit({"priority": 5}), NOW, seen=seen)
    assert [store.reader.get(name) for name in ("j1", "j2")] == now
    store.changer.change_named(["j1", "j2"], Edit({"priority": 5}), NOW, seen=now)
    assert store.reader.get("j2").priority == 5


def test_an_edit_that_would_make_two_live_jobs_of_one_key_skips_or_is_refused(store):
    for _ in range(2):
        store.adder.add([job(unique_key="k")], NOW)
        store.changer.change_matching(EVERYTHING, Cancel(), store.changer.bound(NOW), 0, NOW)
    again = Edit({"command": "new"}, retry=True)
    with pytest.raises(Conflict, match="j2 has the unique key of another job"):
        store.changer.change_named(["j1", "j2"], again, NOW)
    assert store.reader.get("j1").state is State.CANCELLED
    batch = store.changer.change_matching(EVERYTHING, again, store.changer.bound(NOW), 0, NOW)
    assert (batch.ids, [name for name, _ in batch.skipped]) == (("j1",), ["j2"])
    assert store.reader.get("j2").command == "true"


def test_deleted_jobs_leave_no_history_and_name_their_files(store, pool):
    store.adder.add([job(), job()], NOW)
    first, second = turn(pool, free=2).claimed
    turn(pool, succeeded(first, output_file="1-1-a", output_bytes=99), failed(second, output_file="2-1-b"))
    (second,) = turn(pool, free=1, now=LATER).claimed
    batch = store.changer.change_matching(EVERYTHING, Delete(), store.changer.bound(LATER), 0, LATER)
    assert batch.files == ("1-1-a",)
    assert [name for name, _ in batch.skipped] == ["j2"]
    assert store.reader.attempts(1) == []
    turn(pool, given_back(second))
    assert store.changer.change_named(["j2"], Delete(), LATER).files == ("2-1-b",)


def test_an_edited_command_is_remembered_with_the_attempts_before(store, pool):
    store.adder.add([job("old")], NOW)
    turn(pool, succeeded(turn(pool, free=1).claimed[0]))
    store.changer.change_named(["j1"], Edit({"command": "new", "queue": "q", "tags": ("t",), "env": {"A": "b"}}), NOW)
    edited = store.reader.get("j1")
    assert (edited.command, edited.queue, edited.tags, edited.env) == ("new", "q", ("t",), {"A": "b"})
    assert store.reader.attempts(1)[0].command == "old"
    store.changer.change_named(["j1"], Retry(), NOW)
    turn(pool, succeeded(turn(pool, free=1).claimed[0]))
    store.changer.change_named(["j1"], Edit({"command": "old"}), NOW)
    assert [attempt.command for attempt in store.reader.attempts(1)] == [None, "new"]
    assert store.reader.counts().by_queue == {"q": {State.COMPLETED: 1}}


def test_completed_jobs_expire_and_others_stay(store, pool):
    store.adder.add([job(), job(max_retries=1), job()], NOW)
    first, second, third = turn(pool, free=3).claimed
    turn(pool, succeeded(first, output_file="f"), failed(second))
    turn(pool, succeeded(third), now=LATER)
    assert pool.expire(LATER, 100) == (1, ["f"])
    assert pool.expire(LATER, 100) == (0, [])
    assert {each.id for each in store.reader.page(EVERYTHING, "arrival", None, 9, NOW)} == {"j2", "j3"}


def test_what_is_to_run_next_stands_above_all_that_wait_and_is_due(store, pool):
    store.adder.add([job(priority=9), job(priority=4, run_at=LATER), job(priority=-1), job()], NOW)
    turn(pool, free=1)
    store.changer.change_named(["j3"], Edit({"queue": "q"}, next=True), NOW + 5)
    third = store.reader.get("j3")
    assert (third.priority, third.run_at, third.queue) == (5, NOW + 5, "q")
    store.changer.change_named(["j4"], Edit({}, next=True), NOW + 6)
    assert [each.id for each in turn(pool, free=3, now=NOW + 7).claimed] == ["j4", "j3"]


def test_running_next_takes_waiting_jobs_only_and_needs_room_above(store, pool):
    store.adder.add([job(priority=PRIORITY_LIMIT), job(), job()], NOW)
    store.changer.change_named(["j3"], Cancel(), NOW)
    with pytest.raises(Conflict, match="there is no higher one"):
        store.changer.change_named(["j2"], Edit({}, next=True), NOW)
    store.changer.change_named(["j1"], Edit({"priority": 0}), NOW)
    verb = Edit({}, next=True)
    assert store.changer.preview(EVERYTHING, verb, 9, store.changer.bound(NOW)) == (3, 2, ("j1", "j2"))
    batch = store.changer.change_matching(EVERYTHING, verb, store.changer.bound(NOW), 0, NOW)
    assert batch.skipped == (("j3", "j3 is cancelled; it cannot be run next"),)


def test_old_output_is_given_up_completed_jobs_first(store, pool):
    store.adder.add([job(max_retries=1), job(), job()], NOW)
    first, second, third = turn(pool, free=3).claimed
    turn(pool, failed(first, output_file="a", output_bytes=50))
    turn(pool, succeeded(second, output_file="b", output_bytes=50), succeeded(third, output_file="c", output_bytes=50))
    assert pool.unsettled_outputs(["a", "x", "c"]) == ["x"]
    assert pool.shrink_output(60) == ["b", "c"]
    assert pool.shrink_output(60) == ["a"]
    assert pool.shrink_output(60) == []
    assert store.reader.attempts(1)[0].output_bytes == 50


def test_the_output_file_of_a_command_that_still_runs_is_no_stray(store, pool):
    store.adder.add([job()], NOW)
    (running,) = turn(pool, free=1).claimed
    live, lost = f"{running.number}-{running.fence}-abc", f"{running.number}-{running.fence - 1}-abc"
    assert pool.unsettled_outputs([live, lost, "77-1-abc"]) == ["77-1-abc"]
    turn(pool, succeeded(running))
    assert pool.unsettled_outputs([live, lost]) == [live, lost]


def test_result_without_output_is_empty(store, pool):
    store.adder.add([job()], NOW)
    turn(pool, succeeded(turn(pool, free=1).claimed[0]))
    assert store.reader.output(1, 1) == b""
    assert store.reader.output(1, 2) == b""


def test_named_jobs_that_must_be_in_one_state_are_refused_in_any_other(store, pool):
    store.adder.add([job(max_retries=1), job()], NOW)
    (first,) = turn(pool, free=1).claimed
    turn(pool, failed(first))
    with pytest.raises(WrongState, match="j2 is pending, not dead"):
        store.changer.change_named(["j1", "j2"], Delete(), NOW, State.DEAD)
    assert store.changer.change_named(["j1"], Delete(), NOW, State.DEAD).changed == 1
