"""A pool's file beside the store: its lock says that the pool lives, its pages what the workers began.

Every process of the pool shares the open file, so the kernel drops the lock with the last of
them; commands do not (close-on-exec). A worker writes job and fence into its slot just before it
starts a command, so that whoever cleans up knows whether the command had begun. A slot has several
lines, for what that came to may not be in the store yet when the worker begins another job; where
that takes longer, or when whoever took the claim over dies, too, the dispatcher remembers the marks.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import mmap
import os
import struct
import threading
from collections.abc import Iterator

from queuectl.core.place import Place
from queuectl.errors import StoreUnusable

SLOTS = 256
LINES = 32
"""More than jobs that a worker is given at a time."""
KEPT = 4_096
"""So many marks are remembered beside those of the workers, the latest."""
_REASON_SIZE = 4096  # with the length in front
_SLOT = struct.Struct("=QQ")
_LENGTH = struct.Struct("=I")
_BLIND = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""Who has no descriptor to look with has not seen a pool dead."""
_COUNT = struct.Struct("=Q")
_MARKS = SLOTS * LINES
_COUNT_AT = _REASON_SIZE + (_MARKS + KEPT) * _SLOT.size
"""How many marks were ever remembered: each takes the place of the oldest, whoever the dispatcher is."""
_SIZE = _COUNT_AT + _COUNT.size


class PoolFile:
    """The file of the pool that this process belongs to."""

    def __init__(self, place: Place, name: str, descriptor: int) -> None:
        self.place = place
        self.name = name
        self._descriptor = descriptor
        self._pages = mmap.mmap(descriptor, _SIZE)
        self._remembering = threading.Lock()  # the store's thread and the dispatcher's own do

    @classmethod
    def create(cls, place: Place) -> PoolFile:
        """The file of a new pool, under the first name that is free.

        It is locked before it gets its name, so that nobody ever sees it unlocked while the pool lives.
        Raises StoreUnusable if there is no room for it, or no right to make it.
        """
        try:
            return cls._created(place)
        except OSError as error:
            reason = f"cannot make a pool's file in {place.pools}: {os.strerror(error.errno or 0)}"
            raise StoreUnusable(reason, "see to room and rights there, then start the pool again") from error

    @classmethod
    def _created(cls, place: Place) -> PoolFile:
        draft = f"{place.pools}/.{os.urandom(8).hex()}"
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.posix_fallocate(descriptor, 0, _SIZE)  # room is taken now: a full disk later would be a SIGBUS
            return cls(place, _link_under_free_name(draft, place), descriptor)
        finally:
            os.unlink(draft)

    def mark_begun(self, slot: int, line: int, number: int, fence: int) -> None:
        """`slot` counts from 1, `line` from 0 to LINES - 1."""
        self._mark((slot - 1) * LINES + line, number, fence)

    def begun_at(self, slot: int, line: int) -> tuple[int, int]:
        """Number and fence that are noted there; zeros if nothing was."""
        at = _REASON_SIZE + ((slot - 1) * LINES + line) * _SLOT.size
        number, fence = _SLOT.unpack_from(self._pages, at)
        return number, fence

    def remember(self, number: int, fence: int) -> None:
        """The command of the job had begun, and whoever holds the claim with this fence has to count it."""
        with self._remembering:
            if (number, fence) in _marks(self._pages, range(_MARKS, _MARKS + KEPT)):
                return
            (count,) = _COUNT.unpack_from(self._pages, _COUNT_AT)
            _COUNT.pack_into(self._pages, _COUNT_AT, count + 1)  # first: whoever goes on must not write over the mark
            self._mark(_MARKS + count % KEPT, number, fence)

    def _mark(self, place: int, number: int, fence: int) -> None:
        _SLOT.pack_into(self._pages, _REASON_SIZE + place * _SLOT.size, number, fence)

    def say(self, reason: str) -> None:
        """Why the pool does not work as it should, for `status`; empty when it does again."""
        text = reason.encode(errors="replace")[: _REASON_SIZE - _LENGTH.size]
        self._pages[_LENGTH.size : _LENGTH.size + len(text)] = text
        _LENGTH.pack_into(self._pages, 0, len(text))

    def begun(self) -> frozenset[tuple[int, int]]:
        return _begun(self._pages)

    def remove(self) -> None:
        _unlink(self.place, self.name)


def _link_under_free_name(draft: str, place: Place) -> str:
    count = 1
    while True:
        try:
            os.link(draft, place.pool(f"p{count}"))
        except FileExistsError:
            count += 1
        else:
            return f"p{count}"


def alive(place: Place, name: str) -> bool:
    """Whether any process of the pool lives: nobody else can hold the lock of its file."""
    try:
        descriptor = os.open(place.pool(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        return error.errno in _BLIND
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def begun(place: Place, name: str) -> frozenset[tuple[int, int]] | None:
    """Number and fence of what the workers of a pool began of late, and what is remembered; None without its file."""
    pages = _read(place, name)
    return _begun(pages) if pages is not None and len(pages) == _SIZE else None


def reason(place: Place, name: str) -> str:
    """What the pool says of its trouble; empty if it has none."""
    pages = _read(place, name)
    if pages is None or len(pages) != _SIZE:
        return ""
    (length,) = _LENGTH.unpack_from(pages)
    return pages[_LENGTH.size : min(_LENGTH.size + length, _REASON_SIZE)].decode(errors="replace")


def remove(place: Place, name: str) -> None:
    """Remove the file and the FIFO of a pool that has ended; those of one that lives stay.

    It is done under the lock of that very file, so that it never hits a new pool of the same name,
    which may begin as soon as another one has removed the old file.
    """
    try:
        descriptor = os.open(place.pool(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), os.lstat(place.pool(name))):
            _unlink(place, name)
    except OSError:
        return
    finally:
        os.close(descriptor)


def _unlink(place: Place, name: str) -> None:
    for path in (place.fifo(name), place.pool(name)):
        with contextlib.suppress(OSError):
            os.unlink(path)


def names(place: Place) -> list[str]:
    """The pools that have a file, living or dead."""
    try:
        entries = os.listdir(place.pools)
    except OSError:
        return []
    return sorted(entry for entry in entries if entry[:1] == "p" and entry[1:].isdecimal())


def _read(place: Place, name: str) -> bytes | None:
    try:
        descriptor = os.open(place.pool(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return os.read(descriptor, _SIZE)
    finally:
        os.close(descriptor)


def _begun(pages: bytes | mmap.mmap) -> frozenset[tuple[int, int]]:
    return frozenset(_marks(pages, range(_MARKS + KEPT)))


def _marks(pages: bytes | mmap.mmap, places: range) -> Iterator[tuple[int, int]]:
    marks = memoryview(pages)[_REASON_SIZE + places.start * _SLOT.size : _REASON_SIZE + places.stop * _SLOT.size]
    return ((number, fence) for number, fence in _SLOT.iter_unpack(marks) if number)
