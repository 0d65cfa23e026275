"""The store that forms are filled in over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from queuectl.queue import Queue
from queuectl.wiring import connect


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "queue.db"


@pytest.fixture
def queue(store: Path) -> Iterator[Queue]:
    queue = connect(str(store), create=True)
    yield queue
    queue.close()
