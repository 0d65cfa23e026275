"""File descriptors: how many workers a dispatcher has them for, and whether there are some to look around with."""

from __future__ import annotations

import os
import resource

from queuectl.errors import QueuectlError
from queuectl.worker.poolfile import SLOTS

_OWN = 32


def most_workers() -> int:
    """How many workers a pool can have under the hard limit of this process, 256 at most."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return SLOTS if hard == resource.RLIM_INFINITY else min(SLOTS, hard - _OWN)


def check(count: int) -> None:
    """Raise QueuectlError if a pool cannot have so many workers."""
    most = most_workers()
    if count > most:
        raise QueuectlError(
            f"{count} workers need {count + _OWN} file descriptors, and the limit is {most + _OWN}",
            "raise it with `ulimit -n`, or start fewer workers",
        )


def check_room(count: int) -> None:
    """Raise OSError unless so many more can be had just now."""
    spare: list[int] = []
    try:
        while len(spare) < count:
            spare.append(os.open("/", os.O_PATH | os.O_CLOEXEC))
    finally:
        for descriptor in spare:
            os.close(descriptor)


def take_all() -> None:
    """Let this process have as many as it may. For the dispatcher only: commands keep the limit they were given."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
