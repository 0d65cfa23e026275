"""What the others need of a store and of the pools' files: protocols cut by who calls, ten methods at most.

A store raises StoreBusy (locked for too long) and StoreFull (no room) where the same call may
succeed later, and any other StoreUnusable where it cannot. Nothing is half done by a call that
raises. `now` is milliseconds UTC. Only annotations name ports: import this module under
`if TYPE_CHECKING`, so that no command waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from queuectl.core.attempt import Attempt
from queuectl.core.job import Added, Job, NewJob, State
from queuectl.core.lifecycle import Asked
from queuectl.core.panes import Rate, RunTimes, Tally, Window
from queuectl.core.pool import PoolRecord, WorkerRecord
from queuectl.core.records import Batch, Bound, Counts, Failure, Gauges, Preview
from queuectl.core.selector import Condition
from queuectl.core.settings import Settings
from queuectl.core.turn import Look, Turn, Turned


class StoreUpkeep(Protocol):
    """What tidying up needs."""

    def unsettled_outputs(self, names: Sequence[str]) -> Sequence[str]:
        """Those of the output files' names that belong neither to an attempt nor to a job that is processing."""

    def shrink_output(self, excess_bytes: int) -> Sequence[str]:
        """Forget the kept files of some attempts, completed jobs' and older ones first.

        Returns their names; together they held at least `excess_bytes` if there were enough.
        """

    def expire(self, before: int, limit: int) -> tuple[int, Sequence[str]]:
        """Delete jobs completed before `before`, `limit` at most: how many, and their output files."""


class PoolStore(StoreUpkeep, Protocol):
    """What a dispatcher needs. Its writes may be lost by a power cut, never by a crash."""

    @property
    def id(self) -> str:
        """What tells this store from every other, copies of it included."""

    def register(self, pool: PoolRecord, workers: Sequence[WorkerRecord]) -> None:
        """Write the pool and its present workers; a pool of that name, and workers gone, are replaced.

        It is a sign of life: a pool whose dispatchers die again and again gives one before each of them claims.
        Of the same pool (pid and start_ticks alike) it keeps `wanted`, `stop`, and the counts of
        workers that are there already.
        """

    def unregister(self, pool: str) -> None:
        """Forget the pool and its workers, unless it still holds claims."""

    def note_stop(self, pool: str, stop: str) -> None:
        """The pool was told to stop ("drain", or "force") by other means than the store, which shall show it."""

    def turn(self, turn: Turn, now: int) -> Turned: ...

    def without_waiting(self) -> AbstractContextManager[None]:
        """Within it StoreBusy is raised at once where somebody else writes."""

    def look(self, pool: str, queues: tuple[str, ...], now: int, always: bool = False) -> Look | None:
        """None if no other connection has committed anything since the last look; one with `always` does not count."""

    def beat(self, pool: str, now: int) -> None:
        """Give a sign of life, and note how many jobs wait."""

    def take_over(
        self, dead: str, by: PoolRecord, now: int, remember: Callable[[Sequence[Job]], object]
    ) -> tuple[Sequence[Job], Sequence[WorkerRecord]]:
        """Make the claims of a dead pool `by`'s own, each with a new fence, and let `remember` know the jobs before.

        Returns the jobs as they were before, and those of the workers that were running them which are
        recorded for a pool of the same host, boot and pid namespace as `by`: the dead pool's, or those
        of one before it, whose claims it had taken over when it died.
        """

    def close(self) -> None: ...


class JobAdder(Protocol):
    """What adding jobs needs. Every call is durable when it returns."""

    def add(self, jobs: Sequence[NewJob], now: int, skip_existing: bool = False) -> list[Added | None]:
        """Add all or none in one transaction; None stands for one skipped because its id is there.

        Raises Conflict if an id is there already, naming up to 20. 10,000 jobs at most.
        """

    def taken_ids(self, ids: Sequence[str]) -> list[str]:
        """Those of the ids that are in the store."""


class JobChanger(Protocol):
    """What a person's commands do to jobs that are there. Every call is durable when it returns."""

    def change_named(
        self, ids: Sequence[str], asked: Asked, now: int, only: State | None = None, seen: Sequence[Job] = ()
    ) -> Batch:
        """Change all of them or none, in one transaction; what a delete leaves is in `files`.

        With `only`, each must be in that state whatever else the change allows; those in `seen`
        must be as they were there.
        Raises NotFound for an unknown id, WrongState for one that does not fit, Conflict where
        two live jobs would share a unique_key, or nothing can be above the highest priority.
        """

    def change_matching(self, where: Condition, asked: Asked, bound: Bound, after: int, now: int) -> Batch:
        """Change the next jobs that match, by order of arrival from number `after` on (exclusive)."""

    def change_fitting(self, ids: Sequence[str], states: frozenset[State], asked: Asked, now: int) -> Batch:
        """Change those of the ids that are there, in one of the states, and fit; the others are skipped."""

    def undo(self, before: Sequence[Job], now: int) -> Batch:
        """Put jobs back to what a change found, in one transaction; those that have moved since are skipped."""

    def check_named(self, ids: Sequence[str], asked: Asked, now: int) -> None:
        """Raise NotFound or WrongState as `change_named` does, and change nothing."""

    def keys_taken(self, jobs: Sequence[Job], asked: Asked) -> frozenset[str]:
        """Ids of those that the change would let wait again, but for another job with their unique_key."""

    def preview(self, where: Condition, asked: Asked, most: int, bound: Bound) -> Preview:
        """What `change_matching` would come to, with the first `most` ids."""

    def bound(self, now: int) -> Bound: ...


class JobReader(Protocol):
    """What everybody who looks needs. `order` is arrival, priority or state-age, `-` before it reversed."""

    def page(self, where: Condition, order: str, after: Job | None, limit: int, now: int) -> list[Job]:
        """The next jobs that match, `limit` at most, beginning behind `after`."""

    def get(self, id: str) -> Job:
        """Raises NotFound, naming ids that are spelt alike."""

    def newest(self) -> Job | None: ...

    def count(self, where: Condition, now: int) -> int: ...

    def failures(self, where: Condition, behind: Failure | None, limit: int, now: int) -> list[Failure]:
        """The next dead jobs that match, `limit` at most, those that died last first, beginning behind one."""

    def attempts(self, number: int) -> list[Attempt]: ...

    def output(self, number: int, n: int) -> bytes:
        """What was kept in the store of the attempt's output; empty where a file holds it."""

    def counts(self) -> Counts: ...

    def gauges(self, now: int) -> Gauges: ...

    def changed(self) -> bool:
        """Whether any other connection has committed since this was last asked; cheap."""


class PaneReader(Protocol):
    """What the app needs of lists of any length. `within_s` bounds a read; `interrupt` ends it with Interrupted."""

    def top(self, where: Condition, order: str, limit: int, within_s: float, now: int) -> Window: ...

    def bottom(self, where: Condition, order: str, limit: int, total: int, within_s: float, now: int) -> Window: ...

    def around(
        self,
        where: Condition,
        order: str,
        job: Job,
        index: int,
        before: int,
        after: int,
        within_s: float,
        now: int,
    ) -> Window:
        """Jobs before the place of `job`, whether it is still there or not, and from it on."""

    def at(self, where: Condition, order: str, index: int, total: int, limit: int, within_s: float, now: int) -> Window:
        """Jobs from row `index` of `total` on; if counting takes too long, from about there."""

    def tally(self, where: Condition, now: int) -> Iterator[Tally]:
        """How many match, in short steps; the last one is sure."""

    def newer(self, where: Condition, order: str, job: Job, since: int, most: int, now: int) -> int:
        """How many jobs came into their state after `since` and stand before `job`."""

    def rates(self, since: int, bucket_ms: int) -> list[Rate]: ...

    def run_times(self, since: int, bucket_ms: int, now: int) -> list[RunTimes]: ...

    def interrupt(self) -> None:
        """From any thread: the read that runs, or else the next one, raises Interrupted."""


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

    def due(self, queues: Sequence[str], now: int) -> Sequence[str]:
        """Those of the queues in which a job could run now."""

    def ask_stop(self, name: str, stop: str) -> None: ...

    def ask_scale(self, name: str, wanted: int) -> None: ...


class Store(Protocol):
    """All that people's commands need of a store: a part for each of them."""

    @property
    def adder(self) -> JobAdder: ...

    @property
    def changer(self) -> JobChanger: ...

    @property
    def reader(self) -> JobReader: ...

    @property
    def panes(self) -> PaneReader: ...

    @property
    def config(self) -> ConfigStore: ...

    @property
    def book(self) -> PoolBook: ...

    def close(self) -> None: ...


class PoolFiles(Protocol):
    """What the file system knows of pools."""

    def alive(self, name: str) -> bool:
        """Whether any process of the pool lives."""

    def reason(self, name: str) -> str:
        """Why the pool does not work as it should; empty if it does."""

    def silent_s(self, name: str) -> float:
        """How long ago, by the wall clock, the pool gave its last sign of life; 0 if nobody knows."""

    def start(self, count: int, queues: Sequence[str], drain: bool) -> str:
        """Start a pool in the background; returns its name once its workers stand."""


class Outputs(Protocol):
    """Output files beside the store."""

    def read(self, number: int, fence: int | None, file: str | None, start: int = 0) -> Iterator[bytes]:
        """The bytes of an attempt from position `start` on: of a named file, or of the claim that runs."""

    def length(self, number: int, fence: int) -> int:
        """How many bytes the claim that runs has printed, as far as they can be read."""

    def remove(self, files: Sequence[str]) -> None: ...
