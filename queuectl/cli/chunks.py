"""Adding more jobs than one transaction takes: in short ones, so that nobody waits long for the store."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from queuectl.cli.batch import AT_ONCE, Manner
from queuectl.cli.printing import note
from queuectl.cli.specs import Specs
from queuectl.core.job import Added, NewJob
from queuectl.errors import QueuectlError
from queuectl.queue import Queue

_FIRST_CHUNK = 2_000
_AIM_S = 0.1
"""How long a transaction should take; a fifth of a second is the most."""


class Pace:
    """How many jobs a transaction takes, so that it lasts about as long as it should."""

    def __init__(self) -> None:
        self.size = _FIRST_CHUNK

    def took(self, seconds: float) -> None:
        """Learn from the last one; it never grows to more than twice the size."""
        self.size = max(100, min(AT_ONCE, 2 * self.size, round(self.size * _AIM_S / max(seconds, 1e-4))))


def add_in_chunks(
    queue: Queue, specs: Specs, manner: Manner, wanted: Callable[[NewJob], bool], total: int
) -> Iterator[list[Added | None]]:
    """Add the good ones that are `wanted`, `total` in all, in transactions of a fifth of a second at most.

    Whatever cuts it short says how many are in and how to go on.
    """
    done, line, pace = 0, manner.first, Pace()
    try:
        with _heard_between_transactions() as check_interrupted:
            for next_line, chunk in _chunks(specs, manner.first, pace, wanted):
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


def _chunks(
    specs: Specs, first: int, pace: Pace, wanted: Callable[[NewJob], bool]
) -> Iterator[tuple[int, list[NewJob]]]:
    """The good jobs in chunks that end where a line does, each with the line that follows."""
    chunk: list[NewJob] = []
    last = first
    for number, _, candidate in specs.candidates(first):
        if len(chunk) >= pace.size and number != last:
            yield number, chunk
            chunk = []
        if isinstance(candidate, NewJob) and wanted(candidate):
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
