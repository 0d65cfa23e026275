"""Pages, counts, gauges, configuration: what everybody who looks sees."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queuectl.core.job import State
from queuectl.core.lifecycle import Cancel, Delete, Edit, Hold, Release, Retry
from queuectl.core.selector import EVERYTHING, All, Either, Not, Term, matches
from queuectl.errors import BadValue, NotFound, QueuectlError
from queuectl.store import Role, open_pool_store, open_store
from tests.store.conftest import NOW, failed, given_back, job, pool_record, succeeded, turn, worker_record

ORDERS = {
    "arrival": lambda job: job.number,
    "priority": lambda job: (-job.priority, job.run_at, job.number),
    "state-age": lambda job: (job.state_since, job.number),
}


def all_pages(store, where, order, size):
    jobs, after = [], None
    while page := store.reader.page(where, order, after, size, NOW):
        jobs += page
        after = page[-1]
    return jobs


def many_kinds(store, pool):
    for n in range(40):
        fields = {"queue": "abc"[n % 3], "priority": n % 4, "tags": ("x", "y")[: n % 3], "run_at": NOW + n % 5 - 2}
        store.adder.add([job(f"run 50%_{n} Ä", max_retries=1 + n % 2, **fields)], NOW + n)
    claimed = turn(pool, free=24, now=NOW + 50).claimed
    turn(pool, *map(succeeded, claimed[:8]), *map(failed, claimed[8:18]), now=NOW + 60)
    store.changer.change_matching(Term("queue", ":", "c"), Cancel(), store.changer.bound(NOW + 70), 0, NOW + 70)


WAITING = Either((Term("state", ":", "pending"), Term("state", ":", "failed")))
IN_QUEUE = Term("queue", ":", "a")
# Each way of finding jobs is taken by some of them, as the size of the page is.
LISTED = [
    EVERYTHING,
    Term("state", ":", "pending"),
    Term("word", ":", "1"),
    IN_QUEUE,
    Either((IN_QUEUE, Term("queue", ":", "b"))),
    All((WAITING, IN_QUEUE)),
    All((Term("state", ":", "dead"), IN_QUEUE)),
    All((WAITING, IN_QUEUE, Term("prio", "<", 2))),
    Term("prio", ">", 1),
    All((WAITING, Either((Term("prio", "=", 0), Term("prio", "=", 2))))),
    Term("age", ">", -0.02),
    All((WAITING, Term("age", "<=", -0.03))),
    Either((Term("id", ":", "j7"), Term("id", ":", "j9"))),
]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("where", LISTED, ids=str)
@pytest.mark.parametrize("size", [1, 7, 100])
def test_pages_follow_each_other_without_gap_or_repetition(store, pool, order, where, size):
    many_kinds(store, pool)
    everything = store.reader.page(EVERYTHING, "arrival", None, 999, NOW)
    expected = sorted((job for job in everything if matches(where, job, NOW)), key=ORDERS[order])
    assert expected
    assert all_pages(store, where, order, size) == expected
    assert all_pages(store, where, "-" + order, size) == expected[::-1]


def test_an_unknown_order_is_refused(store):
    with pytest.raises(BadValue):
        store.reader.page(EVERYTHING, "arrival; DROP TABLE jobs", None, 5, NOW)


def test_an_unknown_id_names_those_that_are_spelt_alike(store):
    store.adder.add([job(id="nightly-backup"), job(id="nightly-report")], NOW)
    with pytest.raises(NotFound) as caught:
        store.reader.get("nightly-backpu")
    assert "nightly-backup" in caught.value.hint
    for odd in ("", "\udcff", "☃", "x" * 5_000):
        with pytest.raises(NotFound):
            store.reader.get(odd)


texts = st.sampled_from(["run", "RUN 5", "50%", "_1", "ä", "Ä", "x", "1", "\\", "'", "exit", "host", '"', "\udc80"])
terms = st.one_of(
    st.builds(Term, st.sampled_from(["word", "cmd", "err"]), st.just(":"), texts),
    st.builds(Term, st.just("id"), st.just(":"), st.sampled_from(["j1", "j30", "J1", "%"])),
    st.builds(Term, st.just("worker"), st.just(":"), st.sampled_from(["p1", "w3", "p1/w3", "1", "p1/"])),
    st.builds(Term, st.just("state"), st.just(":"), st.sampled_from([state.value for state in State])),
    st.builds(Term, st.just("queue"), st.just(":"), st.sampled_from(["a", "b", "A", "%"])),
    st.builds(Term, st.just("tag"), st.just(":"), st.sampled_from(["x", "y", '"x"'])),
    st.builds(
        Term,
        st.sampled_from(["exit", "prio", "tries"]),
        st.sampled_from(["=", "<", "<=", ">", ">="]),
        st.integers(-(10**9), 10**9) | st.integers(-2, 4),
    ),
    st.builds(
        Term, st.just("age"), st.sampled_from(["<", "<=", ">", ">="]), st.sampled_from([0.0, 0.06, 0.03, 1.0, 9e9])
    ),
)
conditions = st.recursive(
    terms,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(All, st.lists(inner, max_size=4).map(tuple)),
        st.builds(Either, st.lists(inner, max_size=4).map(tuple)),
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    """A store with jobs of many kinds, which nobody changes."""
    path = str(tmp_path_factory.mktemp("kinds") / "queue.db")
    store, pool = open_store(path, create=True), open_pool_store(path)
    many_kinds(store, pool)
    yield store
    pool.close()
    store.close()


@given(where=conditions, order=st.sampled_from([*ORDERS, *("-" + order for order in ORDERS)]))
@settings(max_examples=300, deadline=None)
def test_sql_picks_the_jobs_that_matches_picks(kinds, where, order):
    now = NOW + 90
    everything = kinds.reader.page(EVERYTHING, order, None, 999, now)
    expected = [job for job in everything if matches(where, job, now)]
    assert kinds.reader.page(where, order, None, 999, now) == expected
    assert kinds.reader.count(where, now) == len(expected)


def test_a_condition_of_thousands_of_parts_is_no_trouble(store):
    store.adder.add([job(id="j7000")], NOW)
    where = Either(tuple(Term("id", ":", f"j{n}") for n in range(10_000)))
    assert store.reader.count(where, NOW) == 1


actions = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 8)), min_size=1, max_size=40)


@given(steps=actions)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_counters_agree_with_the_rows_after_whatever_happens(tmp_path_factory, steps):
    path = str(tmp_path_factory.mktemp("counts") / "queue.db")
    store, pool = open_store(path, create=True), open_pool_store(path)
    try:
        running = []
        for k, (action, which) in enumerate(steps):
            running = act(store, pool, action, which, NOW + k, running)
        jobs = store.reader.page(EVERYTHING, "arrival", None, 9_999, NOW)
        expected: dict[tuple[str, State], int] = {}
        for each in jobs:
            expected[each.queue, each.state] = expected.get((each.queue, each.state), 0) + 1
        counts = store.reader.counts().by_queue
        assert {(queue, state): n for queue, states in counts.items() for state, n in states.items()} == expected
    finally:
        pool.close()
        store.close()


def test_queues_that_are_swept_away_and_those_that_are_not_are_counted_again(store, pool):
    store.adder.add([job(queue="gone", priority=1), job(queue="runs", priority=1), job(queue="waits")], NOW)
    gone, runs = turn(pool, free=2, now=NOW).claimed
    turn(pool, succeeded(gone), now=NOW)
    assert pool.expire(NOW + 1, 10) == (1, [])
    counts = {"runs": {State.PROCESSING: 1}, "waits": {State.PENDING: 1}}
    assert store.reader.counts().by_queue == counts
    (waits,) = turn(pool, failed(runs), free=1, now=NOW).claimed
    turn(pool, succeeded(waits), now=NOW)
    store.adder.add([job(queue="gone")], NOW)
    counts = {"gone": {State.PENDING: 1}, "runs": {State.FAILED: 1}, "waits": {State.COMPLETED: 1}}
    assert store.reader.counts().by_queue == counts


def act(store, pool, action, which, now, running):
    verbs = [Retry(), Cancel(), Hold(), Release(), Delete(), Edit({"queue": f"q{which % 3}"})]
    if action == 0:
        store.adder.add([job(queue=f"q{which % 3}", max_retries=1 + which % 2) for _ in range(3)], now)
    elif action == 1:
        return [*running, *turn(pool, free=which % 3, now=now).claimed]
    elif action == 2 and running:
        turn(pool, (succeeded, failed, given_back)[which % 3](running[0]), now=now)
        return running[1:]
    elif action == 3:
        pool.expire(now + 1, which)
    elif action >= 4:
        try:
            store.changer.change_matching(
                Term("queue", ":", f"q{which // 3}"), verbs[action - 4], store.changer.bound(now), 0, now
            )
            store.changer.change_named([f"j{which}"], verbs[action - 4], now)
        except QueuectlError:
            return running
    return running


def test_gauges_tell_what_waits_and_how_fast_jobs_end(store, pool):
    assert store.reader.gauges(NOW).oldest_waiting_since is None
    store.adder.add(
        [job(priority=5), job(run_at=NOW - 500), job(run_at=NOW + 300), job(held=True, run_at=NOW - 999)], NOW
    )
    gauges = store.reader.gauges(NOW + 10)
    assert (gauges.oldest_waiting_since, gauges.next_due) == (NOW - 500, NOW + 300)
    assert store.reader.gauges(NOW + 400).next_due is None
    claimed = turn(pool, free=2, now=NOW + 20).claimed
    turn(pool, *map(succeeded, claimed), now=NOW + 20)
    gauges = store.reader.gauges(NOW + 30)
    assert (gauges.oldest_waiting_since, gauges.finished_last_minute, gauges.schema) == (None, 2, 1)
    assert gauges.size_bytes > 4096
    assert store.reader.gauges(NOW + 200_000).finished_last_minute == 0


def test_what_was_due_before_any_pool_came_counts_as_waiting(store):
    store.adder.add([job(run_at=NOW + 5)], NOW)
    assert store.reader.gauges(NOW + 9).oldest_waiting_since == NOW + 5


def test_a_change_by_another_connection_is_noticed_once(store, pool):
    store.reader.changed()
    assert not store.reader.changed()
    pool.register(pool_record(), [worker_record()])
    assert store.reader.changed()
    assert not store.reader.changed()


def test_configuration_is_kept_until_it_is_removed(store):
    store.config.put("shell", "/bin/bash", NOW)
    store.config.put("shell", "/bin/dash", NOW + 1)
    store.config.put("lease", "9s", NOW + 2)
    assert store.config.stored() == {"shell": ("/bin/dash", NOW + 1), "lease": ("9s", NOW + 2)}
    assert store.config.settings().shell == "/bin/dash"
    store.config.remove("shell")
    assert set(store.config.stored()) == {"lease"}
    store.config.remove(None)
    assert store.config.stored() == {}


def test_a_viewer_reads_and_cannot_write(site, store):
    store.adder.add([job()], NOW)
    viewer = open_store(site.location, create=False, role=Role.VIEWER)
    try:
        assert viewer.reader.get("j1") == store.reader.get("j1")
        with pytest.raises(QueuectlError):
            viewer.adder.add([job()], NOW)
        assert viewer.reader.count(EVERYTHING, NOW) == 1
    finally:
        viewer.close()
