"""Files of output beside the store: a head that stays, and a ring that holds the newest.

A file never holds more than its limit, however much a command prints: a header, then `limit`
bytes, of which the first half keeps the beginning and the rest, written round and round, the end.
It can be read while it is being written.
"""

from __future__ import annotations

import contextlib
import os
import stat
import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from queuectl.core.place import Place

_MAGIC = b"queuectl output\n"
_HEADER = struct.Struct("=16sQQ")
_CHUNK = 1 << 18
_READ_ONLY = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def missing_mark(count: int) -> bytes:
    """What stands where output was left out to keep within the limit."""
    return f"\n[queuectl: {count} bytes left out here, see log-limit]\n".encode()


class OutputWriter:
    """A new output file for one claim. Every method may raise OSError (no room, no folder)."""

    def __init__(self, place: Place, number: int, fence: int, limit: int) -> None:
        self.name = f"{number}-{fence}-{os.urandom(6).hex()}"
        self._path = f"{place.output}/{self.name}"
        self._limit, self._head = limit, limit // 2
        self._total = 0
        self._descriptor = os.open(self._path, _NEW, 0o600)
        try:
            self._write_header()
        except OSError:
            self.close()
            self._remove()
            raise

    def write(self, data: bytes) -> None:
        """Append; on an error what was written before it stays, and nothing of `data` counts."""
        total = self._total
        for offset, piece in self._pieces(data):
            written = 0
            while written < len(piece):
                written += os.pwrite(self._descriptor, piece[written:], _HEADER.size + offset + written)
        self._total = total + len(data)
        self._write_header()

    def close(self) -> None:
        os.close(self._descriptor)

    @property
    def removed(self) -> bool:
        """Whether somebody took the file away while it was written."""
        return os.fstat(self._descriptor).st_nlink == 0

    def _remove(self) -> None:
        with contextlib.suppress(OSError):
            os.unlink(self._path)

    def _pieces(self, data: bytes) -> Iterator[tuple[int, memoryview]]:
        """Where in the file each part of `data` goes; what the ring would overwrite at once is left out."""
        view, at = memoryview(data), self._total
        ring = self._limit - self._head
        if at < self._head:
            part = min(self._head - at, len(view))
            yield at, view[:part]
            view, at = view[part:], at + part
        if len(view) > ring:
            at += len(view) - ring
            view = view[-ring:]
        while view:
            offset = (at - self._head) % ring
            part = min(ring - offset, len(view))
            yield self._head + offset, view[:part]
            view, at = view[part:], at + part

    def _write_header(self) -> None:
        os.pwrite(self._descriptor, _HEADER.pack(_MAGIC, self._total, self._limit), 0)


class Left(NamedTuple):
    """The output file of a command whose end nobody reported, and how many bytes it had printed."""

    file: str
    bytes: int


class OutputFiles:
    """The output files of one store: what a reader does with them (the port `Outputs`)."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def read(self, number: int, fence: int | None, file: str | None, start: int = 0) -> Iterator[bytes]:
        """The bytes of an attempt from position `start` on: of a named file, or of the claim that runs.

        Positions count all that the command printed; where some of it was not kept, a line says
        how much. Ends at what has been written so far; a file that is not there has no bytes.
        """
        name = file or self._name_of(f"{number}-{fence}-")
        if name is None or "/" in name:
            return
        descriptor = self._open(name)
        if descriptor is not None:
            try:
                yield from _read(descriptor, start)
            finally:
                os.close(descriptor)

    def length(self, number: int, fence: int) -> int:
        """How many bytes the claim that runs has printed, as far as they were written down."""
        name = self._name_of(f"{number}-{fence}-")
        return 0 if name is None else self._total(name)

    def left(self, claims: Iterable[tuple[int, int]]) -> dict[int, Left]:
        """What is there of claims (number and fence) that were lost, by number; nothing may write to it any more."""
        wanted = {f"{number}-{fence}": number for number, fence in claims}
        try:
            with os.scandir(self._place.output) as entries:
                names = [entry.name for entry in entries if entry.name.rpartition("-")[0] in wanted]
        except OSError:
            return {}
        found = {wanted[name.rpartition("-")[0]]: Left(name, self._total(name)) for name in names}
        return {number: left for number, left in found.items() if left.bytes}

    def remove(self, files: Sequence[str]) -> None:
        for file in files:
            if "/" not in file:
                with contextlib.suppress(OSError):
                    os.unlink(f"{self._place.output}/{file}")

    def _total(self, name: str) -> int:
        """What the file's header says was printed; 0 if it has none."""
        descriptor = self._open(name)
        if descriptor is None:
            return 0
        header = os.pread(descriptor, _HEADER.size, 0)
        os.close(descriptor)
        magic, total, _ = _HEADER.unpack(header) if len(header) == _HEADER.size else (b"", 0, 0)
        return int(total) if magic == _MAGIC else 0

    def _open(self, name: str) -> int | None:
        """A regular file of the folder itself, never what a link there leads to."""
        try:
            descriptor = os.open(f"{self._place.output}/{name}", _READ_ONLY)
        except OSError:
            return None
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return descriptor
        os.close(descriptor)
        return None

    def _name_of(self, prefix: str) -> str | None:
        try:
            with os.scandir(self._place.output) as entries:
                return next((entry.name for entry in entries if entry.name.startswith(prefix)), None)
        except OSError:
            return None


def _read(descriptor: int, start: int) -> Iterator[bytes]:
    header = os.pread(descriptor, _HEADER.size, 0)
    if len(header) < _HEADER.size:
        return
    magic, total, limit = _HEADER.unpack(header)
    if magic != _MAGIC or limit < 2:
        return
    head = limit // 2
    ring = limit - head
    yield from _span(descriptor, start, min(head, total))
    oldest = max(head, total - ring)
    if start < oldest and oldest > head:
        yield missing_mark(oldest - max(start, head))
    at = max(start, oldest)
    while at < total:
        offset = (at - head) % ring
        part = min(ring - offset, total - at)
        yield from _span(descriptor, head + offset, head + offset + part)
        at += part


def _span(descriptor: int, begin: int, end: int) -> Iterator[bytes]:
    while begin < end:
        data = os.pread(descriptor, min(_CHUNK, end - begin), _HEADER.size + begin)
        if not data:
            return
        yield data
        begin += len(data)
