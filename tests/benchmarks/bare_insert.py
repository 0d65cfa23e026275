"""Bare `executemany` of the rows that `enqueue @file` stores, into the same schema: `bare_insert.py STORE JOBS`.

One transaction, as durable as a person's command is; nothing is read, checked or told.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import apsw

from tests.benchmarks.bulk import QUEUES, command_of, priority_of

_INSERT = """
INSERT INTO jobs (
  n, id, state, queue, priority, run_at, ready, held, cancel_asked, attempts, max_retries, interruptions, runs, fence,
  version, state_since, created_at, updated_at, timeout_ms, unique_key, tags, env, cwd, command
) VALUES (?, ?, 'pending', ?, ?, ?, 1, 0, 0, 0, 3, 0, 0, 0, 1, ?, ?, ?, NULL, NULL, NULL, NULL, '/', ?)
"""


def rows(count: int) -> Iterator[tuple[object, ...]]:
    now = time.time_ns() // 1_000_000
    for n in range(1, count + 1):
        yield n, f"j{n}", f"q{n % QUEUES}", priority_of(n), now, now, now, now, command_of(n)


def main(store: str, count: int) -> None:
    connection = apsw.Connection(store, flags=apsw.SQLITE_OPEN_READWRITE)
    connection.pragma("synchronous", "FULL")
    with connection:
        connection.executemany(_INSERT, rows(count))
    connection.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
