"""The one door: what the command line, the app and Python programs ask of a queue.

It knows ports only; `queuectl.wiring.connect` hands out a Queue over a real store. Times are
milliseconds UTC unless a name says otherwise. Besides the errors that are named, every call may
raise StoreBusy, StoreFull or another StoreUnusable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from queuectl.queue.clock import Clock, utc_ms
from queuectl.queue.jobs import Changed, Jobs, Waited

if TYPE_CHECKING:
    from queuectl.core.job import Job
    from queuectl.core.ports import Outputs, PoolFiles, Store
    from queuectl.core.records import Counts
    from queuectl.core.views import PoolView, Status
    from queuectl.queue.config import Config
    from queuectl.queue.panes import Panes
    from queuectl.queue.pools import Pools

__all__ = ["Changed", "Jobs", "Queue", "Waited"]


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
        self._files = files
        self.jobs = Jobs(store, outputs, clock)

    @cached_property
    def pools(self) -> Pools:
        """Pools and their workers."""
        from queuectl.queue.pools import Pools  # not needed to enqueue

        return Pools(self._store, self._files)

    @cached_property
    def config(self) -> Config:
        """The configuration."""
        from queuectl.queue.config import Config  # nor is this

        return Config(self._store, self.clock)

    @cached_property
    def panes(self) -> Panes:
        """What the app shows of long lists."""
        from queuectl.queue.panes import Panes  # only the app needs it

        return Panes(self._store, self.clock)

    def counts(self) -> Counts:
        return self._store.reader.counts()

    def status(self) -> Status:
        """Everything that `queuectl status` shows."""
        from queuectl.core.views import Status, left_out

        now, gauges = self.clock(), self._store.reader.gauges(self.clock())
        counts, pools = self._store.reader.counts(), tuple(self.pools.all())
        since = gauges.oldest_waiting_since
        return Status(
            location=self.location,
            size_bytes=gauges.size_bytes,
            schema=gauges.schema,
            counts=counts,
            pools=pools,
            oldest_waiting_s=None if since is None else max(now - since, 0) / 1000,
            next_due=gauges.next_due,
            finished_per_minute=gauges.finished_last_minute,
            unserved=tuple(self._store.book.due(left_out(counts, pools), now)),
            free_bytes=gauges.free_bytes,
        )

    def waiting(self, job: Job, pools: Sequence[PoolView], moment: Callable[[int], str] | None = None) -> str | None:
        """Why the job does not run yet, as a sentence; None if it does not wait.

        `pools` are `pools.all()`; `moment` says a time (None: as ISO 8601 UTC).
        """
        from queuectl.core.units import iso
        from queuectl.core.views import waiting

        return waiting(job, pools, self.clock(), moment or iso)

    def stuck(self, job: Job) -> str | None:
        """Why the job will not end by itself, as things are now; None if it has ended, runs or is going to run."""
        from queuectl.core.job import has_ended
        from queuectl.core.views import stuck

        return None if has_ended(job) else stuck(job, self.pools.all(), self.clock())

    def close(self) -> None:
        """Let go of the store; every call after this fails."""
        self._store.close()
