"""Stores of a million jobs, made once a run, or found where an earlier run has left them."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import apsw

from tests.benchmarks.run import Run, say
from tests.big import fill

_YEAR_MS = 365 * 24 * 3600 * 1000
_ABOVE = 10
"""No other job of these stores has a priority as high."""

_SCHEDULED = """
WITH RECURSIVE k (n) AS (SELECT :first UNION ALL SELECT n + 1 FROM k WHERE n < :last)
INSERT INTO jobs (
  n, id, state, queue, priority, run_at, ready, held, cancel_asked, attempts, max_retries, interruptions, runs, fence,
  version, state_since, created_at, updated_at, cwd, command
)
SELECT n, 'j' || n, 'pending', 'q' || (n % 7), :above, :now + :year + n, 0, 0, 0, 0, 3, 0, 0, 0, 1, :now, :now, :now,
  '/srv/media', printf('./report.sh --customer %d', n)
FROM k
"""
_NOT_IN_THIS_RUN = """
UPDATE jobs SET run_at = run_at + :year WHERE ready = 0 AND held = 0 AND state IN ('pending', 'failed')
"""


def store(run: Run, waiting: int, dead: int = 0, completed: int = 0, scheduled: int = 0) -> Path:
    """A store with so many jobs; `scheduled` ones are for next year and of the highest priority.

    Of the waiting ones some are held, scheduled or have failed. Nothing becomes due by itself.
    """
    path = run.stores / f"{waiting}-{dead}-{completed}-{scheduled}" / "queue.db"
    if not path.exists():
        began = time.monotonic()
        making = path.parent.with_suffix(".new")
        shutil.rmtree(making, ignore_errors=True)  # of a run that was cut short
        making.mkdir()
        _make(str(making / "queue.db"), waiting, dead, completed, scheduled)
        # A store knows the folder that its locks lie in by its path only, so the whole folder can be renamed.
        os.rename(making, path.parent)
        total = waiting + dead + completed + scheduled
        say(f"  made a store of {total:,} jobs, {path.stat().st_size / 2**20:,.0f} MiB, "
            f"in {time.monotonic() - began:.0f} s")  # fmt: skip
    return path


def _make(path: str, waiting: int, dead: int, completed: int, scheduled: int) -> None:
    fill(path, waiting, dead, completed)
    connection = apsw.Connection(path)
    connection.pragma("synchronous", "OFF")
    connection.pragma("cache_size", -500_000)
    with connection:
        connection.execute(_NOT_IN_THIS_RUN, {"year": _YEAR_MS})
        if scheduled:
            first, now = waiting + dead + completed + 1, time.time_ns() // 1_000_000
            values = {"first": first, "last": first + scheduled - 1, "above": _ABOVE, "now": now, "year": _YEAR_MS}
            connection.execute(_SCHEDULED, values)
    connection.close()
