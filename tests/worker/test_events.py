"""One line an event; what cannot be written at once is left out, and nobody waits."""

import os
import select
import stat
import subprocess
import sys
from contextlib import contextmanager

import pytest

from queuectl.errors import StoreUnusable
from queuectl.worker import events
from queuectl.worker.events import Events


@contextmanager
def standard_error_to(descriptor):
    """Within it standard error of this process is another descriptor, which is closed."""
    before = os.dup(2)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)


@contextmanager
def a_pipe():
    """Standard error is a pipe; gives its reading end."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with standard_error_to(writing):
        yield reading
    os.close(reading)


def said(text):
    with a_pipe() as pipe:
        Events("p1", bounded=False).say(text)
        return os.read(pipe, 1 << 17)


def test_an_event_is_a_line_with_time_and_name():
    line = said("2 workers started").decode()
    assert line[2] == line[5] == ":"
    assert line[8:] == " p1 2 workers started\n"


def test_hostile_text_is_made_visible():
    line = said("j1 started: \x1b[2J\nforged\u202e\udc80")
    assert b"\x1b" not in line
    assert line.count(b"\n") == 1
    assert "\u202e".encode() not in line


@pytest.mark.parametrize("letter", ["x", "é", "€", "🙂"])
def test_a_long_line_is_cut_within_what_a_pipe_takes_at_once_and_still_ends(letter):
    line = said(letter * 100_000)
    assert len(line) <= select.PIPE_BUF
    assert line.decode().endswith(f"{letter}\n")


def test_a_reader_that_does_not_read_keeps_nobody_waiting_and_hears_how_much_it_missed():
    with a_pipe() as pipe:
        says = Events("p1", bounded=False)
        for _ in range(5000):
            says.say("x" * 100)
        missed = 5000 - os.read(pipe, 1 << 20).count(b"\n")
        says.say("once more")
        last = os.read(pipe, 1 << 20).decode()
    assert missed > 0
    assert last[8:] == f" p1 ({missed} lines left out) once more\n"


def test_what_is_noted_comes_together_in_order_and_behind_nothing_else():
    with a_pipe() as pipe:
        says = Events("p1", bounded=False)
        for number in range(200):
            says.note(f"{number} {'x' * 100}")
        assert not select.select([pipe], [], [], 0)[0]
        says.say("the last")
        lines = os.read(pipe, 1 << 17).decode().splitlines()
    assert [line.split()[2] for line in lines] == [*map(str, range(200)), "the"]


def test_a_terminal_that_is_not_read_keeps_nobody_waiting():
    ours, theirs = os.openpty()
    with standard_error_to(theirs):
        says = Events("p1", bounded=False)
        for _ in range(200):
            says.say("x" * 1500)
        assert os.get_blocking(2), "the terminal that others share must stay as it was"
    assert os.read(ours, 100).count(b"x") > 0
    os.close(ours)


def test_a_standard_error_that_nobody_reads_any_more_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    with standard_error_to(writing):
        Events("p1", bounded=False).say("nobody hears this")


def test_a_log_keeps_its_newer_half_when_it_outgrows_a_mebibyte(tmp_path):
    path = tmp_path / "p1.log"
    program = (
        "import sys\nfrom queuectl.worker import events\nevents.open_log(sys.argv[1])\n"
        "says = events.Events('p1', bounded=True)\nfor number in range(15_000): says.say(f'{number} ' + 'x' * 100)\n"
    )
    subprocess.run([sys.executable, "-c", program, path], check=True)
    lines = path.read_text().splitlines()
    assert path.stat().st_size <= (1 << 20) + 4096
    numbers = [int(line.split()[2]) for line in lines]
    assert numbers == list(range(numbers[0], 15_000))
    assert len(numbers) > 3000
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_log_that_is_a_link_is_not_followed(tmp_path):
    (tmp_path / "p1.log").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreUnusable, match="symbolic links"):
        events.open_log(f"{tmp_path}/p1.log")
    assert not (tmp_path / "elsewhere").exists()
