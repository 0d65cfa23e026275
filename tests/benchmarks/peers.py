"""What queuectl is compared with: other ways to run many commands, each as its users would run it.

`install_peers.sh` installs them. Try them: `python -m tests.benchmarks.peers [--jobs N] [NAME…]`.
"""

# ruff: noqa: T201 - a program that prints

from __future__ import annotations

import argparse
from statistics import median
from typing import Protocol

from tests.benchmarks.peers_parts.libraries import (
    Celery,
    Huey,
    Litequeue,
    Procrastinate,
    Rq,
    RqSimple,
    SmallestLoop,
)
from tests.benchmarks.peers_parts.programs import Nq, Parallel, TaskSpooler, Xargs


class Peer(Protocol):
    """What stands beside queuectl. Its servers and workers are private, in a temporary folder, and end with a call."""

    name: str

    def missing(self) -> str | None:
        """Why it cannot be run here, in words."""

    def drain(self, jobs: int, workers: int) -> float:
        """Seconds from the start of work to the last end of so many times `true`, which wait from the beginning.

        By the shell where it is made for commands of the shell, else as a subprocess of the worker: the least it
        can do. Starts of servers and workers are outside of the time.
        """

    def starts_ms(self, count: int) -> list[float]:
        """From the return of the call that adds a job to the command's first instruction, nothing else to do.

        Empty where there is no such call. It can be below 0: where adding is a program, the command may begin
        before that has ended.
        """


PEERS: list[Peer] = [
    Xargs(),
    Parallel(),
    TaskSpooler(),
    Nq(),
    Litequeue(),
    SmallestLoop(),
    Huey(),
    Rq(),
    RqSimple(),
    Celery(),
    Procrastinate(),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="a part of the name; all without one")
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--starts", type=int, default=20)
    chosen = parser.parse_args()
    for peer in PEERS:
        if chosen.names and not any(name.lower() in peer.name.lower() for name in chosen.names):
            continue
        if (reason := peer.missing()) is not None:
            print(f"{peer.name:40} left out: {reason}", flush=True)
            continue
        rate = chosen.jobs / peer.drain(chosen.jobs, chosen.workers)
        starts = peer.starts_ms(chosen.starts) if chosen.starts else []
        start = f"{median(starts):7.1f} ms ({min(starts):.1f} … {max(starts):.1f})" if starts else "      –"
        print(f"{peer.name:40} {rate:6.0f} /s {start}", flush=True)


if __name__ == "__main__":
    main()
