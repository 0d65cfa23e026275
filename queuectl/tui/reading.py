"""One look at the queue: what is wanted, as a Picture. Runs on the feed's thread and keeps no widget waiting."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from queuectl.core.errorgroup import Group
from queuectl.core.panes import Interrupted, Tally, Window
from queuectl.core.views import Status
from queuectl.errors import NotFound
from queuectl.queue import Queue
from queuectl.queue.clock import Stopwatch
from queuectl.tui.output.tail import tail
from queuectl.tui.panes import LISTS, Pane
from queuectl.tui.picture import JobPicture, ListPicture, ListWant, Metrics, Picture, Want
from queuectl.tui.stepwise import REST, Stepwise

if TYPE_CHECKING:
    from queuectl.core.selector import Condition

MARGIN = 100
"""Rows read above and below those in view, so that moving about waits for nobody."""
WITHIN_S = 0.2
"""After this time a list is shown with what was found by then."""
PATIENT_S = 9.0
"""How long is looked for what was not found in that time, while nobody wants anything else; then it is not looked for.
A picture that is older than ten seconds is said to be old."""
TAIL_BYTES = 4_096
STEPS_S = 0.1
"""How long answers that take long are worked on before what is known is shown."""
_HOUR_MS = 3_600_000
_BUCKET_MS = 10_000
_CHART_BUCKETS = 60


class Reading:
    """Reads pictures from one queue; what nobody changed is taken from the picture before."""

    def __init__(self, queue: Queue, stopwatch: Stopwatch = time.monotonic, within_s: float = WITHIN_S) -> None:
        self.queue = queue
        self._within_s = within_s
        self._stopwatch = stopwatch
        self._tallies: dict[Condition, Stepwise[Tally]] = {}
        self._groups: dict[Condition, Stepwise[tuple[Group, ...]]] = {}
        self._stale: set[Pane] = set()
        self._slow_until: dict[Pane, float] = {}

    def picture(self, want: Want, before: Picture | None, changed: bool, due: bool = True) -> Picture:
        """All that is wanted. Without `changed` the store is as it was for `before`.

        Without `due` only what is newly wanted is read. A list that takes long is kept until
        `rest_of_lists` has read it again.
        """
        around = self._around() if before is None or due else before
        if changed:
            self._stale.update(LISTS)
        self._ask(want, changed)
        return around._replace(
            at=self.queue.clock(),
            lists=self._lists(want, {} if before is None else before.lists, around.status),
            groups=None if want.groups is None else self._groups[want.groups].answer,
            job=None if want.job is None else self._job(want.job, around.status),
            metrics=self._metrics(want.metrics_hours, around.at) if want.metrics_hours else None,
        )

    def _around(self) -> Picture:
        """What is shown whatever is wanted."""
        now, began = self.queue.clock(), self._stopwatch()
        status = self.queue.status()
        return Picture(
            at=now,
            latency_ms=(self._stopwatch() - began) * 1000,
            status=status,
            rates=tuple(self.queue.panes.rates(now - _HOUR_MS, _BUCKET_MS)),
            lists={},
            groups=None,
            job=None,
            workers=tuple(self.queue.pools.workers()),
            settings=tuple(self.queue.config.show()),
            metrics=None,
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

    def rest_of_lists(self, picture: Picture) -> Picture | None:
        """The picture with all of a list that was not found in time; None if there is none, or another wish came."""
        for pane, shown in picture.lists.items():
            if self._is_missing(pane, shown):
                began = time.monotonic()
                try:
                    window = self._window(shown.want, shown.tally.count, PATIENT_S)
                except Interrupted:
                    return None
                now = time.monotonic()
                self._slow_until[pane] = now + REST * (now - began)
                self._stale.discard(pane)
                return picture._replace(lists={**picture.lists, pane: shown._replace(window=window, looking=False)})
        return None

    def _is_missing(self, pane: Pane, shown: ListPicture) -> bool:
        if pane in self._slow_until:
            return pane in self._stale and time.monotonic() >= self._slow_until[pane]
        return shown.looking

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
            pane: kept[pane] if self._keeps(pane, one, kept) else self._list(pane, one, status)
            for pane, one in want.lists.items()
        }

    def _keeps(self, pane: Pane, want: ListWant, kept: Mapping[Pane, ListPicture]) -> bool:
        if pane not in kept or kept[pane].want != want:
            return False
        return pane not in self._stale or pane in self._slow_until

    def _list(self, pane: Pane, want: ListWant, status: Status) -> ListPicture:
        total = sum(map(status.counts.of, LISTS[pane].states))
        tally = self._tallies[want.where].answer if want.filtered else Tally(total, True)
        window = self._window(want, tally.count if want.filtered else total, self._within_s)
        self._stale.discard(pane)
        self._slow_until.pop(pane, None)
        if want.filtered and tally.count < window.first + len(window.jobs):
            tally = tally._replace(count=window.first + len(window.jobs))
        new = 0
        if want.since and want.top is not None:
            new = self.queue.panes.newer(want.where, want.order, want.top, want.since)
        return ListPicture(want, window, tally, total, new, looking=window.cut)

    def _window(self, want: ListWant, total: int, within_s: float) -> Window:
        panes, rows = self.queue.panes, want.height + 2 * MARGIN
        if want.top is not None:
            after = want.height + MARGIN
            return panes.around(want.where, want.order, want.top, want.row, MARGIN, after, within_s)
        if want.row < 0:
            return panes.bottom(want.where, want.order, rows, total, within_s)
        if want.row <= MARGIN:
            return panes.top(want.where, want.order, want.row + want.height + MARGIN, within_s)
        return panes.at(want.where, want.order, want.row - MARGIN, total, rows, within_s)

    def _job(self, id: str, status: Status) -> JobPicture | None:
        try:
            job = self.queue.jobs.get(id)
        except NotFound:
            return None
        attempts = tuple(self.queue.jobs.attempts(job))
        waiting, settings = self.queue.waiting(job, status.pools), self.queue.config.settings()
        return JobPicture(job, attempts, waiting, tail(self.queue.jobs, job, attempts, TAIL_BYTES), settings)

    def _metrics(self, hours: int, now: int) -> Metrics:
        bucket_ms = hours * _HOUR_MS // _CHART_BUCKETS
        since = now - hours * _HOUR_MS
        panes = self.queue.panes
        return Metrics(bucket_ms, tuple(panes.rates(since, bucket_ms)), tuple(panes.run_times(since, bucket_ms)))
