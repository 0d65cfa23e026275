"""Charts of the last hour or day."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import zip_longest
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from queuectl.core.panes import Rate, RunTimes
from queuectl.core.units import say_took
from queuectl.tui.actions import BY_NAME, Action, allowed, footer
from queuectl.tui.bindings import bindings_for
from queuectl.tui.desk import Target
from queuectl.tui.panes import Pane
from queuectl.tui.picture import Metrics
from queuectl.tui.widgets.chart import MARK, Chart, Values
from queuectl.tui.widgets.keyfooter import KeyFooter
from queuectl.tui.widgets.oneline import put_on_border
from queuectl.tui.wording import NONE

if TYPE_CHECKING:
    from queuectl.tui.app import QueueApp

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

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for([Pane.METRICS])]

    app: QueueApp
    pane = query_one(VerticalScroll)
    body = query_one(Static)
    keys = query_one(KeyFooter)

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
        yield KeyFooter()

    def on_mount(self) -> None:
        self._want(SHORT_HOURS)

    def show(self, metrics: Metrics | None, now: int) -> None:
        """`now` is milliseconds UTC: where the charts end."""
        self._shown = (metrics, now)
        self._fill()

    def on_resize(self, _: events.Resize) -> None:
        self.call_after_refresh(self._fill)

    def on_screen_resume(self) -> None:
        self.tell()

    def tell(self) -> None:
        """What stands around the charts."""
        if not self._is_composed:
            return
        frozen = " · ‖ FROZEN" if self.app.frozen else ""
        other = LONG_HOURS if self.hours == SHORT_HOURS else SHORT_HOURS
        put_on_border(
            self.pane,
            title=Content(f"7 Metrics · {self.hours} h{frozen}"),
            subtitle=Content(f"t {other} h · 0-6 panes · esc back"),
        )
        shown = [(action, self.check_action("do", (action.name,))) for action in self._footer()]
        self.keys.show([(action, bool(on)) for action, on in shown if on is not False])

    def _footer(self) -> list[Action]:
        return footer(Pane.METRICS, self.app.desk.undoable)

    @property
    def _is_composed(self) -> bool:
        """Whether there is anything to show it in: clock and news do not wait for that."""
        return bool(self.query(KeyFooter))

    def _fill(self) -> None:
        if not self._is_composed:
            return
        size = self.pane.scrollable_content_region.size
        metrics, now = self._shown
        said = metrics_lines(metrics, now, self.hours, size.width, size.height)
        if said != self._said:
            self._said = said
            self.body.update(Content("\n").join(said))
        self.tell()

    def _want(self, hours: int) -> None:
        self.hours = hours
        self.tell()
        self.post_message(self.Hours(hours))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key means something here."""
        if action != "do":
            return True
        name = str(parameters[0])
        allows = allowed(BY_NAME[name], Pane.METRICS, None, marked=False, read_only=self.app.read_only)
        return None if name == "focus.metrics" else allows

    def action_do(self, name: str) -> None:
        """Do what a key, the palette or a click in the footer names."""
        family, _, verb = name.partition(".")
        if name in _DOINGS:
            _DOINGS[name](self)
        elif family == "move":
            self.pane.scroll_relative(y=_LINES[verb], animate=False)
        elif family == "focus":
            self.leave(_NEIGHBOURS.get(verb) or Pane(verb))
        else:
            self.app.run_deed(name, Target(Pane.METRICS))
        self.tell()

    def switch(self) -> None:
        """The day in place of the hour, or the hour again."""
        self._shown = (None, self._shown[1])
        self._want(LONG_HOURS if self.hours == SHORT_HOURS else SHORT_HOURS)
        self._fill()

    def leave(self, pane: Pane | None = None) -> None:
        """To a pane, or to where one was."""
        self.app.post_message(self.Hours(0))
        self.dismiss(pane)


_LINES = {
    "down": 1, "up": -1, "half-down": 10, "half-up": -10, "page-down": 20, "page-up": -20, "top": -1000, "bottom": 1000,
}  # fmt: skip
_NEIGHBOURS = {"next": Pane.DETAIL, "previous": Pane.DONE}
"""As the digits go: 6, 7, 0."""
_DOINGS: dict[str, Callable[[MetricsScreen], object]] = {
    "metrics.hours": MetricsScreen.switch,
    "view.back": lambda screen: screen.leave(),
    "view.freeze": lambda screen: screen.app.freeze(),
    "view.refresh": lambda screen: screen.app.feed.refresh(),
    "view.redraw": lambda screen: screen.app.refresh(layout=True),
    "app.palette": lambda screen: screen.app.action_command_palette(),
    "app.log": lambda screen: screen.app.open_log(),
    "app.help": lambda screen: screen.app.open_help(Pane.METRICS),
    "app.quit": lambda screen: screen.app.exit(),
    "app.quit-anywhere": lambda screen: screen.app.exit(),
}
