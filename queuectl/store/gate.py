"""Where writers pass one at a time before they begin: a lock file, which is looked at for less than SQLite's lock."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator

PATIENCE_S = 1.0
"""After so long a writer goes on without its turn; SQLite's lock is what keeps writers apart."""
# Who waits in flock() is handed the lock while it waits for the processor, too, and so does everybody behind it: with
# 16 pools on two cores one claim in a hundred took 350 ms instead of 60.
_FIRST_PAUSE_S = 0.0003
# Then who has waited longer looks more often, and so comes first as a rule: without it one claim in a hundred of 16
# pools took 170 ms instead of 100.
_LONGEST_PAUSE_S = 0.006
_SHORTEST_PAUSE_S = 0.001
_SHRINKING = 0.85


class Gate:
    """One process's way in among a store's writers. Without its file everybody passes."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: int | None = None

    def enter(self, patience_s: float = PATIENCE_S) -> bool:
        """Wait for the gate to be free, `patience_s` seconds and PATIENCE_S at most; signals are heard meanwhile.

        False if it never was.
        """
        if self._file is None:
            self._file = _opened(self._path)
        return self._file is None or _await_lock(self._file, min(patience_s, PATIENCE_S))

    def leave(self) -> None:
        """Let another one in; without having entered it does nothing."""
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        self.leave()
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _await_lock(file: int, patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    with contextlib.suppress(OSError):
        for pause_s in pauses_s():
            if _locked(file):
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(pause_s)
    return True


def pauses_s() -> Iterator[float]:
    """How long to wait, in seconds, after each look at a gate that is shut."""
    yield _FIRST_PAUSE_S
    pause_s = _LONGEST_PAUSE_S
    while True:
        yield pause_s
        pause_s = max(_SHORTEST_PAUSE_S, pause_s * _SHRINKING)


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _opened(path: str) -> int | None:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
