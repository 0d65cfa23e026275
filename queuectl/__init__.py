"""queuectl: a queue of shell commands on one SQLite file.

The layers, each of which imports only what stands above it:

    errors     what can go wrong, with a hint and an exit code
    core       jobs, states, arithmetic, the filter language: no clock, disk, SQL or terminal
    queue      the one door: what people and programs ask of jobs, pools and configuration
    store      SQLite, behind the protocols of core.ports
    worker     pools of processes that run commands
    wiring     joins queue, store and worker: `connect(location) -> Queue`
    tui, cli   what people see

For Python users: `from queuectl import connect`, then `connect().jobs.add([NewJob("echo hi", "/tmp")])`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from queuectl.core.job import Job, NewJob, State
    from queuectl.core.version import __version__
    from queuectl.errors import (
        BadValue,
        Conflict,
        NotFound,
        QueuectlError,
        StoreBusy,
        StoreFull,
        StoreUnusable,
        TimedOut,
        WrongState,
    )
    from queuectl.queue import Queue
    from queuectl.wiring import connect

__all__ = [
    "BadValue",
    "Conflict",
    "Job",
    "NewJob",
    "NotFound",
    "Queue",
    "QueuectlError",
    "State",
    "StoreBusy",
    "StoreFull",
    "StoreUnusable",
    "TimedOut",
    "WrongState",
    "__version__",
    "connect",
]

_ELSEWHERE = {
    "__version__": "core.version",
    "Job": "core.job",
    "NewJob": "core.job",
    "State": "core.job",
    "Queue": "queue",
    "connect": "wiring",
}


def __getattr__(name: str) -> object:
    """Import on first use: a command that prints its help needs none of this."""
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module 'queuectl' has no attribute {name!r}")
    return getattr(import_module("queuectl." + _ELSEWHERE.get(name, "errors")), name)
