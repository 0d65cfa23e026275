"""What the app reads: stretches of lists of any length, bounded in time. No cursor stays open between calls."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

from queuectl.core.job import Job
from queuectl.core.panes import Interrupted, Rate, RunTimes, Tally, Window, counted
from queuectl.core.selector import Condition, matches
from queuectl.store.connection import Database, Found
from queuectl.store.listing import Listing
from queuectl.store.orders import ORDERS, Order, order_named, reverse
from queuectl.store.reader import Reader
from queuectl.store.rows import job_of, numbers_text

_TALLY_STEP_S = 0.02
_TALLY_QUICK_S = 0.008
_TALLY_NUMBERS = 2_000
_NEWER_S = 0.05
_SAMPLES = 50
_SCATTERED = 500

Stop = Callable[[], bool]


class Panes:
    """PaneReader on SQLite."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._counts = Reader(database).counts
        self._interrupted = False

    def interrupt(self) -> None:
        """From any thread: the read that runs, or else the next one, raises Interrupted."""
        self._interrupted = True

    def top(self, where: Condition, order: str, limit: int, within_s: float, now: int) -> Window:
        """The first jobs."""
        along = order_named(order)
        listed = Listing(self._db, where, now)
        jobs, cut = self._stretch(listed, along, along.before_all, limit, self._after(within_s))
        return Window(tuple(jobs), 0, exact=True, cut=cut)

    def bottom(self, where: Condition, order: str, limit: int, total: int, within_s: float, now: int) -> Window:
        """The last jobs of `total`."""
        up = order_named(reverse(order))
        jobs, cut = self._stretch(Listing(self._db, where, now), up, up.before_all, limit, self._after(within_s))
        whole = len(jobs) < limit and not cut
        return Window(tuple(reversed(jobs)), 0 if whole else max(total - len(jobs), 0), exact=whole, cut=cut)

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
        down, up, listed = order_named(order), order_named(reverse(order)), Listing(self._db, where, now)
        half, whole = self._after(within_s / 2), self._after(within_s)
        with self._db.reading():
            below, below_cut = self._stretch(listed, down, down.before(job), after, half)
            # One more than asked for tells whether these are the first.
            above, above_cut = self._stretch(listed, up, up.behind(job), before + 1, whole)
        exact = len(above) <= before and not above_cut
        above = above[:before]
        first = 0 if exact else max(index - len(above), 1)
        return Window((*reversed(above), *below), first, exact, above_cut or below_cut)

    def at(self, where: Condition, order: str, index: int, total: int, limit: int, within_s: float, now: int) -> Window:
        """Jobs from row `index` of `total` on, counted from the nearer end, or from about there if that takes long."""
        along, listed = order_named(order), Listing(self._db, where, now)
        half, whole = self._after(within_s / 2), self._after(within_s)
        from_end = index > total // 2
        skip = max(total - index - limit, 0) if from_end else index
        jobs, cut = self._far(listed, order_named(reverse(order)) if from_end else along, skip, limit, half)
        if cut:
            return self._about(listed, order, index, total, limit, whole, now)
        _sort(jobs, order)
        first = max(total - skip - len(jobs), 0) if from_end else index
        return Window(tuple(jobs), first, exact=not from_end, cut=False)

    def tally(self, where: Condition, now: int) -> Iterator[Tally]:
        """How many match, newest first, a step of some milliseconds each; `interrupt` leaves it alone."""
        known = counted(where, self._counts())
        if known is not None:
            yield Tally(known, sure=True)
            return
        listed = Listing(self._db, where, now)
        counting, size = listed.counting(), _TALLY_NUMBERS
        count, last = 0, int(self._db.value("last_job"))
        while last > 0:
            yield Tally(count, sure=False)
            began = time.monotonic()
            values = {**listed.parameters, "after": last - size, "last": last}
            stop = _at(began + _TALLY_STEP_S) if size > 1 else _never
            rows, cut = self._db.query_until(counting, values, stop)
            if cut:
                size = max(size // 4, 1)
                continue
            count, last = count + int(rows[0][0]), last - size
            if time.monotonic() - began < _TALLY_QUICK_S:
                size *= 2
        yield Tally(count, sure=True)

    def newer(self, where: Condition, order: str, job: Job, since: int, most: int, now: int) -> int:
        """How many jobs came into their state after `since` and stand before `job`."""
        along, listed = order_named(order), Listing(self._db, where, now)
        values = {**listed.parameters, **along.behind(job), "since": since, "most": most}
        return len(self._rows(listed.newer(along), values, self._after(_NEWER_S))[0])

    def rates(self, since: int, bucket_ms: int) -> list[Rate]:
        """What ended, by stretches of `bucket_ms`; none where nothing did."""
        values = {"since": since - since % bucket_ms, "bucket_ms": bucket_ms}
        return [Rate(*row[:5]) for row in self._db.rows("rates", values)]

    def run_times(self, since: int, bucket_ms: int, now: int) -> list[RunTimes]:
        """Of some jobs that completed in each stretch of `bucket_ms`."""
        stretches = range(since - since % bucket_ms, now + 1, bucket_ms)
        with self._db.reading():
            return [self._run_times(at, at + bucket_ms) for at in stretches]

    def _run_times(self, at: int, until: int) -> RunTimes:
        self._check()
        took = sorted(ms for (ms,) in self._db.rows("run_times", {"since": at, "until": until, "most": _SAMPLES}))
        if not took:
            return RunTimes(at, None, None)
        return RunTimes(at, took[len(took) // 2], took[len(took) * 95 // 100])

    def _about(self, listed: Listing, order: str, index: int, total: int, limit: int, stop: Stop, now: int) -> Window:
        """From a job on that stands about as far down, as some jobs from all over the store tell."""
        last = int(self._db.value("last_job"))
        rows = self._db.rows("jobs_numbered", {"batch": numbers_text(_scattered(last))})
        some = [job for job in map(job_of, rows) if job.state in listed.states]
        alike = [job for job in some if matches(listed.where, job, now)] or some
        if not alike:
            return Window((), index, exact=False, cut=True)
        _sort(alike, order)
        along, mark = order_named(order), alike[min(index * len(alike) // max(total, 1), len(alike) - 1)]
        jobs, cut = self._stretch(listed, along, along.before(mark), limit, stop)
        return Window(tuple(jobs), index, exact=False, cut=cut)

    def _stretch(
        self, listed: Listing, along: Order, place: Mapping[str, int], limit: int, stop: Stop
    ) -> tuple[list[Job], bool]:
        values = {**listed.behind(along, place), "most": limit, "skip": 0}
        rows, cut = self._rows(listed.page(along, limit), values, stop)
        return [job_of(row) for row in rows], cut

    def _far(self, listed: Listing, along: Order, skip: int, limit: int, stop: Stop) -> tuple[list[Job], bool]:
        values = {**listed.behind(along, along.before_all), "most": limit, "skip": skip}
        rows, cut = self._rows(listed.far_page(along, skip + limit), values, stop)
        return [job_of(row) for row in rows], cut

    def _rows(self, sql: str, values: Mapping[str, object], stop: Stop) -> Found:
        self._check()
        found = self._db.query_until(sql, values, stop)
        self._check()
        return found

    def _after(self, seconds: float) -> Stop:
        late = _at(time.monotonic() + seconds)
        return lambda: self._interrupted or late()

    def _check(self) -> None:
        if self._interrupted:
            self._interrupted = False
            raise Interrupted("another read is wanted more")


def _scattered(last: int) -> Iterator[int]:
    """Numbers from 1 to `last`, without a rhythm that those of jobs could share."""
    stride = max(last // _SCATTERED, 1)
    return (k * stride + k * 7_919 % stride + 1 for k in range(min(_SCATTERED, last)))


def _sort(jobs: list[Job], order: str) -> None:
    jobs.sort(key=ORDERS[order.removeprefix("-")].key, reverse=order.startswith("-"))


def _at(moment: float) -> Stop:
    return lambda: time.monotonic() >= moment


def _never() -> bool:
    return False
