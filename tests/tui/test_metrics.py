"""Charts: bars, axes, and the screen that shows them."""

from __future__ import annotations

import pytest
from textual.app import App

from queuectl.core.panes import Rate, RunTimes
from queuectl.tui.picture import Metrics
from queuectl.tui.screens.metrics import MetricsScreen, charts_of, metrics_lines, say_number
from queuectl.tui.widgets.chart import MARK, Chart, bars, marked, round_up, squeezed
from tests.core.examples import NOW
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

    def __init__(self) -> None:
        super().__init__()
        self.hours: list[int] = []
        self.shown = MetricsScreen()

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
async def test_t_and_tab_ask_for_the_day_and_for_the_hour_again():
    app = MetricsApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.shown.show(an_hour(), NOW)
        await pilot.press("t")
        await pilot.pause()
        assert "7 Metrics · 24 h" in screen_lines(app)[0]
        assert "Reading …" in screen_text(app)
        await pilot.press("tab")
        await pilot.pause()
        assert app.hours == [1, 24, 1]


@pytest.mark.parametrize("key", ["escape", "q", "7"])
def test_leaving_says_that_nothing_is_wanted_any_more(key):
    @piloted
    async def leave():
        app = MetricsApp()
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press(key)
            await pilot.pause()
            assert app.screen is not app.shown
            assert app.hours == [1, 0]

    leave()


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
