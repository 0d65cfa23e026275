"""What comes of what people ask of a store: of changing and of counting jobs. Times are milliseconds UTC."""

# No `from __future__ import annotations`: NamedTuple would compile each text, and every command waits for it.

from collections.abc import Mapping
from typing import NamedTuple

from queuectl.core.job import Job, State


class Bound(NamedTuple):
    """What a selection was when it was made: later arrivals and later changes of state are not of it."""

    last_number: int
    as_of: int


class Batch(NamedTuple):
    """What came of one batch of a change: `after` is the cursor to go on from, None at the end.

    `skipped` holds id and reason of those that matched but did not fit, `ids` those that were
    changed, `before` what these were before: nothing of deleted ones, and nothing of more than a
    batch. `files` are output files that nothing refers to any more.
    """

    matched: int
    changed: int
    skipped: tuple[tuple[str, str], ...]
    after: int | None
    files: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    before: tuple[Job, ...] = ()


class Preview(NamedTuple):
    """What a change by a condition would come to: `first` are the ids of the first of the `fitting`.

    A unique_key that only one of several jobs may have is not looked at: `fitting` may be too high by these.
    """

    matched: int
    fitting: int
    first: tuple[str, ...]


class Failure(NamedTuple):
    """What tells of a dead job which others died of the same; `command` may be its beginning only."""

    number: int
    id: str
    state_since: int
    command: str
    error: str | None


class Counts(NamedTuple):
    """How many jobs there are in each state and queue; states without jobs may be missing."""

    by_queue: Mapping[str, Mapping[State, int]]

    def of(self, state: State) -> int:
        return sum(states.get(state, 0) for states in self.by_queue.values())

    @property
    def total(self) -> int:
        return sum(sum(states.values()) for states in self.by_queue.values())


class Gauges(NamedTuple):
    """What `status` shows besides the counts; None where there is nothing to show.

    `oldest_waiting_since` is when the job that has been claimable for longest became due;
    `next_due` when the next one that waits for its time will be. `free_bytes` is what the store's
    disk has room for.
    """

    oldest_waiting_since: int | None
    next_due: int | None
    finished_last_minute: int
    size_bytes: int
    free_bytes: int
    schema: int
