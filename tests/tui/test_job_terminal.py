"""The job screen on a real terminal: what it sends there, and when it lends it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.tui.scene import MINUTE, NOW, Scene, result
from tests.tui.terminal import Terminal


@contextmanager
def job_screen(folder: Path, pager: str = "", lines: int = 200) -> Iterator[Terminal]:
    location = str(folder / "queue.db")
    with closing(Scene(location)) as scene:
        scene.add("./encode.sh", NOW - MINUTE, max_retries=1)
        frames = "".join(f"frame {n}\n" for n in range(1, lines + 1))
        scene.run(NOW - MINUTE, result(NOW - MINUTE, 1_000, 1, "exit 1", frames))
        with Terminal(["--db", location], env={"PAGER": pager}) as terminal:
            terminal.until("3 DLQ 1")
            terminal.press("3")
            terminal.until("▸  j1 ")
            terminal.press("enter")
            terminal.until(f"{lines:,} lines · FOLLOW on")
            terminal.settle(0.4)
            yield terminal


def test_nothing_is_painted_while_nothing_changes_though_the_clock_of_the_main_screen_goes_on(tmp_path: Path) -> None:
    with job_screen(tmp_path) as terminal:
        before = len(terminal.recorded)
        terminal.read_for(2.2)
        assert terminal.recorded[before:] == b""


def test_a_jump_to_what_is_not_read_yet_paints_the_output_once(tmp_path: Path) -> None:
    with job_screen(tmp_path, lines=5_000) as terminal:
        terminal.press("k")
        terminal.until("FOLLOW off")
        terminal.settle(0.4)
        before = len(terminal.recorded)
        terminal.press("g")
        terminal.until(" 1 │ frame 1 ")
        terminal.settle(0.4)
        assert terminal.recorded[before:].count("│ ".encode()) <= 17 + 5


@pytest.mark.parametrize("pager", ["", "less -S"])
def test_o_on_the_job_screen_lends_the_terminal_and_all_is_as_before_afterwards(tmp_path: Path, pager: str) -> None:
    with job_screen(tmp_path, pager) as terminal:
        before = terminal.text
        terminal.press("o")
        terminal.until("frame 1\nframe 2\n")
        assert "frame 200" not in terminal.text
        terminal.press("G")
        terminal.until("frame 200")
        terminal.press("q")
        terminal.until_true(lambda: terminal.text == before, f"the same screen:\n{before}", 4)
        terminal.press("k")
        terminal.until("FOLLOW off")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        terminal.usable()


def test_a_pager_that_fails_on_the_job_screen_is_told_and_the_screen_stays(tmp_path: Path) -> None:
    with job_screen(tmp_path, "false") as terminal:
        terminal.press("o")
        terminal.until("false ended with exit code 1")
        terminal.press("k")
        terminal.until("FOLLOW off")
