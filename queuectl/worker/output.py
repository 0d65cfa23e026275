"""What a command prints: kept in memory, followed live in a file, never more than its limit.

Nothing here may ever stop or slow the command: what cannot be written is counted and marked.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

from queuectl.core.place import Place
from queuectl.worker.outputfile import OutputWriter, missing_mark

IN_STORE = 1 << 16
"""Output of at most so many bytes goes into the store; more stays in a file."""
FILE_AFTER_S = 0.05
"""How long output waits in memory before it can be followed in a file, in seconds."""
_LAST_LINE = 4096
_ERROR_LENGTH = 300


class HeadAndTail:
    """The beginning and the end of a stream, within a bound of bytes."""

    def __init__(self, bound: int) -> None:
        self._head_room = bound - bound // 2
        self._tail_room = bound // 2
        self._head = bytearray()
        self._tail = bytearray()
        self.total = 0

    def add(self, data: bytes) -> None:
        self.total += len(data)
        room = self._head_room - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        data = data[max(0, len(data) - self._tail_room) :]
        del self._tail[: max(0, len(self._tail) + len(data) - self._tail_room)]
        self._tail += data

    @property
    def whole(self) -> bool:
        return self.total <= self._head_room + self._tail_room

    def bytes(self, mark: Callable[[int], bytes] = missing_mark) -> bytes:
        """What was kept, with a line (`mark` of a number of bytes) in the place of what was not."""
        missing = self.total - len(self._head) - len(self._tail)
        return bytes(self._head) + (mark(missing) if missing else b"") + bytes(self._tail)

    def last_line(self) -> str:
        """The last line that is not empty, as text; what is not UTF-8 in it is replaced."""
        end = (bytes(self._head) if self.whole else b"") + bytes(self._tail)
        lines = end[-_LAST_LINE:].replace(b"\r", b"\n").replace(b"\0", b"").decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")[:_ERROR_LENGTH]


class Kept(NamedTuple):
    """What stays of an output: bytes for the store, behind those of a file if one is named.

    `scratch` is a file that was only there to be followed; whoever stores the bytes removes it.
    """

    output: bytes
    file: str | None
    scratch: str | None


class Capture:
    """The output of one command as it comes in."""

    def __init__(self, place: Place, number: int, fence: int, limit: int) -> None:
        self._place, self._number, self._fence, self._limit = place, number, fence, limit
        self.kept = HeadAndTail(min(limit, IN_STORE))
        self._pending: list[bytes] = []
        self._file: OutputWriter | None = None
        self._lost = 0
        self._lost_why = ""
        self.flush_at: float | None = None

    def feed(self, data: bytes, now: float) -> None:
        """Take what the command printed; `now` is the monotonic clock in seconds."""
        self.kept.add(data)
        self._pending.append(data)
        if self._file is not None or not self.kept.whole:
            self.flush()
        elif self.flush_at is None:
            self.flush_at = now + FILE_AFTER_S

    def flush(self) -> None:
        """Write down what is only in memory; on an error it is counted as lost and said later."""
        data = b"".join(self._pending)
        self._pending.clear()
        self.flush_at = None
        try:
            if self._file is None:
                self._file = OutputWriter(self._place, self._number, self._fence, self._limit)
            if self._lost:
                self._file.write(_gap_mark(self._lost, self._lost_why))
                self._lost = 0
            self._file.write(data)
        except OSError as error:
            self._lost += len(data)
            self._lost_why = os.strerror(error.errno) if error.errno else str(error)

    def finish(self) -> Kept:
        """What stays of the output; nothing more may be fed."""
        if self._pending and not self.kept.whole:
            self.flush()
        kept = self._what_stays()
        if self._file is not None:
            self._file.close()
        return kept

    def _what_stays(self) -> Kept:
        file = None if self._file is None or self._file.removed else self._file.name
        if self.kept.whole:
            return Kept(self.kept.bytes(), None, file)
        if file is None:
            why = self._lost_why or "the file was removed"
            return Kept(self.kept.bytes(lambda missing: _gap_mark(missing, why)), None, None)
        return Kept(_gap_mark(self._lost, self._lost_why) if self._lost else b"", file, None)


def _gap_mark(count: int, why: str) -> bytes:
    return f"\n[queuectl: {count} bytes could not be written: {why}]\n".encode()
