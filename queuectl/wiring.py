"""Joins queue, store and worker: the only module that knows which store it is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from queuectl.errors import BadValue
from queuectl.queue import Queue
from queuectl.queue.clock import Clock, utc_ms
from queuectl.store import Role, ears, open_pool_store, open_store, place_of

if TYPE_CHECKING:
    from queuectl.core.ports import Outputs, PoolFiles, PoolStore
    from queuectl.worker.plan import Ears

_VARIABLES = ("QUEUECTL_DB_PATH", "QUEUECTL_DB")


def location_of(location: str | None = None) -> str:
    """Where the store is: what is given, or QUEUECTL_DB_PATH, or QUEUECTL_DB, or ~/.queuectl/queue.db."""
    if location is not None:
        if not location:
            raise BadValue("the store's location is empty", "give a path, or leave --db out")
        return location
    for variable in _VARIABLES:
        if found := os.environ.get(variable):
            return found
    home = os.path.expanduser("~")
    if not os.path.isabs(home):
        raise BadValue("there is no home directory for the store", "set QUEUECTL_DB_PATH to a file")
    return os.path.join(home, ".queuectl", "queue.db")


def connect(
    location: str | None = None,
    *,
    create: bool = False,
    viewer: bool = False,
    must_exist: bool = False,
    patience_s: float | None = None,
    clock: Clock = utc_ms,
) -> Queue:
    """The queue at a location, as `location_of` reads it. Close it when done.

    A store that is not there is made with `create`, is an error if it `must_exist`, and else is an
    empty queue that forgets what is added. A `viewer` opens the store read-only and needs one that
    is there. A lock is waited for `patience_s` seconds, if nothing is given 10, by a viewer 0.25.
    `clock` gives milliseconds UTC. Raises BadValue for a location that cannot be one, and StoreUnusable.
    """
    role = Role.VIEWER if viewer else Role.PERSON
    store = open_store(
        location_of(location),
        create=create and not viewer,
        role=role,
        must_exist=must_exist,
        patience_s=patience_s,
    )

    def files() -> PoolFiles:
        from queuectl.worker.control import PoolControl  # most commands need no pools

        return PoolControl(store.place)

    def outputs() -> Outputs:
        from queuectl.worker.outputfile import OutputFiles  # nor output

        return OutputFiles(store.place)

    return Queue(store, store.place.store, files, outputs, clock)


def ready_store(location: str | None = None) -> str:
    """The path of the store at a location, which is made if there is none. Raises as `connect` does."""
    store = open_store(location_of(location), create=True)
    store.close()
    return store.place.store


def run_pool(
    location: str, workers: int, queues: Sequence[str], *, drain: bool = False, ready_fd: int | None = None
) -> int:
    """Be a pool of `workers` (1 to 256) until it is stopped; returns the exit code.

    The store must be there. `queues` is empty for all. With `drain` it ends when nothing is left
    that will run. On `ready_fd` it says as one line of JSON that its workers stand, or why not.
    """
    # Only the dispatcher opens the store, after the fork; what it needs for that is loaded before, and shared.
    from queuectl.store import gate, poolrows, upkeep  # noqa: F401
    from queuectl.worker.keeper import run_pool as keep
    from queuectl.worker.plan import PoolPlan

    place = place_of(location)

    def open_for_pool(name: str) -> tuple[PoolStore, Ears]:
        return open_pool_store(place.store), ears(place, name)

    return keep(PoolPlan(place, workers, tuple(queues), drain, open_for_pool, ready_fd))
