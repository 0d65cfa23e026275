"""Adding many jobs: everything is checked first, then added, all at once or in short transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from queuectl.cli.printing import counted, note
from queuectl.cli.specs import Specs
from queuectl.core.job import Added, NewJob
from queuectl.errors import BadValue
from queuectl.queue import Queue

if TYPE_CHECKING:
    from queuectl.cli.given_ids import GivenIds, Repeats

AT_ONCE = 10_000
"""Jobs that go in as one transaction."""
_NAMED = 20


class Manner(NamedTuple):
    """How to add: `first` is the line to begin with."""

    skip_bad: bool = False
    skip_existing: bool = False
    first: int = 1
    progress: Callable[[int, int], None] = lambda *_: None


class Checked:
    """What the first look found: how many good ones, the first of them, and what is wrong with the others.

    `repeats` are ids that good ones share; only the first of each is to be added.
    """

    def __init__(self) -> None:
        self.good = 0
        self.jobs: list[NewJob] = []
        self.bad = 0
        self.reasons: list[BadValue] = []
        self.repeats: Repeats | None = None


def add_all(queue: Queue, specs: Specs, manner: Manner) -> Iterator[list[Added | None]]:
    """Add all jobs, and hand out what came of each transaction, in order.

    Raises BadValue or Conflict before anything is added. Whatever goes wrong in the middle of
    more than 10,000 jobs says how many are in and how to go on.
    """
    checked = _check(queue, specs, manner)
    if checked.bad:
        _tell_bad(checked, manner.skip_bad, specs.single)
    wanted = checked.repeats.first_of_each() if checked.repeats else lambda _: True
    if checked.good <= AT_ONCE:
        jobs = list(filter(wanted, checked.jobs))
        yield queue.jobs.add(jobs, manner.skip_existing) if jobs else []
    else:
        from queuectl.cli.chunks import add_in_chunks  # most batches are small

        total = checked.good - (checked.repeats.too_many if checked.repeats else 0)
        yield from add_in_chunks(queue, specs, manner, wanted, total)


def _check(queue: Queue, specs: Specs, manner: Manner) -> Checked:
    checked = Checked()
    ids: GivenIds | None = None
    for _, _, candidate in specs.candidates(manner.first):
        if isinstance(candidate, BadValue):
            checked.bad += 1
            if checked.bad <= _NAMED:
                checked.reasons.append(candidate)
            continue
        checked.good += 1
        if checked.good <= AT_ONCE:
            checked.jobs.append(candidate)
        if candidate.id is not None:
            ids = ids or _given_ids(queue, manner)
            ids.see(candidate.id)
    if ids is not None and (not checked.bad or manner.skip_bad):
        ids.check_taken()
        _note_repeats(checked, ids.repeats(lambda: _ids(specs, manner)), manner.skip_bad)
    return checked


def _note_repeats(checked: Checked, repeats: Repeats, skip: bool) -> None:
    """Raises Conflict unless they are to be skipped."""
    if not repeats.too_many:
        return
    if not skip:
        raise repeats.conflict()
    checked.repeats = repeats
    checked.bad += repeats.too_many
    checked.reasons = [*checked.reasons, *(BadValue(text) for text in repeats.named)][:_NAMED]


def _given_ids(queue: Queue, manner: Manner) -> GivenIds:
    from queuectl.cli.given_ids import GivenIds  # most jobs have none

    return GivenIds(None if manner.skip_existing else queue.jobs.taken_ids)


def _ids(specs: Specs, manner: Manner) -> Iterator[tuple[str, str]]:
    for _, place, candidate in specs.candidates(manner.first):
        if isinstance(candidate, NewJob) and candidate.id is not None:
            yield place, candidate.id


def _tell_bad(checked: Checked, skip: bool, single: bool) -> None:
    """Raises BadValue unless the bad ones are to be skipped; of a batch it says that nothing was added."""
    if not skip and checked.bad == 1:
        reason = checked.reasons[0]
        raise reason if single else BadValue(f"{reason.message}; nothing was added", reason.hint)
    for reason in checked.reasons:
        note(f"{reason.message} ({reason.hint})" if reason.hint else reason.message)
    if checked.bad > _NAMED:
        note(f"and {checked.bad - _NAMED:,} more")
    if not skip:
        raise BadValue(f"{counted(checked.bad)} cannot be added, so none was", "--skip-bad adds the good ones")
    note(f"{counted(checked.bad, 'bad one')} skipped")
