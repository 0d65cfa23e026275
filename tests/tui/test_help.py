"""Help of every pane, and the README's table of keys."""

from __future__ import annotations

import pytest
from textual.app import App

from queuectl.core.selector import NUMBERS, TEXTS
from queuectl.tui.actions import ACTIONS, EVERYWHERE, KEY_NAMES, belongs, key_name
from queuectl.tui.screens.help import HEADINGS, HelpScreen, help_lines, keys_of
from tests.tui.keytable import BEGIN, END, README, key_table, put_into
from tests.tui.lone import Lone
from tests.tui.screen import piloted, screen_lines, screen_text

SCOPES = sorted(EVERYWHERE)


class HelpApp(App[None]):
    CSS_PATH = Lone.CSS_PATH

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.left = False
        self._scope = scope

    def on_mount(self) -> None:
        self.push_screen(HelpScreen(self._scope), self._leave)

    def _leave(self, _: None) -> None:
        self.left = True


def words(scope: str, columns: int) -> str:
    return " ".join(" ".join(line.plain for line in help_lines(scope, columns)).split())


@pytest.mark.parametrize("scope", SCOPES)
def test_every_key_of_the_scope_is_told_and_no_other(scope):
    text = words(scope, 60)
    for action in ACTIONS:
        told = f"{keys_of(action)} {action.help}"
        assert (told in text) == belongs(action, scope), action.name


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_every_action_has_its_place_under_one_heading(action):
    assert [heading for heading, prefixes in HEADINGS.items() if action.name.startswith(prefixes)] != []


def test_the_whole_filter_language_is_told():
    text = words("dlq", 60)
    assert [field for field in TEXTS if f"{field}:" not in text] == []
    assert [field for field in NUMBERS if field not in text] == []


@pytest.mark.parametrize("columns", [18, 38, 71, 72, 76, 116])
@pytest.mark.parametrize("scope", SCOPES)
def test_help_fits_its_width_in_two_columns_from_72_on(scope, columns):
    lines = help_lines(scope, columns)
    assert max(line.cell_length for line in lines) <= columns
    twice = [line for line in lines if "   " in line.plain.strip() and len(line.plain) > columns // 2 + 10]
    assert columns < 72 or twice


@pytest.mark.parametrize("key", ["escape", "question_mark", "q"])
def test_help_is_left_by_the_keys_that_say_so(key):
    @piloted
    async def leave():
        app = HelpApp("dlq")
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            assert "Help · DLQ" in screen_lines(app)[0]
            await pilot.press(key)
            await pilot.pause()
            assert app.left

    leave()


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 10)], ids=str)
def test_help_scrolls_to_its_end_and_back(size):
    @piloted
    async def scroll():
        app = HelpApp("dlq")
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            first = screen_text(app)
            assert "Jobs" in first
            await pilot.press("G")
            await pilot.pause()
            assert screen_text(app) != first
            await pilot.press("j", "k", "ctrl+d", "pagedown", "ctrl+u", "pageup", "g")
            await pilot.pause()
            assert screen_text(app) == first
            await pilot.resize_terminal(60, 12)
            await pilot.pause()
            assert max(map(len, screen_lines(app))) <= 60

    scroll()


# The README


def test_the_table_names_every_action_once():
    rows = key_table().splitlines()[2:]
    assert len(rows) == len(ACTIONS)
    for action in ACTIONS:
        (row,) = [row for row in rows if f" {action.help} |" in row and f"`{key_name(action.keys[0])}`" in row]
        assert action.twin in row


def test_every_key_has_a_name_that_people_write():
    keys = {key for action in ACTIONS for key in action.keys}
    assert [key for key in keys if "_" in key_name(key)] == ["underscore"] * ("underscore" in keys)
    assert KEY_NAMES.keys() <= keys


def test_the_table_is_put_between_its_markers():
    text = put_into(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    assert text == f"before\n{BEGIN}\n{key_table()}\n{END}\nafter\n"
    assert put_into(text) == text
    with pytest.raises(ValueError, match="keys"):
        put_into("no markers")


def test_the_readme_holds_the_table_as_it_is():
    assert put_into(README.read_text()) == README.read_text(), "run python -m tests.tui.keytable"
