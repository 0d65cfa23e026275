"""The screen of a store that cannot be read."""

from __future__ import annotations

import os

import pytest
from textual.app import App

from queuectl.tui.picture import Trouble
from queuectl.tui.screens.trouble import TroubleScreen
from tests.tui.lone import GONE, HOSTILE, Lone
from tests.tui.screen import piloted, screen_text


class TroubleApp(App[None]):
    """Shows one trouble, keeps the answer."""

    CSS_PATH = Lone.CSS_PATH
    answer: str | None = None

    def __init__(self, trouble: Trouble = GONE, location: str = "/x/q.db") -> None:
        super().__init__()
        self.shown = TroubleScreen(trouble, location)

    def on_mount(self) -> None:
        self.push_screen(self.shown, self._keep)

    def _keep(self, answer: str | None) -> None:
        self.answer = answer


@pytest.mark.parametrize(("keys", "answer"), [(["r"], "retry"), (["enter"], "retry"), (["q"], "quit")])
def test_trouble_is_answered_by_a_key(keys, answer):
    @piloted
    async def ask():
        app = TroubleApp()
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press(*keys)
            await pilot.pause()
            assert app.answer == answer

    ask()


@piloted
async def test_another_store_is_asked_for_and_named_absolutely():
    app = TroubleApp(location="/x/q")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("o", *".db2", "enter")
        await pilot.pause()
        assert app.answer == "/x/q.db2"


@piloted
async def test_a_relative_path_is_never_taken_for_an_answer():
    app = TroubleApp(location="")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("o", *"quit", "enter")
        await pilot.pause()
        assert app.answer == os.path.abspath("quit")


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 10)], ids=str)
def test_trouble_says_what_is_wrong_and_what_can_be_done(size):
    @piloted
    async def look():
        app = TroubleApp()
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            said = screen_text(app)
            for text in (GONE.message, GONE.hint, "/x/q.db", "r Try again", "o Other store", "q Quit"):
                assert text in said, said
            app.shown.show(GONE._replace(message="the disk is broken"))
            await pilot.pause()
            assert "the disk is broken" in screen_text(app)

    look()


@piloted
async def test_trouble_shows_hostile_text_as_it_is():
    app = TroubleApp(Trouble(HOSTILE, HOSTILE, passing=False, since=0.0), HOSTILE)
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        said = screen_text(app)
        assert "[@click=app.quit]" in said
        assert said.replace("\n", "").isprintable()


@piloted
async def test_escape_leaves_the_question_for_another_store():
    app = TroubleApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("o", "x", "escape")
        await pilot.pause()
        assert not app.shown.path.display
        await pilot.press("enter")
        await pilot.pause()
        assert app.answer == "retry"
