"""The filter bar: what is typed, what it says, and how typing ends."""

from __future__ import annotations

import asyncio

import pytest
from textual.content import Content
from textual.widgets import Static

from queuectl.core.panes import Tally
from queuectl.core.selector import LONGEST, parse
from queuectl.errors import BadValue
from queuectl.tui.widgets.filterbar import FieldSuggester, FilterBar, Found, found_line
from tests.tui.lone import Lone, holds, shown
from tests.tui.screen import piloted, screen_lines, screen_text


class Elsewhere(Static, can_focus=True):
    """A pane that can have the focus."""


def a_bar() -> tuple[FilterBar, Lone]:
    bar = FilterBar()
    return bar, Lone(bar, Elsewhere(Content("pane")))


def said(app: Lone) -> list[tuple[str, str]]:
    return [(type(message).__name__, getattr(message, "text", "")) for message in app.heard]


@pytest.mark.parametrize(
    ("found", "columns", "text"),
    [
        (
            Found(Tally(1_204, True), 12_408, "3 marked", "priority↓"), 60,
            "1,204 of 12,408 · 3 marked · sort: priority↓",
        ),
        (Found(Tally(1_204, False), 12_408, "3 marked", "priority↓"), 30, "1,204+ of 12,408 · 3 marked"),
        (Found(Tally(1_204, False), 12_408, "3 marked", "priority↓"), 20, "1,204+ · 3 marked"),
        (Found(Tally(1_204, False), 12_408, "3 marked", "priority↓"), 8, "1,204+"),
        (Found(None, 5, "", "arrival↑"), 60, "sort: arrival↑"),
        (Found(None, 5, "", "arrival↑", "unknown field 'foo'"), 60, "? unknown field 'foo'"),
    ],
)  # fmt: skip
def test_what_was_found_is_told_in_the_room_there_is(found, columns, text):
    assert found_line(found, columns).plain == text


@piloted
async def test_typing_is_told_letter_by_letter_and_enter_keeps_it():
    bar, app = a_bar()
    async with app.run_test(size=(80, 5), message_hook=app.hear) as pilot:
        bar.open("")
        await pilot.press("e", "x", "enter")
        await pilot.pause()
        assert said(app) == [("Changed", "e"), ("Changed", "ex"), ("Kept", "")]
        assert not bar.is_open
        assert "/ ex" in screen_lines(app)[0]


@piloted
async def test_a_filter_is_typed_in_place_of_the_one_before():
    bar, app = a_bar()
    async with app.run_test(size=(80, 5), message_hook=app.hear) as pilot:
        bar.open("cmd:x")
        await pilot.press("y", "enter")
        await pilot.pause()
        assert said(app) == [("Changed", "y"), ("Kept", "")]


@piloted
async def test_escape_clears_the_filter_once():
    bar, app = a_bar()
    async with app.run_test(size=(80, 5), message_hook=app.hear) as pilot:
        bar.open("cmd:x")
        await pilot.press("end", "y", "escape")
        app.query_one(Elsewhere).focus()
        await pilot.pause()
        assert said(app) == [("Changed", "cmd:xy"), ("Cleared", "")]
        assert bar.text.value == ""
        assert not bar.is_open


@piloted
async def test_going_elsewhere_keeps_what_was_typed():
    bar, app = a_bar()
    async with app.run_test(size=(80, 5), message_hook=app.hear) as pilot:
        bar.open("")
        await pilot.press("a")
        app.query_one(Elsewhere).focus()
        await pilot.pause()
        assert said(app) == [("Changed", "a"), ("Kept", "")]


@piloted
async def test_the_filter_of_another_pane_is_shown_without_a_word():
    bar, app = a_bar()
    async with app.run_test(size=(80, 5), message_hook=app.hear) as pilot:
        await pilot.pause()
        bar.put("err:resolve")
        bar.show(Tally(38, True), 112, "2 marked", "age in state↓", "")
        await pilot.pause()
        line = screen_lines(app)[0].rstrip()
        assert line.startswith(" / err:resolve  ")
        assert line.endswith("  38 of 112 · 2 marked · sort: age in state↓")
        assert app.heard == []
        bar.open("typed")
        bar.put("never")
        assert bar.text.value == "typed"


@piloted
async def test_what_is_wrong_with_a_filter_is_said_beside_it():
    bar, app = a_bar()
    async with app.run_test(size=(80, 5)) as pilot:
        bar.open("")
        await pilot.press(*"foo:x")
        with pytest.raises(BadValue) as raised:
            parse(bar.text.value)
        bar.show(None, 112, "", "arrival↑", f"{raised.value.message}: {raised.value.hint}")
        await pilot.pause()
        assert "/ foo:x" in screen_lines(app)[0]
        assert "? unknown field 'foo'" in screen_lines(app)[0]
        bar.show(None, 112, "", "arrival↑", "")
        await pilot.pause()
        assert "?" not in screen_lines(app)[0]


@pytest.mark.parametrize("columns", [250, 120, 80, 40, 20])
def test_a_bar_is_one_line_at_every_width(columns):
    @piloted
    async def look():
        bar, app = a_bar()
        async with app.run_test(size=(columns, 5)) as pilot:
            bar.open("x" * 300)
            bar.show(Tally(1_204, True), 12_408, "3 marked", "priority↓", "wrong " * 50)
            await pilot.pause()
            lines = screen_lines(app)
            assert lines[1].strip() == "pane"
            assert max(map(len, lines)) <= columns
            assert "x" in lines[0]

    look()


@piloted
async def test_a_paste_of_a_megabyte_changes_nothing_and_control_is_only_text():
    bar, app = a_bar()
    async with app.run_test(size=(80, 5)) as pilot:
        bar.open("a")
        await pilot.pause()
        bar.text.insert_text_at_cursor("y" * 1_000_000)
        assert bar.text.value == "a"
        assert len("y" * LONGEST) == bar.text.max_length
        bar.show(None, 1, "\x1b[31m[/]", "[@click=app.quit]x[/]", "")
        await pilot.pause()
        assert "␛[31m[/] · sort: [@click=app.quit]x[/]" in screen_text(app)


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("e", "err:"),
        ("cmd:x wo", "cmd:x worker:"),
        ("-st", "-state:"),
        ("state:de", "state:dead"),
        ("pri", "prio"),
        ("cmd:", None),
        ("", None),
        ("cmd:x ", None),
        ("zzz", None),
        ('"st', None),
    ],
)
def test_fields_and_states_are_suggested(typed, suggested):
    assert asyncio.run(FieldSuggester().get_suggestion(typed)) == suggested


@piloted
async def test_the_right_arrow_takes_the_suggestion():
    bar, app = a_bar()
    async with app.run_test(size=(80, 5)) as pilot:
        bar.open("")
        await pilot.press("w", "o")
        await shown(pilot, "worker:")
        await pilot.press("right")
        await holds(pilot, lambda: bar.text.value == "worker:", "the suggestion")
