"""What the app reads of long lists: right, in order, and within its time."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queuectl.core.job import State
from queuectl.core.lifecycle import Edit
from queuectl.core.panes import Interrupted, Rate, RunTimes, Tally
from queuectl.core.selector import EVERYTHING, All, Either, Term
from queuectl.errors import StoreBusy, StoreUnusable
from queuectl.store import Role, open_pool_store, open_store
from queuectl.store.orders import ORDERS
from queuectl.wiring import connect
from tests.big import fill
from tests.store.conftest import NOW, failed, job, made, pool_record, succeeded, turn
from tests.store.test_reading import conditions, many_kinds

PENDING = Either((Term("state", ":", "pending"), Term("state", ":", "failed")))
LONG_S = 60.0
HOLD = """
import sqlite3, sys
store = sqlite3.connect(sys.argv[1], isolation_level=None)
store.execute("PRAGMA locking_mode = EXCLUSIVE")
store.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""
STATES = [PENDING, Term("state", ":", "dead"), EVERYTHING, All((PENDING, Term("prio", ">", 1)))]


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    """A store with jobs of many kinds, which nobody changes."""
    path = str(tmp_path_factory.mktemp("kinds") / "queue.db")
    store, pool = open_store(path, create=True), open_pool_store(path)
    many_kinds(store, pool)
    yield store
    pool.close()
    store.close()


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """100,000 jobs, and a viewer of them."""
    path = str(tmp_path_factory.mktemp("large") / "queue.db")
    fill(path, 80_000, 10_000, 10_000)
    viewer = open_store(path, create=False, role=Role.VIEWER)
    yield viewer
    viewer.close()


def whole(store, where, order, now=NOW):
    return store.reader.page(where, order, None, 10**6, now)


def now_ms():
    return time.time_ns() // 1_000_000


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("where", STATES, ids=str)
def test_every_window_is_the_right_stretch_of_the_list(kinds, where, order):
    jobs = whole(kinds, where, order)
    total = len(jobs)
    for index in range(total):
        window = kinds.panes.at(where, order, index, total, 5, LONG_S, NOW)
        assert window.jobs == tuple(jobs[window.first : window.first + 5])
        assert window.first <= index < window.first + 5
        window = kinds.panes.around(where, order, jobs[index], index, 4, 3, LONG_S, NOW)
        assert window.jobs == tuple(jobs[max(index - 4, 0) : index + 3])
        assert (window.first, window.exact) == (max(index - 4, 0), index <= 4)
    assert kinds.panes.top(where, order, 7, LONG_S, NOW).jobs == tuple(jobs[:7])
    assert kinds.panes.bottom(where, order, 7, total, LONG_S, NOW).jobs == tuple(jobs[-7:])
    assert kinds.panes.bottom(where, order, 99, 0, LONG_S, NOW)[1:] == (0, True, False)


@given(where=conditions, order=st.sampled_from(list(ORDERS)), rows=st.sampled_from([1, 3, 9]))
@settings(max_examples=150, deadline=None)
def test_windows_and_tallies_agree_with_the_whole_list(kinds, where, order, rows):
    now = NOW + 90
    jobs = whole(kinds, where, order, now)
    window = kinds.panes.at(where, order, len(jobs) // 2, len(jobs), rows, LONG_S, now)
    assert window.jobs == tuple(jobs[window.first : window.first + rows])
    assert kinds.panes.top(where, order, rows, LONG_S, now).jobs == tuple(jobs[:rows])
    assert list(kinds.panes.tally(where, now))[-1] == Tally(len(jobs), True)


def test_a_job_that_moved_or_went_leaves_its_place(store):
    store.adder.add([job(priority=5) for _ in range(9)], NOW)
    seen = whole(store, PENDING, "priority")
    store.changer.change_named(["j5"], Edit({"priority": 9}), NOW)
    window = store.panes.around(PENDING, "priority", seen[4], 4, 2, 3, LONG_S, NOW)
    assert [job.id for job in window.jobs] == ["j3", "j4", "j6", "j7", "j8"]


def test_what_was_found_in_time_is_the_beginning_of_the_list(large):
    where = All((PENDING, Term("cmd", ":", "ffmpeg")))
    found = large.panes.top(where, "priority", 10**6, 0.02, now_ms())
    assert found.cut
    assert found.jobs == tuple(whole(large, where, "priority")[: len(found.jobs)])


def test_a_search_in_vain_ends_in_time(large):
    where = All((PENDING, Either(tuple(Term("cmd", ":", f"nothing {n}") for n in range(150)))))
    for read in (
        lambda: large.panes.top(where, "priority", 10, 0.05, now_ms()),
        lambda: large.panes.bottom(where, "-state-age", 10, 10, 0.05, now_ms()),
        lambda: large.panes.at(where, "arrival", 5, 10, 10, 0.05, now_ms()),
        lambda: large.panes.around(where, "priority", large.reader.newest(), 1, 10, 10, 0.05, now_ms()),
    ):
        began = time.monotonic()
        window = read()
        assert (window.jobs, window.cut) == ((), True)
        assert time.monotonic() - began < 2


def test_a_jump_that_would_take_too_long_lands_near_the_place(large):
    where = All((PENDING, Term("cmd", ":", "ffmpeg"), Either(tuple(Term("cmd", ":", f"{n}") for n in range(10)))))
    jobs = whole(large, where, "priority")
    window = large.panes.at(where, "priority", len(jobs) // 2, len(jobs), 5, 0.02, now_ms())
    assert not window.exact
    if window.jobs:
        assert abs(jobs.index(window.jobs[0]) - len(jobs) // 2) < len(jobs) // 10


def test_a_tally_grows_in_short_steps_from_the_newest_on(large):
    where = All((PENDING, Term("cmd", ":", "ffmpeg")))
    tallies = list(large.panes.tally(where, now_ms()))
    assert len(tallies) > 3
    assert [tally.sure for tally in tallies] == [False] * (len(tallies) - 1) + [True]
    assert tallies == sorted(tallies)
    assert tallies[-1].count == large.reader.count(where, now_ms()) == 16_000


def test_states_and_queues_are_counted_at_once(large):
    where = All((PENDING, Term("queue", ":", "q3")))
    assert list(large.panes.tally(where, now_ms())) == [Tally(large.reader.count(where, now_ms()), True)]
    assert list(large.panes.tally(EVERYTHING, now_ms())) == [Tally(100_000, True)]


def test_an_interrupt_ends_the_read_that_runs(large):
    where = All((PENDING, Either(tuple(Term("cmd", ":", f"nothing {n}") for n in range(190)))))
    began = time.monotonic()
    threading.Timer(0.05, large.panes.interrupt).start()
    with pytest.raises(Interrupted):
        large.panes.top(where, "priority", 10, LONG_S, now_ms())
    assert time.monotonic() - began < LONG_S / 2
    assert len(large.panes.top(PENDING, "priority", 10, LONG_S, now_ms()).jobs) == 10


def test_an_interrupt_that_comes_between_two_reads_is_not_lost(kinds):
    tallies = kinds.panes.tally(Term("word", ":", "run"), NOW)
    kinds.panes.interrupt()
    assert list(tallies)[-1] == Tally(40, True)
    with pytest.raises(Interrupted):
        kinds.panes.top(EVERYTHING, "arrival", 1, LONG_S, NOW)
    assert kinds.panes.top(EVERYTHING, "arrival", 1, LONG_S, NOW).jobs


def test_what_came_lately_and_stands_above_is_counted_up_to_a_bound(store):
    store.adder.add([job(priority=5)], NOW)
    store.adder.add([job(priority=9) for _ in range(30)], NOW + 10)
    store.adder.add([job(priority=1) for _ in range(30)], NOW + 10)
    seen = store.reader.get("j1")
    for order, above in {"priority": 30, "-priority": 30, "arrival": 0, "-arrival": 60, "-state-age": 60}.items():
        assert store.panes.newer(PENDING, order, seen, NOW, 999, NOW) == above
    assert store.panes.newer(PENDING, "-arrival", seen, NOW, 7, NOW) == 7
    assert store.panes.newer(PENDING, "-arrival", seen, NOW + 10, 7, NOW) == 0
    assert store.panes.newer(All((PENDING, Term("prio", "=", 9))), "-arrival", seen, NOW, 999, NOW) == 30


def test_rates_are_put_together_by_stretches_of_time(store, pool):
    pool.register(pool_record(), [])
    for k in range(6):
        at = NOW + k * 10_000
        store.adder.add([job(max_retries=1), job(), job(max_retries=2)], at)
        dies, completes, fails = turn(pool, free=3, now=at).claimed
        turn(pool, failed(dies), succeeded(completes), failed(fails, delay_s=9_999.0), now=at)
        if k % 2 == 0:
            pool.beat("p1", at)
    assert store.panes.rates(NOW, 10_000)[:2] == [Rate(NOW, 1, 2, 1, 1), Rate(NOW + 10_000, 1, 2, 1, None)]
    assert store.panes.rates(NOW + 25_000, 20_000) == [
        Rate(NOW + 20_000, 2, 4, 2, 3),
        Rate(NOW + 40_000, 2, 4, 2, 5),
    ]


def test_rates_older_than_a_week_go_when_a_new_stretch_begins(store, pool):
    week = 7 * 24 * 3600 * 1000
    for at in (NOW, NOW + 10_000, NOW + week + 10_000):
        pool.beat("p1", at)
    assert [rate.at for rate in store.panes.rates(0, 10_000)] == [NOW + 10_000, NOW + week + 10_000]


def test_run_times_are_those_of_jobs_that_completed(store, pool):
    store.adder.add([job() for _ in range(20)], NOW)
    claimed = turn(pool, free=20, now=NOW).claimed
    took = [succeeded(job, now=NOW)._replace() for job in claimed]
    took = [each._replace(result=each.result._replace(duration_ms=(k + 1) * 100)) for k, each in enumerate(took)]
    turn(pool, *took, now=NOW + 5)
    assert store.panes.run_times(NOW, 10_000, NOW + 15_000) == [
        RunTimes(NOW, 1_100, 2_000),
        RunTimes(NOW + 10_000, None, None),
    ]


def test_a_queue_opened_for_looking_shows_what_another_one_does(tmp_path):
    path = str(tmp_path / "queue.db")
    with closing(connect(path, create=True, patience_s=0.5)) as acting, closing(connect(path, viewer=True)) as looking:
        looking.panes.changed()
        acting.jobs.add([job(), job(priority=3)])
        assert looking.panes.changed()
        assert not looking.panes.changed()
        window = looking.panes.top(PENDING, "priority", 9)
        assert [job.id for job in window.jobs] == ["j2", "j1"]
        assert looking.panes.around(PENDING, "priority", window.jobs[1], 1, 5, 5) == window
        assert looking.panes.at(PENDING, "priority", 0, 2, 9) == window
        assert looking.panes.bottom(PENDING, "priority", 9, 2) == window
        assert list(looking.panes.tally(PENDING)) == [Tally(2, True)]
        assert looking.panes.newer(PENDING, "priority", window.jobs[1], 0) == 1
        assert (looking.panes.rates(0, 10_000), looking.status().counts.total) == ([], 2)
        with pytest.raises(StoreUnusable):
            looking.jobs.add([job()])


def test_a_viewer_of_a_missing_store_says_so_and_makes_nothing(tmp_path):
    with pytest.raises(StoreUnusable, match="there is no store at"):
        open_store(str(tmp_path / "queue.db"), create=False, role=Role.VIEWER)
    assert list(tmp_path.iterdir()) == []


def test_a_viewer_of_an_older_store_says_who_upgrades_it(tmp_path, monkeypatch):
    made(tmp_path / "queue.db")
    monkeypatch.setattr("queuectl.store.opening.VERSION", 2)
    monkeypatch.setattr("queuectl.store.checks.VERSION", 2)
    with pytest.raises(StoreUnusable, match="older queuectl") as caught:
        open_store(str(tmp_path / "queue.db"), create=False, role=Role.VIEWER)
    assert "without --read-only" in caught.value.hint


def test_a_viewer_goes_on_when_the_last_writer_closes_and_when_another_comes(tmp_path):
    path = tmp_path / "queue.db"
    made(path)
    viewer = open_store(str(path), create=False, role=Role.VIEWER)
    try:
        for count in (2, 3):
            viewer.reader.changed()
            made(path)
            assert viewer.reader.changed()
            assert len(viewer.panes.top(PENDING, "priority", 9, LONG_S, NOW).jobs) == count
    finally:
        viewer.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_viewer_of_a_folder_that_nobody_may_write_to_says_what_is_wrong(tmp_path):
    made(tmp_path / "queue.db")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreUnusable, match="may not be written to"):
            open_store(str(tmp_path / "queue.db"), create=False, role=Role.VIEWER)
    finally:
        tmp_path.chmod(0o700)


def test_the_wal_stays_small_while_a_viewer_looks_on(store, site):
    viewer = open_store(site.location, create=False, role=Role.VIEWER)
    largest = 0
    try:
        for _ in range(40):
            store.adder.add([job("x" * 2_000) for _ in range(500)], NOW)
            assert viewer.reader.changed()
            viewer.panes.around(PENDING, "priority", viewer.reader.newest(), 5, 50, 50, LONG_S, NOW)
            next(viewer.panes.tally(Term("word", ":", "x"), NOW))
            largest = max(largest, os.path.getsize(site.location + "-wal"))
    finally:
        viewer.close()
    assert largest < 24 * 2**20


def test_a_store_that_is_replaced_is_noticed_by_a_viewer(tmp_path):
    made(tmp_path / "queue.db")
    viewer = open_store(str(tmp_path / "queue.db"), create=False, role=Role.VIEWER)
    try:
        made(tmp_path / "other.db")
        os.rename(tmp_path / "other.db", tmp_path / "queue.db")
        with pytest.raises(StoreUnusable, match="replaced or removed"):
            viewer.reader.changed()
    finally:
        viewer.close()


def test_a_damaged_page_is_told_as_damage(tmp_path):
    path = tmp_path / "queue.db"
    fill(str(path), 3_000, 0, 0)
    content = bytearray(path.read_bytes())
    content[200_000:] = b"\xa5" * (len(content) - 200_000)
    path.write_bytes(content)
    viewer = open_store(str(path), create=False, role=Role.VIEWER)
    try:
        with pytest.raises(StoreUnusable, match="damaged"):
            viewer.panes.top(PENDING, "priority", 3_000, LONG_S, NOW)
        with pytest.raises(StoreUnusable, match="damaged"):
            list(viewer.panes.tally(Term("word", ":", "nothing"), NOW))
    finally:
        viewer.close()


def test_a_viewer_waits_a_quarter_of_a_second_for_a_lock(tmp_path):
    path = tmp_path / "queue.db"
    made(path)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout.readline() == "held\n"
        began = time.monotonic()
        with pytest.raises(StoreBusy, match=r"0\.25 s"):
            open_store(str(path), create=False, role=Role.VIEWER)
        assert time.monotonic() - began < 5
        holder.stdin.close()
    open_store(str(path), create=False, role=Role.VIEWER).close()


def test_a_large_store_is_what_was_asked_for(large):
    counts = large.reader.counts()
    assert [counts.of(state) for state in (State.PENDING, State.FAILED, State.DEAD, State.COMPLETED)] == [
        79_200,
        800,
        10_000,
        10_000,
    ]
    assert Path(large.place.store).stat().st_size > 2**20
