"""Charts of the last hour or day."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import zip_longest
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from queuectl.core.panes import Rate, RunTimes
from queuectl.core.units import say_took
from queuectl.tui.panes import DIGITS, TITLES, Pane
from queuectl.tui.picture import Metrics
from queuectl.tui.widgets.chart import MARK, Chart, Values
from queuectl.tui.wording import NONE

SHORT_HOURS, LONG_HOURS = 1, 24
TWO_COLUMNS_FROM = 72
_GAP = 2
_FEWEST_ROWS = 3
_HOUR_MS, _MINUTE_MS = 3_600_000, 60_000
_ENDS = {SHORT_HOURS: ("-60 min", "-30 min", "now"), LONG_HOURS: ("-24 h", "-12 h", "now")}
READING = Content.styled("Reading …", "dim")

Bucket = TypeVar("Bucket", Rate, RunTimes)


def metrics_lines(metrics: Metrics | None, now: int, hours: int, columns: int, lines: int) -> list[Content]:
    """All charts, two beside each other where there is room; they may take more than so many `lines`.

    `now` is milliseconds UTC.
    """
    if metrics is None:
        return [READING]
    charts = charts_of(metrics, now, hours)
    beside = 2 if columns >= TWO_COLUMNS_FROM else 1
    width = (columns - _GAP * (beside - 1)) // beside
    rows = max(lines // (len(charts) // beside) - 2, _FEWEST_ROWS)
    drawn = [chart.lines(width, rows) for chart in charts]
    if beside == 1:
        return [line for chart in drawn for line in chart]
    return [line for left, right in zip(drawn[::2], drawn[1::2], strict=True) for line in _beside(left, right, width)]


def _beside(left: list[Content], right: list[Content], width: int) -> list[Content]:
    return [
        Content.assemble(one, " " * (width + _GAP - one.cell_length), two)
        for one, two in zip_longest(left, right, fillvalue=Content())
    ]


def charts_of(metrics: Metrics, now: int, hours: int) -> tuple[Chart, Chart, Chart, Chart]:
    """What was done, what failed, how many waited and how long jobs ran."""
    ends = _ENDS[hours]
    minutes = metrics.bucket_ms / _MINUTE_MS
    done = _filled(metrics.rates, metrics.bucket_ms, now, hours, lambda rate: rate.completed / minutes, 0.0)
    failed = _filled(metrics.rates, metrics.bucket_ms, now, hours, lambda rate: rate.failed / minutes, 0.0)
    depth = _carried(_filled(metrics.rates, metrics.bucket_ms, now, hours, lambda rate: rate.waiting, None))
    p50 = _filled(metrics.run_times, metrics.bucket_ms, now, hours, lambda times: times.p50_ms, None)
    p95 = _filled(metrics.run_times, metrics.bucket_ms, now, hours, lambda times: times.p95_ms, None)
    run = f"█ p50 {_latest(p50, say_time)}  {MARK} p95 {_latest(p95, say_time)}"
    return (
        Chart("Done a minute", _last_and_most(done), done, say_number, ends, "$success"),
        Chart("Failed a minute", _last_and_most(failed), failed, say_number, ends, "$error"),
        Chart("Waiting jobs", f"{_latest(depth, say_number)} now", depth, say_number, ends, "$warning"),
        Chart("Run time", run, p50, say_time, ends, "$primary", p95),
    )


def _filled(
    buckets: Iterable[Bucket],
    bucket_ms: int,
    now: int,
    hours: int,
    value: Callable[[Bucket], float | None],
    missing: float | None,
) -> Values:
    """A value for each stretch of the time shown, oldest first; stretches that nobody reported are `missing`."""
    count = max(hours * _HOUR_MS // bucket_ms, 1)
    first = now // bucket_ms - count + 1
    values = [missing] * count
    for bucket in buckets:
        place = bucket.at // bucket_ms - first
        if 0 <= place < count:
            values[place] = value(bucket)
    return values


def _carried(values: Values) -> Values:
    """The values with each gap filled by what was before it."""
    last: float | None = None
    filled: list[float | None] = []
    for value in values:
        last = value if value is not None else last
        filled.append(last)
    return filled


def _last_and_most(values: Values) -> str:
    """The last stretch is not over yet: what is said is the one before it."""
    known = [value or 0 for value in values]
    return f"{say_number(known[-2] if len(known) > 1 else known[-1])}, at most {say_number(max(known))}"


def _latest(values: Values, say: Callable[[float], str]) -> str:
    known = [value for value in values if value is not None]
    return say(known[-1]) if known else NONE


def say_number(number: float) -> str:
    """`0.4`, `12`, `12,371`, `1.2M`: seven columns at most."""
    if number >= 1_000_000:
        return f"{number / 1_000_000:,.1f}M"
    return f"{number:.1f}" if 0 < number < 10 and number != int(number) else f"{number:,.0f}"


def say_time(ms: float) -> str:
    """`480 ms`, `1.5s`, `2m 05s`."""
    return say_took(round(ms))


class MetricsScreen(Screen[Pane]):
    """Four charts; left for a pane, or for where one was before.

    What is to be read is said by `Hours`, and comes back through `show`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t,tab,shift+tab", "switch", "1 h or 24 h"),
        Binding("escape,q,7", "leave", "Back"),
        *(Binding(digit, f"leave('{pane}')", TITLES[pane]) for digit, pane in DIGITS.items() if digit != "7"),
        Binding("j,down", "scroll(1)", "Down"),
        Binding("k,up", "scroll(-1)", "Up"),
        Binding("ctrl+d,pagedown", "scroll(10)", "Page down"),
        Binding("ctrl+u,pageup", "scroll(-10)", "Page up"),
        Binding("g,home", "scroll(-1000)", "Top"),
        Binding("G,end", "scroll(1000)", "Bottom"),
    ]

    pane = query_one(VerticalScroll)
    body = query_one(Static)

    class Hours(Message):
        """So many hours are to be shown from now on; 0: the screen is gone."""

        def __init__(self, hours: int) -> None:
            super().__init__()
            self.hours = hours

    def __init__(self) -> None:
        super().__init__()
        self.hours = SHORT_HOURS
        self._shown: tuple[Metrics | None, int] = (None, 0)
        self._said: list[Content] = []

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield Static(READING)

    def on_mount(self) -> None:
        self._want(SHORT_HOURS)

    def show(self, metrics: Metrics | None, now: int) -> None:
        """`now` is milliseconds UTC: where the charts end."""
        self._shown = (metrics, now)
        self._fill()

    def on_resize(self, _: events.Resize) -> None:
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        size = self.pane.scrollable_content_region.size
        metrics, now = self._shown
        said = metrics_lines(metrics, now, self.hours, size.width, size.height)
        if said != self._said:
            self._said = said
            self.body.update(Content("\n").join(said))

    def _want(self, hours: int) -> None:
        self.hours = hours
        other = LONG_HOURS if hours == SHORT_HOURS else SHORT_HOURS
        self.pane.border_title = Content(f"7 Metrics · {hours} h")
        self.pane.border_subtitle = Content(f"t {other} h · 0-6 panes · esc back")
        self.post_message(self.Hours(hours))

    def action_switch(self) -> None:
        self._shown = (None, self._shown[1])
        self._want(LONG_HOURS if self.hours == SHORT_HOURS else SHORT_HOURS)
        self._fill()

    def action_leave(self, pane: str = "") -> None:
        self.app.post_message(self.Hours(0))
        self.dismiss(Pane(pane) if pane else None)

    def action_scroll(self, lines: int) -> None:
        self.pane.scroll_relative(y=lines, animate=False)
