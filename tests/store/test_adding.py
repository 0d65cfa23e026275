"""New jobs: ids, numbers, unique keys, defaults."""

from __future__ import annotations

import pytest

from queuectl.core.job import Added, State
from queuectl.core.lifecycle import Delete, Retry
from queuectl.core.selector import EVERYTHING
from queuectl.errors import BadValue, Conflict, StoreUnusable
from tests.store.conftest import NOW, failed, job, succeeded, turn


def ids(added):
    return [each and each.id for each in added]


def test_made_ids_count_up_and_are_never_used_again(store):
    assert ids(store.adder.add([job(), job()], NOW)) == ["j1", "j2"]
    store.changer.change_named(["j2"], Delete(), NOW)
    assert ids(store.adder.add([job()], NOW)) == ["j3"]


def test_a_made_id_that_a_person_took_first_is_passed_over(store):
    store.adder.add([job(id="j3"), job(id="j4")], NOW)
    assert ids(store.adder.add([job(id="j6"), job(), job()], NOW)) == ["j6", "j7", "j8"]


def test_what_is_added_is_what_is_read(store):
    store.adder.add(
        [job("a 'b' \"c\" ☃", tags=("x", "y"), env={"A": "1=2"}, timeout_s=1.5, unique_key="k", priority=-3)], NOW
    )
    found = store.reader.get("j1")
    assert (found.command, found.tags, found.env, found.timeout_s) == ("a 'b' \"c\" ☃", ("x", "y"), {"A": "1=2"}, 1.5)
    assert (found.state, found.run_at, found.created_at, found.version) == (State.PENDING, NOW, NOW, 1)
    assert store.reader.newest() == found


@pytest.mark.parametrize("count", [99, 100, 101, 350])
def test_of_many_each_is_stored_as_it_is(store, count):
    """They go in as some at a time, and a column must not slip from one to the next."""
    jobs = [job(f"echo {n}", priority=n, held=n % 2 == 0, tags=(f"t{n}",) * (n % 3), id=f"x{n}") for n in range(count)]
    assert ids(store.adder.add(jobs, NOW)) == [each.id for each in jobs]
    read = [store.reader.get(f"x{n}") for n in range(count)]
    assert [each.number for each in read] == list(range(1, count + 1))
    said = [(each.id, each.command, each.priority, each.held, each.tags) for each in read]
    assert said == [(each.id, each.command, each.priority, each.held, each.tags) for each in jobs]
    assert store.reader.counts().of(State.PENDING) == count


def test_one_row_that_the_schema_refuses_keeps_all_others_out(store):
    with pytest.raises(StoreUnusable, match="CHECK"):
        store.adder.add([*(job(f"echo {n}") for n in range(250)), job("")], NOW)
    assert store.reader.count(EVERYTHING, NOW) == 0
    assert ids(store.adder.add([job()], NOW)) == ["j1"]


def test_defaults_come_from_the_configuration(store):
    store.config.put("max-retries", "7", NOW)
    store.config.put("timeout", "20s", NOW)
    store.adder.add([job(), job(max_retries=1, timeout_s=2), job(timeout_s=0.0)], NOW)
    added = [store.reader.get(name) for name in ("j1", "j2", "j3")]
    assert [(each.max_retries, each.timeout_s) for each in added] == [(7, 20.0), (1, 2.0), (7, None)]


def test_a_duplicate_id_adds_nothing_of_the_batch(store):
    store.adder.add([job(id="a")], NOW)
    with pytest.raises(Conflict, match="a is there already"):
        store.adder.add([job(id="b"), job(id="a")], NOW)
    with pytest.raises(Conflict, match="c is there already"):
        store.adder.add([job(id="c"), job(id="c")], NOW)
    assert store.reader.count(EVERYTHING, NOW) == 1


def test_twenty_duplicates_are_named_and_the_rest_counted(store):
    many = [job(id=f"x{n}") for n in range(25)]
    store.adder.add(many, NOW)
    with pytest.raises(Conflict) as caught:
        store.adder.add(many, NOW)
    assert "x19 and 5 more" in caught.value.message


def test_existing_ids_can_be_skipped(store):
    store.adder.add([job(id="a")], NOW)
    assert store.adder.add([job(id="a"), job(id="b"), job(id="b")], NOW, skip_existing=True) == [
        None,
        Added("b", new=True),
        None,
    ]


def test_a_live_unique_key_adds_nothing_and_names_its_job(store, pool):
    assert store.adder.add([job(unique_key="k"), job(unique_key="k")], NOW) == [Added("j1", True), Added("j1", False)]
    (running,) = turn(pool, free=1).claimed
    assert store.adder.add([job(unique_key="k")], NOW) == [Added("j1", False)]
    turn(pool, failed(running))
    assert store.adder.add([job(unique_key="k")], NOW) == [Added("j1", False)]
    (running,) = turn(pool, free=1, now=NOW + 9_000).claimed
    turn(pool, succeeded(running), now=NOW + 9_000)
    assert store.adder.add([job(unique_key="k")], NOW)[0].new


def test_a_retry_that_would_make_two_live_jobs_of_one_key_is_refused(store, pool):
    store.adder.add([job(unique_key="k")], NOW)
    turn(pool, succeeded(turn(pool, free=1).claimed[0]))
    store.adder.add([job(unique_key="k")], NOW)
    with pytest.raises(Conflict, match="unique key"):
        store.changer.change_named(["j1"], Retry(), NOW)
    assert store.reader.get("j1").state is State.COMPLETED


def test_taken_ids_are_found(store):
    store.adder.add([job(id="a"), job(id="b")], NOW)
    assert sorted(store.adder.taken_ids(["a", "b", "c", "\udcff", "'; DROP TABLE jobs --"])) == ["a", "b"]


def test_more_than_ten_thousand_at_once_are_refused(store):
    with pytest.raises(BadValue):
        store.adder.add([job()] * 10_001, NOW)


def test_text_that_is_not_utf8_adds_nothing(store):
    with pytest.raises(BadValue):
        store.adder.add([job(), job("echo \udcff")], NOW)
    assert store.reader.newest() is None
