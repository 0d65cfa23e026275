"""Dialogs: what they show, what each key answers, and that nobody says yes by chance."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from queuectl.core.units import integer
from queuectl.tui.desk import Logged
from queuectl.tui.screens.commandlog import CommandLog
from queuectl.tui.screens.confirm import DEAF_S, Confirm, Question
from queuectl.tui.screens.copymenu import Copied, CopyMenu
from queuectl.tui.screens.progress import Progress
from queuectl.tui.screens.prompt import Prompt
from tests.tui.screen import piloted, screen_lines, screen_text

HOSTILE = "\x1b]0;pwn\x07 [/] [@click=app.quit]x[/] [$x] \u202e\x9b2J"

RETRY = Question(
    "Retry 38 dead jobs?",
    (
        ("Filter", "err:resolve age<2h"),
        ("Will", "move 38 jobs to pending, tries reset to 0, priority kept"),
        ("Skips", "0"),
        ("Same as", "queuectl dlq retry --filter 'err:resolve age<2h' --yes"),
    ),
    "Retry 38",
)
DELETE = Question("Delete 120 jobs?", (("Will", "remove 120 jobs"),), "Delete 120", number=120)


class Hall(App[None]):
    """Shows one dialog and keeps what it answered."""

    def __init__(self, dialog: Screen[object]) -> None:
        super().__init__()
        self.dialog = dialog
        self.answers: list[object] = []

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.answers.append)


class Stopwatch:
    """A clock that the test sets: no test waits for real time."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@asynccontextmanager
async def shown(dialog: Screen[object], size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[Hall, Pilot[None]]]:
    app = Hall(dialog)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


@asynccontextmanager
async def asked(question: Question, size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[Hall, Pilot[None]]]:
    """The question, when it has been there for long enough to be answered."""
    watch = Stopwatch()
    async with shown(Confirm(question, watch), size) as (app, pilot):
        watch.now_s += DEAF_S
        yield app, pilot


@piloted
async def test_a_question_says_what_is_taken_what_is_done_and_how_else_to_say_it() -> None:
    async with asked(RETRY) as (app, _):
        text = screen_text(app)
        for part in ("Retry 38 dead jobs?", "err:resolve age<2h", "tries reset to 0", "[ Cancel ]", "y  Retry 38"):
            assert part in text
        assert "Same as   queuectl dlq retry --filter 'err:resolve age<2h' --yes" in text
        assert "enter and esc cancel" in text


@pytest.mark.parametrize(("key", "answer"), [("y", True), ("enter", False), ("escape", False)])
def test_only_its_own_key_says_yes(key: str, answer: bool) -> None:
    @piloted
    async def press() -> None:
        async with asked(RETRY) as (app, pilot):
            await pilot.press(key)
            assert app.answers == [answer]

    press()


@piloted
async def test_other_keys_answer_nothing() -> None:
    async with asked(RETRY) as (app, pilot):
        await pilot.press("m", "space", "d", "Y", "tab", "5", "backspace")
        assert app.answers == []


@piloted
async def test_keys_that_were_typed_before_the_question_could_be_read_answer_nothing() -> None:
    watch = Stopwatch()
    async with shown(Confirm(RETRY, watch)) as (app, pilot):
        await pilot.press("y", "enter", "escape")
        await pilot.click("#apply")
        await pilot.click("#cancel")
        watch.now_s += DEAF_S * 0.9
        await pilot.press("y")
        assert app.answers == []
        assert "y came too soon: press it again" in screen_text(app)
        watch.now_s += DEAF_S * 0.2
        await pilot.press("y")
        assert app.answers == [True]


@piloted
async def test_a_click_answers_as_the_keys_do() -> None:
    async with asked(RETRY) as (app, pilot):
        await pilot.click("#apply")
        assert app.answers == [True]
    async with asked(RETRY) as (app, pilot):
        await pilot.click("#cancel")
        assert app.answers == [False]


@piloted
async def test_the_number_must_be_typed_before_many_are_deleted() -> None:
    async with asked(DELETE) as (app, pilot):
        await pilot.press("y", "1", "2", "y")
        await pilot.click("#apply")
        assert app.answers == []
        assert "Type 120, then y: 12" in screen_text(app)
        await pilot.press("1", "backspace", "0", "y")
        assert app.answers == [True]


@piloted
async def test_a_long_number_is_not_the_number() -> None:
    async with asked(DELETE) as (app, pilot):
        await pilot.press(*"1200", "y")
        assert app.answers == []


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (20, 5)])
def test_a_question_fits_any_screen_and_its_answers_always_show(size: tuple[int, int]) -> None:
    @piloted
    async def look() -> None:
        long = RETRY._replace(rows=(*RETRY.rows, ("Same as", "queuectl retry " + " ".join(map(str, range(900))))))
        async with asked(long, size) as (app, pilot):
            lines = [line.strip() for line in screen_lines(app)]
            assert lines[0].startswith("╭")
            assert lines[-1].startswith("╰")
            assert "[ Cancel ]" in lines[-2]
            top = screen_text(app)
            await pilot.press("end")
            assert screen_text(app) != top
            await pilot.press("y")
            assert app.answers == [True]

    look()


@piloted
async def test_hostile_text_in_a_question_is_shown_as_it_is() -> None:
    question = Question(HOSTILE, (("Filter", HOSTILE),), HOSTILE[:20])
    async with asked(question, (120, 24)) as (app, pilot):
        text = screen_text(app)
        assert "[@click=app.quit]x[/]" in text
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "␛]0;pwn" in text
        await pilot.press("y")
        assert app.answers == [True]


@piloted
async def test_progress_counts_up_and_esc_asks_to_stop_without_closing() -> None:
    progress = Progress("Retrying", 9_120)
    async with shown(progress) as (app, pilot):
        assert "Retrying 0 / 9,120 · esc stops" in screen_text(app)
        progress.post_message(Progress.Advanced(1_500))
        await pilot.pause()
        assert "Retrying 1,500 / 9,120 · esc stops" in screen_text(app)
        assert not progress.stop_asked.is_set()
        await pilot.press("y", "enter", "escape")
        assert progress.stop_asked.is_set()
        assert "Retrying 1,500 / 9,120 · stopping" in screen_text(app)
        assert app.answers == []


@piloted
async def test_progress_that_ends_behind_another_screen_goes_when_that_has_gone() -> None:
    progress = Progress("Retrying", 9_120)
    async with shown(progress) as (app, pilot):
        in_front = Screen[None]()
        await app.push_screen(in_front)
        progress.end()
        await pilot.pause()
        assert app.screen is in_front
        in_front.dismiss()
        await pilot.pause()
        assert progress not in app.screen_stack


def count_line(text: str) -> str:
    return f"queuectl worker scale {integer(text, 'workers', 1, 256)}"


@piloted
async def test_a_prompt_shows_the_command_line_or_what_is_wrong_as_one_types() -> None:
    async with shown(Prompt("Workers of p1", "1 to 256", "4", count_line)) as (app, pilot):
        assert "Same as  queuectl worker scale 4" in screen_text(app)
        await pilot.press("9", "9", "9", "enter")
        assert "workers must be from 1 to 256" in screen_text(app)
        assert app.answers == []
        await pilot.press("backspace", "enter")
        assert app.answers == ["99"]


@piloted
async def test_esc_leaves_a_prompt_without_an_answer() -> None:
    async with shown(Prompt("Workers of p1", "1 to 256", "4", count_line)) as (app, pilot):
        await pilot.press("8", "escape")
        assert app.answers == [None]


@piloted
async def test_a_prompt_fits_a_small_screen() -> None:
    async with shown(Prompt(HOSTILE, HOSTILE, "4", count_line), (40, 10)) as (app, _):
        assert "enter does it" in screen_text(app)
        assert "\x1b" not in screen_text(app)


@piloted
async def test_the_copy_menu_answers_to_letters_and_to_enter() -> None:
    async with shown(CopyMenu("j9")) as (app, pilot):
        assert "the last 200 lines of output" in screen_text(app)
        await pilot.press("f")
        assert app.answers == [Copied.REPORT]
    async with shown(CopyMenu("j9")) as (app, pilot):
        await pilot.press("down", "down", "enter")
        assert app.answers == [Copied.OUTPUT]
    async with shown(CopyMenu("j9")) as (app, pilot):
        await pilot.press("escape")
        assert app.answers == [None]


LOG = (
    Logged(1_000, "queuectl retry j1", "1 retried"),
    Logged(2_000, "queuectl dlq retry --all --yes", "2 retried, 1 skipped", False, (("j7", "j7 is gone"),)),
    Logged(3_000, "queuectl retry j3", "the store is busy", True),
)


@piloted
async def test_the_command_log_shows_the_newest_first_and_the_skipped_of_the_one_under_the_cursor() -> None:
    async with shown(CommandLog(LOG)) as (app, pilot):
        lines = [line for line in screen_lines(app) if "→" in line]
        assert ["j3" in lines[0], "--all" in lines[1], "retry j1" in lines[2]] == [True, True, True]
        assert "✗ queuectl retry j3" in lines[0]
        await pilot.press("j")
        assert "j7 is gone" in screen_text(app)


@piloted
async def test_y_copies_the_line_under_the_cursor_of_the_command_log() -> None:
    async with shown(CommandLog(LOG)) as (app, pilot):
        await pilot.press("G", "y")
        assert app.clipboard == "queuectl retry j1"
        await pilot.press("escape")
        assert app.answers == [None]


@piloted
async def test_an_empty_command_log_says_so() -> None:
    async with shown(CommandLog(())) as (app, pilot):
        assert "Nothing was done yet." in screen_text(app)
        await pilot.press("y", "j", "@")
        assert app.answers == [None]


@piloted
async def test_hostile_lines_in_the_command_log_are_harmless() -> None:
    async with shown(CommandLog([Logged(1_000, HOSTILE, HOSTILE, False, (("j1", HOSTILE),))])) as (app, pilot):
        assert "\x1b" not in screen_text(app)
        assert "[@click=app.quit]x[/]" in screen_text(app)
        await pilot.press("y")
        assert "\x1b" not in app.clipboard
