"""Adding many jobs: everything is checked first, then added, all at once or in short transactions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

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
    done, line, size = 0, manner.first, _FIRST_CHUNK
    try:
        chunk: list[NewJob] = []
        for number, candidate in specs.candidates(manner.first):
            if isinstance(candidate, BadValue):
                continue
            if len(chunk) >= size:
                began = time.monotonic()
                yield queue.jobs.add(chunk, manner.skip_existing)
                size = _next_size(size, time.monotonic() - began)
                done, line, chunk = done + len(chunk), number, []
                manner.progress(done, total)
            chunk.append(candidate)
        yield queue.jobs.add(chunk, manner.skip_existing)
        manner.progress(total, total)
    except QueuectlError as error:
        raise type(error)(f"{done:,} of {total:,} jobs are in; then: {error.message}", _go_on(line)) from error
    except KeyboardInterrupt:
        note(f"\n{done:,} of {total:,} jobs are in. {_go_on(line).capitalize()}")
        raise


def _go_on(line: int) -> str:
    return f"go on with --from-line {line}, or with --skip-existing if all have ids"


def _next_size(size: int, took_s: float) -> int:
    """So many that a transaction takes about as long as it should, and never more than twice as many as before."""
    return max(100, min(AT_ONCE, 2 * size, round(size * _AIM_S / max(took_s, 1e-4))))
