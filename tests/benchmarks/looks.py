"""Row 10: what looks at a store, with a million jobs in it beside a hundred."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median

from queuectl.core.selector import All, Condition, parse
from queuectl.queue import Queue
from queuectl.tui.panes import LISTS, Pane
from queuectl.tui.reading import MARGIN, WITHIN_S
from queuectl.wiring import connect
from tests.benchmarks.command_line import PROGRAM, environment
from tests.benchmarks.rows import Row, at_most
from tests.benchmarks.run import Run
from tests.benchmarks.stores import store
from tests.benchmarks.turns import in_turns, process_s

_SMALL = 100
_HEIGHT = 40
_TIMES = 20
# What takes a tenth of a millisecond takes twice as long for some tenths of a second when the processor sleeps.
_TURNS_A_ROUND = 5
_INDEXED = {
    Pane.PENDING: ("", "state:failed", "queue:q3", "prio>5", "prio<2", "age>1s", "id:{}"),
    Pane.DLQ: ("", "queue:q3", "age<20h"),
    Pane.DONE: ("", "queue:q3"),
}
_SCANNING = {
    Pane.PENDING: ("ffmpeg", "err:resolve", "err:nothing", "tries>=1", "tries>=2", "tag:nightly", "worker:p9"),
    Pane.DLQ: ("err:space", "exit:1", "exit:99", "worker:p1/w1", "cmd:nothing", "group:{}"),
}


def row_10(run: Run) -> Iterator[Row]:
    tenth = run.jobs // 10
    big, small = store(run, run.jobs, tenth, tenth), store(run, _SMALL, _SMALL // 10, _SMALL // 10)
    yield from _commands(run, big, small)
    with closing(connect(str(big), viewer=True)) as many, closing(connect(str(small), viewer=True)) as few:
        yield from _inside(run, many, few)
        for pane, text in _pairs(_INDEXED):
            yield _indexed(run, many, few, pane, text)
        for pane, text in _pairs(_SCANNING):
            yield _scanning(run, many, pane, text)


def _commands(run: Run, big: Path, small: Path) -> Iterator[Row]:
    """Whole processes: what a person waits for."""
    for args in (("status",), ("list", "--limit", "50"), ("show", "j3")):
        took = in_turns(
            {
                "big": lambda args=args: _command_ms(run, big, args),  # type: ignore[misc]
                "small": lambda args=args: _command_ms(run, small, args),  # type: ignore[misc]
            },
            run.rounds if run.short else 2 * run.rounds,
        )
        what = f"queuectl {' '.join(args)}, {run.jobs:,} jobs"
        yield Row(10, what, "ms", took["big"], f"{_SMALL} jobs", took["small"], at_most(1.3))


def _command_ms(run: Run, path: Path, args: Sequence[str]) -> float:
    return process_s([*PROGRAM, "--db", str(path), *args], environment(run.folder), run.folder) * 1000


def _inside(run: Run, many: Queue, few: Queue) -> Iterator[Row]:
    """The same without the start of a process, which would hide what grows."""

    def shown(queue: Queue) -> object:
        job = queue.jobs.get("j3")
        return queue.jobs.attempts(job), queue.waiting(job, queue.pools.all())

    reads = {
        "status": lambda queue: queue.status(),
        "list, the newest 50": lambda queue: list(queue.jobs.newest(parse(""), 50)),
        "show": shown,
    }
    for name, read in reads.items():
        took = in_turns(
            {"big": lambda read=read: look_ms(read, many), "small": lambda read=read: look_ms(read, few)},  # type: ignore[misc]
            _TURNS_A_ROUND * run.rounds,
        )
        what = f"{name}, in the process, {run.jobs:,} jobs"
        yield Row(10, what, "ms", took["big"], f"{_SMALL} jobs", took["small"], at_most(1.3))


def _indexed(run: Run, many: Queue, few: Queue, pane: Pane, text: str) -> Row:
    """As many rows on both sides: those that the small store has of the first page and its margin."""
    wheres = [_where(queue, pane, text) for queue in (many, few)]
    rows = min(
        len(_page(queue, where, pane, _HEIGHT + MARGIN)) for queue, where in zip((many, few), wheres, strict=True)
    )
    took = in_turns(
        {
            "big": lambda: look_ms(lambda queue: _page(queue, wheres[0], pane, rows), many),
            "small": lambda: look_ms(lambda queue: _page(queue, wheres[1], pane, rows), few),
        },
        _TURNS_A_ROUND * run.rounds,
    )
    what = f"app, {pane.value}, first {rows} of {_said(text)}"
    return Row(10, what, "ms", took["big"], f"{_SMALL} jobs", took["small"], at_most(1.3))


def _scanning(run: Run, many: Queue, pane: Pane, text: str) -> Row:
    """Whatever is found in the time that the app gives: nobody waits longer for the first page."""
    where, times, found = _where(many, pane, text), [], 0
    for _ in range(run.rounds):
        began = time.perf_counter()
        found = len(_page(many, where, pane, _HEIGHT + MARGIN))
        times.append((time.perf_counter() - began) * 1000)
    what = f"app, {pane.value}, scan for {_said(text)} in {run.jobs:,}"
    return Row(10, what, "ms", times, limit=at_most(300, "ms"), note=f"{found} rows are shown by then")


def _page(queue: Queue, where: Condition, pane: Pane, rows: int) -> Sequence[object]:
    return queue.panes.top(where, LISTS[pane].order, max(rows, 1), WITHIN_S).jobs


def _where(queue: Queue, pane: Pane, text: str) -> Condition:
    """The filter within the jobs of the pane, as the app asks; `{}` is something that is there."""
    if "{}" in text:
        text = text.format(_there(queue, pane, text))
    parsed = parse(text)
    return All((LISTS[pane].where, parsed)) if text else LISTS[pane].where


def _there(queue: Queue, pane: Pane, text: str) -> str:
    where = LISTS[pane].where
    if text.startswith("id:"):
        return str(queue.panes.top(where, LISTS[pane].order, 1, WITHIN_S).jobs[0].id)
    grouping = next(iter(queue.jobs.groups(where)))
    return str(next(iter(grouping.groups())).key)


def _said(text: str) -> str:
    return f"`{text.format('…')}`" if text else "all"


def look_ms(read: Callable[[Queue], object], queue: Queue) -> float:
    """The median of some reads."""
    times = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        read(queue)
        times.append((time.perf_counter() - began) * 1000)
    return median(times)


def _pairs(texts: dict[Pane, tuple[str, ...]]) -> Iterator[tuple[Pane, str]]:
    return ((pane, text) for pane, each in texts.items() for text in each)
