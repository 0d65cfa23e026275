"""One look at the queue: what is wanted, as a Picture. Runs on the feed's thread and keeps no widget waiting."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from queuectl.core.errorgroup import Group
from queuectl.core.job import State
from queuectl.core.panes import Tally, Window
from queuectl.core.views import Status
from queuectl.errors import NotFound
from queuectl.queue import Queue
from queuectl.tui.panes import LISTS, Pane
from queuectl.tui.picture import JobPicture, ListPicture, ListWant, Metrics, Picture, Want
from queuectl.tui.stepwise import Stepwise

if TYPE_CHECKING:
    from queuectl.core.attempt import Attempt
    from queuectl.core.job import Job
    from queuectl.core.selector import Condition

MARGIN = 100
"""Rows read above and below those in view, so that moving about waits for nobody."""
WITHIN_S = 0.3
TAIL_BYTES = 4_096
STEPS_S = 0.1
"""How long answers that take long are worked on before what is known is shown."""
_HOUR_MS = 3_600_000
_BUCKET_MS = 10_000
_CHART_BUCKETS = 60


class Reading:
    """Reads pictures from one queue; what nobody changed is taken from the picture before."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self._tallies: dict[Condition, Stepwise[Tally]] = {}
        self._groups: dict[Condition, Stepwise[tuple[Group, ...]]] = {}

    def picture(self, want: Want, before: Picture | None, changed: bool) -> Picture:
        """All that is wanted. Without `changed` the store is as it was for `before`."""
        now = self.queue.clock()
        began = time.perf_counter()
        status = self.queue.status()
        latency_ms = (time.perf_counter() - began) * 1000
        kept = before.lists if before is not None and not changed else {}
        self._ask(want, changed)
        return Picture(
            at=now,
            latency_ms=latency_ms,
            status=status,
            rates=tuple(self.queue.panes.rates(now - _HOUR_MS, _BUCKET_MS)),
            lists=self._lists(want, kept, status),
            groups=None if want.groups is None else self._groups[want.groups].answer,
            job=None if want.job is None else self._job(want.job, status),
            workers=tuple(self.queue.pools.workers()),
            settings=tuple(self.queue.config.show()),
            metrics=self._metrics(want.metrics_hours, now) if want.metrics_hours else None,
        )

    @property
    def going(self) -> bool:
        """Whether an answer is being worked out that `step` goes on with."""
        return any(slow.going for slow in self._slow())

    def step(self, picture: Picture, want: Want) -> Picture | None:
        """The picture with what is known now of the answers that take long; None if there is nothing new."""
        until, done = time.monotonic() + STEPS_S, False
        while sum(slow.step() for slow in self._slow()):
            done = True
            if time.monotonic() >= until:
                break
        if not done:
            return None
        lists = {
            pane: shown._replace(tally=self._tallies[shown.want.where].answer)
            if shown.want.where in self._tallies
            else shown
            for pane, shown in picture.lists.items()
        }
        return picture._replace(lists=lists, groups=want.groups and self._groups[want.groups].answer)

    def _slow(self) -> Sequence[Stepwise[Tally] | Stepwise[tuple[Group, ...]]]:
        return (*self._tallies.values(), *self._groups.values())

    def _ask(self, want: Want, changed: bool) -> None:
        """Work out what is wanted, and nothing else any more; again if the store has changed."""
        filters = [one.where for one in want.lists.values() if one.filtered]
        self._tallies = {where: self._tallies.get(where) or self._tally(where) for where in filters}
        wheres = [] if want.groups is None else [want.groups]
        self._groups = {where: self._groups.get(where) or self._grouped(where) for where in wheres}
        for slow in self._slow():
            slow.stale = slow.stale or changed
            if not slow.going:
                slow.step()

    def _tally(self, where: Condition) -> Stepwise[Tally]:
        return Stepwise(lambda: self.queue.panes.tally(where), Tally(0, False))

    def _grouped(self, where: Condition) -> Stepwise[tuple[Group, ...]]:
        return Stepwise(lambda: (tuple(found.groups()) for found in self.queue.jobs.groups(where)), ())

    def _lists(self, want: Want, kept: Mapping[Pane, ListPicture], status: Status) -> dict[Pane, ListPicture]:
        return {
            pane: kept[pane] if pane in kept and kept[pane].want == one else self._list(pane, one, status)
            for pane, one in want.lists.items()
        }

    def _list(self, pane: Pane, want: ListWant, status: Status) -> ListPicture:
        total = sum(map(status.counts.of, LISTS[pane].states))
        tally = self._tallies[want.where].answer if want.filtered else Tally(total, True)
        window = self._window(want, tally.count if want.filtered else total)
        if want.filtered and tally.count < window.first + len(window.jobs):
            tally = tally._replace(count=window.first + len(window.jobs))
        new = 0
        if want.since and want.top is not None:
            new = self.queue.panes.newer(want.where, want.order, want.top, want.since)
        return ListPicture(want, window, tally, total, new)

    def _window(self, want: ListWant, total: int) -> Window:
        panes, rows = self.queue.panes, want.height + 2 * MARGIN
        if want.top is not None:
            after = want.height + MARGIN
            return panes.around(want.where, want.order, want.top, want.row, MARGIN, after, WITHIN_S)
        if want.row < 0:
            return panes.bottom(want.where, want.order, rows, total, WITHIN_S)
        if want.row <= MARGIN:
            return panes.top(want.where, want.order, want.row + want.height + MARGIN, WITHIN_S)
        return panes.at(want.where, want.order, want.row - MARGIN, total, rows, WITHIN_S)

    def _job(self, id: str, status: Status) -> JobPicture | None:
        try:
            job = self.queue.jobs.get(id)
        except NotFound:
            return None
        attempts = tuple(self.queue.jobs.attempts(job))
        waiting, settings = self.queue.waiting(job, status.pools), self.queue.config.settings()
        return JobPicture(job, attempts, waiting, self._tail(job, attempts), settings)

    def _tail(self, job: Job, attempts: Sequence[Attempt]) -> bytes:
        """The end of what the command prints, or of what its last attempt printed."""
        jobs = self.queue.jobs
        if job.state is State.PROCESSING:
            return b"".join(jobs.output(job, None, max(jobs.printed(job) - TAIL_BYTES, 0)))
        if not attempts:
            return b""
        return b"".join(jobs.output(job, attempts[-1], max(attempts[-1].output_bytes - TAIL_BYTES, 0)))

    def _metrics(self, hours: int, now: int) -> Metrics:
        bucket_ms = hours * _HOUR_MS // _CHART_BUCKETS
        since = now - hours * _HOUR_MS
        panes = self.queue.panes
        return Metrics(bucket_ms, tuple(panes.rates(since, bucket_ms)), tuple(panes.run_times(since, bucket_ms)))
