"""The whole app under what terminals, people and systems do to programs; pools go on."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from queuectl.core.job import NewJob
from queuectl.core.lifecycle import Cancel
from queuectl.core.selector import EVERYTHING
from queuectl.queue import Queue
from queuectl.wiring import connect
from tests.patience import DEADLINE_S
from tests.tui.terminal import KEYS, Terminal

RESIZES = 200
SMALLEST, LARGEST = (20, 5), (250, 80)


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    queue = connect(str(tmp_path / "queue.db"), create=True)
    queue.jobs.add([NewJob(f"echo {n}", "/") for n in range(50)])
    yield queue
    queue.close()


@pytest.fixture
def app(queue: Queue) -> Iterator[Terminal]:
    with Terminal(["--db", queue.location]) as app:
        app.until("echo 0")
        yield app


def leave(app: Terminal) -> None:
    app.press("q")
    assert app.wait_exit() == 0
    app.usable()


def test_it_lives_through_two_hundred_sizes(app: Terminal) -> None:
    chance = random.Random(46)
    for n in range(RESIZES):
        app.resize(chance.randint(SMALLEST[0], LARGEST[0]), chance.randint(SMALLEST[1], LARGEST[1]))
        if n % 10 == 0:
            app.press(chance.choice("1234560"))
    for size in (SMALLEST, LARGEST, (80, 24)):
        app.resize(*size)
        app.read_for(0.3)
    app.press("esc", "1")
    app.until("echo 0")
    leave(app)


def test_broken_input_is_neither_a_key_nor_the_end(app: Terminal, queue: Queue) -> None:
    app.send(b"\x1b[M \xff\xfe\xc3\xff\x80")
    app.send(b"\x1b[99999999999999;1u\x1b[1;99999u\x1b]52;c;\x1b\\\x1b[?9999;9$y")
    app.settle()
    app.press("j")
    app.until("0 Detail  j2")
    assert queue.jobs.count(EVERYTHING) == 50
    leave(app)


def test_mouse_reports_that_come_in_pieces_are_clicks(app: Terminal) -> None:
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


def test_a_paste_of_a_mebibyte_is_text_wherever_it_goes(app: Terminal, queue: Queue) -> None:
    paste = b"\x1b[200~" + b"xdK y\n" * (2**20 // 6) + b"\x1b[201~"
    app.send(paste)  # on a list: no letter of it is a key
    app.press("n")
    app.until("New job")
    app.send(b"\x1b[200~" + b"echo pasted; " + b"a" * 2**20 + b"\x1b[201~")
    app.until("aaaaaaaa")
    app.press("esc")
    app.until_gone("New job")
    app.until("echo 0")
    assert queue.counts().total == 50
    leave(app)


@pytest.mark.parametrize("keys", [":", "Y"], ids=["palette", "copy-menu"])
@pytest.mark.parametrize("page", ["pgup", "pgdn"])
def test_a_page_key_typed_ahead_of_a_list_of_options_does_nothing_bad(app: Terminal, keys: str, page: str) -> None:
    app.send(keys.encode() + KEYS[page].encode())
    app.until("Search for commands" if keys == ":" else "Copy of j1")
    app.press("esc")
    app.until_gone("Search for commands" if keys == ":" else "Copy of j1")
    leave(app)


def test_a_kill_leaves_the_pool_at_work(app: Terminal, queue: Queue) -> None:
    app.press("4", "n")
    app.until("1 of 1")
    app.kill(signal.SIGKILL)
    assert app.wait_exit() == -signal.SIGKILL
    (added,) = queue.jobs.add([NewJob("true", "/")])
    assert added is not None
    assert queue.jobs.wait([added.id], DEADLINE_S).completed == 1
    queue.jobs.change_matching(EVERYTHING, Cancel(force=True), queue.jobs.bound())
    queue.pools.stop(force=True, timeout_s=DEADLINE_S)
