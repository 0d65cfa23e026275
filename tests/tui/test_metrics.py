"""Charts: bars, axes, and the screen that shows them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.app import App

from queuectl.core.job import State
from queuectl.core.panes import Rate, RunTimes
from queuectl.tui.actions import ACTIONS, Action
from queuectl.tui.desk import Desk
from queuectl.tui.palette import Palette
from queuectl.tui.panes import DIGITS, Pane
from queuectl.tui.picture import Metrics
from queuectl.tui.screens.commandlog import CommandLog
from queuectl.tui.screens.help import HelpScreen
from queuectl.tui.screens.main import MainScreen
from queuectl.tui.screens.metrics import MetricsScreen, charts_of, metrics_lines, say_number
from queuectl.tui.widgets.chart import MARK, Chart, bars, marked, round_up, squeezed
from queuectl.wiring import connect
from tests.core.examples import NOW
from tests.tui.flow import Flow, flow
from tests.tui.lone import Lone
from tests.tui.screen import piloted, screen_lines, screen_text

MINUTE = 60_000
START = NOW // MINUTE * MINUTE - 59 * MINUTE
"""The beginning of the first of the 60 buckets that end at NOW."""


def an_hour() -> Metrics:
    """A quiet hour with a busy minute in it, twenty minutes ago."""
    rates = (Rate(START, 6, 0, 0, 40), Rate(START + 39 * MINUTE, 120, 3, 1, 12))
    return Metrics(MINUTE, rates, (RunTimes(START + 39 * MINUTE, 480, 1_500),))


class MetricsApp(App[None]):
    CSS_PATH = Lone.CSS_PATH
    frozen = read_only = False

    def __init__(self) -> None:
        super().__init__()
        self.hours: list[int] = []
        self.shown = MetricsScreen()
        self.desk = Desk(self, lambda: connect("/nowhere"), read_only=False)

    def on_mount(self) -> None:
        self.push_screen(self.shown)

    def on_metrics_screen_hours(self, message: MetricsScreen.Hours) -> None:
        self.hours.append(message.hours)


def test_bars_have_eighths_and_what_is_not_nothing_is_seen():
    assert bars([0, 1, 8, 16, None], 16, 2) == ["   █ ", " ▁██ "]
    assert bars([0.001], 1_000_000, 1) == ["▁"]
    assert bars([], 1, 2) == ["", ""]


def test_marks_stand_where_no_bar_is():
    assert marked(["  ", "██"], [16, 8], 16) == [f"{MARK} ", "██"]
    assert marked(["  ", "  "], [None, 1], 16) == ["  ", f" {MARK}"]


def test_values_are_squeezed_to_their_highest_and_stretched_without_gaps():
    assert squeezed([1, 5, None, None, 2, 3], 3) == [5, None, 3]
    assert squeezed([1, 2], 5) == [1, 1, 1, 2, 2]
    assert squeezed([], 5) == []


@pytest.mark.parametrize(("value", "end"), [(0, 1), (1, 1), (1.2, 2), (7, 7), (11, 20), (229, 300), (99_001, 100_000)])
def test_an_axis_ends_with_a_round_number(value, end):
    assert round_up(value) == end


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (0.4, "0.4"), (3, "3"), (12_371, "12,371"), (1_250_000, "1.2M"), (99_999.6, "100,000")],
)
def test_numbers_fit_beside_the_axis(number, text):
    assert say_number(number) == text
    assert len(text) <= 7


def test_a_chart_has_a_title_bars_and_both_axes():
    lines = Chart("Done a minute", "3 lately", [1, 2, 4], say_number, ("-60 min", "-30 min", "now")).lines(40, 3)
    assert [line.plain for line in lines] == [
        "Done a minute  3 lately",
        "      4┤" + " " * 22 + "█" * 10,
        "       │" + " " * 11 + "▄" * 11 + "█" * 10,
        "      0┤" + "▆" * 11 + "█" * 21,
        "        -60 min       -30 min        now",
    ]


def test_every_minute_has_its_bar_and_silence_is_zero():
    done, failed, depth, run = charts_of(an_hour(), NOW, 1)
    assert list(done.values) == [6.0, *[0.0] * 38, 120.0, *[0.0] * 20]
    assert done.legend == "0, at most 120"
    assert failed.values[39] == 3.0
    assert list(run.values) == [*[None] * 39, 480, *[None] * 20]
    assert list(run.marks) == [*[None] * 39, 1_500, *[None] * 20]
    assert run.legend == f"█ p50 480 ms  {MARK} p95 1.5s"
    assert list(depth.values) == [40.0] * 39 + [12.0] * 21
    assert depth.legend == "12 now"


def test_a_day_is_told_by_the_minute_too():
    day = Metrics(24 * MINUTE, (Rate(NOW // (24 * MINUTE) * 24 * MINUTE, 48, 0, 0, 0),), ())
    done, _, depth, run = charts_of(day, NOW, 24)
    assert len(done.values) == 60
    assert done.values[-1] == 2.0
    assert depth.values[0] is None
    assert run.legend == f"█ p50 –  {MARK} p95 –"


@pytest.mark.parametrize(("columns", "lines"), [(118, 38), (78, 22), (76, 22), (38, 8), (18, 3), (1, 1), (250, 78)])
@pytest.mark.parametrize("metrics", [an_hour(), Metrics(MINUTE, (), ()), None], ids=["some", "none", "unread"])
def test_charts_fit_their_width_and_two_columns_their_height(metrics, columns, lines):
    told = metrics_lines(metrics, NOW, 1, columns, lines)
    assert metrics is None or max(line.cell_length for line in told) <= max(columns, 9)
    assert columns < 72 or len(told) <= lines


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 10)], ids=str)
def test_the_screen_shows_the_charts_at_every_size(size):
    @piloted
    async def look():
        app = MetricsApp()
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            assert "7 Metrics · 1 h" in screen_lines(app)[0]
            assert "Reading …" in screen_text(app)
            app.shown.show(an_hour(), NOW)
            await pilot.pause()
            assert "Done a minute  0, at most 120" in screen_text(app)
            await pilot.press("G")
            await pilot.pause()
            assert "Run time  █ p50 480 ms" in screen_text(app)

    look()


@piloted
async def test_t_asks_for_the_day_and_for_the_hour_again():
    app = MetricsApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.shown.show(an_hour(), NOW)
        await pilot.press("t")
        await pilot.pause()
        assert "7 Metrics · 24 h" in screen_lines(app)[0]
        assert "Reading …" in screen_text(app)
        await pilot.press("t")
        await pilot.pause()
        assert app.hours == [1, 24, 1]


@piloted
async def test_leaving_says_that_nothing_is_wanted_any_more():
    app = MetricsApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is not app.shown
        assert app.hours == [1, 0]


@piloted
async def test_the_charts_follow_every_resize():
    app = MetricsApp()
    async with app.run_test(size=(120, 40)) as pilot:
        app.shown.show(an_hour(), NOW)
        for size in ((40, 10), (80, 24), (20, 5), (250, 80), (72, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert max(map(len, screen_lines(app))) <= size[0]
        assert "Failed a minute" in screen_text(app)


# Its keys, in the whole app

Check = Callable[[Flow, Action, str], Awaitable[None]]


async def _hours(one: Flow, _: Action, key: str) -> None:
    await one.press(key)
    await one.says("Metrics · 24 h")
    await one.press(key)
    await one.says("Metrics · 1 h")


async def _move(one: Flow, action: Action, key: str) -> None:
    charts = one.app.screen.pane
    await one.press("g" if action.name.endswith(("down", "bottom")) else "G")
    await one.pilot.pause()
    before = charts.scroll_offset.y
    await one.press(key)
    await one.until(lambda: charts.scroll_offset.y != before, f"{key} to scroll")


async def _focus(one: Flow, action: Action, key: str) -> None:
    verb = action.name.partition(".")[2]
    await one.press(key)
    if verb == Pane.METRICS:
        assert isinstance(one.app.screen, MetricsScreen)
        return
    await one.is_at(MainScreen)
    assert one.main.pane is {"next": Pane.DETAIL, "previous": Pane.DONE}.get(verb, DIGITS.get(key))


async def _back(one: Flow, _: Action, key: str) -> None:
    await one.press(key)
    await one.is_at(MainScreen)


async def _undo(one: Flow, _: Action, key: str) -> None:
    await one.press("escape")
    job = await one.at(Pane.PENDING, State.PENDING)
    assert job is not None
    await one.press("H")
    await one.until_job(job, lambda now: now.held, "the job to be held")
    await one.press("7")
    await one.says("u Undo")
    await one.press(key)
    await one.until_job(job, lambda now: not now.held, "the job to wait again")
    await one.until(lambda: "u Undo" not in one.text, "the footer to know it")


async def _opens(one: Flow, action: Action, key: str) -> None:
    await one.press(key)
    await one.is_at({"app.palette": Palette, "app.log": CommandLog, "app.help": HelpScreen}[action.name])
    await one.press("escape")
    await one.is_at(MetricsScreen)


async def _freeze(one: Flow, _: Action, key: str) -> None:
    await one.press(key)
    await one.says("FROZEN")
    await one.press(key)
    await one.until(lambda: "FROZEN" not in one.text, "the picture to go on")


async def _refresh(one: Flow, _: Action, key: str) -> None:
    await one.until(lambda: "Reading" not in one.text, "the charts")
    before = one.app.picture
    await one.press(key)
    await one.until(lambda: one.app.picture is not before, "a new picture")


async def _redraw(one: Flow, _: Action, key: str) -> None:
    before = one.repainted
    await one.press(key)
    await one.until(lambda: one.repainted > before, "the whole screen to be painted")


async def _quit(one: Flow, _: Action, key: str) -> None:
    before = one.quits
    await one.press(key)
    await one.until(lambda: one.quits == before + 1, "the app to be left")


CHECKS: dict[str, Check] = {
    "metrics.": _hours, "move.": _move, "focus.": _focus, "view.back": _back, "queue.undo": _undo,
    "app.palette": _opens, "app.log": _opens, "app.help": _opens, "view.freeze": _freeze, "view.refresh": _refresh,
    "view.redraw": _redraw, "app.quit": _quit,
}  # fmt: skip


@piloted
async def test_each_key_that_means_something_here_does_it(tmp_path: Path) -> None:
    async with flow(tmp_path, size=(40, 12)) as one:
        for action in [action for action in ACTIONS if Pane.METRICS in action.scopes]:
            check = next(check for name, check in CHECKS.items() if action.name.startswith(name))
            for key in action.keys:
                if not isinstance(one.app.screen, MetricsScreen):
                    await one.press("7")
                    await one.is_at(MetricsScreen)
                    await one.until(lambda: "Reading" not in one.text, "the charts")
                try:
                    await check(one, action, key)
                except AssertionError as error:
                    raise AssertionError(f"{action.name} by {key}: {error}") from error


@piloted
async def test_what_cannot_be_done_here_is_not_offered(tmp_path: Path) -> None:
    async with flow(tmp_path) as one:
        await one.press("7", "colon")
        await one.says("Hour/day")
        await one.says("Go to Pending")
        assert "Go to Metrics" not in one.text
        assert "Retry" not in one.text
