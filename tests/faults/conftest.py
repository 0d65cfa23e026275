"""A ground for each fault, on which everything holds when its test is over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import program, starter  # noqa: F401 - fixtures, on the store of the ground
from tests.faults.disks import mounted
from tests.faults.harness import Ground
from tests.patience import until


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    ground = Ground(tmp_path)
    try:
        yield ground
        ground.check()
    finally:
        ground.end()
    until(lambda: not ground.left_running(), "all commands to be gone", 5)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MiB that the store of the ground, which comes after it, lies on; proof and logs do not."""
    with mounted(tmp_path / "disk", "12m") as folder:
        (tmp_path / "queue.db").symlink_to(folder / "queue.db")
        yield folder
