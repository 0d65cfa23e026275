"""The pane of settings, alone on a screen."""

from __future__ import annotations

from pathlib import Path

from textual.app import App, ComposeResult

import queuectl.tui
from queuectl.core.keys import BY_NAME, KEYS
from queuectl.queue.config import Setting
from queuectl.tui.widgets.config import ConfigPane
from queuectl.wiring import connect
from tests.tui.listed import NOW
from tests.tui.screen import piloted, screen_lines, screen_text

CSS = Path(queuectl.tui.__file__).parent / "app.tcss"


class Painted(ConfigPane):
    """Counts what it is asked to paint."""

    def __init__(self) -> None:
        super().__init__()
        self.painted: list[int] = []

    def render_line(self, y):
        self.painted.append(y)
        return super().render_line(y)


class Alone(App[None]):
    CSS_PATH = str(CSS)

    def __init__(self) -> None:
        super().__init__()
        self.pane = Painted()

    def compose(self) -> ComposeResult:
        yield self.pane


def with_(**given: tuple[str, int]) -> list[Setting]:
    """All settings, those that are given set to a value so many milliseconds ago."""
    names = {name.replace("_", "-"): value for name, value in given.items()}
    return [
        Setting(key, names[key.name][0], "store", NOW - names[key.name][1])
        if key.name in names
        else Setting(key, key.default, "default")
        for key in KEYS
    ]


@piloted
async def test_each_key_has_its_value_and_where_that_comes_from():
    app = Alone()
    async with app.run_test(size=(44, 20)) as pilot:
        app.pane.show(with_(kill_grace=("20s", 125_000), timeout=("5m", 3_000)), NOW)
        await pilot.pause()
        lines = [line.rstrip() for line in screen_lines(app)]
        assert lines[0] == "▸ max-retries        3         default"
        assert "  timeout            5m        set just now" in lines
        assert "  kill-grace         20s       set 2m ago" in lines
        assert lines[13] == "  e edit · d default"


@piloted
async def test_a_store_tells_when_a_value_was_set(tmp_path):
    queue = connect(str(tmp_path / "queue.db"), create=True)
    before = queue.clock()
    queue.config.set("timeout", "5m")
    setting = next(one for one in queue.config.show() if one.key.name == "timeout")
    assert (setting.value, setting.source) == ("5m", "store")
    assert setting.set_at is not None
    assert before <= setting.set_at <= queue.clock()
    assert next(iter(queue.config.show())).set_at is None
    queue.close()


@piloted
async def test_a_wide_pane_tells_the_meaning_of_the_key_under_the_cursor():
    app = Alone()
    async with app.run_test(size=(80, 20)) as pilot:
        app.pane.show(with_(), NOW)
        app.pane.move("bottom")
        await pilot.pause()
        assert app.pane.cursor == Setting(BY_NAME["shell"], "/bin/sh", "default")
        assert "what runs the commands, with -c" in screen_text(app)
        app.pane.move("top")
        await pilot.pause()
        assert "attempts in all before a job is dead" in screen_text(app)
        assert "0 to 1,000,000; default 3; applies to jobs enqueued from now on" in screen_text(app)


@piloted
async def test_a_narrow_pane_drops_where_the_value_comes_from():
    app = Alone()
    async with app.run_test(size=(36, 13)) as pilot:
        app.pane.show(with_(), NOW)
        await pilot.pause()
        assert "default" not in screen_lines(app)[0]
        assert "max-retries" in screen_lines(app)[0]


@piloted
async def test_only_lines_that_changed_are_painted_again():
    app = Alone()
    async with app.run_test(size=(44, 20)) as pilot:
        app.pane.show(with_(timeout=("5m", 120_000)), NOW)
        await pilot.pause()
        app.pane.painted.clear()
        app.pane.show(with_(timeout=("5m", 120_000)), NOW)
        await pilot.pause()
        assert app.pane.painted == []
        app.pane.show(with_(timeout=("6m", 120_000)), NOW)
        await pilot.pause()
        assert set(app.pane.painted) == {4}


@piloted
async def test_a_hostile_value_drives_no_terminal():
    app = Alone()
    async with app.run_test(size=(44, 20)) as pilot:
        app.pane.show(with_(shell=("/bin/\x1b]0;x\x07[/]\u202e", 0)), NOW)
        await pilot.pause()
        assert screen_text(app).replace("\n", "").isprintable()
