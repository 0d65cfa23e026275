"""The one translation of what SQLite and the file system report into errors that a person can act on."""

from __future__ import annotations

import errno
import os
import sys

import apsw

from queuectl.errors import BadValue, QueuectlError, StoreBusy, StoreFull, StoreUnusable

MOVE_HINT = "set QUEUECTL_DB_PATH to a file on a local disk that you own"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def translated(error: Exception, path: str, waited_s: float) -> QueuectlError:
    """What an error met while using the store at `path` means; `waited_s` is how long a lock was waited for."""
    if isinstance(error, OSError):
        return _from_system(error, path)
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return StoreBusy(
            f"the store is busy: another process has kept it to itself for {waited_s:g} s",
            f"try again; `fuser -v {path}` shows who uses it",
        )
    if isinstance(error, apsw.FullError) or _is_full(error):
        from queuectl.core.units import say_size  # only a full disk is measured

        hint = f"make room on the disk of {path} ({say_size(room(path))} free)"
        return StoreFull("there is no room left to write to the store", hint)
    if isinstance(error, apsw.NotADBError | apsw.CorruptError):
        return damaged(path, str(error))
    if isinstance(error, apsw.ReadOnlyError | apsw.CantOpenError | apsw.PermissionsError | apsw.AuthError):
        return StoreUnusable(f"the store {path} cannot be opened or written: {error}", _way_in(path))
    if isinstance(error, UnicodeEncodeError):
        return BadValue("a text is not valid UTF-8", "leave out what cannot be encoded")
    if isinstance(error, apsw.TooBigError):
        return BadValue("a value is larger than the store takes", "use a shorter one")
    return StoreUnusable(f"the store {path} cannot be used: {error}", MOVE_HINT)


def _way_in(path: str) -> str:
    """What to do about a store that cannot be opened or written."""
    files = [path, path + "-wal", path + "-shm"]
    links = [file for file in files[1:] if os.path.islink(file)]
    if links:
        return f"SQLite follows no link there; move it away: {links[0]}"
    folder = os.path.dirname(path)
    closed = [file for file in (folder, *files) if os.path.exists(file) and not os.access(file, os.R_OK | os.W_OK)]
    if closed and not os.statvfs(folder).f_flag & os.ST_RDONLY:
        import shlex  # only for this

        return f"allow it: chmod u+rw {shlex.join(closed)}"
    return MOVE_HINT


def room(path: str) -> int:
    """How many bytes the disk that a file lies on can take; a lot where it does not say."""
    try:
        disk = os.statvfs(os.path.dirname(path))
    except OSError:
        return sys.maxsize
    # What is kept back for root is room for root.
    return disk.f_frsize * (disk.f_bavail if os.geteuid() else disk.f_bfree)


def damaged(path: str, reason: str) -> StoreUnusable:
    """The error for a file whose content contradicts itself."""
    name = os.path.basename(path)
    hint = f"keep {name}, its -wal and {name}.d as they are, and restore a copy"
    return StoreUnusable(f"the store {path} is damaged: {reason}", hint)


def _from_system(error: OSError, path: str) -> QueuectlError:
    reason = (error.strerror or str(error)).lower()
    if error.errno in _FULL:
        return StoreFull(f"there is no room left beside {path}", "make room on that disk")
    return StoreUnusable(f"the store {path} cannot be used: {reason}", MOVE_HINT)


def _is_full(error: Exception) -> bool:
    """SQLite says "I/O error" where a write met a full disk behind its back, with the system's number beside it."""
    return isinstance(error, apsw.IOError) and getattr(error, "system_errno", None) in _FULL
