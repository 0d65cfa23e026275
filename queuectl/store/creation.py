"""A new store appears whole or not at all: it is built under another name and linked into place."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time

import apsw

from queuectl.core.place import Place
from queuectl.errors import StoreBusy
from queuectl.store import remains
from queuectl.store.checks import ensure_folders, is_new
from queuectl.store.connection import identity_of
from queuectl.store.migrations import migrate
from queuectl.store.statements import SQLITE

_PATIENCE_S = 10.0
_PAUSE_S = 0.01


def make_folder(path: str) -> None:
    """Make the folder that a store shall lie in, and those above it, durably; those that are there stay as they are."""
    if path and not os.path.isdir(path):
        make_folder(os.path.dirname(path))
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            return
        with contextlib.suppress(PermissionError):  # some folders may be written to, and not looked into
            _sync(os.path.dirname(path))


def new_id() -> str:
    """An identity that no other store has."""
    return os.urandom(8).hex()


def create(place: Place) -> None:
    """Make the store unless somebody else was first. Raises StoreUnusable beside what is left of another one."""
    ensure_folders(place)
    gate = os.open(place.gate, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        _lock(gate)
        if not is_new(place):
            return
        remains.check_missing(place)
        sweep(place)
        built = f"{place.store}.{new_id()}.new"
        try:
            _build(built)
            _put_in_place(built, place.store)
        finally:
            if os.path.lexists(built):
                os.unlink(built)
        _sync(os.path.dirname(place.store))
    finally:
        os.close(gate)


def _lock(gate: int) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise StoreBusy("another process has been making the store for 10 s", "try again") from None
            time.sleep(_PAUSE_S)


def _build(path: str) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    device, inode = identity_of(path)
    connection = apsw.Connection(path)
    try:
        # Nobody else knows this file: it is synced once, below.
        connection.pragma("synchronous", "OFF")
        connection.pragma("journal_mode", "MEMORY")
        with connection:
            migrate(connection, 0)
            values = {"store_id": new_id(), "device": device, "inode": inode}
            connection.execute(SQLITE["identity_make"], values)
        connection.pragma("journal_mode", "WAL")
    finally:
        connection.close()
    _sync(path)


def _put_in_place(built: str, path: str) -> None:
    """Link it; an empty file that is there already is replaced."""
    try:
        os.link(built, path)
    except FileExistsError:
        _replace_empty(built, path)


def _replace_empty(built: str, path: str) -> None:
    empty = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(empty, fcntl.LOCK_EX)
        held = os.fstat(empty)
        if held.st_size == 0 and os.path.samestat(held, os.stat(path)):
            os.rename(built, path)
    finally:
        os.close(empty)


def _sync(path: str) -> None:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def sweep(place: Place) -> None:
    """Remove what an earlier store of this name left behind, except what a pool that lives still holds."""
    held = {name for name in os.listdir(place.pools) if "." not in name and not _is_free(place.pool(name))}
    for name in os.listdir(place.pools):
        if name.partition(".")[0] not in held:
            _remove(f"{place.pools}/{name}")
    if not held:
        for name in os.listdir(place.output):
            _remove(f"{place.output}/{name}")


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        # A folder, or gone already: no obstacle to a new store.
        return


def _is_free(path: str) -> bool:
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    return True
