"""Stores of a million jobs for measurements: `python -m tests.big PATH [PENDING DEAD COMPLETED]`."""

from __future__ import annotations

import sys
import time

import apsw

from queuectl.store import open_store

DAY_MS = 24 * 3600 * 1000

# Of the pending ones every hundredth has failed once, every fiftieth waits for a later time and every 500th is held.
_WAITING = """
WITH RECURSIVE k (n) AS (SELECT :first UNION ALL SELECT n + 1 FROM k WHERE n < :last)
INSERT INTO jobs (
  n, id, state, queue, priority, run_at, ready, held, cancel_asked, attempts, max_retries, interruptions, runs, fence,
  version, state_since, created_at, updated_at, timeout_ms, tags, cwd, command, error, exit_code
)
SELECT n, 'j' || n, iif(n % 100 = 0, 'failed', 'pending'), 'q' || (n % 7), n * 2654435761 / 65536 % 10,
  :now - (:last - n) + iif(n % 50 = 0, 3600000, 0), n % 50 <> 0 AND n % 500 <> 1, n % 500 = 1, 0, n % 100 = 0, 3, 0,
  n % 100 = 0, n % 100 = 0, 1, :now - (:last - n), :now - (:last - n), :now - (:last - n), 300000,
  iif(n % 10 = 0, '["nightly"]', NULL), '/srv/media',
  CASE n % 5
    WHEN 0 THEN printf('ffmpeg -i in/%07d.mov -vf scale=1280:-2 out/%07d.mp4', n, n)
    WHEN 1 THEN printf('./report.sh --month 2026-%02d --customer %d', n % 12 + 1, n)
    WHEN 2 THEN printf('curl -fsS https://example.org/feed/%d -o feed-%d.xml', n, n)
    WHEN 3 THEN printf('python train.py --seed %d', n)
    ELSE printf('tar czf backup-%d.tgz /srv/data/%d', n, n % 1000)
  END,
  iif(n % 100 = 0, 'exit 1 · curl: (6) Could not resolve host', NULL), iif(n % 100 = 0, 1, NULL)
FROM k
"""
_ENDED = """
WITH RECURSIVE k (n) AS (SELECT :first UNION ALL SELECT n + 1 FROM k WHERE n < :last)
INSERT INTO jobs (
  n, id, state, queue, priority, run_at, ready, held, cancel_asked, attempts, max_retries, interruptions, runs, fence,
  version, state_since, created_at, updated_at, worker, host, started_at, finished_at, duration_ms, exit_code, signal,
  error, timeout_ms, cwd, command
)
SELECT n, 'j' || n, iif(died, 'dead', 'completed'), 'q' || (n % 7), n * 2654435761 / 65536 % 10,
  ended - 9000, 0, 0, 0, 1, 1, 0, 1,
  1, 3, ended, ended - 9000, ended, 'p1/w' || (n % 4 + 1), 'host', ended - took, ended, took,
  iif(died, n % 5 + 1, 0), NULL,
  iif(died, CASE n % 6
    WHEN 0 THEN printf('exit 6 · curl: (6) Could not resolve host: h%d.example.org', n % 50)
    WHEN 1 THEN printf('exit 1 · Traceback: KeyError: %d', n)
    WHEN 2 THEN 'exit 127 · sh: 1: ffmpeg: not found'
    WHEN 3 THEN printf('exit 1 · No space left on device /dev/sd%d', n % 9)
    WHEN 4 THEN printf('exit 2 · usage: report.sh --month YYYY-MM (line %d)', n % 90)
    ELSE printf('exit 28 · curl: (28) Operation timed out after %d ms', n % 9000)
  END, NULL), 300000, '/srv/media',
  CASE n % 3
    WHEN 0 THEN printf('ffmpeg -i in/%07d.mov -vf scale=1280:-2 out/%07d.mp4', n, n)
    WHEN 1 THEN printf('curl -fsS https://example.org/feed/%d -o feed-%d.xml', n, n)
    ELSE printf('./report.sh --month 2026-%02d --customer %d', n % 12 + 1, n)
  END
FROM (SELECT n, (n * 7919) % :all < :dead AS died, :now - (:all - n) * :span / :all AS ended,
  20 + n * 104729 % 9000 AS took FROM k)
"""
_ATTEMPTS = """
INSERT INTO attempts (
  job, n, worker, host, started_at, finished_at, duration_ms, outcome, exit_code, error, cpu_ms, max_rss_bytes,
  output_bytes, output
)
SELECT n, 1, worker, host, started_at, finished_at, duration_ms, 'exited', exit_code, error, duration_ms / 2,
  20000000, 12, CAST('some output' || char(10) AS BLOB)
FROM jobs WHERE state = 'dead'
"""
_RATES = """
WITH RECURSIVE k (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM k WHERE n < 8639)
INSERT INTO rates (bucket, completed, failed, dead, waiting)
SELECT (:now / 10000 - n) * 10000, 20 + n % 17, n % 3, n % 11 = 0, 1000 + n FROM k
"""


def fill(path: str, pending: int, dead: int, completed: int) -> None:
    """A new store with so many jobs, ended ones first; their ends are spread over a day.

    `dead` is met but for rounding; a power cut while this runs leaves a damaged store.
    """
    open_store(path, create=True).close()
    connection = apsw.Connection(path)
    connection.pragma("synchronous", "OFF")
    connection.pragma("cache_size", -500_000)
    connection.wal_autocheckpoint(20_000)
    ended, now = dead + completed, time.time_ns() // 1_000_000
    with connection:
        if ended:
            values = {"first": 1, "last": ended, "all": ended, "dead": dead, "now": now, "span": DAY_MS}
            connection.execute(_ENDED, values)
            connection.execute(_ATTEMPTS)
        if pending:
            connection.execute(_WAITING, {"first": ended + 1, "last": ended + pending, "now": now})
        connection.execute(_RATES, {"now": now})
    connection.close()


if __name__ == "__main__":
    fill(sys.argv[1], *(map(int, sys.argv[2:5]) if len(sys.argv) > 2 else (1_000_000, 100_000, 100_000)))
