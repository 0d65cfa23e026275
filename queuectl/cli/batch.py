"""Adding many jobs: everything is checked first, then added, all at once or in short transactions."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from queuectl.cli.given_ids import GivenIds
from queuectl.cli.printing import counted, note
from queuectl.cli.specs import Specs
from queuectl.core.job import NewJob
from queuectl.core.ports import Added
from queuectl.errors import BadValue, QueuectlError
from queuectl.queue import Queue

AT_ONCE = 10_000
"""Jobs that go in as one transaction."""
_NAMED = 20
_FIRST_CHUNK = 2_000
_AIM_S = 0.1
"""How long a transaction of a larger batch should take; a fifth of a second is the most."""


@dataclass(slots=True)
class Manner:
    """How to add: `first` is the line to begin with."""

    skip_bad: bool = False
    skip_existing: bool = False
    first: int = 1
    progress: Callable[[int, int], None] = lambda *_: None


@dataclass(slots=True)
class Checked:
    """What the first look found: how many good ones, the first of them, and what is wrong with the others."""

    good: int = 0
    jobs: list[NewJob] = field(default_factory=list)
    bad: int = 0
    reasons: list[BadValue] = field(default_factory=list)


@dataclass(slots=True)
class Pace:
    """How many jobs a transaction takes, so that it lasts about as long as it should."""

    size: int = _FIRST_CHUNK

    def took(self, seconds: float) -> None:
        """Learn from the last one; it never grows to more than twice the size."""
        self.size = max(100, min(AT_ONCE, 2 * self.size, round(self.size * _AIM_S / max(seconds, 1e-4))))


def add_all(queue: Queue, specs: Specs, manner: Manner) -> Iterator[list[Added | None]]:
    """Add all jobs, and hand out what came of each transaction, in order.

    Raises BadValue or Conflict before anything is added. Whatever goes wrong in the middle of
    more than 10,000 jobs says how many are in and how to go on.
    """
    checked = _check(queue, specs, manner)
    if checked.bad:
        _tell_bad(checked, manner.skip_bad)
    if checked.good <= AT_ONCE:
        yield queue.jobs.add(checked.jobs, manner.skip_existing) if checked.jobs else []
    else:
        yield from _add_in_chunks(queue, specs, manner, checked.good)


def _check(queue: Queue, specs: Specs, manner: Manner) -> Checked:
    checked, ids = Checked(), GivenIds(None if manner.skip_existing else queue.jobs.taken_ids)
    for _, candidate in specs.candidates(manner.first):
        if isinstance(candidate, BadValue):
            checked.bad += 1
            if checked.bad <= _NAMED:
                checked.reasons.append(candidate)
            continue
        checked.good += 1
        if checked.good <= AT_ONCE:
            checked.jobs.append(candidate)
        if candidate.id is not None:
            ids.see(candidate.id)
    if not checked.bad or manner.skip_bad:
        ids.check(lambda: _ids(specs, manner))
    return checked


def _ids(specs: Specs, manner: Manner) -> Iterator[tuple[int, str]]:
    for number, candidate in specs.candidates(manner.first):
        if isinstance(candidate, NewJob) and candidate.id is not None:
            yield number, candidate.id


def _tell_bad(checked: Checked, skip: bool) -> None:
    """Raises BadValue unless the bad ones are to be skipped."""
    if not skip and checked.bad == 1:
        raise checked.reasons[0]
    for reason in checked.reasons:
        note(f"{reason.message} ({reason.hint})" if reason.hint else reason.message)
    if checked.bad > _NAMED:
        note(f"and {checked.bad - _NAMED:,} more")
    if not skip:
        raise BadValue(f"{counted(checked.bad)} cannot be added, so none was", "--skip-bad adds the good ones")
    note(f"{counted(checked.bad, 'bad one')} skipped")


def _add_in_chunks(queue: Queue, specs: Specs, manner: Manner, total: int) -> Iterator[list[Added | None]]:
    done, line, pace = 0, manner.first, Pace()
    try:
        with _heard_between_transactions() as check_interrupted:
            for next_line, chunk in _chunks(specs, manner.first, pace):
                check_interrupted()
                began = time.monotonic()
                added = queue.jobs.add(chunk, manner.skip_existing)
                pace.took(time.monotonic() - began)
                done, line = done + len(chunk), next_line
                manner.progress(done, total)
                yield added
    except QueuectlError as error:
        raise type(error)(f"{done:,} of {total:,} jobs are in; then: {error.message}", _go_on(line)) from error
    except KeyboardInterrupt:
        note(f"\n{done:,} of {total:,} jobs are in; {_go_on(line)}")
        raise


def _chunks(specs: Specs, first: int, pace: Pace) -> Iterator[tuple[int, list[NewJob]]]:
    """The good jobs in chunks that end where a line does, each with the line that follows."""
    chunk: list[NewJob] = []
    last = first
    for number, candidate in specs.candidates(first):
        if len(chunk) >= pace.size and number != last:
            yield number, chunk
            chunk = []
        if isinstance(candidate, NewJob):
            chunk.append(candidate)
        last = number
    yield last + 1, chunk


@contextmanager
def _heard_between_transactions() -> Iterator[Callable[[], None]]:
    """Ctrl+C counts when the function handed out is called, so what is said to be in is in; a second one at once."""
    asked = False

    def hear(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as signal calls it
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    def check() -> None:
        if asked:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, hear)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)


def _go_on(line: int) -> str:
    return f"go on with --from-line {line}, or with --skip-existing if all have ids"
