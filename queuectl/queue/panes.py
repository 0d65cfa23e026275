"""What the app asks of long lists: what is on screen, within a time, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from queuectl.queue.clock import Clock

if TYPE_CHECKING:
    from queuectl.core.job import Job
    from queuectl.core.panes import Rate, RunTimes, Tally, Window
    from queuectl.core.ports import Store
    from queuectl.core.selector import Condition

WITHIN_S = 0.3


class Panes:
    """Windows on lists, counts and rates. One thread makes all calls but `interrupt`, which any may make.

    Orders are those of JobReader; BadValue is raised for another. A window is read within about
    `within_s` seconds; what was found by then is right, and `cut` says that there may be more.
    Every call but `tally` may raise Interrupted.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._panes = store.panes
        self._clock = clock

    def top(self, where: Condition, order: str, limit: int, within_s: float = WITHIN_S) -> Window:
        """The first `limit` jobs."""
        return self._panes.top(where, order, limit, within_s, self._clock())

    def bottom(self, where: Condition, order: str, limit: int, total: int, within_s: float = WITHIN_S) -> Window:
        """The last `limit` jobs of a list of about `total`."""
        return self._panes.bottom(where, order, limit, total, within_s, self._clock())

    def around(
        self,
        where: Condition,
        order: str,
        job: Job,
        index: int,
        before: int,
        after: int,
        within_s: float = WITHIN_S,
    ) -> Window:
        """`before` jobs above the place where `job` was seen, at row `index`, and `after` from there on.

        It may be gone or stand elsewhere by now. If there are fewer above, they are the first of
        the list, and the window is exact.
        """
        return self._panes.around(where, order, job, index, before, after, within_s, self._clock())

    def at(
        self, where: Condition, order: str, index: int, total: int, limit: int, within_s: float = WITHIN_S
    ) -> Window:
        """`limit` jobs from row `index` on of a list of about `total`.

        Rows are counted from the nearer end. If that takes more than half of the time, the
        window begins about as far down, as a sample of jobs tells.
        """
        return self._panes.at(where, order, index, total, limit, within_s, self._clock())

    def tally(self, where: Condition) -> Iterator[Tally]:
        """How many jobs match: at once where states and queues tell, else growing, newest first.

        Each step takes some 20 ms at most. The last one is sure; stopping before it costs nothing.
        """
        return self._panes.tally(where, self._clock())

    def newer(self, where: Condition, order: str, job: Job, since: int, most: int = 999) -> int:
        """How many of the list, `most` at most, came into their state after `since` and stand before `job`."""
        return self._panes.newer(where, order, job, since, most, self._clock())

    def rates(self, since: int, bucket_ms: int) -> list[Rate]:
        """What ended since then, by stretches of `bucket_ms` (a multiple of 10,000); those without a pool are missing.

        The first stretch is a whole one, and begins at a multiple of `bucket_ms`.
        """
        return self._panes.rates(since, bucket_ms)

    def run_times(self, since: int, bucket_ms: int) -> list[RunTimes]:
        """For each stretch of `bucket_ms` since then, of 50 jobs that completed in it at most."""
        return self._panes.run_times(since, bucket_ms, self._clock())

    def changed(self) -> bool:
        """Whether anybody else has committed since this was last asked.

        Raises StoreUnusable if the store was replaced or removed.
        """
        return self._store.reader.changed()

    def interrupt(self) -> None:
        """Make the read that runs raise Interrupted, or the next one if none does."""
        self._panes.interrupt()
