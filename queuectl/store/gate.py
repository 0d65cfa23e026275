"""Where writers queue before they begin: a lock file, because SQLite's own waiting is not fair."""

from __future__ import annotations

import fcntl
import os

PATIENCE_S = 1.0
"""After so long a writer goes on without its turn; SQLite's lock is what keeps writers apart."""


class Gate:
    """One process's place in the queue of a store's writers. Without its file everybody passes."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: int | None = None
        self._stand_in: _StandIn | None = None
        self._leave: int | None = None

    def enter(self) -> None:
        """Wait for the turn, PATIENCE_S at most; signals are heard meanwhile."""
        if self._file is None:
            self._file = _opened(self._path)
            if self._file is None:
                return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._leave = self._file
        except BlockingIOError:
            self._leave = self._queue()
        except OSError:
            self._leave = None

    def leave(self) -> None:
        """Let the next one in."""
        held, self._leave = self._leave, None
        if held is not None:
            fcntl.flock(held, fcntl.LOCK_UN)

    def close(self) -> None:
        self.leave()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _queue(self) -> int | None:
        if self._stand_in is None:
            file = _opened(self._path)
            if file is None:
                return None
            self._stand_in = _StandIn(file)
        return self._stand_in.file if self._stand_in.wait(PATIENCE_S) else None


class _StandIn:
    """A thread that blocks in flock() in place of its caller, who may stop waiting.

    It has an open file of its own: on the caller's the two could not be told apart.
    """

    def __init__(self, file: int) -> None:
        # Only writers that must wait need threads at all: 2 ms of imports.
        import threading

        self.file = file
        self._new_thread = threading.Thread
        self._guard = threading.Lock()
        self._turn = threading.Event()
        self._wanted = False
        self._blocked = False

    def wait(self, seconds: float) -> bool:
        """Whether the lock came in time; one that comes later is let go at once."""
        with self._guard:
            self._wanted = True
            self._turn.clear()
            if not self._blocked:
                self._new_thread(target=self._block, daemon=True).start()
                self._blocked = True
        came = False
        try:
            came = self._turn.wait(seconds)
        finally:
            with self._guard:
                self._wanted = False
                if self._turn.is_set() and not came:
                    fcntl.flock(self.file, fcntl.LOCK_UN)
        return came

    def _block(self) -> None:
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX)
        except OSError:
            with self._guard:
                self._blocked = False
            return
        with self._guard:
            self._blocked = False
            if self._wanted:
                self._turn.set()
            else:
                fcntl.flock(self.file, fcntl.LOCK_UN)


def _opened(path: str) -> int | None:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
