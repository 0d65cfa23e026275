"""No text from outside drives the terminal: fault 32, seen by the bytes that the terminal gets."""

from __future__ import annotations

import base64
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from queuectl import NewJob, connect
from queuectl.core.job import State
from queuectl.core.plain import plain
from tests.patience import until
from tests.tui.hostile import HOSTILE, HOSTILE_OUTPUT
from tests.tui.sequences import strangers, tokens
from tests.tui.terminal import ROOT, Terminal, environment

BEGUN = b"\x1b[?1049h\x1b[38;5;1mtext\x1b[0m\x1b[1;2H"


@pytest.mark.parametrize(
    "evil",
    [
        b"\x1b[2J", b"\x1b]0;t\x07", b"\x1b]8;;x\x1b\\", b"\x1b[31;x", b"\x1bc", b"\x1b[?1000;25h", b"\x1b[>1u",
        b"\x1b[6n", b"\x1b]22;x;y\x07",
        b"\x1bPq\x1b\\", b"\x07", b"\x08", b"\x7f", b"\r", b"\n", b"\x00", b"\xc2\x9b2J", b"\x9b2J", "\u202e".encode(),
        "\u200b".encode(), "\u2028".encode(), "\U000e0041".encode(),
    ],
)  # fmt: skip
def test_the_check_finds_what_textual_did_not_make(evil: bytes) -> None:
    assert strangers(BEGUN) == []
    assert strangers(BEGUN + evil + b"x" + BEGUN)
    assert b"".join(token.data for token in tokens(BEGUN + evil)) == BEGUN + evil


@pytest.fixture
def posters() -> Iterator[Terminal]:
    with Terminal(size=(100, 40), command=(sys.executable, "-m", "tests.tui.posters")) as terminal:
        yield terminal


def test_the_net_holds_what_was_not_made_visible(posters: Terminal) -> None:
    posters.until("all were shown")
    posters.press("ctrl+q")
    assert posters.wait_exit() == 0
    posters.usable()
    assert strangers(posters.recorded) == []
    assert b"EVIL" in posters.recorded
    assert b"pwned" in posters.recorded
    assert len(HOSTILE) > 20


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Commands, directories, unique keys, outputs and errors are hostile, in every state; two jobs run."""
    folder = tmp_path_factory.mktemp("hostile")
    with closing(connect(str(folder / "queue.db"), create=True)) as queue:
        queue.jobs.add(_jobs(folder))
        queue.jobs.add([NewJob(text, "/tmp", id=f"held-{name}", held=True) for name, text in HOSTILE.items()])
        _program("--db", queue.location, "worker", "start", "--count", "4", "--detach")
        wanted = len(HOSTILE_OUTPUT)
        try:
            until(lambda: queue.counts().of(State.DEAD) >= wanted, "all that die to be dead", 60)
            until(lambda: queue.counts().of(State.COMPLETED) >= wanted, "all others to be done", 60)
            until(lambda: queue.counts().of(State.PROCESSING) == 2, "two to run")
            yield queue.location
        finally:
            queue.pools.stop(force=True)


def _program(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "queuectl", *words], env=environment({}), cwd=ROOT, check=True)


def _jobs(folder: Path) -> list[NewJob]:
    jobs = []
    for name, output in HOSTILE_OUTPUT.items():
        text = HOSTILE.get(name, name)
        place = os.path.join(folder, text.replace("/", "_")[:60])
        os.makedirs(place, exist_ok=True)
        file = folder / f"{name}.out"
        file.write_bytes(output)
        shown = f"cat {shlex.quote(str(file))}"
        key = text[:60] if name in HOSTILE else None
        jobs.append(NewJob(f"{shown}; exit 3 # {text}", id=f"dead-{name}", cwd=place, max_retries=1, unique_key=key))
        jobs.append(NewJob(f"{shown}; exit 0 # {text}", id=f"done-{name}", cwd=place))
    everything = f"cat {shlex.quote(str(folder))}/*.out; sleep 600"
    jobs += [NewJob(f"{everything} # {HOSTILE[name]}", id=f"run-{name}", cwd="/tmp") for name in ("title", "bidi")]
    return jobs


def test_no_pane_lets_a_text_drive_the_terminal(store: str) -> None:
    with Terminal(["--db", store, "tui"], size=(120, 40)) as terminal:
        terminal.until("1 Pending")
        _look_at_each(terminal, "1", "held-")
        _look_at_each(terminal, "2", "run-", _job)
        _look_at_each(terminal, "3", "dead-", _output)
        _look_at_each(terminal, "6", "done-")
        _press(terminal, *"3tt457", "esc", "3", "R", "esc", "d", "esc", "Y", "esc", "?", "esc", "@", "esc")
        _leave(terminal)


def test_no_form_and_no_narrow_pane_lets_a_text_drive_the_terminal(store: str) -> None:
    with Terminal(["--db", store, "tui"], size=(80, 24)) as terminal:
        terminal.until("1 Pending")
        _look_at_each(terminal, "1", "held-", _form)
        _look_at_each(terminal, "3", "dead-")
        _leave(terminal)


def test_what_is_copied_drives_no_terminal_that_it_is_pasted_into(store: str) -> None:
    with Terminal(["--db", store, "tui"], size=(80, 24)) as terminal:
        terminal.until("1▸Pending")
        for name in ("title", "clipboard", "c1", "bidi"):
            terminal.press("/", f"held-{name}", "enter")
            terminal.until(f"▸  held-{name} ")
            for key in "clj":
                terminal.press("Y")
                terminal.until(f"Copy of held-{name}")
                terminal.press(key)
                terminal.until_gone(f"Copy of held-{name}")
            terminal.press("esc")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    copied = [base64.b64decode(text) for text in re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", terminal.recorded)]
    assert len(copied) == 12
    assert any(b"pwned" in text for text in copied)
    assert all(plain(text.decode(), one_line=False) == text.decode() for text in copied)


def _press(terminal: Terminal, *keys: str) -> None:
    for key in keys:
        terminal.press(key)
        terminal.settle(0.12)


def _leave(terminal: Terminal) -> None:
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0
    terminal.usable()
    assert strangers(terminal.recorded) == []
    assert "␛]0;pwned␇".encode() in terminal.recorded


def _look_at_each(terminal: Terminal, pane: str, ids: str, look: Callable[[Terminal], None] | None = None) -> None:
    """Every row of the pane with its detail, and what opens on it."""
    terminal.press(pane, "g")
    seen: set[str] = set()
    for _ in range({"held-": len(HOSTILE), "run-": 2}.get(ids, len(HOSTILE_OUTPUT))):
        terminal.until_true(lambda: _is_new(_row(terminal), ids, seen), f"a row of {ids} and its detail")
        seen.add(_row(terminal))
        if look is not None:
            look(terminal)
        terminal.press("j")
    terminal.settle(0.12)
    assert _row(terminal) in seen, "that was the last one"


def _row(terminal: Terminal) -> str:
    """The job under the cursor of the pane with focus, which has a heavy border, once Detail shows it, too."""
    lines = terminal.screen_lines()
    row = next((found[1] for line in lines if (found := re.search(r"┃▸ +(\S+)", line))), "")
    return row if any(f"0 Detail  {row} " in line for line in lines) else ""


def _is_new(row: str, ids: str, seen: set[str]) -> bool:
    return row.startswith(ids) and row not in seen


def _form(terminal: Terminal) -> None:
    terminal.press("e")
    terminal.until("ctrl+s")
    terminal.press("esc")
    terminal.until_gone("ctrl+s")


def _output(terminal: Terminal) -> None:
    terminal.press("enter")
    terminal.until("─ Job ")
    terminal.until("% ━┛")
    terminal.press("esc")
    terminal.until_gone("─ Job ")


def _job(terminal: Terminal) -> None:
    terminal.press("enter")
    terminal.until("─ Job ")
    _press(terminal, "w", "tab", "tab", "esc")
    terminal.until_gone("─ Job ")
