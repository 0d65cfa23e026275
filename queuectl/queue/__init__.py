"""The one door: what the command line, the app and Python programs ask of a queue.

It knows ports only; `queuectl.wiring.connect` hands out a Queue over a real store. Times are
milliseconds UTC unless a name says otherwise. Besides the errors that are named, every call may
raise StoreBusy, StoreFull or another StoreUnusable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from queuectl.core.ports import ConfigStore, Counts, JobReader, JobWriter, Outputs, PoolBook, PoolFiles
from queuectl.queue.clock import Clock, utc_ms
from queuectl.queue.config import Config, Setting
from queuectl.queue.jobs import Changed, Jobs, Waited
from queuectl.queue.pools import Pools

if TYPE_CHECKING:
    from queuectl.core.job import Job
    from queuectl.core.views import PoolView, Status

__all__ = ["Changed", "Config", "Jobs", "Pools", "Queue", "Setting", "Waited"]


class Store(JobWriter, JobReader, ConfigStore, PoolBook, Protocol):
    """All that people's commands need of a store."""


class Queue:
    """Jobs, pools and configuration of one store.

    `files` and `outputs` are made when they are first needed: most commands do without.
    `clock` gives milliseconds UTC.
    """

    def __init__(
        self,
        store: Store,
        location: str,
        files: Callable[[], PoolFiles],
        outputs: Callable[[], Outputs],
        clock: Clock = utc_ms,
    ) -> None:
        self._store = store
        self.location = location
        self.clock = clock
        self.jobs = Jobs(store, store, outputs, clock)
        self.pools = Pools(store, files)
        self.config = Config(store, clock)

    def counts(self) -> Counts:
        return self._store.counts()

    def status(self) -> Status:
        """Everything that `queuectl status` shows."""
        from queuectl.core.views import Status

        now, gauges = self.clock(), self._store.gauges(self.clock())
        since = gauges.oldest_waiting_since
        return Status(
            location=self.location,
            size_bytes=gauges.size_bytes,
            schema=gauges.schema,
            counts=self._store.counts(),
            pools=tuple(self.pools.all()),
            oldest_waiting_s=None if since is None else max(now - since, 0) / 1000,
            next_due=gauges.next_due,
            finished_per_minute=gauges.finished_last_minute,
        )

    def waiting(self, job: Job, pools: Sequence[PoolView]) -> str | None:
        """Why the job does not run yet, as a sentence; None if it does not wait. `pools` are `pools.all()`."""
        from queuectl.core.views import waiting

        return waiting(job, pools, self.clock())

    def close(self) -> None:
        """Let go of the store; every call after this fails."""
        self._store.close()
