"""What all rows share: how large they are, where their stores lie, and what they print while they work."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.pools.conftest import Stage

SHORT_JOBS = 20_000


@dataclass(frozen=True)
class Run:
    """`jobs` is what a million is taken for, `rounds` how often each side of a comparison has its turn.

    `folder` is emptied at the end, `stores` may be kept for the next run.
    """

    folder: Path
    stores: Path
    jobs: int = 1_000_000
    rounds: int = 5
    short: bool = False

    def of(self, long: int, short: int) -> int:
        """How many of something: as many as the budget speaks of, or few."""
        return short if self.short else long

    def fresh(self) -> Path:
        """An empty folder."""
        return Path(tempfile.mkdtemp(dir=self.folder))

    @contextmanager
    def stage(self) -> Iterator[Stage]:
        """A new store, and pools that end with the block."""
        folder = self.fresh()
        stage = Stage(folder)
        try:
            yield stage
        finally:
            stage.end()
            shutil.rmtree(folder, ignore_errors=True)


def say(text: str) -> None:
    """Tell who waits what is being done; the table alone goes to standard output."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
