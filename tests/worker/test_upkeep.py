"""What a pool tidies up, while others make and remove files."""

import os
import shutil
import threading

import pytest

from queuectl.core.job import NewJob
from queuectl.core.place import Place
from queuectl.core.settings import Settings
from queuectl.store import open_pool_store, open_store
from queuectl.worker.poolfile import PoolFile
from queuectl.worker.upkeep import Upkeep

NOW = 1_800_000_000_000


@pytest.fixture
def store(tmp_path):
    person = open_store(f"{tmp_path}/queue.db", create=True)
    person.adder.add([NewJob("true", "/")], NOW)
    person.close()
    pool = open_pool_store(f"{tmp_path}/queue.db")
    yield pool
    pool.close()


@pytest.fixture
def place(store, tmp_path):
    return Place(f"{tmp_path}/queue.db")


def test_files_that_others_remove_meanwhile_are_no_error(store, place):
    enough = threading.Event()

    def come_and_go():
        while not enough.is_set():
            for number in range(300):
                with open(f"{place.output}/{number}-1-x", "wb"):
                    pass
            for number in range(300):
                os.unlink(f"{place.output}/{number}-1-x")

    others = threading.Thread(target=come_and_go)
    others.start()
    try:
        for _ in range(50):
            Upkeep(place).run(store, Settings(), NOW)
    finally:
        enough.set()
        others.join()


def test_an_output_folder_that_is_gone_is_no_error(store, place):
    upkeep = Upkeep(place)
    upkeep.run(store, Settings(), NOW)
    shutil.rmtree(place.output)
    upkeep.run(store, Settings(), NOW)


def test_a_file_of_no_attempt_goes_once_nobody_wrote_to_it_for_a_minute(store, place):
    for name in ("1-7-old", "1-7-new"):
        with open(f"{place.output}/{name}", "wb"):
            pass
    os.utime(f"{place.output}/1-7-old", (1, 1))
    Upkeep(place).run(store, Settings(), NOW)
    assert os.listdir(place.output) == ["1-7-new"]


def test_the_files_of_a_dead_pool_that_the_store_does_not_know_go(store, place):
    living = PoolFile.create(place)
    with open(place.pool("p7"), "wb"), open(place.fifo("p7"), "wb"):
        pass
    Upkeep(place).sweep_pools([])
    assert os.listdir(place.pools) == [living.name]
