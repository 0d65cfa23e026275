"""Output in a pager, with the terminal lent and taken back."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.tui.terminal import Terminal
from tests.tui.test_lifecycle import SMALL


@contextmanager
def paging(folder: Path, **variables: str) -> Iterator[Terminal]:
    with Terminal([str(folder)], command=SMALL, env={"TMPDIR": str(folder), **variables}) as terminal:
        terminal.until("ready")
        terminal.press("o")
        yield terminal


def test_the_pager_gets_the_terminal_and_gives_it_back(tmp_path: Path) -> None:
    with paging(tmp_path) as terminal:
        terminal.until("line 20")
        assert b"\x1b[31mred" in terminal.recorded
        assert "␛]0;title␇" in terminal.text
        assert b"\x1b]0;" not in terminal.recorded
        (folder,) = tmp_path.iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
        assert [each.name for each in folder.iterdir()] == ["j12-2.log"]
        terminal.press("q")
        terminal.until("back from the pager")
        assert list(tmp_path.iterdir()) == []
        terminal.press("q")
        assert terminal.wait_exit() == 0
        terminal.usable()


def test_ctrl_c_and_resizing_are_the_pagers(tmp_path: Path) -> None:
    with paging(tmp_path) as terminal:
        terminal.until("line 20")
        terminal.settle()  # in the moment before it waits for a key, the pager misses the new size
        terminal.resize(100, 40)
        terminal.until("line 36")
        terminal.settle()
        terminal.press("ctrl+c")
        terminal.read_for(0.3)  # the pager says nothing to it, and throws away what is typed in the same moment
        terminal.press("q")
        terminal.until("back from the pager")
        terminal.until("size 100x40")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_pager_and_the_app(tmp_path: Path, number: signal.Signals) -> None:
    with paging(tmp_path) as terminal:
        terminal.until("line 20")
        terminal.kill(number)
        assert terminal.wait_exit(10) == 128 + number
        terminal.usable()
        assert list(tmp_path.iterdir()) == []


def test_a_pager_may_have_arguments_and_no_screen_of_its_own(tmp_path: Path) -> None:
    with paging(tmp_path, PAGER="grep -c 'line 1[0-9]'") as terminal:
        terminal.until("back from the pager")
        assert re.search(rb"\D110\r\n", terminal.recorded)


def test_cat_is_taken_for_no_pager(tmp_path: Path) -> None:
    with paging(tmp_path, PAGER="cat", LESS="FX") as terminal:
        terminal.until("line 20")
        terminal.press("q")
        terminal.until("back from the pager")


def test_a_preprocessor_of_less_does_not_see_the_output(tmp_path: Path) -> None:
    with paging(tmp_path, LESSOPEN="|echo replaced %s") as terminal:
        terminal.until("line 20")
        assert "replaced" not in terminal.text


@pytest.mark.parametrize(
    ("pager", "told"),
    [
        ("no-such-program -x", "there is no program 'no-such-program'; set PAGER to one that is installed"),
        ("/etc/passwd", "the pager cannot be used: Permission denied; PAGER is /etc/passwd"),
        ("less 'x", "PAGER cannot be read: less 'x; it has a quote without its other half"),
        ("false", "false ended with exit code 1; set PAGER to another program"),
    ],
)
def test_a_pager_that_does_not_work_is_told_in_the_app(tmp_path: Path, pager: str, told: str) -> None:
    with paging(tmp_path, PAGER=pager) as terminal:
        terminal.until(told)
        assert list(tmp_path.iterdir()) == []
        terminal.press("q")
        assert terminal.wait_exit() == 0
        terminal.usable()


def test_ctrl_z_stops_the_pager_and_the_app_together(tmp_path: Path) -> None:
    with Terminal(["--norc", "-i"], command=("bash",), env={"PS1": "shell$ "}) as shell:
        shell.until("shell$")
        shell.press(f"{' '.join(SMALL)} {tmp_path}", "enter")
        shell.until("ready")
        shell.press("o")
        shell.until("line 20")
        shell.settle()  # less does not hear of a signal that comes just before it begins to read keys
        shell.press("ctrl+z")
        shell.until("Stopped")
        shell.until("shell$")
        shell.press("fg", "enter")
        shell.until("line 20")
        shell.press("q")
        shell.until("back from the pager")
        shell.press("q")
        shell.until("shell$")


def test_a_terminal_that_goes_away_ends_both(tmp_path: Path) -> None:
    with paging(tmp_path) as terminal:
        terminal.until("line 20")
        terminal.hang_up()
        terminal.process.wait(timeout=10)
        assert terminal.process.returncode == 128 + signal.SIGHUP
        assert os.listdir(tmp_path) == []
