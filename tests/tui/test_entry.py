"""How the app is opened and left: `queuectl` alone, `queuectl tui`, `queuectl demo`."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.patience import until
from tests.tui.terminal import ROOT, Terminal, environment

HINT = "Hint: queuectl status and queuectl list show the jobs"


class Shell:
    """Runs commands on one store without a terminal, or on one."""

    def __init__(self, folder: Path) -> None:
        self.store = folder / "queue.db"
        self.env = {"HOME": str(folder), "QUEUECTL_DB_PATH": str(self.store), "TMPDIR": str(folder)}

    def __call__(self, *words: str, code: int = 0) -> str:
        command = [sys.executable, "-m", "queuectl", *words]
        done = subprocess.run(
            command, env=environment(self.env), cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        assert done.returncode == code, done
        return done.stdout + done.stderr

    def on_terminal(self, *words: str, size: tuple[int, int] = (120, 40), **variables: str) -> Terminal:
        return Terminal(words, size, self.env | variables)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(tmp_path)
    yield shell
    if shell.store.exists():
        shell("worker", "stop", "--force", "--timeout", "20s")


def test_without_a_terminal_no_command_shows_the_status(shell: Shell) -> None:
    assert "Active workers: 0" in shell()


@pytest.mark.parametrize("words", [["tui"], ["dashboard"], ["tui", "--read-only"]])
def test_without_a_terminal_the_app_points_at_the_command_line(shell: Shell, words: list[str]) -> None:
    said = shell(*words, code=2)
    assert said == f"Error: the app cannot be shown: standard input is no terminal\n{HINT}\n"
    assert not shell.store.exists()


@pytest.mark.parametrize("kind", ["dumb", ""])
def test_a_terminal_without_a_cursor_gets_the_status_or_the_reason(shell: Shell, kind: str) -> None:
    with shell.on_terminal(TERM=kind) as terminal:
        assert terminal.wait_exit() == 0
        assert "Active workers: 0" in terminal.text
    with shell.on_terminal("tui", TERM=kind) as terminal:
        assert terminal.wait_exit() == 2
        assert f"this terminal has no cursor (TERM={kind})" in terminal.text
        terminal.usable()
        assert b"\x1b" not in terminal.recorded


@pytest.mark.parametrize("words", [[], ["tui"], ["dashboard"]])
def test_on_a_terminal_the_app_opens_and_q_leaves_it(shell: Shell, words: list[str]) -> None:
    shell("enqueue", "--id", "first", "echo seen in the app")
    with shell.on_terminal(*words) as terminal:
        terminal.until("seen in the app")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        terminal.usable()
        assert "keep" not in terminal.text


def test_the_store_may_be_named(shell: Shell, tmp_path: Path) -> None:
    other = tmp_path / "the other.db"
    shell("--db", str(other), "enqueue", "echo from the other store")
    with shell.on_terminal("--db", str(other)) as terminal:
        terminal.until("from the other store")
        terminal.press("q")
        assert terminal.wait_exit() == 0


def test_whoever_leaves_is_told_that_workers_go_on(shell: Shell) -> None:
    shell("worker", "start", "--count", "2", "--detach")
    with shell.on_terminal("tui") as terminal:
        terminal.until("1 Pending")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert "2 workers keep running; stop them with queuectl worker stop" in terminal.text
    assert _active(shell) == 2


def test_the_note_names_a_store_that_was_named(shell: Shell, tmp_path: Path) -> None:
    other = str(tmp_path / "the other.db")
    shell("--db", other, "worker", "start", "--detach")
    try:
        with shell.on_terminal("--db", other, size=(200, 40)) as terminal:
            terminal.until("1 Pending")
            terminal.press("q")
            assert terminal.wait_exit() == 0
            told = f"1 worker keeps running; stop it with queuectl --db '{other}' worker stop"
            assert told in terminal.text
    finally:
        shell("--db", other, "worker", "stop", "--force")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_usable_and_the_pool_at_work(shell: Shell, number: signal.Signals) -> None:
    shell("worker", "start", "--detach")
    with shell.on_terminal("tui") as terminal:
        terminal.until("1 Pending")
        terminal.kill(number)
        assert terminal.wait_exit() == 128 + number
        terminal.usable()
    assert _active(shell) == 1
    shell("enqueue", "--id", "after", "true")
    shell("wait", "after", "--timeout", "20s")


def test_a_terminal_that_goes_away_ends_the_app_and_not_the_pool(shell: Shell) -> None:
    shell("worker", "start", "--detach")
    with shell.on_terminal("tui") as terminal:
        terminal.until("1 Pending")
        terminal.hang_up()
        terminal.process.wait(timeout=10)
        assert terminal.process.returncode == 128 + signal.SIGHUP
    assert _active(shell) == 1


def test_the_demo_is_shown_in_the_app_and_gone_afterwards(shell: Shell, tmp_path: Path) -> None:
    with shell.on_terminal("demo") as terminal:
        terminal.until("no-such-program")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        terminal.usable()
        assert "Your own: queuectl enqueue 'echo hello', then queuectl worker start" in terminal.text
    assert list(tmp_path.glob("queuectl-demo-*")) == []


def test_the_demo_is_gone_after_a_signal_too(shell: Shell, tmp_path: Path) -> None:
    with shell.on_terminal("demo") as terminal:
        terminal.until("1 Pending")
        terminal.kill(signal.SIGTERM)
        assert terminal.wait_exit() == 128 + signal.SIGTERM
        terminal.usable()
    until(lambda: list(tmp_path.glob("queuectl-demo-*")) == [], "the demo's folder to be removed")


def _active(shell: Shell) -> Any:
    return json.loads(shell("status", "--json"))["workers"]["active"]
