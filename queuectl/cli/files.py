"""Files of jobs: JSON Lines, commands, or one JSON value."""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from collections.abc import Iterator
from typing import IO, NamedTuple

import click

from queuectl.cli.arrays import items, looks_whole
from queuectl.cli.door import on_terminal
from queuectl.core.units import say_size
from queuectl.errors import BadValue, QueuectlError

_BOM = "\ufeff"
_CHUNK = 1 << 16
_LONGEST_LINE = 16 << 20
"""Characters; no job needs a tenth of it, and a file without line breaks must not fill the memory."""
_MOST_SPOOLED = 16 << 30
"""Bytes; a million jobs of 10 KiB are less, and a producer without an end must not fill the disk."""
_TELL_S = 1.0


class Lines(NamedTuple):
    """A file of JSON Lines, or of commands; blank lines and those that begin with `#` are skipped."""

    file: IO[bytes]
    commands: bool
    what: str = "line"

    def texts(self) -> Iterator[tuple[int, str | None]]:
        self.file.seek(0)
        number = 0
        while line := self.file.readline(_LONGEST_LINE):
            number += 1
            if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
                self._skip_line()
                yield number, None
                continue
            try:
                text = _said(line.decode())
            except UnicodeDecodeError:
                yield number, None
                continue
            if text:
                yield number, text

    def _skip_line(self) -> None:
        while (rest := self.file.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
            pass

    def is_json(self, text: str) -> bool:
        """A broken object is never taken for a command; `[ -f x ] && y` and `{ a; b; }` are commands."""
        if not self.commands or text[0] not in "{[":
            return not self.commands
        inner = text[1:].lstrip()[:1]
        return inner in ('"', "}", "") if text[0] == "{" else inner in ("{", "]", "") or _parses(text)


def _parses(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


class Items(NamedTuple):
    """A file that is one JSON value: an object, or an array that is read item by item.

    It begins at byte `begin`; before that there is nothing but notes.
    """

    file: IO[bytes]
    begin: int
    what: str = "item"

    def texts(self) -> Iterator[tuple[int, str | None]]:
        self.file.seek(self.begin)
        return iter(enumerate(items(self.file), 1))

    def is_json(self, text: str) -> bool:  # noqa: ARG002 - as Lines has it
        return True


def of_file(path: str, commands: bool) -> Lines | Items:
    """What a file asks for; standard input (`-`) and pipes are spooled first. Raises BadValue if it cannot be read."""
    file = _opened(path)
    begin, first = _first_line(file)
    alone = first[:1] == "[" and not file.read(_CHUNK).strip()
    long = alone or (first[:1] in {"{", "["} and not _parses(first))
    if long and looks_whole(first):
        return Items(file, begin)
    return Lines(file, commands)


def _first_line(file: IO[bytes]) -> tuple[int, str]:
    """Where the first line that says something begins, and what it says."""
    file.seek(0)
    begin = 0
    for line in iter(lambda: file.readline(_LONGEST_LINE), b""):
        if text := _said(line.decode(errors="replace")):
            return begin, text
        begin += len(line)
    return 0, ""


def _said(line: str) -> str:
    """What a line says: nothing if it is blank or a note."""
    text = line.strip()
    if text.startswith(_BOM):
        text = text.lstrip(_BOM).strip()
    return "" if text.startswith("#") else text


def _opened(path: str) -> IO[bytes]:
    try:
        file = os.fdopen(os.dup(0), "rb") if path == "-" else open(path, "rb")  # noqa: SIM115 - read until the end
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode) and path != "-":
            return file
        return _spooled(file)
    except OSError as error:
        raise BadValue(f"{path} cannot be read: {error.strerror}", "give a file of JSON or commands, or - ") from None


def _spooled(file: IO[bytes]) -> IO[bytes]:
    """All of it in a file without a name: no lock waits for a slow producer."""
    import tempfile  # files that can be read again do not need it

    with file:
        spool = tempfile.TemporaryFile()  # noqa: SIM115 - gone with the process
        try:
            _copy(file, spool)
        except OSError as error:
            reason = f"standard input cannot be kept in {tempfile.gettempdir()}: {error.strerror}"
            raise QueuectlError(reason, "TMPDIR names a roomier place") from None
    return spool


def _copy(file: IO[bytes], spool: IO[bytes]) -> None:
    """All of it, saying on a terminal how much there is so far. Raises BadValue if it seems to have no end."""
    size, told_at, told = 0, time.monotonic(), False
    while data := file.read(_CHUNK):
        size += len(data)
        if size > _MOST_SPOOLED:
            reason = f"standard input has more than {say_size(_MOST_SPOOLED)}; nothing was added"
            raise BadValue(reason, "does it end at all? more jobs than that are to be given in parts")
        spool.write(data)
        if time.monotonic() - told_at >= _TELL_S and _tells():
            told_at, told = time.monotonic(), True
            sys.stderr.write(f"\rread {say_size(size)} of standard input so far ")
            sys.stderr.flush()
    if told:
        sys.stderr.write("\n")


def _tells() -> bool:
    wanted: bool | None = click.get_current_context().params.get("progress")
    return on_terminal(sys.stderr) if wanted is None else wanted
