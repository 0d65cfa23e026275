"""Writers that meet each other, locks that others hold, pokes and ears."""

from __future__ import annotations

import fcntl
import os
import select
import threading
import time
from itertools import islice

import apsw
import pytest

from queuectl.core.lifecycle import Cancel, Hold, Release, Retry
from queuectl.errors import StoreBusy
from queuectl.store import ears, place_of
from queuectl.store.gate import Gate, pauses_s
from tests.store.conftest import NOW, given_back, job, pool_record, turn


@pytest.fixture
def gate_path(tmp_path):
    return str(tmp_path / "gate")


def test_writers_pass_the_gate_one_at_a_time(gate_path):
    first, second = Gate(gate_path), Gate(gate_path)
    inside = []
    first.enter()

    def follow():
        second.enter()
        inside.append("second")
        second.leave()

    thread = threading.Thread(target=follow)
    thread.start()
    thread.join(0.1)
    assert inside == []
    first.leave()
    thread.join(5)
    assert inside == ["second"]
    first.close()
    second.close()


def test_a_gate_that_stays_shut_is_passed_after_a_second_and_never_kept(gate_path):
    first, second, third = Gate(gate_path), Gate(gate_path), Gate(gate_path)
    first.enter()
    begun = time.monotonic()
    second.enter()
    assert 0.9 <= time.monotonic() - begun < 3
    second.leave()
    first.leave()
    begun = time.monotonic()
    third.enter()
    assert time.monotonic() - begun < 0.9
    third.leave()


def test_who_waits_longer_at_the_gate_looks_more_often():
    soon, *later = islice(pauses_s(), 30)
    assert soon < min(later)
    assert later == sorted(later, reverse=True)
    assert later[0] > 5 * later[-1]


def test_without_its_folder_a_gate_is_open(tmp_path):
    gate = Gate(str(tmp_path / "gone" / "gate"))
    gate.enter()
    gate.leave()
    gate.close()


def test_a_planted_link_is_not_followed(tmp_path):
    (tmp_path / "gate").symlink_to(tmp_path / "victim")
    Gate(str(tmp_path / "gate")).enter()
    assert not (tmp_path / "victim").exists()


def test_a_store_that_somebody_locks_is_busy_and_usable_again_afterwards(site, store):
    holder = apsw.Connection(site.location)
    holder.execute("BEGIN IMMEDIATE")
    store._db.patience_s = 0.05
    with pytest.raises(StoreBusy) as caught:
        store.adder.add([job()], NOW)
    assert "locked" not in caught.value.message
    assert caught.value.hint
    holder.execute("ROLLBACK")
    holder.close()
    assert store.adder.add([job()], NOW)[0].id == "j1"


def test_a_dispatcher_that_met_a_busy_store_loses_no_result(site, store, pool):
    store.adder.add([job()], NOW)
    (running,) = turn(pool, free=1).claimed
    holder = apsw.Connection(site.location)
    holder.execute("BEGIN IMMEDIATE")
    pool._db.patience_s = 0.05
    with pytest.raises(StoreBusy):
        turn(pool, given_back(running))
    holder.execute("ROLLBACK")
    holder.close()
    assert turn(pool, given_back(running)).settled[0] is not None


@pytest.fixture
def heard(site, store):
    """Of what the pool p1 was told since it was last asked: "work", "more", or nothing."""
    listening = ears(place_of(site.location), "p1")

    def heard() -> str:
        poked = bool(select.select([listening], [], [], 0)[0])
        more = listening.drain()
        assert poked or not more
        return "more" if more else "work" if poked else ""

    yield heard
    listening.close()


def test_pools_are_poked_by_what_could_run_and_by_what_is_asked_of_them(store, pool, heard):
    pool.register(pool_record(), [])
    store.adder.add([job(held=True)], NOW)
    assert not heard()
    store.adder.add([job()], NOW)
    assert heard() == "work"
    for change, expected in [(Hold(), ""), (Release(), "more"), (Cancel(), "more"), (Retry(), "more")]:
        store.changer.change_named(["j2"], change, NOW)
        assert heard() == expected, change
    store.book.ask_scale("p1", 4)
    assert heard() == "more"
    store.config.put("lease", "5s", NOW)
    assert heard() == "more"
    store.config.remove("lease")
    assert heard() == "more"
    store.book.ask_stop("p1", "drain")
    store.adder.add([job()], NOW)
    assert heard() == "more"


def test_a_job_given_back_is_told_to_the_other_pools_only(site, store, pool, heard):
    store.adder.add([job()], NOW)
    heard()
    (running,) = turn(pool, free=1).claimed
    turn(pool, given_back(running))
    assert not heard()
    (running,) = turn(pool, free=1, name="p2").claimed
    turn(pool, given_back(running), name="p2")
    assert heard() == "work"


def test_a_poke_meets_what_is_no_fifo_without_harm(site, store, heard):
    place = place_of(site.location)
    victim = os.path.join(os.path.dirname(site.location), "victim")
    open(victim, "w").close()
    os.symlink(victim, place.fifo("p8"))
    open(place.fifo("p9"), "w").close()
    store.adder.add([job()], NOW)
    assert os.stat(victim).st_size == os.stat(place.fifo("p9")).st_size == 0
    assert heard()


def test_ears_leave_nothing_behind(site, store):
    place = place_of(site.location)
    first = ears(place, "p3")
    first.close()
    assert os.listdir(place.pools) == []
    os.mkfifo(place.fifo("p3"))
    second = ears(place, "p3")
    assert os.stat(place.fifo("p3")).st_mode & 0o777 == 0o600
    second.close()


def test_no_lock_is_left_after_a_transaction(site, store):
    store.adder.add([job()], NOW)
    with open(place_of(site.location).gate) as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
