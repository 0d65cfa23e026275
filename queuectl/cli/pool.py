"""What `worker start` becomes: a pool's keeper, in an interpreter that has not loaded Click.

A pool's processes are forked from it. They share its memory, but each has a copy of every page in
which it counts a reference, and the more lies between what it uses, the more pages these are.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

_NONE = "-"


def become(store: str, workers: int, queues: Sequence[str], *, drain: bool, ready_fd: int | None) -> int:
    """Be that from now on, for the store at that path; where no program can be begun, in this process all the same."""
    words = [store, str(workers), str(int(drain)), _NONE if ready_fd is None else str(ready_fd), *queues]
    command = [sys.executable, "-P", os.path.abspath(__file__), *words]
    try:
        os.execv(command[0], command)  # noqa: S606 - this very program, with words of its own
    except OSError:
        return run(words)


def run(words: Sequence[str]) -> int:
    """Keep the pool that the words of `become` describe; returns its exit code."""
    from queuectl.wiring import run_pool

    store, workers, drain, ready_fd, *queues = words
    descriptor = None if ready_fd == _NONE else int(ready_fd)
    return run_pool(store, int(workers), queues, drain=drain == "1", ready_fd=descriptor)


if __name__ == "__main__":
    # Not the folder that somebody happens to be in, but the one of the code that is running; where that is installed
    # it stays behind Python's own modules.
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    if root not in sys.path:
        sys.path.insert(0, root)
    from queuectl.cli import main

    main(sys.argv[1:], "pool")
