"""What is asked of a store's file and folder before anything is done to them."""

from __future__ import annotations

import os
import stat

import apsw

from queuectl.core.place import Place
from queuectl.errors import StoreUnusable
from queuectl.store.migrations import APPLICATION_ID, VERSION
from queuectl.store.trouble import MOVE_HINT, damaged, translated

SOUND_SQLITE = (3, 51, 3)
"""Older ones, from 3.7.0 on, can damage a database when two connections write and checkpoint at once
(sqlite.org/wal.html, "the WAL-reset bug")."""

# fmt: off
_NETWORK = frozenset({
    "9p", "afs", "ceph", "cifs", "coda", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2",
    "orangefs", "smb3", "smbfs", "fuse.ceph", "fuse.davfs", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs",
})
# fmt: on
_MOUNTS = "/proc/self/mountinfo"
_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100
_PAGE_BYTES, _PAGES, _VERSION, _APPLICATION = slice(16, 18), slice(28, 32), slice(60, 64), slice(68, 72)
"""Fields of a file's header (sqlite.org/fileformat2.html), whose numbers are big-endian."""
_LARGEST_PAGE = 65_536
"""What a page of 1 byte stands for."""


def check_library(version: str) -> None:
    """Raise StoreUnusable for a SQLite that can damage the store."""
    if tuple(int(part) for part in version.split(".")[:3]) < SOUND_SQLITE:
        raise StoreUnusable(f"SQLite {version} can damage a store that several processes use", "pip install -U apsw")


def is_new(place: Place) -> bool:
    """Whether nothing is there yet: no file, or an empty one as mktemp makes it."""
    try:
        return os.stat(place.store).st_size == 0 and not os.path.exists(place.store + "-wal")
    except FileNotFoundError:
        return True


def check_file(path: str) -> None:
    """Raise StoreUnusable unless the file is a regular one of the effective user's."""
    found = os.stat(path)
    if not stat.S_ISREG(found.st_mode):
        raise StoreUnusable(f"{path} is not a regular file", MOVE_HINT)
    if found.st_uid != os.geteuid():
        raise StoreUnusable(
            f"the store {path} belongs to another user (number {found.st_uid})",
            "run queuectl as that user, or use a store of your own: set QUEUECTL_DB_PATH",
        )


def check_disk(folder: str) -> None:
    """Raise StoreUnusable if the folder is on a network file system: locks and shared memory fail there."""
    device = os.stat(folder).st_dev
    if os.major(device) != 0:
        return
    kind = _file_system(f"{os.major(device)}:{os.minor(device)}")
    if kind in _NETWORK:
        raise StoreUnusable(
            f"{folder} is on a network file system ({kind}), where a store would be damaged",
            "set QUEUECTL_DB_PATH to a file on a local disk",
        )


def _file_system(device: str, mounts: str = _MOUNTS) -> str | None:
    """The type of the mounted file system of that device number."""
    try:
        with open(mounts, encoding="utf-8", errors="replace") as file:
            lines = file.readlines()
    except OSError:
        return None
    for line in lines:
        fields, _, rest = line.partition(" - ")
        if fields.split()[2:3] == [device] and rest:
            return rest.split()[0]
    return None


def check_content(path: str) -> None:
    """Raise StoreUnusable unless the file is a store that this program knows; reads only, and leaves no trace.

    It looks at the header alone: a whole store in the midst of a checkpoint can be shorter than that
    says, which SQLite takes for damage where it must not look at the -wal.
    """
    try:
        header, bytes_there = _header(path)
    except (apsw.Error, UnicodeEncodeError) as error:
        raise translated(error, path, 0) from error
    if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
        raise _foreign(path)
    fields = (_PAGE_BYTES, _PAGES, _VERSION, _APPLICATION)
    page_bytes, pages, version, application_id = (int.from_bytes(header[field], "big") for field in fields)
    if application_id != APPLICATION_ID:
        raise _foreign(path)
    check_version(path, version)
    # With a -wal the rest may be there still, on its way into the file; without it, by now.
    missing = pages * (page_bytes if page_bytes > 1 else _LARGEST_PAGE) > bytes_there
    if missing and not os.path.exists(path + "-wal") and _header(path)[1] <= bytes_there:
        raise damaged(path, "its end is missing")


def _header(path: str) -> tuple[bytes, int]:
    """The first bytes of the file, and how long it is; through SQLite, which may have it open, and keeps its locks."""
    file = apsw.VFSFile("unix", path, [apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_READONLY, 0])
    try:
        length = file.xFileSize()
        return file.xRead(min(length, _HEADER_BYTES), 0), length
    finally:
        file.xClose()


def check_version(path: str, version: int) -> None:
    """Raise StoreUnusable for a schema that this program does not know."""
    if version > VERSION:
        from queuectl.core.version import __version__  # only to say so

        raise StoreUnusable(
            f"the store {path} was made by a newer queuectl (its schema is {version}, this one knows {VERSION})",
            f"update queuectl (this is {__version__}), or name another store with --db",
        )
    if version < 1:
        raise damaged(path, f"its schema is {version}")


def check_visible(path: str) -> None:
    """Raise StoreUnusable where SQLite cannot even read: it needs a -wal beside the file, or has to make one."""
    folder = os.path.dirname(path)
    if not os.path.exists(path + "-wal") and not os.access(folder, os.W_OK):
        raise StoreUnusable(
            f"the store {path} cannot be read while nobody else has it open: {folder} may not be written to",
            f"allow it: chmod u+w {folder}",
        )


def _foreign(path: str) -> StoreUnusable:
    return StoreUnusable(
        f"{path} is not a store of queuectl",
        "name another file with --db or QUEUECTL_DB_PATH; this one was not touched",
    )


def ensure_folders(place: Place) -> None:
    """Make the store's companions' folders. Raises StoreUnusable for one that others could have planted."""
    for folder in (place.folder, place.pools, place.output):
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            _check_folder(folder)


def _check_folder(folder: str) -> None:
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode):
        raise StoreUnusable(f"{folder} is not a folder", "move it away: queuectl keeps its own things there")
    if found.st_uid != os.geteuid():
        raise StoreUnusable(f"{folder} belongs to another user", "move it away: queuectl keeps its own things there")
    if found.st_mode & 0o077:
        raise StoreUnusable(f"{folder} is open to other users", f"if you trust what is in it: chmod 700 {folder}")
