"""A place for a pool's files, and real worker processes."""

import os

import pytest

from queuectl.core.place import Place
from tests.worker.hired import Bell, HiredWorker


@pytest.fixture
def place(tmp_path):
    place = Place(f"{tmp_path}/queue.db")
    for folder in (place.folder, place.pools, place.output):
        os.mkdir(folder, 0o700)
    return place


@pytest.fixture
def worker(place):
    hired = HiredWorker(place)
    yield hired
    hired.let_go()


@pytest.fixture
def bell(tmp_path):
    bell = Bell(f"{tmp_path}/bell")
    yield bell
    bell.close()


@pytest.fixture
def bells(tmp_path):
    both = [Bell(f"{tmp_path}/bell{count}") for count in range(2)]
    yield both
    for bell in both:
        bell.close()
