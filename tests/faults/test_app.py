"""Faults 44 to 47: the app, on a real terminal, under what its store, its system and people do to it."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import apsw
import pytest

from queuectl.core.job import NewJob, State
from queuectl.core.selector import EVERYTHING
from tests.faults.disks import fill
from tests.faults.harness import GATED, POWERLESS, Ground
from tests.faults.sizes import SHARE, dice, in_two_sizes
from tests.patience import DEADLINE_S
from tests.pools.conftest import ROOT, alive, children
from tests.store import test_opening as spoilt
from tests.tui.holders import held
from tests.tui.terminal import Terminal
from tests.tui.whole import flat

PROGRAM = (sys.executable, "-m", "queuectl")
JOBS = 50
ROW = "echo 0"
RESIZES = 200
SMALLEST, LARGEST = (20, 5), (250, 80)


@pytest.fixture
def app(ground: Ground) -> Iterator[Terminal]:
    """The program over the store of the ground, in which jobs wait; nothing that it sends is a traceback."""
    ground.queue.jobs.add([NewJob(f"echo {n}", "/") for n in range(JOBS)])
    with Terminal(["--db", ground.queue.location], command=(*POWERLESS, *PROGRAM)) as app:
        app.until(ROW)
        yield app
    assert b"Traceback" not in app.recorded


def leave(app: Terminal) -> None:
    app.press("q")
    assert app.wait_exit() == 0
    app.usable()


def told(app: Terminal, words: str) -> None:
    """Wait until the app says it, wrapped or not."""
    app.until_true(lambda: words in flat(app.text), words)


# 44: the store


def test_44_a_store_that_is_busy(app: Terminal, ground: Ground) -> None:
    """The app says since when, and keeps the last picture with its age; then it goes on by itself."""
    with held(ground.queue.location, "recovering"):
        app.until("! BUSY")
        app.until_true(lambda: re.search(r"! store busy for [5-9] s · trying again", app.text) is not None, "its age")
        assert ROW in app.text
        app.press("j")
        app.until("▸  j2 ")
    app.until_gone("store busy")
    assert "! STALLED" in app.text
    ground.queue.jobs.add([NewJob("echo later", "/", priority=9)])
    app.press("g")
    app.until("echo later")
    leave(app)


def test_44_a_disk_that_is_full(disk: Path, app: Terminal, ground: Ground) -> None:
    """The app says so for as long as it is, keeps what it shows, and changes nothing; then it can again."""
    filled = fill(disk)
    app.until("! no room is left on the store's disk")
    assert "! FULL" in app.text
    app.press("x")
    told(app, "there is no room left to write to the store")
    assert (ROW in app.text, ground.job("j1").state) == (True, State.PENDING)
    filled.unlink()
    app.until_gone("no room is left")
    app.press("x")
    app.until_gone(ROW)
    assert ground.job("j1").state is State.CANCELLED
    leave(app)


class Spoilt(NamedTuple):
    """What lies in the store's place, and what is said of it and to do about it."""

    make: Callable[[Path], object]
    says: str
    hint: str


def closed_store(path: Path) -> None:
    spoilt.made(path)
    path.chmod(0)


SPOILT = {
    "text": Spoilt(spoilt.text_file, "is not a store of queuectl", "name another file with --db"),
    "damaged": Spoilt(spoilt.truncated_store, "is damaged", "and restore a copy"),
    "without rights": Spoilt(closed_store, "cannot be opened or written", "allow it: chmod u+rw"),
    "newer": Spoilt(spoilt.newer_store, "was made by a newer queuectl", "update queuectl (this is"),
    "gone": Spoilt(lambda _: None, "there is no store at", "queuectl init makes one"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_44_a_store_that_cannot_be_read_any_more(app: Terminal, ground: Ground, what: str) -> None:
    """A message in the place of all panes says what it is and what to do; it is left alone, and shown when back."""
    store, kept = ground.folder / "queue.db", ground.folder / "kept"
    kept.mkdir()
    for path in sorted(ground.folder.glob("queue.db*")):
        if path.is_file():
            path.rename(kept / path.name)
    SPOILT[what].make(store)
    before = spoilt.traces(ground.folder)
    app.until("✗ The store cannot be read")
    told(app, SPOILT[what].says)
    told(app, SPOILT[what].hint)
    assert not any(words in app.text for words in (ROW, "Pending"))
    app.press("r", "x")
    app.read_for(0.3)
    assert spoilt.traces(ground.folder) == before
    for path in kept.iterdir():
        path.rename(ground.folder / path.name)
    app.until(ROW)
    leave(app)


def test_44_a_store_without_rights(ground: Ground) -> None:
    """It is named with what to do; that helps at once, and nobody has to ask again."""
    store = ground.folder / "queue.db"
    store.chmod(0)
    with Terminal(["--db", str(store)], command=(*POWERLESS, *PROGRAM)) as app:
        told(app, "cannot be opened or written")
        told(app, "allow it: chmod u+rw")
        store.chmod(0o600)
        app.until("No jobs yet.")
        leave(app)


def test_44_a_store_that_a_newer_program_upgrades(app: Terminal, ground: Ground) -> None:
    """As above, of the same file."""
    with closing(apsw.Connection(ground.queue.location)) as newer:
        newer.pragma("user_version", 99)
        told(app, "was made by a newer queuectl")
        newer.pragma("user_version", 1)
    app.until(ROW)
    leave(app)


# 45: the end

ENDS = {"SIGTERM": 143, "SIGHUP": 129, "SIGKILL": 137, "exception": 1}
FAULTY = """import sys
def watch(event, args):
    if event == "import" and args[0] == "queuectl.tui.screens.metrics":
        raise ZeroDivisionError("of all things")
sys.addaudithook(watch)
"""
"""Makes the app meet a fault of its own as soon as it is asked for the charts."""
IN_SHELL = '"$@"; code=$?; test $code != 137 || reset; echo "code $code"; read line; echo "read $line"'


@pytest.mark.parametrize("how", ENDS)
def test_45_the_app_ends(ground: Ground, how: str) -> None:
    """The shell gets the code and a terminal that it can use, after kill -9 with `reset`; the pool goes on."""
    (ground.folder / "sitecustomize.py").write_text(FAULTY)
    id = ground.add(GATED)
    command = ("/bin/sh", "-c", IN_SHELL, "sh", *PROGRAM)
    path = {"PYTHONPATH": f"{ground.folder}:{ROOT}"}
    with Terminal(["--db", ground.queue.location], command=command, env=path) as shell:
        shell.until("1 Pending")
        shell.press("4", "n")
        run = ground.begun(id)
        try:
            _end(shell, how)
            assert alive(run.pid)
            (ground.folder / "go").touch()
            ground.until_state(id, State.COMPLETED)
            ground.until_state(ground.add("true"), State.COMPLETED)
            assert len(ground.runs(id)) == 1
        finally:
            ground.queue.pools.stop(force=True, timeout_s=DEADLINE_S)
    assert b"Traceback" not in shell.recorded


def _end(shell: Terminal, how: str) -> None:
    """End the app, and use the terminal that it was on."""
    (app,) = children(shell.pid)
    assert shell.modes()[1049]
    drawn = len(shell.recorded)
    if how == "exception":
        shell.press("7")
    else:
        os.kill(app, signal.Signals[how])
    shell.until(f"code {ENDS[how]}")
    if how == "SIGKILL":
        assert b"\x1bc" in shell.recorded[drawn:], "all modes of the terminal are reset"
    else:
        shell.usable()
    if how == "exception":
        assert "Error: the app met a fault of its own: ZeroDivisionError: of all things" in shell.text
        assert "Hint: workers go on as before" in shell.text
    shell.press("a line", "enter")
    shell.until("read a line")
    assert "\na line\n" in shell.text, "what is typed is echoed"
    assert shell.wait_exit() == 0


# 46: the size


@in_two_sizes
def test_46_any_size(app: Terminal, share: int) -> None:
    """Whatever size the terminal is given in whatever haste, it is filled, and all of it works afterwards."""
    chance = dice()
    for n in range(RESIZES if share == SHARE else 10 * RESIZES):
        size = chance.randint(SMALLEST[0], LARGEST[0]), chance.randint(SMALLEST[1], LARGEST[1])
        if n % 20 == 0:
            app.press(chance.choice("1234560"))
            _filled(app, size)
        else:
            app.resize(*size)
    for size in (SMALLEST, LARGEST, (80, 24)):
        _filled(app, size)
    app.press("esc", "1")
    app.until(ROW)
    leave(app)


def _filled(app: Terminal, size: tuple[int, int]) -> None:
    """Give the terminal that size, and wait until all its lines are drawn, from the first one on."""
    drawn = len(app.recorded)
    app.resize(*size)

    def heights() -> list[int]:
        frames = app.recorded[drawn:].split(b"\x1b[1;1H")[1:]
        return [max(map(int, re.findall(rb"\x1b\[(\d+);\d+H", frame)), default=1) for frame in frames]

    app.until_true(lambda: size[1] in heights(), f"{size} to be filled")


# 47: the input


def test_47_broken_input(app: Terminal, ground: Ground) -> None:
    """What is no UTF-8, or no sequence that anybody knows, is neither a key nor the end."""
    app.send(b"\x1b[M \xff\xfe\xc3\xff\x80")
    app.send(b"\x1b[99999999999999;1u\x1b[1;99999u\x1b]52;c;\x1b\\\x1b[?9999;9$y")
    app.settle()
    app.press("j")
    app.until("0 Detail  j2")
    assert ground.queue.jobs.count(EVERYTHING) == JOBS
    leave(app)


def test_47_mouse_reports_in_pieces(app: Terminal) -> None:
    """They are clicks, wherever they are cut."""
    column = app.screen_lines()[1].index("DLQ") + 1
    report = f"\x1b[<0;{column};2M\x1b[<0;{column};2m".encode()
    for cut in range(2, len(report), 3):  # cut behind Escape it could be a key as well
        app.settle()
        app.send(report[:cut])
        app.read_for(0.02)
        app.send(report[cut:])
        app.until("3▸DLQ")
        app.press("1")
        app.until("1▸Pending")
    leave(app)


def test_47_a_paste_of_a_mebibyte(app: Terminal, ground: Ground) -> None:
    """On a list no letter of it is a key; in a form it is text."""
    app.send(b"\x1b[200~" + b"xdK y\n" * (2**20 // 6) + b"\x1b[201~")
    app.press("n")
    app.until("New job")
    app.send(b"\x1b[200~" + b"echo pasted; " + b"a" * 2**20 + b"\x1b[201~")
    app.until("aaaaaaaa")
    app.press("esc")
    app.until_gone("New job")
    app.until(ROW)
    assert ground.queue.counts().total == JOBS
    leave(app)
