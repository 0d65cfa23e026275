"""Changes of those of some jobs that fit, and what is foreseen of a change of all that match."""

from __future__ import annotations

from itertools import product

import pytest

from queuectl.core.job import ENDED, WAITING, State
from queuectl.core.lifecycle import Asked, Cancel, Delete, Edit, Hold, Release, Retry, transition
from queuectl.core.selector import EVERYTHING, parse
from queuectl.errors import Conflict, WrongState
from tests.store.conftest import NOW, PersonSide, PoolSide, failed, job, succeeded, turn

EVERY = frozenset(State)
LATER = NOW + 60_000


@pytest.fixture
def every_state(store: PersonSide, pool: PoolSide) -> list[str]:
    """Ids of a job of each state: pending, failed, dead, completed, processing, cancelled."""
    store.adder.add([job(id="failed"), job(id="dead", max_retries=1), job(id="completed")], NOW)
    first, second, third = turn(pool, free=3).claimed
    turn(pool, failed(first), failed(second), succeeded(third))
    store.adder.add([job(id="processing")], NOW)
    turn(pool, free=1)
    store.adder.add([job(id="pending"), job(id="cancelled")], NOW)
    store.changer.change_named(["cancelled"], Cancel(), NOW)
    return ["pending", "failed", "dead", "completed", "processing", "cancelled"]


VERBS: tuple[Asked, ...] = (Retry(), Cancel(), Hold(), Release(), Edit({"priority": 4}))


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: type(verb).__name__)
def test_it_changes_what_transition_lets_and_skips_the_rest(
    store: PersonSide, every_state: list[str], verb: Asked
) -> None:
    before = {name: store.reader.get(name) for name in every_state}
    batch = store.changer.change_fitting(every_state, EVERY, verb, LATER)
    for name, was in before.items():
        try:
            expected = transition(was, verb, LATER)  # type: ignore[arg-type]
        except WrongState:
            assert name in dict(batch.skipped)
            assert store.reader.get(name) == was
        else:
            assert name in batch.ids
            assert store.reader.get(name) == expected
    assert (batch.matched, batch.changed) == (6, len(batch.ids))
    assert {one.id for one in batch.before} == set(batch.ids)


@pytest.mark.parametrize(("states", "verb"), product((WAITING, ENDED, frozenset({State.DEAD})), (Retry(), Delete())))
def test_jobs_in_other_states_are_left_alone(
    store: PersonSide, every_state: list[str], states: frozenset[State], verb: Asked
) -> None:
    before = {name: store.reader.get(name) for name in every_state}
    batch = store.changer.change_fitting(every_state, states, verb, LATER)
    others = [name for name in every_state if before[name].state not in states]
    assert set(others) <= set(dict(batch.skipped))
    assert [store.reader.get(name) for name in others] == [before[name] for name in others]
    assert batch.changed > 0


def test_jobs_that_are_gone_are_skipped_and_named(store: PersonSide) -> None:
    store.adder.add([job(id="a")], NOW)
    batch = store.changer.change_fitting(["x", "a", "y"], EVERY, Hold(), NOW)
    assert batch.ids == ("a",)
    assert batch.matched == 3
    assert batch.skipped == (("x", "x is gone"), ("y", "y is gone"))


def test_of_two_jobs_with_one_unique_key_one_is_retried(store: PersonSide) -> None:
    for name in ("a", "b"):
        store.adder.add([job(id=name, unique_key="k")], NOW)
        store.changer.change_named([name], Cancel(), NOW)
    batch = store.changer.change_fitting(["a", "b"], EVERY, Retry(), LATER)
    assert batch.ids == ("a",)
    assert "unique key" in dict(batch.skipped)["b"]


@pytest.mark.parametrize("again", [Retry(), Edit({"command": "new"}, retry=True)], ids=["retry", "edit"])
def test_what_is_foreseen_knows_that_of_one_unique_key_one_job_lives(
    store: PersonSide, pool: PoolSide, again: Asked
) -> None:
    for key, number in {"once": 3, "lives": 2}.items():
        for _ in range(number):
            store.adder.add([job(unique_key=key)], NOW)
            store.changer.change_matching(EVERYTHING, Cancel(), store.changer.bound(NOW), 0, NOW)
    store.adder.add([job(), job(unique_key="lives", max_retries=9)], NOW)
    store.changer.change_named(["j6"], Cancel(), NOW)
    turn(pool, failed(turn(pool, free=1).claimed[0]))
    assert store.reader.get("j7").state is State.FAILED
    bound, everything = store.changer.bound(NOW), [f"j{n}" for n in range(1, 8)]
    foreseen = store.changer.preview(EVERYTHING, again, 9, bound)
    jobs = [store.reader.get(name) for name in everything]
    assert store.changer.keys_taken(jobs, again) == {"j2", "j3", "j4", "j5"}
    assert store.changer.keys_taken(jobs, Hold()) == set()
    with pytest.raises(Conflict, match="j2 has the unique key"):
        store.changer.check_named(everything[:3], again, NOW)
    batch = store.changer.change_matching(EVERYTHING, again, bound, 0, NOW)
    assert (batch.matched, batch.changed, batch.ids) == foreseen == (7, 3, ("j1", "j6", "j7"))


def test_what_came_after_the_bound_is_not_foreseen_and_not_changed(store: PersonSide) -> None:
    store.adder.add([job(id="a"), job(id="b")], NOW)
    bound = store.changer.bound(NOW)
    store.adder.add([job(id="c")], NOW)
    store.changer.change_named(["b"], Cancel(), NOW + 1)
    assert store.changer.preview(EVERYTHING, Hold(), 9, bound) == (1, 1, ("a",))
    assert store.changer.change_matching(EVERYTHING, Hold(), bound, 0, LATER).ids == ("a",)


def test_a_job_is_as_old_as_it_was_at_the_bound(store: PersonSide) -> None:
    store.adder.add([job(id="old")], NOW - 60_000)
    store.adder.add([job(id="young")], NOW - 50_000)
    bound = store.changer.bound(NOW)
    older = parse("age>55s")
    assert store.changer.preview(older, Hold(), 9, bound) == (1, 1, ("old",))
    assert store.changer.change_matching(older, Hold(), bound, 0, LATER).ids == ("old",)
    younger = parse("age<55s")
    assert store.changer.change_matching(younger, Hold(), bound, 0, LATER).ids == ("young",)
