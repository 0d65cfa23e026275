"""What people and programs ask of jobs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from queuectl.core.job import State, has_ended
from queuectl.errors import NotFound, TimedOut
from queuectl.queue.clock import Clock

if TYPE_CHECKING:
    from queuectl.core.attempt import Attempt
    from queuectl.core.errorgroup import Grouping
    from queuectl.core.job import Added, Job, NewJob
    from queuectl.core.lifecycle import Asked
    from queuectl.core.ports import Outputs, Store
    from queuectl.core.records import Batch, Bound, Preview
    from queuectl.core.selector import Condition

PAGE = 500
MOST_NAMED = 1_000
MOST_UNDONE = 500
_FAILURES = 2_000
"""Dead jobs that are put into groups at a time: some 10 ms."""
_SHORTEST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.1


class Changed(NamedTuple):
    """What came of a change: `skipped` names the first 1,000 of `matched - changed`, with the reason.

    `before` is what `undo` takes, the jobs as they were: empty if they are more than 500 or gone.
    `began` is when the change did, in milliseconds UTC.
    """

    matched: int
    changed: int
    skipped: tuple[tuple[str, str], ...] = ()
    before: tuple[Job, ...] = ()
    began: int = 0


Progress = Callable[[Changed, Sequence[str]], None]
"""Hears of each batch of a change: the sum so far, and the ids of the batch."""


class Waited(NamedTuple):
    """How the jobs ended that were waited for: `other` names up to 1,000 that did not complete."""

    completed: int
    not_completed: int
    other: tuple[tuple[str, str], ...]


class Jobs:
    """Everything about jobs."""

    def __init__(self, store: Store, outputs: Callable[[], Outputs], clock: Clock) -> None:
        self._store = store
        self._outputs = outputs
        self._clock = clock

    def add(self, jobs: Sequence[NewJob], skip_existing: bool = False) -> list[Added | None]:
        """Add 10,000 jobs at most, all or none; None stands for one that was there already and skipped.

        Raises Conflict if an id is taken.
        """
        return self._store.adder.add(jobs, self._clock(), skip_existing)

    def taken_ids(self, ids: Sequence[str]) -> list[str]:
        """Those of the ids that belong to jobs."""
        return self._store.adder.taken_ids(ids)

    def get(self, id: str | None) -> Job:
        """The job of that id; None: the newest. Raises NotFound."""
        if id is not None:
            return self._store.reader.get(id)
        newest = self._store.reader.newest()
        if newest is None:
            raise NotFound("there is no job", "add one: queuectl enqueue 'echo hello'")
        return newest

    def found(self, ids: Sequence[str]) -> Iterator[Job]:
        """Those of the jobs that are there."""
        for name in ids:
            try:
                yield self._store.reader.get(name)
            except NotFound:
                continue

    def page(self, where: Condition, order: str = "arrival", after: Job | None = None, limit: int = PAGE) -> list[Job]:
        """The next jobs that match, beginning behind `after`; orders are those of JobReader."""
        return self._store.reader.page(where, order, after, limit, self._clock())

    def stream(
        self, where: Condition, order: str = "arrival", limit: int | None = None, after: Job | None = None
    ) -> Iterator[Job]:
        """All that match, or the first `limit`; no transaction is open while the caller works."""
        left = limit
        while left is None or left > 0:
            asked = PAGE if left is None else min(PAGE, left)
            jobs = self.page(where, order, after, asked)
            yield from jobs
            if len(jobs) < asked:
                return
            after = jobs[-1]
            left = None if left is None else left - asked

    def newest(self, where: Condition, limit: int) -> Iterator[Job]:
        """The newest `limit` that match, newest last; memory does not grow with `limit`."""
        if limit <= PAGE:
            return reversed(self.page(where, "-arrival", None, limit))
        before = None
        for position, job in enumerate(self.stream(where, "-arrival", limit + 1)):
            before = job if position == limit else None
        return self.stream(where, "arrival", limit, before)

    def count(self, where: Condition) -> int:
        return self._store.reader.count(where, self._clock())

    def groups(self, where: Condition) -> Iterator[Grouping]:
        """Dead jobs that match, put together by what they died of: the same object after each step, which is short."""
        from queuectl.core.errorgroup import Grouping

        grouping, behind = Grouping(), None
        while True:
            failures = self._store.reader.failures(where, behind, _FAILURES, self._clock())
            grouping.add(failures)
            yield grouping
            if len(failures) < _FAILURES:
                return
            behind = failures[-1]

    def attempts(self, job: Job) -> list[Attempt]:
        """The ended attempts that are remembered, oldest first."""
        return self._store.reader.attempts(job.number)

    def output(self, job: Job, attempt: Attempt | None, start: int = 0) -> Iterator[bytes]:
        """What an attempt printed, from byte `start` on; None: what the running command printed so far."""
        if attempt is None:
            return _first(self._outputs().read(job.number, job.fence, None, start), self.printed(job) - start)
        stored = self._store.reader.output(job.number, attempt.n)
        if attempt.output_file is None:
            return iter([stored[start:]])
        return chain(self._outputs().read(job.number, None, attempt.output_file, start), [stored])

    def printed(self, job: Job) -> int:
        """How many bytes the running command has printed, as far as they can be read."""
        return self._outputs().length(job.number, job.fence)

    def change(self, ids: Sequence[str], asked: Asked, only: State | None = None, seen: Sequence[Job] = ()) -> Changed:
        """Change all of them or none; with `only`, each must be in that state, and those in `seen` still as they were.

        Raises NotFound, WrongState, or Conflict (two live jobs of one unique_key).
        """
        began = self._clock()
        batch = self._store.changer.change_named(tuple(dict.fromkeys(ids)), asked, began, only, seen)
        self._remove(batch.files)
        return Changed(batch.matched, batch.changed, batch.skipped, batch.before, began)

    def change_fitting(
        self, ids: Sequence[str], states: frozenset[State], asked: Asked, progress: Progress | None = None
    ) -> Changed:
        """Change those that are there, in one of the states, and fit, as `change_matching` does with all that match."""
        now = self._clock()
        done = Changed(0, 0, began=now)
        for first in range(0, len(ids), PAGE):
            some, event = ids[first : first + PAGE], _behind(asked, done)
            done = self._heard(done, self._store.changer.change_fitting(some, states, event, now), progress)
            now = self._clock()
        return done

    def undo(self, before: Sequence[Job]) -> Changed:
        """Put back what `Changed.before` has; jobs that have moved since are left alone and skipped."""
        began = self._clock()
        batch = self._store.changer.undo(before, began)
        return Changed(batch.matched, batch.changed, batch.skipped, began=began)

    def check(self, ids: Sequence[str], asked: Asked) -> None:
        """Raise what `change` would raise for an unknown id or a wrong state, and change nothing."""
        self._store.changer.check_named(ids, asked, self._clock())

    def keys_taken(self, jobs: Sequence[Job], asked: Asked) -> frozenset[str]:
        """Ids of those that the change would let wait again, but for another job with their unique_key."""
        return self._store.changer.keys_taken(jobs, asked)

    def preview(self, where: Condition, asked: Asked, most: int, bound: Bound | None = None) -> Preview:
        """What `change_matching` would come to with this bound (None: from now on), with the first `most` ids."""
        return self._store.changer.preview(where, asked, most, self.bound() if bound is None else bound)

    def bound(self) -> Bound:
        """A moment: what a change by a condition takes is what matched then."""
        return self._store.changer.bound(self._clock())

    def change_matching(
        self, where: Condition, asked: Asked, bound: Bound, progress: Progress | None = None
    ) -> Changed:
        """Change all that match and fit, in short batches; `progress` hears of each: the sum so far, its ids.

        Whatever cuts it short leaves what was done and touches nothing else; asking again goes on.
        """
        now = self._clock()
        done, after = Changed(0, 0, began=now), 0
        while True:
            batch = self._store.changer.change_matching(where, _behind(asked, done), bound, after, now)
            done = self._heard(done, batch, progress)
            if batch.after is None:
                return done
            after, now = batch.after, self._clock()

    def _heard(self, done: Changed, batch: Batch, progress: Progress | None) -> Changed:
        """The sum so far, once the batch is tidied up after and was told of."""
        self._remove(batch.files)
        done = _added(done, batch)
        if progress is not None:
            progress(done, batch.ids)
        return done

    def _remove(self, files: Sequence[str]) -> None:
        if files:
            self._outputs().remove(files)

    def looks(self) -> Iterator[bool]:
        """Whether the store has changed: True at once, then again and again after 20 to 100 ms."""
        yield True
        pause_s = _SHORTEST_PAUSE_S
        while True:
            time.sleep(pause_s)
            changed = self._store.reader.changed()
            pause_s = _SHORTEST_PAUSE_S if changed else min(pause_s * 1.2, _LONGEST_PAUSE_S)
            yield changed

    def wait(self, ids: Sequence[str], timeout_s: float | None = None) -> Waited:
        """Wait until each of the jobs has ended or is gone. Raises TimedOut after `timeout_s` seconds."""
        left = list(reversed(ids))
        other: list[tuple[str, str]] = []
        not_completed = 0
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        for changed in self.looks():
            while left and changed and (end := self._end_of(left[-1])):
                if end != State.COMPLETED:
                    not_completed += 1
                    other.append((left[-1], end))
                left.pop()
            if not left:
                return Waited(len(ids) - not_completed, not_completed, tuple(other[:MOST_NAMED]))
            if deadline is not None and time.monotonic() >= deadline:
                raise TimedOut(self._not_ended(left), "only the waiting is over; queuectl show tells more")
        raise AssertionError("looks never end")

    def _not_ended(self, left: Sequence[str]) -> str:
        """Of jobs in reversed order; the first of them is known to be there."""
        more = sum(not self._end_of(name) for name in left[-MOST_NAMED:-1])
        if not more:
            return f"{left[-1]} has not ended yet"
        least = "at least " if len(left) > MOST_NAMED else ""
        return f"{left[-1]} and {least}{more:,} other{'s' * (more > 1)} have not ended yet"

    def _end_of(self, id: str) -> str:
        try:
            job = self._store.reader.get(id)
        except NotFound:
            return "deleted"
        return str(job.state) if has_ended(job) else ""


def _behind(asked: Asked, done: Changed) -> Asked:
    """What is asked of the next batch."""
    from queuectl.core.lifecycle import Retry  # enqueue does without

    return asked.behind(done.changed, done.began) if isinstance(asked, Retry) else asked


def _added(done: Changed, batch: Batch) -> Changed:
    """The sum of a change so far and its next batch."""
    before = done.before + batch.before
    complete = len(before) == done.changed + batch.changed <= MOST_UNDONE
    return Changed(
        done.matched + batch.matched,
        done.changed + batch.changed,
        (done.skipped + batch.skipped)[:MOST_NAMED],
        before if complete else (),
        done.began,
    )


def _first(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    for chunk in chunks:
        if size <= 0:
            return
        yield chunk[:size]
        size -= len(chunk)
