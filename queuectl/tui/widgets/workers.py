"""The pane of pools and workers: a part for each pool, a line for each worker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from textwrap import wrap

from queuectl.core.plain import plain
from queuectl.core.views import LOST, RUNNING, PoolView, WorkerView
from queuectl.tui.actions import footer, key_name
from queuectl.tui.panes import Pane
from queuectl.tui.widgets.shortlist import Cell, Line, ShortList
from queuectl.tui.wording import clock, run_time

EMPTY = "No workers."
OFFER = "n starts one, = starts several"
_POOL, _WORKER = "pool ", "worker "
_PID_FROM, _COUNTS_FROM = 36, 27


def hint(pane: Pane) -> str:
    """What can be done in the pane: `n add · x stop`."""
    deeds = [action for action in footer(pane) if action.changes]
    return " · ".join(f"{key_name(action.keys[0])} {action.title.lower()}" for action in deeds)


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
        id_columns = max([len(_short(worker)) for worker in self._workers] or [2]) + 2
        lines = tuple(line for pool in self._pools for line in self._part(pool, columns, id_columns))
        notes = () if self.read_only else (Line(()), Line((Cell(hint(Pane.WORKERS)),)))
        self.show_lines(lines, _row("", _HEADINGS, columns, id_columns), notes)

    def _part(self, pool: PoolView, columns: int, id_columns: int) -> Iterable[Line]:
        words = Cell(_pool_words(pool, self._now), part="bad" if pool.state == LOST else "title")
        yield Line((words,), _POOL + pool.name)
        for text in wrap(f"! {plain(pool.reason)}" if pool.reason else "", max(columns, 10)):
            yield Line((Cell(text, part="warning"),))
        for worker in self._workers:
            if worker.pool == pool.name:
                hurried = _nearly_over(worker, self._now)
                yield _worker_line(worker, pool.state, bool(pool.reason), hurried, columns, id_columns)


_HEADINGS = (Cell("id"), Cell("pid"), Cell("state"), Cell("job"), Cell("done", right=True), Cell("fail", right=True))


def _row(key: str, cells: tuple[Cell, ...], columns: int, id_columns: int) -> Line:
    """The cells in their columns; a narrow pane drops the process number, then what was done."""
    name, pid, state, job, done, failed = cells
    chosen = [name._replace(columns=id_columns)]
    if columns >= _PID_FROM:
        chosen.append(pid._replace(columns=8))
    chosen.append(state._replace(columns=11))
    counts = [done._replace(columns=7), failed._replace(columns=5)] if columns >= _COUNTS_FROM else []
    left = columns - sum(cell.columns for cell in (*chosen, *counts))
    return Line((*chosen, job._replace(columns=max(left, 1)), *counts), key)


@lru_cache(1_024)  # most of many workers are as they were a second ago
def _worker_line(
    worker: WorkerView, pool_state: str, blocked: bool, hurried: bool, columns: int, id_columns: int
) -> Line:
    cells = (
        Cell(_short(worker)),
        Cell(str(worker.pid)),
        _state(worker, pool_state, blocked, hurried),
        Cell(worker.job or ""),
        Cell(f"{worker.done:,}", right=True),
        Cell(f"{worker.failed:,}", right=True),
    )
    return _row(_WORKER + worker.name, cells, columns, id_columns)


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
