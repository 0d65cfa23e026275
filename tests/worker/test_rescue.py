"""Noticing dead pools, and killing what they left."""

import os
import resource
import signal
import subprocess

import pytest

from queuectl.core.pool import PoolRecord, WorkerRecord
from queuectl.worker import descendants, poolfile
from queuectl.worker.host import Host, start_ticks
from queuectl.worker.poolfile import PoolFile
from queuectl.worker.rescue import Salvage, Watch, begun
from tests.core.examples import a_running_job
from tests.worker.hired import Bell, HiredWorker, await_death, lives

LEASE_S = 30.0
STORE = "a1b2c3"


# --- watching ---


@pytest.fixture
def watch(place):
    return Watch(place, own="p9")


def a_pool(name="p1", **fields):
    here = Host.here()
    given = {"pid": 99, "start_ticks": 5, "started_at": 0, "wanted": 2}
    return PoolRecord(name, here.name, here.boot_id, here.pid_ns, **{**given, **fields})


def test_a_pool_whose_lock_nobody_holds_is_dead_at_once(watch):
    watch.update([a_pool()])
    assert _names(watch.dead(100.0, LEASE_S, could_write=True)) == ["p1"]


def test_the_observer_never_finds_itself_dead(watch):
    watch.update([a_pool("p9")])
    assert watch.dead(100.0, LEASE_S, could_write=True) == []


def test_a_pool_that_lives_and_gives_signs_of_life_is_alive(place, watch):
    name = PoolFile.create(place).name
    for second in range(100):
        watch.update([a_pool(name, beat=second // 10)])
        assert watch.dead(float(second), LEASE_S, could_write=True) == []


def test_a_pool_that_holds_its_lock_but_is_silent_for_a_whole_lease_is_dead(place, watch):
    name = PoolFile.create(place).name
    watch.update([a_pool(name, beat=4)])
    found = [second for second in range(40) if watch.dead(float(second), LEASE_S, could_write=True)]
    assert found == [31]


def test_signs_of_life_do_not_have_to_be_seen_more_often_than_they_come(place, watch):
    name = PoolFile.create(place).name
    watch.update([a_pool(name, beat=4)])
    _pass(watch, 0, 29)
    watch.update([a_pool(name, beat=5)])
    assert _pass(watch, 30, 59) == []


def test_time_in_which_the_observer_was_stopped_does_not_count(place, watch):
    name = PoolFile.create(place).name
    watch.update([a_pool(name)])
    watch.dead(0.0, LEASE_S, could_write=True)
    assert watch.dead(10_000.0, LEASE_S, could_write=True) == []


def test_time_in_which_the_observer_could_not_write_does_not_count(place, watch):
    name = PoolFile.create(place).name
    watch.update([a_pool(name)])
    for second in range(1000):
        assert watch.dead(float(second), LEASE_S, could_write=False) == []
    assert _pass(watch, 1000, 1029) == []


def test_a_new_pool_under_the_name_of_an_old_one_begins_with_a_whole_lease(place, watch):
    name = PoolFile.create(place).name
    watch.update([a_pool(name, beat=0)])
    _pass(watch, 0, 29)
    watch.update([a_pool(name, beat=0, pid=100, start_ticks=6)])
    assert _pass(watch, 30, 59) == []


def test_a_pool_that_is_no_longer_recorded_is_not_watched(watch):
    watch.update([a_pool()])
    watch.update([])
    assert watch.dead(100.0, LEASE_S, could_write=True) == []


# --- cleaning up ---


@pytest.fixture
def orphan(bell):
    """Starts a process that carries a claim; its parent is none of the dead pool's."""
    started = []

    def start(claim, script="exec sleep 1000"):
        command = ["sh", "-c", f"echo $$ > {bell.path}; {script}"]
        started.append(subprocess.Popen(command, env={**os.environ, "QUEUECTL_CLAIM": claim}, start_new_session=True))
        return int(bell.hear())

    yield start
    for process in started:
        process.kill()
        process.wait()


def a_salvage(*jobs, workers=()):
    return Salvage(a_pool(), jobs, frozenset(), workers, STORE)


@pytest.mark.parametrize("fence", [3, 2, 1])
def test_a_process_with_the_claim_or_an_older_one_of_the_job_is_killed(orphan, fence):
    pid = orphan(f"{STORE}:7:{fence}")
    a_salvage(a_running_job(number=7, fence=3)).clean_up()
    assert not lives(pid)


@pytest.mark.parametrize(
    "claim",
    [
        f"{STORE}:7:4",
        f"{STORE}:8:3",
        f"{STORE}:77:3",
        "other:7:3",
        "",
        "7",
        f"{STORE}:7:",
        f"{STORE}:7:³",
        f"{STORE}:7:-1",
    ],
)
def test_a_process_with_another_claim_is_left_alone(orphan, claim):
    pid = orphan(claim)
    a_salvage(a_running_job(number=7, fence=3)).clean_up()
    assert lives(pid)


def test_a_claim_with_a_number_of_any_length_is_no_error(orphan):
    pid = orphan(f"{STORE}:7:{'1' * 5000}")
    a_salvage(a_running_job(number=7, fence=3)).clean_up()
    assert lives(pid)


def test_what_such_a_process_started_is_killed_too_whatever_its_environment(orphan, bell):
    orphan(f"{STORE}:7:3", f"env -i /bin/sh -c 'echo $$ > {bell.path}; exec sleep 1000' & wait")
    child = int(bell.hear())
    a_salvage(a_running_job(number=7, fence=3)).clean_up()
    assert not lives(child)


def test_a_worker_that_hangs_is_killed_with_all_that_it_started(place, tmp_path):
    worker, bell = HiredWorker(place), Bell(f"{tmp_path}/daemon")
    daemon = f"setsid env -i /bin/sh -c 'trap \"\" TERM; echo $$ > {bell.path}; while :; do sleep 1000; done'"
    worker.assign(f"({daemon} &) ; exec sleep 1000")
    pid = int(bell.hear())
    os.kill(worker.pid, signal.SIGSTOP)
    record = WorkerRecord("p1", "w3", worker.pid, start_ticks(worker.pid), 0)
    a_salvage(a_running_job(worker_pid=worker.pid), workers=[record]).clean_up()
    await_death(worker.pid)
    assert not lives(pid)
    assert worker.let_go() == -signal.SIGKILL
    bell.close()


def test_a_stranger_with_a_workers_number_is_never_signalled():
    stranger = subprocess.Popen(["sleep", "1000"])
    record = WorkerRecord("p1", "w3", stranger.pid, start_ticks(stranger.pid) - 1, 0)
    a_salvage(a_running_job(worker_pid=stranger.pid), workers=[record]).clean_up()
    assert descendants.look_up(stranger.pid).state in "SR"
    stranger.kill()
    stranger.wait()


def test_who_has_no_descriptor_to_look_with_has_seen_nothing_dead(orphan, place):
    pid, name = orphan(f"{STORE}:7:3"), PoolFile.create(place).name
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    spare = os.open("/", os.O_RDONLY)
    os.close(spare)
    resource.setrlimit(resource.RLIMIT_NOFILE, (spare, limits[1]))
    try:
        assert poolfile.alive(place, name)
        with pytest.raises(OSError, match="Too many open files"):
            a_salvage(a_running_job(number=7, fence=3)).clean_up()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert lives(pid)


def test_only_jobs_marked_in_the_pools_file_had_begun(place):
    file = PoolFile.create(place)
    file.mark_begun(1, 0, 7, 3)
    file.mark_begun(2, 0, 8, 1)
    jobs = [a_running_job(number=7, fence=3), a_running_job(number=8, fence=2), a_running_job(number=9, fence=1)]
    assert begun(jobs, poolfile.begun(place, file.name)) == {7}


def test_without_the_pools_file_all_jobs_count_as_begun(place):
    jobs = [a_running_job(number=number) for number in (7, 8)]
    assert begun(jobs, poolfile.begun(place, "p9")) == {7, 8}


def _pass(watch, begin, end):
    return [second for second in range(begin, end + 1) if watch.dead(float(second), LEASE_S, could_write=True)]


def _names(pools):
    return [pool.name for pool in pools]
