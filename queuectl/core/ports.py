"""What the others need of a store and of the pools' files: protocols cut by who calls, ten methods at most.

A store raises StoreBusy (locked for too long) and StoreFull (no room) where the same call may
succeed later, and any other StoreUnusable where it cannot. Nothing is half done by a call that
raises. `now` is milliseconds UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from queuectl.core.job import Attempt, Job, NewJob, Result, State
from queuectl.core.lifecycle import Asked, Fail, GiveBack, Succeed
from queuectl.core.selector import Condition
from queuectl.core.settings import Settings


@dataclass(frozen=True, slots=True)
class PoolRecord:
    """A pool as it stands in the store.

    `pid` is its keeper's; `start_ticks` (clock ticks after boot), `boot_id` and `pid_ns` tell it
    from a stranger with the same number. `wanted` is how many workers it shall have; `stop` is
    "", "drain" (finish what runs) or "force". `queues` is empty if it serves all. `beat` grows
    with each sign of life.
    """

    name: str
    host: str
    boot_id: str
    pid_ns: str
    pid: int
    start_ticks: int
    started_at: int
    wanted: int
    queues: tuple[str, ...] = ()
    stop: str = ""
    beat: int = 0


@dataclass(frozen=True, slots=True)
class WorkerRecord:
    """A worker process of a pool; `name` is like `w3`; `done` and `failed` count ended attempts."""

    pool: str
    name: str
    pid: int
    start_ticks: int
    started_at: int
    done: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of one claim. `result` is None if the command was never started."""

    number: int
    fence: int
    event: Succeed | Fail | GiveBack
    result: Result | None


@dataclass(frozen=True, slots=True)
class Turn:
    """What a dispatcher wants done in one transaction: settle, then claim one job for each free worker.

    `free` holds names and pids of workers, as they shall stand in the jobs (`p1/w3`).
    """

    pool: str
    host: str
    queues: tuple[str, ...]
    settlements: tuple[Settlement, ...]
    free: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Turned:
    """What came of a turn.

    `settled` are the jobs as they are now, in order of their settlements, None where the claim
    had been lost; `claimed` the new ones; `next_due` the earliest `run_at` (milliseconds UTC)
    among jobs that could be claimed later without anybody doing anything, None if there is none.
    """

    settled: tuple[Job | None, ...]
    claimed: tuple[Job, ...]
    next_due: int | None


@dataclass(frozen=True, slots=True)
class Look:
    """The store as far as it concerns a dispatcher.

    `pool` is None if the pool is no longer registered. `claims` maps number to (fence,
    cancel_asked) of all jobs that it holds. `work_left` says whether any job of its queues may
    still run (not held), now or later, elsewhere or here.
    """

    pool: PoolRecord | None
    others: tuple[PoolRecord, ...]
    claims: Mapping[int, tuple[int, int]]
    settings: Settings
    next_due: int | None
    work_left: bool


class StoreUpkeep(Protocol):
    """What tidying up needs."""

    def unsettled_outputs(self, names: Sequence[str]) -> Sequence[str]:
        """Those of the output files' names that belong neither to an attempt nor to a claim that is held."""

    def shrink_output(self, excess_bytes: int) -> Sequence[str]:
        """Forget the kept files of some attempts, completed jobs' and older ones first.

        Returns their names; together they held at least `excess_bytes` if there were enough.
        """

    def expire(self, before: int, limit: int, now: int) -> tuple[int, Sequence[str]]:
        """Delete jobs completed before `before`, `limit` at most: how many, and their output files."""


class PoolStore(StoreUpkeep, Protocol):
    """What a dispatcher needs. Its writes may be lost by a power cut, never by a crash."""

    @property
    def id(self) -> str:
        """What tells this store from every other, copies of it included."""

    def register(self, pool: PoolRecord, workers: Sequence[WorkerRecord]) -> None:
        """Write the pool and its present workers; a pool of that name, and workers gone, are replaced.

        Of the same pool (pid and start_ticks alike) it keeps `wanted`, `stop`, and the counts of
        workers that are there already.
        """

    def unregister(self, pool: str) -> None:
        """Forget the pool and its workers, unless it still holds claims."""

    def turn(self, turn: Turn, now: int) -> Turned: ...

    def look(self, pool: str, queues: tuple[str, ...], now: int, always: bool = False) -> Look | None:
        """None if no other connection has committed anything since the last look, unless `always`."""

    def beat(self, pool: str) -> None:
        """Give a sign of life."""

    def take_over(self, dead: str, by: str, now: int) -> tuple[Sequence[Job], Sequence[WorkerRecord]]:
        """Make the claims of a dead pool `by`'s own, each with a new fence.

        Returns the jobs as they were before, and the workers recorded for the dead pool.
        """

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Added:
    """A job that is in the store: `new` is False if one with its unique_key was there before."""

    id: str
    new: bool


@dataclass(frozen=True, slots=True)
class Bound:
    """What a selection was when it was made: later arrivals and later changes of state are not of it."""

    last_number: int
    as_of: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What came of one batch of a change: `after` is the cursor to go on from, None at the end.

    `skipped` holds id and reason of those that matched but did not fit. `files` are output
    files that nothing refers to any more.
    """

    matched: int
    changed: int
    skipped: tuple[tuple[str, str], ...]
    after: int | None
    files: tuple[str, ...] = ()


class JobWriter(Protocol):
    """What a person's commands do to jobs. Every call is durable when it returns."""

    def add(self, jobs: Sequence[NewJob], now: int, skip_existing: bool = False) -> list[Added | None]:
        """Add all or none in one transaction; None stands for one skipped because its id is there.

        Raises Conflict if an id is there already, naming up to 20. 10,000 jobs at most.
        """

    def taken_ids(self, ids: Sequence[str]) -> list[str]:
        """Those of the ids that are in the store."""

    def change_named(self, ids: Sequence[str], asked: Asked, now: int) -> Batch:
        """Change all of them or none, in one transaction; what a delete leaves is in `files`.

        Raises NotFound for an unknown id, WrongState for one that does not fit, Conflict where
        two live jobs would share a unique_key.
        """

    def change_matching(self, where: Condition, asked: Asked, bound: Bound, after: int, now: int) -> Batch:
        """Change the next jobs that match, by order of arrival from number `after` on (exclusive)."""

    def bound(self, now: int) -> Bound: ...

    def highest_waiting_priority(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Counts:
    """How many jobs there are in each state and queue; states without jobs may be missing."""

    by_queue: Mapping[str, Mapping[State, int]]

    def of(self, state: State) -> int:
        return sum(states.get(state, 0) for states in self.by_queue.values())

    @property
    def total(self) -> int:
        return sum(sum(states.values()) for states in self.by_queue.values())


@dataclass(frozen=True, slots=True)
class Gauges:
    """What `status` shows besides the counts; None where there is nothing to show.

    `oldest_waiting_since` is when the job that has been claimable for longest became due;
    `next_due` when the next one that waits for its time will be.
    """

    oldest_waiting_since: int | None
    next_due: int | None
    finished_last_minute: int
    size_bytes: int
    schema: int


class JobReader(Protocol):
    """What everybody who looks needs. `order` is arrival, priority or state-age, `-` before it reversed."""

    def page(self, where: Condition, order: str, after: Job | None, limit: int, now: int) -> list[Job]:
        """The next jobs that match, `limit` at most, beginning behind `after`."""

    def get(self, id: str) -> Job:
        """Raises NotFound, naming ids that are spelt alike."""

    def newest(self) -> Job | None: ...

    def count(self, where: Condition, now: int) -> int: ...

    def attempts(self, number: int) -> list[Attempt]: ...

    def output(self, number: int, n: int) -> bytes:
        """What was kept in the store of the attempt's output; empty where a file holds it."""

    def counts(self) -> Counts: ...

    def gauges(self, now: int) -> Gauges: ...

    def changed(self) -> bool:
        """Whether any other connection has committed since this was last asked; cheap."""

    def close(self) -> None: ...


class ConfigStore(Protocol):
    """Configuration as it is stored: canonical texts by key."""

    def settings(self) -> Settings: ...

    def stored(self) -> Mapping[str, tuple[str, int]]:
        """Text and time of change (milliseconds UTC) of each key that was set."""

    def put(self, key: str, text: str, now: int) -> None: ...

    def remove(self, key: str | None) -> None:
        """Back to the default; None: all of them."""


class PoolBook(Protocol):
    """What a person's commands need to know and to ask of pools."""

    def pools(self) -> list[PoolRecord]: ...

    def workers(self) -> list[WorkerRecord]: ...

    def running(self) -> Mapping[str, Job]:
        """The jobs that are processing, by their worker (`p1/w3`)."""

    def ask_stop(self, name: str, stop: str) -> None: ...

    def ask_scale(self, name: str, wanted: int) -> None: ...


class PoolFiles(Protocol):
    """What the file system knows of pools."""

    def alive(self, name: str) -> bool:
        """Whether any process of the pool lives."""

    def reason(self, name: str) -> str:
        """Why the pool does not work as it should; empty if it does."""

    def start(self, count: int, queues: Sequence[str], drain: bool) -> str:
        """Start a pool in the background; returns its name once its workers stand."""


class Outputs(Protocol):
    """Output files beside the store."""

    def read(self, number: int, fence: int | None, file: str | None, start: int = 0) -> Iterator[bytes]:
        """The bytes of an attempt from position `start` on: of a named file, or of the claim that runs."""

    def length(self, number: int, fence: int) -> int:
        """How many bytes the claim that runs has printed, as far as they can be read."""

    def remove(self, files: Sequence[str]) -> None: ...
