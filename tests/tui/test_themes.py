"""The themes, our own among them, and the app without colours; and the palette that offers them."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.color import Color
from textual.content import Content
from textual.theme import BUILTIN_THEMES
from textual.widgets import Static

from queuectl.tui import themes
from queuectl.tui.palette import ActionProvider, Palette
from queuectl.tui.panes import Pane
from queuectl.tui.widgets.banner import Banner
from queuectl.tui.widgets.counts import Counts
from queuectl.tui.widgets.header import Header
from queuectl.tui.widgets.keyfooter import KeyFooter
from queuectl.tui.widgets.tabs import TabStrip
from tests.tui.lone import BUSY, CROWD, Doer, Lone, a_picture, a_status, holds, shown
from tests.tui.screen import piloted, screen_lines, screen_text

# Themes


def _seen(colour: str, matrix: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    """What somebody with the deficiency sees of a colour (Viénot, Brettel and Mollon 1999, in linear light)."""
    linear = [(part / 255) ** 2.2 for part in Color.parse(colour).rgb]
    return tuple(max(0.0, sum(a * b for a, b in zip(row, linear, strict=True))) ** (1 / 2.2) for row in matrix)


def _luminance(colour: str | None) -> float:
    """As WCAG 2 counts it, with a plain gamma."""
    red, green, blue = ((part / 255) ** 2.2 for part in Color.parse(str(colour)).rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


PROTANOPE = ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0))
DEUTERANOPE = ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0))


@pytest.mark.parametrize("matrix", [PROTANOPE, DEUTERANOPE], ids=["protanope", "deuteranope"])
def test_the_colours_of_states_can_be_told_apart_by_the_colour_blind(matrix):
    theme = themes.CVD
    colours = [theme.primary, theme.warning, theme.error, theme.success, theme.foreground]
    seen = [_seen(str(colour), matrix) for colour in colours]
    distances = [
        sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5
        for place, one in enumerate(seen)
        for other in seen[:place]
    ]
    assert min(distances) > 0.12


@pytest.mark.parametrize("colour", ["primary", "warning", "error", "success", "accent", "foreground"])
def test_the_colours_can_be_read_on_the_background(colour):
    lighter, darker = _luminance(getattr(themes.CVD, colour)), _luminance(themes.CVD.background)
    assert (lighter + 0.05) / (darker + 0.05) > 4.5


@piloted
async def test_every_theme_draws_the_lines():
    header = Header()
    app = Lone(header, Counts(), TabStrip(), Banner(), KeyFooter())
    async with app.run_test(size=(80, 10)) as pilot:
        assert set(app.available_themes) == {*BUILTIN_THEMES, "queuectl-cvd"}
        for name in app.available_themes:
            app.theme = name
            header.show(a_picture(), BUSY, name, 1.0, "14:02:31")
            await pilot.pause()
            assert "BUSY" in screen_lines(app)[0]


def _segment(app: App[Any], text: str) -> Any:
    """The style of the first segment on the screen that holds the text."""
    strips = app.screen._compositor.render_strips()
    return next(segment.style for strip in strips for segment in strip if text in segment.text)


@piloted
async def test_what_matters_less_is_never_brighter_than_the_rest():
    header = Header()
    app = Lone(header)
    async with app.run_test(size=(80, 5)) as pilot:
        header.show(a_picture(), None, "~/q.db", 1.0, "14:02:31")
        for name, theme in app.available_themes.items():
            app.theme = name
            await pilot.pause()
            path, rest = _segment(app, "~/q.db"), _segment(app, "queuectl")
            if theme.ansi:
                assert path.dim
            else:
                assert abs(sum(path.color.triplet) - sum(path.bgcolor.triplet)) < abs(
                    sum(rest.color.triplet) - sum(rest.bgcolor.triplet)
                )


def test_without_colours_bold_and_reverse_say_it(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "")

    @piloted
    async def look():
        header, tabs, banner = Header(), TabStrip(), Banner()
        app = Lone(header, tabs, banner)
        async with app.run_test(size=(120, 6)) as pilot:
            header.show(a_picture(), None, "~/q.db", 14.0, "14:02:31")
            tabs.show(a_status(**CROWD).counts, 4, Pane.DLQ)
            banner.show("! wrong", "error")
            await pilot.pause()
            assert _segment(app, "STALE").reverse
            assert _segment(app, "data 14 s old").bold
            assert _segment(app, "3▸DLQ").reverse
            assert _segment(app, "! wrong").reverse

    look()


def test_without_colours_no_theme_is_offered_that_could_not_be_read(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    @piloted
    async def look():
        app = PaletteApp()
        async with app.run_test(size=(80, 60)) as pilot:
            app.push_screen(Palette())
            await pilot.press(*"theme dark")
            await shown(pilot, "Theme textual-dark")
            assert "ansi" not in screen_text(app)

    look()


def test_textual_theme_may_name_our_own_theme():
    program = (
        "from textual.app import App\n"
        "from queuectl.tui.themes import CVD, register\n"
        "class It(App):\n"
        "    def on_mount(self):\n"
        "        register(self)\n"
        "        self.call_after_refresh(lambda: self.exit(self.theme_variables['error']))\n"
        "print(It().run(headless=True), CVD.to_color_system().generate()['error'])\n"
    )
    env = {**os.environ, "TEXTUAL_THEME": "queuectl-cvd"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=env, timeout=60)
    shown, own = done.stdout.split()
    assert shown == own, done.stderr


# Palette


class PaletteApp(Doer):
    COMMANDS = {ActionProvider}  # noqa: RUF012 — as Textual has it

    def compose(self) -> ComposeResult:
        yield Static(Content("below"))


@piloted
async def test_the_palette_finds_actions_that_apply_and_does_them():
    app = PaletteApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(Palette())
        await pilot.press(*"defaul")
        await shown(pilot, "Default  d")
        await pilot.press("down", "enter")
        await holds(pilot, lambda: app.done == ["config.reset"], "the action")


@piloted
async def test_the_palette_goes_to_panes_and_leaves_out_what_does_not_apply():
    app = PaletteApp()
    async with app.run_test(size=(80, 100)) as pilot:
        app.push_screen(Palette())
        await shown(pilot, "Go to Processing")
        found = screen_text(app)
        assert "Default" in found
        assert "Hold/release" not in found
        assert "Half a page" not in found


@piloted
async def test_the_palette_changes_the_theme():
    app = PaletteApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(Palette())
        await pilot.press(*"theme queuectl")
        await shown(pilot, "Theme queuectl-cvd")
        await pilot.press("down", "enter")
        await holds(pilot, lambda: app.theme == "queuectl-cvd", "the theme")


@piloted
async def test_our_own_themes_come_first_and_it_says_how_one_is_kept():
    app = PaletteApp()
    async with app.run_test(size=(120, 30)) as pilot:
        app.push_screen(Palette())
        await pilot.press(*"theme")
        await shown(pilot, "Theme ansi-dark")
        first = next(line for line in screen_lines(app) if "Theme " in line)
        assert "queuectl-cvd" in first
        assert "TEXTUAL_THEME=queuectl-cvd" in screen_text(app)


@piloted
async def test_a_palette_that_finds_nothing_says_so_until_something_is_found():
    app = PaletteApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(Palette())
        await pilot.press(*"hold[/]")
        await shown(pilot, "matches hold[/]")
        await pilot.press("enter", "down", "pagedown", "pageup", "up")
        assert isinstance(app.screen, Palette)
        await pilot.press(*["backspace"] * 7)
        await shown(pilot, "Go to Processing")
        assert "matches" not in screen_text(app)
