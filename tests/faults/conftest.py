"""A ground for each fault, on which everything holds when its test is over."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from queuectl.worker import descendants
from tests.cli.conftest import Starter, starter  # noqa: F401 - a fixture
from tests.faults.disks import mounted
from tests.faults.harness import Ground, Witnessed, words_of
from tests.patience import until


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    ground = Ground(tmp_path)
    try:
        yield ground
        ground.check()
    finally:
        ground.end()
    try:
        until(lambda: not ground.left_running(), "all processes to be gone", 5)
    finally:
        for left in ground.left_running():
            print(f"left running: {left.pid} {words_of(left)}")  # noqa: T201 - said with the failure
            descendants.send(left, signal.SIGKILL)


@pytest.fixture
def program(request: pytest.FixtureRequest, tmp_path: Path, starter: Starter) -> Witnessed:  # noqa: F811
    """On the store of the ground, which hears what it acknowledges."""
    program = Witnessed(tmp_path, starter)
    if "ground" in request.fixturenames:
        program.ground = request.getfixturevalue("ground")
    return program


@pytest.fixture
def disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A disk of 12 MiB that the store of the ground, which comes after it, lies on; proof and logs do not."""
    with mounted(tmp_path / "disk", getattr(request, "param", "12m")) as folder:
        (tmp_path / "queue.db").symlink_to(folder / "queue.db")
        yield folder
