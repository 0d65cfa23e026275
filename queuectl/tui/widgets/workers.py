"""The pane of pools and workers: a part for each pool, a line for each worker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from textwrap import wrap
from typing import NamedTuple

from queuectl.core.plain import plain
from queuectl.core.views import LOST, RUNNING, PoolView, WorkerView
from queuectl.tui.actions import footer, key_name
from queuectl.tui.panes import Pane
from queuectl.tui.widgets.oneline import DOT
from queuectl.tui.widgets.shortlist import Cell, Line, ShortList
from queuectl.tui.wording import clock, run_time

EMPTY = "No workers."
OFFER = "n starts one, = starts several"
_POOL, _WORKER = "pool ", "worker "
_PID, _STATE, _DONE, _FAILED = 8, 11, 7, 5
_FEWEST_JOB, _MOST_JOB = 3, 12
"""How much of a job's id the numbers give way to."""


def hint(pane: Pane, columns: int) -> str:
    """What can be done in the pane: `n add · x stop`, closer together where it is narrow."""
    deeds = [f"{key_name(action.keys[0])} {action.title.lower()}" for action in footer(pane) if action.changes]
    words = DOT.join(deeds)
    return words if len(words) <= columns else "  ".join(deeds)


class Widths(NamedTuple):
    """How wide the names of the workers and the ids of their jobs are, in all the pane's columns."""

    columns: int
    id: int
    job: int


class WorkersPane(ShortList):
    """Pools and their workers; the cursor stands on one of either."""

    def __init__(self) -> None:
        super().__init__()
        self._workers: tuple[WorkerView, ...] = ()
        self._pools: tuple[PoolView, ...] = ()
        self._now = 0

    def show(self, workers: Sequence[WorkerView], pools: Sequence[PoolView], now: int) -> None:
        """Show these at `now` (milliseconds UTC)."""
        self._workers, self._pools, self._now = tuple(workers), tuple(pools), now
        self.lay_out()

    @property
    def cursor(self) -> PoolView | None:
        """The pool that the cursor is in."""
        worker = self.worker
        name = worker.pool if worker else self.cursor_key.removeprefix(_POOL)
        return next((pool for pool in self._pools if pool.name == name), None)

    @property
    def worker(self) -> WorkerView | None:
        """The worker that the cursor is on; None on a pool's own line."""
        name = self.cursor_key.removeprefix(_WORKER)
        return next((worker for worker in self._workers if worker.name == name), None)

    def lay_out(self) -> None:
        columns = self.columns
        if not self._pools:
            words = EMPTY if self.read_only else f"{EMPTY} {OFFER}"
            self.show_lines((), None, tuple(Line((Cell(text),)) for text in wrap(words, max(columns, 10))))
            return
        names = max((len(_short(worker)) for worker in self._workers), default=2)
        jobs = max((len(worker.job or "") for worker in self._workers), default=0)
        widths = Widths(columns, names + 2, min(max(jobs, _FEWEST_JOB), _MOST_JOB))
        lines = tuple(line for pool in self._pools for line in self._part(pool, widths))
        notes = () if self.read_only else (Line(()), Line((Cell(hint(Pane.WORKERS, columns)),)))
        self.show_lines(lines, _row("", _HEADINGS, widths), notes)

    def _part(self, pool: PoolView, widths: Widths) -> Iterable[Line]:
        words = Cell(_pool_words(pool, self._now), part="bad" if pool.state == LOST else "title")
        yield Line((words,), _POOL + pool.name)
        for text in wrap(f"! {plain(pool.reason)}" if pool.reason else "", max(widths.columns, 10)):
            yield Line((Cell(text, part="warning"),))
        for worker in self._workers:
            if worker.pool == pool.name:
                hurried = _nearly_over(worker, self._now)
                yield _worker_line(worker, pool.state, bool(pool.reason), hurried, widths)


_HEADINGS = (Cell("id"), Cell("pid"), Cell("state"), Cell("job"), Cell("done", right=True), Cell("fail", right=True))


def _row(key: str, cells: tuple[Cell, ...], widths: Widths) -> Line:
    """The cells in their columns; for the job's id a narrow pane drops the process number, then what was done."""
    name, pid, state, job, done, failed = cells
    left = widths.columns - widths.id - _STATE - widths.job
    counts = [done._replace(columns=_DONE), failed._replace(columns=_FAILED)] if left >= _DONE + _FAILED else []
    left -= sum(cell.columns for cell in counts)
    process = [pid._replace(columns=_PID)] if counts and left >= _PID else []
    left -= sum(cell.columns for cell in process)
    work = job._replace(columns=max(widths.job + left, 1))
    return Line((name._replace(columns=widths.id), *process, state._replace(columns=_STATE), work, *counts), key)


@lru_cache(1_024)  # most of many workers are as they were a second ago
def _worker_line(worker: WorkerView, pool_state: str, blocked: bool, hurried: bool, widths: Widths) -> Line:
    cells = (
        Cell(_short(worker)),
        Cell(str(worker.pid)),
        _state(worker, pool_state, blocked, hurried),
        Cell(worker.job or ""),
        Cell(f"{worker.done:,}", right=True),
        Cell(f"{worker.failed:,}", right=True),
    )
    return _row(_WORKER + worker.name, cells, widths)


def _short(worker: WorkerView) -> str:
    """Its name within its pool: `w3`."""
    return worker.name.partition("/")[2] or worker.name


def _state(worker: WorkerView, pool_state: str, blocked: bool, hurried: bool) -> Cell:
    if LOST in (worker.state, pool_state):
        return Cell("✗ lost", part="bad")
    if worker.job:
        return Cell("▶ busy!", part="warning") if hurried else Cell("▶ busy", part="good")
    if blocked:
        return Cell("! blocked", part="warning")
    return Cell("○ idle", part="muted") if pool_state == RUNNING else Cell("◌ stopping", part="warning")


def _pool_words(pool: PoolView, now: int) -> str:
    if pool.state == LOST:
        return f"✗ pool {pool.name} · lost, its jobs go to the next pool"
    words = [
        f"pool {pool.name}",
        *([] if pool.state == RUNNING else [pool.state]),
        f"up {clock(now - pool.started_at)}",
    ]
    words.append(f"{pool.workers} of {pool.wanted}")
    if pool.queues:
        words.append(f"queue{'s' * (len(pool.queues) > 1)} {', '.join(pool.queues)}")
    return " · ".join(words)


def _nearly_over(worker: WorkerView, now: int) -> bool:
    ran = max(now - worker.job_since, 0)
    return run_time(ran, worker.job_timeout_s) != clock(ran)
