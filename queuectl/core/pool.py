"""A pool and its workers as they stand in the store. Times are milliseconds UTC."""

# No `from __future__ import annotations`: NamedTuple would compile each text, and every command waits for it.

from typing import NamedTuple


class PoolRecord(NamedTuple):
    """A pool as it stands in the store.

    `pid` is its keeper's; `start_ticks` (clock ticks after boot), `boot_id` and `pid_ns` tell it
    from a stranger with the same number. `wanted` is how many workers it shall have; `stop` is
    "", "drain" (finish what runs) or "force". `queues` is empty if it serves all. `beat` grows
    with each sign of life.
    """

    name: str
    host: str
    boot_id: str
    pid_ns: str
    pid: int
    start_ticks: int
    started_at: int
    wanted: int
    queues: tuple[str, ...] = ()
    stop: str = ""
    beat: int = 0


class WorkerRecord(NamedTuple):
    """A worker process of a pool; `name` is like `w3`; `done` and `failed` count ended attempts."""

    pool: str
    name: str
    pid: int
    start_ticks: int
    started_at: int
    done: int = 0
    failed: int = 0
