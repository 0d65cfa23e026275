"""The app borrows a terminal, and gives it back whatever happens."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import until
from tests.tui.terminal import Terminal

SMALL = (sys.executable, "-m", "tests.tui.small")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Terminal]:
    with Terminal([str(tmp_path)], command=SMALL, env={"TMPDIR": str(tmp_path)}) as terminal:
        terminal.until("ready")
        yield terminal


def test_q_leaves_the_terminal_as_it_was(small: Terminal) -> None:
    assert small.modes()[1049]
    small.press("q")
    assert small.wait_exit() == 0
    small.usable()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_the_app_in_order(small: Terminal, number: signal.Signals) -> None:
    small.kill(number)
    assert small.wait_exit() == 128 + number
    small.usable()
    assert b"Traceback" not in small.recorded


def test_ctrl_c_is_a_key_and_ends_nothing(small: Terminal) -> None:
    small.press("ctrl+c")
    small.until("quit the app")
    small.press("k")
    small.until("k was pressed")


def test_an_app_that_does_not_answer_is_ended_all_the_same(small: Terminal) -> None:
    small.press("w")  # from now on it fills the terminal, which nobody reads
    until(lambda: _waits_for_its_terminal(small.pid), "the app to hang")
    small.kill(signal.SIGTERM)
    small.process.wait(timeout=15)
    assert small.process.returncode == 128 + signal.SIGTERM
    assert small.attributes_now() == small.attributes


def _waits_for_its_terminal(pid: int) -> bool:
    return any(
        "wait_woken" in Path(f"/proc/{pid}/task/{task}/wchan").read_text() for task in os.listdir(f"/proc/{pid}/task")
    )


def test_a_second_signal_ends_it_at_once(small: Terminal) -> None:
    small.press("w")
    until(lambda: _waits_for_its_terminal(small.pid), "the app to hang")
    small.kill(signal.SIGTERM)
    time.sleep(0.2)  # signals of the same kind would be taken for one
    begun = time.monotonic()
    small.kill(signal.SIGINT)
    small.process.wait(timeout=15)
    assert time.monotonic() - begun < 2


def test_a_terminal_that_goes_away_ends_the_app_quickly(small: Terminal) -> None:
    small.hang_up()
    small.process.wait(timeout=5)
    assert small.process.returncode == 128 + signal.SIGHUP


def test_a_terminal_that_goes_away_is_noticed_also_by_who_ignores_hangups(tmp_path: Path) -> None:
    command = ("/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh", *SMALL)
    with Terminal([str(tmp_path)], command=command) as terminal:
        terminal.until("ready")
        terminal.hang_up()
        terminal.process.wait(timeout=5)
        assert terminal.process.returncode == 128 + signal.SIGHUP


def test_an_exception_is_told_in_two_lines_and_kept_in_a_file(tmp_path: Path) -> None:
    with Terminal([str(tmp_path)], size=(200, 20), command=SMALL) as terminal:
        terminal.until("ready")
        terminal.press("x")
        assert terminal.wait_exit() == 1
        terminal.usable()
    log = tmp_path / "app-crash.log"
    assert [line for line in terminal.screen_lines() if line] == [
        "Error: the app met a fault of its own: ZeroDivisionError: of all things␛[2J",
        f"Hint: workers go on as before; it is in {log}",
    ]
    assert log.stat().st_mode & 0o777 == 0o600
    assert "in action_fail" in log.read_text()
    assert "\x1b" not in log.read_text()


def test_a_traceback_is_shown_to_who_asks_for_it(tmp_path: Path) -> None:
    with Terminal([str(tmp_path)], command=SMALL, env={"QUEUECTL_DEBUG": "1"}) as terminal:
        terminal.until("ready")
        terminal.press("x")
        assert terminal.wait_exit() == 1
        terminal.usable()
        assert b"in action_fail" in terminal.recorded


def test_an_exception_is_kept_elsewhere_if_the_stores_folder_cannot_take_it(tmp_path: Path) -> None:
    with Terminal(["/no/such/folder"], command=SMALL, env={"TMPDIR": str(tmp_path)}) as terminal:
        terminal.until("ready")
        terminal.press("x")
        assert terminal.wait_exit() == 1
    (log,) = tmp_path.glob("queuectl-*.log")
    assert "ZeroDivisionError" in log.read_text()


def test_a_stop_gives_the_terminal_back_and_going_on_takes_it_again(small: Terminal) -> None:
    for _ in range(3):
        small.kill(signal.SIGTSTP)
        small.until_true(small.is_stopped, "the app to stop")
        small.read_for(0.05)
        small.usable()
        small.kill(signal.SIGCONT)
        small.until_true(lambda: small.modes()[1049], "the app to come back")
        small.press("k")
        small.until("k was pressed")
    small.press("q")
    assert small.wait_exit() == 0
    small.usable()


def test_a_stop_that_cannot_be_caught_does_no_harm(small: Terminal) -> None:
    small.kill(signal.SIGSTOP)
    small.until_true(small.is_stopped, "the app to stop")
    _go_on(small)
    small.press("k")
    small.until("k was pressed")
    small.press("q")
    assert small.wait_exit() == 0
    small.usable()


def _go_on(small: Terminal) -> None:
    """Continue, and wait until the app has the terminal again: what is typed just before is thrown away."""
    before = small.recorded.count(b"\x1b[?1049h")
    small.kill(signal.SIGCONT)
    small.until_true(lambda: small.recorded.count(b"\x1b[?1049h") > before, "the app to take the terminal again")
    small.settle()


def test_a_stray_continue_changes_nothing(small: Terminal) -> None:
    _go_on(small)
    small.press("k")
    small.until("k was pressed")
    small.press("q")
    assert small.wait_exit() == 0
    small.usable()


def test_a_shell_can_put_it_into_the_background_and_bring_it_back(tmp_path: Path) -> None:
    with Terminal(["--norc", "-i"], command=("bash",), env={"PS1": "shell$ "}) as shell:
        shell.until("shell$")
        shell.press(f"{' '.join(SMALL)} {tmp_path}", "enter")
        shell.until("ready")
        app = _child_of(shell.pid)
        os.kill(app, signal.SIGTSTP)
        shell.until("Stopped")
        shell.until("shell$")
        shell.press("bg", "enter")
        shell.read_for(0.3)
        shell.press("echo still a $((1 + 1))-way shell", "enter")
        shell.until("still a 2-way shell")
        assert not shell.modes()[1049]
        shell.press("fg", "enter")
        shell.until_true(lambda: shell.modes()[1049], "the app to come back")
        shell.until("ready")
        shell.press("q")
        shell.until("shell$")
        shell.press("echo code $?", "enter")
        shell.until("code 0")


def _child_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def test_broken_input_ends_nothing(small: Terminal) -> None:
    small.send(b"\x1b[M \xff\xfe\xc3\xff\x80")
    small.send(b"\x1b[99999999999999;1u\x1b[1;99999u\x1b]52;c;\x1b\\\x1b[?9999;9$y")
    small.read_for(0.3)
    small.press("k")
    small.until("k was pressed")


def test_mouse_reports_may_come_in_pieces(small: Terminal) -> None:
    report = b"\x1b[<0;5;1M"
    for cut in range(1, len(report)):
        small.send(report[:cut])
        small.read_for(0.02)
        small.send(report[cut:])
        small.until("the mouse was pressed")
        small.send(b"k")
        small.until("k was pressed")


def test_a_paste_of_a_mebibyte_arrives_whole(small: Terminal) -> None:
    small.press("i")
    small.until("now type")
    small.send(b"\x1b[200~" + b"a" * 2**20 + b"\x1b[201~")
    small.until("1048576 characters")
    small.press("ctrl+q")
    assert small.wait_exit() == 0
    small.usable()


def test_the_size_may_change_two_hundred_times(small: Terminal) -> None:
    for n in range(200):
        small.resize(20 + n, 5 + n % 70)
    small.resize(100, 30)
    small.until("size 100x30")
    small.press("q")
    assert small.wait_exit() == 0
    small.usable()
