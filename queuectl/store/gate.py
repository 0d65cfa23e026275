"""Where writers pass one at a time before they begin: a lock file, which is looked at for less than SQLite's lock."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time

PATIENCE_S = 1.0
"""After so long a writer goes on without its turn; SQLite's lock is what keeps writers apart."""
# Who waits in flock() is handed the lock while it waits for the processor, too, and so does everybody behind it: with
# 16 pools on two cores one claim in a hundred took 350 ms instead of 60.
_FIRST_PAUSE_S = 0.0003
_LONGEST_PAUSE_S = 0.004
_GROWTH = 1.3


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
    deadline, pause_s = time.monotonic() + patience_s, _FIRST_PAUSE_S
    with contextlib.suppress(OSError):
        while not _locked(file):
            if time.monotonic() >= deadline:
                return False
            time.sleep(pause_s)
            pause_s = min(pause_s * _GROWTH, _LONGEST_PAUSE_S)
    return True


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
