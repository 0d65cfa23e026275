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
    from queuectl.core.job import Added, Job, NewJob
    from queuectl.core.lifecycle import Asked
    from queuectl.core.ports import Outputs, Store
    from queuectl.core.records import Bound, Preview
    from queuectl.core.selector import Condition

PAGE = 500
MOST_NAMED = 1_000
_SHORTEST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.1


class Changed(NamedTuple):
    """What came of a change: `skipped` names the first 1,000 of `matched - changed`, with the reason."""

    matched: int
    changed: int
    skipped: tuple[tuple[str, str], ...] = ()


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

    def change(self, ids: Sequence[str], asked: Asked, only: State | None = None) -> Changed:
        """Change all of them or none; with `only`, each must be in that state.

        Raises NotFound, WrongState, or Conflict (two live jobs of one unique_key).
        """
        batch = self._store.changer.change_named(tuple(dict.fromkeys(ids)), asked, self._clock(), only)
        self._remove(batch.files)
        return Changed(batch.matched, batch.changed, batch.skipped)

    def check(self, ids: Sequence[str], asked: Asked) -> None:
        """Raise what `change` would raise for an unknown id or a wrong state, and change nothing."""
        self._store.changer.check_named(ids, asked, self._clock())

    def preview(self, where: Condition, asked: Asked, most: int) -> Preview:
        """What `change_matching` would come to, with the first `most` ids."""
        return self._store.changer.preview(where, asked, most, self._clock())

    def bound(self) -> Bound:
        """A moment: what a change by a condition takes is what matched then."""
        return self._store.changer.bound(self._clock())

    def change_matching(
        self,
        where: Condition,
        asked: Asked,
        bound: Bound,
        progress: Callable[[Changed, Sequence[str]], None] | None = None,
    ) -> Changed:
        """Change all that match and fit, in short batches; `progress` hears of each: the sum so far, its ids.

        Whatever cuts it short leaves what was done and touches nothing else; asking again goes on.
        """
        done, after = Changed(0, 0), 0
        while True:
            batch = self._store.changer.change_matching(where, asked, bound, after, self._clock())
            self._remove(batch.files)
            named = (done.skipped + batch.skipped)[:MOST_NAMED]
            done = Changed(done.matched + batch.matched, done.changed + batch.changed, named)
            if progress is not None:
                progress(done, batch.ids)
            if batch.after is None:
                return done
            after = batch.after

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


def _first(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    for chunk in chunks:
        if size <= 0:
            return
        yield chunk[:size]
        size -= len(chunk)
