"""Rows 7, 10, 11, 12 and 13 as far as they are about the app: figures of `tests.tui.measure` beside their budgets."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from typing import ParamSpec, TypeVar

from tests.benchmarks.rows import Row, at_least, at_most
from tests.benchmarks.run import Run
from tests.benchmarks.stores import store
from tests.benchmarks.turns import quantile
from tests.tui import measure

_IDLE_S = 60.0
_DRAINED = 4_000
_SHORT_SHARE = 10
_WAL_MIB = 64
_SCANNING = ("ffmpeg", "err:", "tries", "exit", "worker")
_P = ParamSpec("_P")
_T = TypeVar("_T")


def row_7(run: Run) -> Iterator[Row]:
    seconds = run.of(int(_IDLE_S), 5)
    percent = _aside(measure.idle, *_stores(run), seconds)
    yield Row(7, f"idle app at {run.jobs:,} jobs, {seconds} s: of a core", "%", [percent], limit=at_most(1, "%"))


def row_10(run: Run) -> Iterator[Row]:
    """In the whole app: from the filter that is pasted to the first page on the screen."""
    # Three times the turns: a picture more or less is 16 ms, a third of the whole.
    for text, took in _aside(measure.filters, *_stores(run), 3 * run.rounds).items():
        what = f"app, first page of `{text.replace('{}', '…')}` on the screen, {run.jobs:,} jobs"
        limit = at_most(300, "ms") if text.startswith(_SCANNING) else at_most(1.3)
        yield Row(10, what, "ms", took["big"], "100 jobs", took["100"], limit)


def row_11(run: Run) -> Iterator[Row]:
    took = _aside(measure.paint, *_stores(run), run.rounds)
    what, beside = f"first paint at {run.jobs:,} jobs", "import textual.app"
    yield Row(11, what, "ms", took["big"], beside, took[beside], at_most(1.8))
    yield Row(11, what, "ms", took["big"], "at 0 jobs", took["0 jobs"], at_most(1.1))


def row_12(run: Run) -> Iterator[Row]:
    took = _aside(measure.keys, *_stores(run), run.of(1, _SHORT_SHARE))
    for name, each in took.ms.items():
        what = f"key to paint at {run.jobs:,} jobs: {name}, p95 of {len(each)}"
        yield Row(12, what, "ms", [quantile(each, 95)], limit=at_most(50, "ms"))
    yield Row(12, f"memory of the app at {run.jobs:,} jobs", "MiB", [took.memory_mib], limit=at_most(120, "MiB"))


def row_13(run: Run) -> Iterator[Row]:
    jobs = run.of(_DRAINED, 400)
    drains = _aside(measure.drain, *_stores(run), run.rounds, jobs)
    what = f"drain of {jobs:,} `true` with the app open"
    yield Row(13, what, "/s", drains.beside, "without it", drains.alone, at_least(0.9))
    yield Row(13, f"{what}: the app, of a core", "%", drains.percent, limit=at_most(10, "%"))
    yield Row(13, f"{what}: largest -wal", "MiB", [max(drains.wal_mib)], limit=at_most(_WAL_MIB, "MiB"))


def _stores(run: Run) -> tuple[str, str]:
    """The large one, and an empty one."""
    tenth = run.jobs // 10
    return str(store(run, run.jobs, tenth, tenth)), str(store(run, 0))


def _aside(row: Callable[_P, _T], *args: _P.args, **more: _P.kwargs) -> _T:
    """What the row prints goes where progress is told: standard output is for the table."""
    with redirect_stdout(sys.stderr):
        return row(*args, **more)
