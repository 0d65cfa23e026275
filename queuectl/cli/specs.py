"""What jobs are asked for: by a command, by JSON, or by a file of either."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from queuectl.cli.words import Words
from queuectl.core.intake import IGNORED, by_name, ignored_keys, new_job
from queuectl.core.job import NewJob
from queuectl.errors import BadValue

if TYPE_CHECKING:
    from queuectl.cli.files import Items, Lines


class Candidate(NamedTuple):
    """A job that is asked for, or what is wrong with it; `place` is for people: `line 12`, `SPEC 2, item 3`."""

    line: int
    place: str
    job: NewJob | BadValue


class Specs:
    """Where jobs come from; `candidates` may be asked for again and again.

    `options` are values for every job, under the keys of a job object; they win over what the
    job says itself. `now` is milliseconds UTC, `cwd` the caller's directory.
    """

    def __init__(self, pieces: Lines | Items | Texts, options: Mapping[str, object], now: int, cwd: str) -> None:
        self.pieces = pieces
        self.options = options
        self.now = now
        self.cwd = cwd
        self.ignored: set[str] = set()

    @property
    def single(self) -> bool:
        """Whether this is one job, and not a batch that may have one."""
        pieces = self.pieces
        alone = isinstance(pieces, Texts) and len(pieces.words) == 1
        return alone and not (isinstance(pieces, Texts) and pieces.json and pieces.words[0].lstrip()[0] == "[")

    @property
    def job(self) -> NewJob | None:
        """The job, if this is one and nothing is wrong with it."""
        found = next(self.candidates()).job if self.single else None
        return found if isinstance(found, NewJob) else None

    def candidates(self, first: int = 1) -> Iterator[Candidate]:
        """Each job or what is wrong with it, with the number of its line; from line `first` on."""
        what = self.pieces.what
        for number, text in self.pieces.texts():
            if number < first:
                continue
            source = f"{what} {number}" if what else ""
            spec = self._spec(text, source)
            if isinstance(spec, list):
                before = f"{source}, " if source else ""
                for position, item in enumerate(spec, 1):
                    place = f"{before}item {position}"
                    yield Candidate(number, place, self._job(item, place))
            else:
                yield Candidate(number, source, spec if isinstance(spec, BadValue) else self._job(spec, source))

    def _spec(self, text: str | None, source: str) -> object:
        """What a piece asks for: an object, a list of them, something else, or what is wrong with it."""
        if text is None:
            return BadValue(f"{source}: it is not UTF-8 or is too long", "put what is long into a file")
        if not self.pieces.is_json(text):
            return {"command": text}
        try:
            return self._parse(text, source)
        except BadValue as error:
            return error

    @cached_property
    def _parse(self) -> Callable[[str, str], object]:
        from queuectl.core.jsontext import parse_object  # a command needs no JSON

        return parse_object

    def _job(self, spec: object, source: str) -> NewJob | BadValue:
        try:
            if isinstance(spec, dict) and not IGNORED.isdisjoint(spec):
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


class Texts(NamedTuple):
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
