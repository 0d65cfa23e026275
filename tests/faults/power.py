"""A disk that forgets at a power cut what nobody synced, below the real program.

What is simulated: every process of queuectl opens the store through a VFS that does the real thing
and notes it in a file beside the store, in the order in which it happened. When the power goes,
`after_the_cut` plays the notes again. What was written, or cut off, before a sync of the same file
is there. Of what came later chance keeps nothing, all up to some moment, or any of the sectors of
512 bytes. A file that was made or deleted may be back as it was until its folder is synced, which
SQLite does with the first sync of a -wal or -journal. The -shm is memory and is always lost.

What is not simulated: the making of the store, which is there and synced before the first cut; disks
that lie about a sync or damage what was synced; sectors that are torn inside. Folders beside the
store and the output of jobs are nobody's promise: the test may drop them as a whole.
"""

from __future__ import annotations

import gc
import os
import random
import socket
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import apsw

from tests.cli import starter
from tests.cli.conftest import ROOT, Starter

NOTES = "power-notes"
SITE = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom tests.faults import power\npower.begin()\n"
"""A sitecustomize.py for programs that are started in the common way."""
_SECTOR = 512
_HEAD = struct.Struct("<cIBQI")


class Note(NamedTuple):
    """What a process did: `o`pen, `w`rite at `where`, `t`runcate to it, `s`ync, `d`elete, or sync the `f`older."""

    what: str
    pid: int
    name: str
    where: int
    data: bytes


# In the processes of queuectl


class _File(apsw.VFSFile):
    def __init__(self, vfs: _Vfs, path: str, name: str | apsw.URIFilename, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        self._vfs, self._path = vfs, path
        vfs.note(b"o", path)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name, as the others
        super().xWrite(data, offset)
        self._vfs.note(b"w", self._path, offset, bytes(data))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        self._vfs.note(b"t", self._path, newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        # First: what another process writes meanwhile may have come too late.
        self._vfs.note(b"s", self._path)
        if self._path.endswith(("-wal", "-journal")):
            self._vfs.note(b"f", self._path)
        super().xSync(flags)


class _Vfs(apsw.VFS):
    def __init__(self) -> None:
        super().__init__("forgetful", "unix", makedefault=True, maxpathname=0)
        self._notes: dict[str, int] = {}

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        return apsw.VFSFile("unix", name, flags) if path is None else _File(self, path, name or path, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        super().xDelete(filename, syncdir)
        self.note(b"d", filename)
        if syncdir:
            self.note(b"f", filename)

    def note(self, what: bytes, path: str, where: int = 0, data: bytes = b"") -> None:
        """In one write, so that those of several processes do not mix."""
        folder, name = os.path.split(path)
        if folder not in self._notes:
            self._notes[folder] = os.open(f"{folder}/{NOTES}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        text = _HEAD.pack(what, os.getpid(), len(name.encode()), where, len(data)) + name.encode() + data
        assert os.write(self._notes[folder], text) == len(text)


_begun: list[_Vfs] = []


def begin() -> None:
    """From here on this process, and what it forks, has the disk that forgets."""
    _begun.append(_Vfs())


class Powered(Starter):
    """A starter whose programs have the disk that forgets."""

    module = "tests.faults.power"

    @property
    def pid(self) -> int:
        return self._process.pid


# In the test


@dataclass
class _Content:
    synced: bytearray = field(default_factory=bytearray)
    since: list[Note] = field(default_factory=list)

    def hear(self, note: Note) -> None:
        if note.what in "wt":
            self.since.append(note)
        elif note.what == "s":
            for each in self.since:
                _apply(self.synced, each)
            self.since.clear()

    def left(self, chance: random.Random | None) -> bytes:
        """What a cut leaves of it; without chance only what is sure."""
        content = bytearray(self.synced)
        for note in _kept(self.since, chance) if chance else ():
            _apply(content, note)
        return bytes(content)


def _apply(content: bytearray, note: Note) -> None:
    end = note.where + len(note.data)
    content.extend(bytes(max(0, end - len(content))))
    if note.what == "t":
        del content[end:]
    else:
        content[note.where : end] = note.data


def _kept(since: list[Note], chance: random.Random) -> Iterator[Note]:
    how = chance.choice(["nothing", "a beginning", "any sectors"])
    if how == "a beginning":
        yield from since[: chance.randrange(len(since) + 1)]
    elif how == "any sectors":
        share = chance.random()
        yield from (part for note in since for part in _sectors(note) if chance.random() < share)


def _sectors(note: Note) -> Iterator[Note]:
    if note.what == "t":
        yield note
    at = 0
    while at < len(note.data):
        end = min(len(note.data), at + _SECTOR - (note.where + at) % _SECTOR)
        yield note._replace(where=note.where + at, data=note.data[at:end])
        at = end


class Disk:
    """The files of one store; all that is there in the beginning counts as synced."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._names = (store.name, f"{store.name}-wal", f"{store.name}-journal")
        self.opened: set[int] = set()
        self.wrote: set[int] = set()

    def _paths(self) -> dict[str, Path]:
        return {name: self._store.with_name(name) for name in self._names}

    def begin(self) -> None:
        """What is there now is sure. Nobody has the store open."""
        (self._store.parent / NOTES).write_bytes(b"")
        self._sure = {name: path.read_bytes() for name, path in self._paths().items() if path.exists()}

    def after_the_cut(self, chance: random.Random | None) -> None:
        """Make the files what a cut leaves of them, in place: they stay the same files."""
        folder = {name: _Content(bytearray(content)) for name, content in self._sure.items()}
        lasting = dict(folder)
        for note in notes((self._store.parent / NOTES).read_bytes()):
            self._count(note)
            if note.what == "f":
                lasting = dict(folder)
            elif note.what == "d":
                folder.pop(note.name, None)
            else:
                folder.setdefault(note.name, _Content()).hear(note)
        for name, path in self._paths().items():
            content = (chance.choice([folder, lasting]) if chance else lasting).get(name)
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(content.left(chance))
                path.chmod(0o600)
        self._store.with_name(f"{self._store.name}-shm").unlink(missing_ok=True)
        self.begin()

    def _count(self, note: Note) -> None:
        for what, pids in {"o": self.opened, "w": self.wrote}.items():
            if note.what == what:
                pids.add(note.pid)


def notes(text: bytes) -> Iterator[Note]:
    """A last one that the kill cut short tells nothing: nobody was told that it was done."""
    at = 0
    while at + _HEAD.size <= len(text):
        what, pid, name_bytes, where, data_bytes = _HEAD.unpack_from(text, at)
        at += _HEAD.size + name_bytes
        name, data = text[at - name_bytes : at], text[at : at + data_bytes]
        at += data_bytes
        if at <= len(text):
            yield Note(what.decode(), pid, name.decode(), where, data)


if __name__ == "__main__":
    begin()
    gc.freeze()  # as the other starter does
    starter.serve(socket.socket(fileno=int(sys.argv[1])))
