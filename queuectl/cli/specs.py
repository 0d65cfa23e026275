"""What jobs are asked for: by a command, by JSON, or by a file of either."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO

from queuectl.cli.words import Words
from queuectl.core.intake import by_name, ignored_keys, new_job, parse_object
from queuectl.core.job import NewJob
from queuectl.errors import BadValue, QueuectlError

Candidate = tuple[int, NewJob | BadValue]
_BOM = "\ufeff"
_CHUNK = 1 << 16
_LONGEST_LINE = 16 << 20
"""Characters; no job needs a tenth of it, and a file without line breaks must not fill the memory."""


@dataclass(slots=True)
class Specs:
    """Where jobs come from; `candidates` may be asked for again and again.

    `options` are values for every job, under the keys of a job object; they win over what the
    job says itself. `now` is milliseconds UTC, `cwd` the caller's directory.
    """

    pieces: Lines | Items | Texts
    options: Mapping[str, object]
    now: int
    cwd: str
    ignored: set[str] = field(default_factory=set)

    @property
    def single(self) -> bool:
        """Whether this is one job, and not a batch that may have one."""
        pieces = self.pieces
        alone = isinstance(pieces, Texts) and len(pieces.words) == 1
        return alone and not (isinstance(pieces, Texts) and pieces.json and pieces.words[0].lstrip()[0] == "[")

    def candidates(self, first: int = 1) -> Iterator[Candidate]:
        """Each job or what is wrong with it, with the number of its line; from line `first` on."""
        for number, text in self.pieces.texts():
            if number >= first:
                source = f"{self.pieces.what} {number}" if self.pieces.what else ""
                for spec in self._specs(text, source):
                    yield number, spec if isinstance(spec, BadValue) else self._job(spec, source)

    def _specs(self, text: str | None, source: str) -> Iterator[object]:
        if text is None:
            yield BadValue(f"{source}: it is not UTF-8 or is too long", "put what is long into a file")
            return
        if not self.pieces.is_json(text):
            yield {"command": text}
            return
        try:
            parsed = parse_object(text, source)
        except BadValue as error:
            yield error
            return
        if isinstance(parsed, list):
            yield from parsed
        else:
            yield parsed

    def _job(self, spec: object, source: str) -> NewJob | BadValue:
        try:
            if isinstance(spec, dict):
                self.ignored.update(ignored_keys(spec))
            if self.options:
                spec = _merged(spec, self.options)
            return new_job(spec, self.now, self.cwd, source)
        except BadValue as error:
            named = not source or error.message.startswith(source)
            return error if named else BadValue(f"{source}: {error.message}", error.hint)


def _merged(spec: object, options: Mapping[str, object]) -> dict[str, object]:
    named = by_name(spec)
    if "run_at" in options or "delay" in options:
        named.pop("run_at", None)
        named.pop("delay", None)
    merged: dict[str, object] = {**named, **options}
    for name, join in (("env", _joined_env), ("tags", _joined_tags)):
        if name in named and name in options:
            merged[name] = join(named[name], options[name])
    return merged


def _joined_env(given: object, added: object) -> object:
    return {**given, **added} if isinstance(given, dict) and isinstance(added, dict) else given


def _joined_tags(given: object, added: object) -> object:
    return [*given, *added] if isinstance(given, list) and isinstance(added, list) else given


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of the command line: JSON values, or one command."""

    words: tuple[str, ...]
    json: bool

    @property
    def what(self) -> str:
        return "SPEC" if len(self.words) > 1 else ""

    def texts(self) -> Iterator[tuple[int, str | None]]:
        return iter(enumerate(self.words, 1))

    def is_json(self, text: str) -> bool:  # noqa: ARG002 - as Lines has it
        return self.json


@dataclass(frozen=True, slots=True)
class Lines:
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
                text = line.decode().strip().lstrip(_BOM)
            except UnicodeDecodeError:
                yield number, None
                continue
            if text and text[0] != "#":
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


@dataclass(frozen=True, slots=True)
class Items:
    """A file that is one JSON value: an object, or an array that is read item by item."""

    file: IO[bytes]
    what: str = "item"

    def texts(self) -> Iterator[tuple[int, str | None]]:
        from queuectl.cli.arrays import items  # only such files need it

        self.file.seek(0)
        return iter(enumerate(items(self.file), 1))

    def is_json(self, text: str) -> bool:  # noqa: ARG002 - as Lines has it
        return True


def of_words(words: Words, command: str | None) -> Texts:
    """What the command line itself asks for. Raises BadValue if it asks for nothing, or for two things."""
    if command is not None and words.texts:
        raise BadValue("a command is given twice, by --command and by words", "leave one of them out")
    if command is not None:
        return Texts((command,), json=False)
    if not words.texts:
        raise BadValue("there is nothing to enqueue", "for example: queuectl enqueue 'echo hello'")
    if words.json:
        return Texts(words.texts, json=True)
    return Texts((words.command,), json=False)


def of_file(path: str, commands: bool) -> Lines | Items:
    """What a file asks for; standard input (`-`) and pipes are spooled first. Raises BadValue if it cannot be read."""
    file = _opened(path)
    first = _first_line(file)
    alone = first[:1] == "[" and not file.read(_CHUNK).strip()
    if alone or (first[:1] in {"{", "["} and not _parses(first)):
        from queuectl.cli.arrays import looks_whole

        if looks_whole(first):
            return Items(file)
    return Lines(file, commands)


def _first_line(file: IO[bytes]) -> str:
    file.seek(0)
    for line in iter(lambda: file.readline(_LONGEST_LINE), b""):
        text = line.decode(errors="replace").strip().lstrip(_BOM)
        if text and text[0] != "#":
            return text
    return ""


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
    import shutil
    import tempfile

    with file:
        spool = tempfile.TemporaryFile()  # noqa: SIM115 - gone with the process
        try:
            shutil.copyfileobj(file, spool, _CHUNK)
        except OSError as error:
            raise QueuectlError(
                f"standard input cannot be kept: {error.strerror}", "TMPDIR names a roomier place"
            ) from None
    return spool
