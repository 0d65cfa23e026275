"""What this host and process are called, so that nobody mistakes a number of another boot or container for ours."""

from __future__ import annotations

import os
from typing import NamedTuple

from queuectl.core.pool import PoolRecord
from queuectl.worker import descendants
from queuectl.worker.clock import wall_ms


class Host(NamedTuple):
    """A name for people, and what makes pids comparable: the same boot and the same pid namespace."""

    name: str
    boot_id: str
    pid_ns: str

    @classmethod
    def here(cls) -> Host:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            boot_id = file.read().strip()
        return cls(os.uname().nodename, boot_id, os.readlink("/proc/self/ns/pid"))


def start_ticks(pid: int) -> int:
    """When the process began, in clock ticks after boot; 0 if there is none."""
    process = descendants.look_up(pid)
    return process.start_ticks if process else 0


def pool_record(name: str, wanted: int, queues: tuple[str, ...]) -> PoolRecord:
    """A pool of which this process is the keeper."""
    host, pid = Host.here(), os.getpid()
    return PoolRecord(
        name=name,
        host=host.name,
        boot_id=host.boot_id,
        pid_ns=host.pid_ns,
        pid=pid,
        start_ticks=start_ticks(pid),
        started_at=wall_ms(),
        wanted=wanted,
        queues=queues,
    )
