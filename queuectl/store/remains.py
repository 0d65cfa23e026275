"""Whose -wal lies beside a store: SQLite itself takes any for that of the file that it opens.

A file that was moved over a store would be mixed with the pages of the one that was there. So who
has a store open for writing notes, in the gate's file, which file's -wal that is.
"""

from __future__ import annotations

import contextlib
import os

from queuectl.core.place import Place
from queuectl.errors import StoreUnusable
from queuectl.store.connection import Identity, identity_of

_MAGIC = b"wal of\0\0"
_NUMBER_BYTES = 8
_NOTE_BYTES = len(_MAGIC) + 4 * _NUMBER_BYTES


def check(place: Place) -> None:
    """Raise StoreUnusable if the -wal is known to be that of a file that was here before; nothing is touched."""
    wal = place.store + "-wal"
    try:
        if os.stat(wal).st_size == 0:
            return
        store, its_wal = _noted(place)
        stale = its_wal == identity_of(wal) and store != identity_of(place.store)
    except (OSError, ValueError):
        return
    if stale:
        import shlex  # only for this

        rest = shlex.join([wal, f"{place.store}-shm"])
        raise StoreUnusable(
            f"{wal} belongs to another store that was at this place before, and would damage this one",
            f"if that one is not needed any more, move its rest away: mv {rest} DIRECTORY",
        )


def check_missing(place: Place) -> None:
    """Raise StoreUnusable if a -wal is here without its file: it would become that of a new one."""
    wal = place.store + "-wal"
    if os.path.lexists(wal):
        raise StoreUnusable(
            f"{place.store} is gone, but its -wal is still there",
            f"put the file back, or stop its pools and delete {wal} and {place.store}-shm, too",
        )


def note(place: Place, store: Identity) -> None:
    """The -wal that is here is that of this file, which is open. Where it cannot be noted, nobody will know."""
    with contextlib.suppress(OSError):
        wal = identity_of(place.store + "-wal")
        with contextlib.suppress(ValueError):
            if _noted(place) == (store, wal):
                return
        file = os.open(place.gate, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            os.write(file, _MAGIC + b"".join(n.to_bytes(_NUMBER_BYTES, "little") for n in (*store, *wal)))
        finally:
            os.close(file)


def _noted(place: Place) -> tuple[Identity, Identity]:
    """A store and its -wal. Raises OSError or ValueError if nothing was noted."""
    file = os.open(place.gate, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        text = os.read(file, _NOTE_BYTES)
    finally:
        os.close(file)
    if len(text) != _NOTE_BYTES or not text.startswith(_MAGIC):
        raise ValueError(text)
    places = range(len(_MAGIC), _NOTE_BYTES, _NUMBER_BYTES)
    device, inode, wal_device, wal_inode = (int.from_bytes(text[n : n + _NUMBER_BYTES], "little") for n in places)
    return (device, inode), (wal_device, wal_inode)
