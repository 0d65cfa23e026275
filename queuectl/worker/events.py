"""One line an event, on standard error or in a pool's log. What cannot be written at once is left out."""

from __future__ import annotations

import os
import select
import threading
import time

from queuectl.core.plain import plain
from queuectl.errors import StoreUnusable

_LOG_BOUND = 1 << 20
_STDERR = 2


class Events:
    """Writes to standard error; as a log it is cut to its newer half when it outgrows 1 MiB."""

    def __init__(self, name: str, bounded: bool) -> None:
        self.name = name
        self._bounded = bounded
        self._left_out = 0
        self._noted: list[str] = []
        self._saying = threading.Lock()  # the threads of a rescue say something, too
        self._descriptor = _own_descriptor()
        self._poll = select.poll()
        self._poll.register(self._descriptor, select.POLLOUT)

    def say(self, text: str) -> None:
        """Never blocks: a terminal that was stopped, or a reader that does not read, must not stop the pool."""
        self.note(text)
        self.flush()

    def note(self, text: str) -> None:
        """To be said with the next `flush`, in one writing with others."""
        with self._saying:
            self._noted.append(text)

    def flush(self) -> None:
        """Say what was noted."""
        with self._saying:
            if self._noted:
                self._say_noted()

    def _say_noted(self) -> None:
        noted, self._noted = self._noted, []
        said_at = time.strftime("%H:%M:%S")
        lines: list[bytes] = []
        size = 0
        for text in noted:
            missing = f"({self._left_out} lines left out) " if self._left_out else ""
            line = _cut_short(f"{said_at} {self.name} {missing}{plain(text)}")
            if lines and (missing or size + len(line) > select.PIPE_BUF):
                self._write(lines)
                lines, size = [], 0
            lines.append(line)
            size += len(line)
        self._write(lines)

    def _write(self, lines: list[bytes]) -> None:
        """All of them at once, or none."""
        try:
            if not any(event & select.POLLOUT for _, event in self._poll.poll(0)):
                self._left_out += len(lines)
                return
            os.write(self._descriptor, b"".join(lines))
            self._left_out = 0
            if self._bounded:
                _cut(self._descriptor)
        except OSError:
            self._left_out += len(lines)


def _own_descriptor() -> int:
    """Standard error; of a terminal an opening of our own that never blocks.

    A terminal that says it can take something can take one byte, and to make the shared one
    non-blocking would change the shell's too.
    """
    if not os.isatty(_STDERR):
        return _STDERR
    try:
        return os.open(os.ttyname(_STDERR), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return _STDERR


def _cut_short(line: str) -> bytes:
    """The line and its end, within what a pipe takes at once."""
    start = line.encode(errors="replace")[: select.PIPE_BUF - 1]
    return start.decode(errors="ignore").encode() + b"\n"


def open_log(path: str) -> None:
    """Make the file standard output and error of this process, and of what it forks. Raises StoreUnusable."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        reason = f"cannot write the log {path}: {os.strerror(error.errno or 0)}"
        raise StoreUnusable(reason, "move away what is there, or make room, then start the pool again") from error
    os.dup2(descriptor, 1)
    os.dup2(descriptor, _STDERR)
    os.close(descriptor)


def _cut(descriptor: int) -> None:
    size = os.fstat(descriptor).st_size
    if size > _LOG_BOUND:
        newer = os.pread(descriptor, _LOG_BOUND // 2, size - _LOG_BOUND // 2)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, newer[newer.find(b"\n") + 1 :])
