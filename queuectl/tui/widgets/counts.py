"""The second line: how many jobs are in each state, and what the last ten minutes brought."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from queuectl.core.job import State
from queuectl.core.panes import Rate
from queuectl.core.records import Counts as Numbers
from queuectl.core.views import Status
from queuectl.tui.widgets.chart import sparkline
from queuectl.tui.widgets.oneline import OneLine, fitted, spread
from queuectl.tui.wording import GLYPHS

MINUTES = 10
"""How far back the sparklines go."""
_MINUTE_MS = 60_000


def done(counts: Numbers) -> int:
    """The jobs of the pane Done."""
    return counts.of(State.COMPLETED) + counts.of(State.CANCELLED)


def per_minute(rates: Sequence[Rate], now: int) -> tuple[list[int], list[int]]:
    """Completed jobs and failed attempts in each of the last MINUTES, oldest first; the last ends at `now`."""
    completed, failed = [0] * MINUTES, [0] * MINUTES
    for rate in rates:
        ago = (now - rate.at) // _MINUTE_MS
        if 0 <= ago < MINUTES:
            completed[-1 - ago] += rate.completed
            failed[-1 - ago] += rate.failed
    return completed, failed


def counts_line(counts: Numbers, minutes: tuple[list[int], list[int]], columns: int) -> Content:
    """The line in so many columns, with what `per_minute` says; the sparklines go before the numbers."""
    return fitted(_forms(counts, minutes, columns), columns)


def _forms(counts: Numbers, minutes: tuple[list[int], list[int]], columns: int) -> Iterator[Content]:
    states = _states(counts)
    completed, failed = minutes
    for tail in (MINUTES, 6):
        charts = [_chart("done/min", completed[-tail:], "$success"), _chart("fail", failed[-tail:], "$error")]
        yield spread(Content("  ").join(states), Content.assemble(*_apart(charts), " "), columns)
    yield spread(Content("  ").join(states), Content.assemble(charts[0], " "), columns)
    yield Content("  ").join(states)
    yield Content(" ").join(_states(counts, words=False))


def _apart(charts: list[Content]) -> Iterator[Content | str]:
    for number, chart in enumerate(charts):
        yield "  " if number else ""
        yield chart


def _chart(name: str, values: list[int], style: str) -> Content:
    return Content.assemble((f"{name} ", "dim"), (sparkline(values), style), f" {values[-1]:,}")


def _states(counts: Numbers, words: bool = True) -> list[Content]:
    parts = (
        (State.PENDING, "pending", counts.of(State.PENDING), ""),
        (State.PROCESSING, "processing", counts.of(State.PROCESSING), "$text-primary"),
        (State.FAILED, "retrying", counts.of(State.FAILED), "$text-warning"),
        (State.DEAD, "dead", counts.of(State.DEAD), "$text-error"),
        (State.COMPLETED, "done", done(counts), "$text-success"),
    )
    return [
        Content.assemble(
            " " if not place else "",
            (f"{GLYPHS[state]} {word} " if words else f"{GLYPHS[state]} ", style),
            (f"{count:,}", "bold"),
        )
        for place, (state, word, count, style) in enumerate(parts)
    ]


class Counts(OneLine):
    """How many jobs are where."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: Numbers | None = None
        self._minutes: tuple[list[int], list[int]] = ([], [])

    def show(self, status: Status, rates: tuple[Rate, ...], now: int) -> None:
        """`rates` cover the last MINUTES at least, in buckets of a minute or less; `now` in milliseconds UTC."""
        minutes = per_minute(rates, now)
        if (status.counts, minutes) != (self._counts, self._minutes):
            self._counts, self._minutes = status.counts, minutes
            self.redraw()

    def line(self, columns: int) -> Content:
        return Content() if self._counts is None else counts_line(self._counts, self._minutes, columns)
