"""A pool's file: its lock says that the pool lives, its pages what was begun and what is wrong."""

import os
import signal
import stat

import pytest

from queuectl.worker import poolfile
from queuectl.worker.poolfile import KEPT, LINES, SLOTS, PoolFile
from tests.worker.hired import await_death


@pytest.fixture
def dead(place):
    """The name of a pool whose process is gone."""

    def begin(file):
        file.mark_begun(3, 0, 7, 2)
        file.say("out of luck")

    return _in_a_process_that_ends(place, begin)


def test_each_pool_gets_the_first_name_that_is_free(place):
    files = [PoolFile.create(place) for _ in range(3)]
    assert [file.name for file in files] == ["p1", "p2", "p3"]
    files[1].remove()
    assert PoolFile.create(place).name == "p2"


def test_a_pool_lives_while_any_of_its_processes_does(place):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _hold_a_pool(place, writing)
    os.waitpid(child, 0)
    name, grandchild = os.read(reading, 100).decode().split()
    os.close(writing)
    os.close(reading)
    assert poolfile.alive(place, name)
    os.kill(int(grandchild), signal.SIGKILL)
    await_death(int(grandchild))
    assert not poolfile.alive(place, name)


def test_looking_whether_a_pool_lives_never_makes_it_look_alive(place, dead):
    assert not poolfile.alive(place, dead)
    assert not poolfile.alive(place, dead)


def test_a_pool_without_a_file_is_dead(place):
    assert not poolfile.alive(place, "p9")


def test_a_file_has_no_draft_beside_it_and_is_its_owners_only(place):
    file = PoolFile.create(place)
    assert os.listdir(place.pools) == [file.name]
    assert stat.S_IMODE(os.stat(place.pool(file.name)).st_mode) == 0o600


def test_what_the_workers_began_can_be_read_after_their_death(place, dead):
    assert poolfile.begun(place, dead) == {(7, 2)}


def test_each_line_of_a_slot_remembers_what_was_begun_last(place):
    file = PoolFile.create(place)
    file.mark_begun(1, 0, 10, 1)
    file.mark_begun(SLOTS, 0, 2**63 - 1, 2**63 - 1)
    file.mark_begun(1, 0, 11, 4)
    file.mark_begun(1, LINES - 1, 12, 1)
    file.mark_begun(2, 0, 13, 1)
    assert file.begun() == poolfile.begun(place, file.name) == {(11, 4), (12, 1), (13, 1), (2**63 - 1, 2**63 - 1)}
    assert [file.begun_at(1, 0), file.begun_at(1, 1), file.begun_at(1, LINES - 1)] == [(11, 4), (0, 0), (12, 1)]


def test_what_is_remembered_stays_whoever_goes_on(place):
    file = PoolFile.create(place)
    file.mark_begun(1, 0, 7, 1)
    file.remember(8, 5)
    again = PoolFile(place, file.name, os.open(place.pool(file.name), os.O_RDWR))
    again.remember(9, 2)
    assert poolfile.begun(place, file.name) == {(7, 1), (8, 5), (9, 2)}
    for number in range(KEPT):
        again.remember(100 + number, 1)
        again.remember(100 + number, 1)
    assert file.begun() == {(7, 1), *((100 + number, 1) for number in range(KEPT))}
    file.remember(99, 1)
    assert file.begun() == {(7, 1), (99, 1), *((100 + number, 1) for number in range(1, KEPT))}


@pytest.mark.parametrize("content", [b"", b"short"])
def test_a_file_that_cannot_be_understood_says_nothing(place, content):
    with open(place.pool("p1"), "wb") as file:
        file.write(content)
    assert poolfile.begun(place, "p1") is None
    assert poolfile.reason(place, "p1") == ""


def test_without_a_file_nothing_is_known(place):
    assert poolfile.begun(place, "p1") is None
    assert poolfile.reason(place, "p1") == ""


def test_a_reason_is_said_until_it_is_taken_back(place):
    file = PoolFile.create(place)
    assert poolfile.reason(place, file.name) == ""
    file.say("the disk is full")
    assert poolfile.reason(place, file.name) == "the disk is full"
    file.say("")
    assert poolfile.reason(place, file.name) == ""


def test_a_reason_of_any_length_and_any_text_leaves_the_rest_of_the_file_alone(place):
    file = PoolFile.create(place)
    file.mark_begun(1, 0, 7, 2)
    file.say("é\udc80" * 10_000)
    assert poolfile.reason(place, file.name).startswith("é?é?")
    assert file.begun() == {(7, 2)}


def test_a_dead_pools_file_and_fifo_can_be_removed(place, dead):
    os.mkfifo(place.fifo(dead))
    poolfile.remove(place, dead)
    assert os.listdir(place.pools) == []


def test_a_living_pools_file_is_never_removed_by_others(place):
    file = PoolFile.create(place)
    poolfile.remove(place, file.name)
    assert poolfile.names(place) == [file.name]
    file.remove()
    assert poolfile.names(place) == []


def test_only_files_of_pools_count_as_pools(place):
    for name in ("p1", "p12", "p1.fifo", "p1.log", ".draft", "px"):
        os.close(os.open(f"{place.pools}/{name}", os.O_CREAT))
    assert poolfile.names(place) == ["p1", "p12"]


def test_a_link_that_was_planted_is_not_followed(place, tmp_path):
    (tmp_path / "other").write_bytes(bytes(100_000))
    os.symlink(tmp_path / "other", place.pool("p1"))
    assert poolfile.begun(place, "p1") is None
    assert PoolFile.create(place).name == "p2"


def _in_a_process_that_ends(place, begin):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            file = PoolFile.create(place)
            begin(file)
            os.write(writing, file.name.encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    name = os.read(reading, 10).decode()
    os.close(reading)
    return name


def _hold_a_pool(place, writing):
    """A keeper that ends and leaves a worker behind."""
    try:
        file = PoolFile.create(place)
        worker = os.fork()
        if worker:
            os.write(writing, f"{file.name} {worker}".encode())
        else:
            signal.pause()
    finally:
        os._exit(0)
