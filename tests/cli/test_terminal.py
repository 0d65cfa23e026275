"""What a person sees who sits at a terminal of 80 columns."""

from __future__ import annotations

import json
import os
import pty
import re
from collections.abc import Iterator

import pytest

from tests.cli.conftest import Program

LONG = "a-name-of-some-thirty-characters"


class Terminal:
    def __init__(self, program: Program) -> None:
        self.program = program
        program.env |= {"COLUMNS": "80", "TERM": "dumb", "TZ": "Asia/Kolkata"}

    def __call__(self, *words: str) -> list[str]:
        """The lines that appear, of standard output and standard error."""
        ours, theirs = pty.openpty()
        with self.program.start(*words, stdin=theirs, stdout=theirs, stderr=theirs):
            os.close(theirs)
            said = b"".join(parts(ours))
        os.close(ours)
        return said.decode().replace("\r\n", "\n").splitlines()


def parts(terminal: int) -> Iterator[bytes]:
    try:
        while part := os.read(terminal, 65_536):
            yield part
    except OSError:  # nobody has the other end any more
        return


@pytest.fixture
def terminal(program: Program) -> Terminal:
    return Terminal(program)


def test_a_list_says_why_jobs_wait_and_never_cuts_an_id(program: Program, terminal: Terminal) -> None:
    program.ok("enqueue", "--id", LONG, "--delay", "30m", "echo " + "word " * 30)
    program.ok("enqueue", "--hold", "true")
    title, later, held = terminal("list")
    assert title.split() == ["ID", "STATE", "ATTEMPTS", "AGE", "COMMAND"]
    assert re.match(rf"{LONG}  pending \(in (30m 00s|29m 5\ds)\) ", later)
    assert "pending (held)" in held
    assert max(map(len, (title, later, held))) <= 80
    program.ok("enqueue", "--queue", "media", "true")
    assert "QUEUE" in terminal("list")[0]
    assert "(in" not in program.ok("list").out


def test_the_dead_letter_queue_shows_the_error_and_a_short_local_time(program: Program, terminal: Terminal) -> None:
    program.ok("enqueue", "--max-retries", "1", "echo the reason why it failed at all >&2; exit 2")
    program.ok("worker", "start", "--drain")
    title, row = terminal("dlq", "list")
    assert title.split() == ["ID", "ATTEMPTS", "DIED-AT", "ERROR", "COMMAND"]
    assert re.search(r" 1/1  \d\d:\d\d:\d\d  exit 2 · the reason why", row)
    shown = terminal("show")
    assert next(line for line in shown if line.startswith("state")).split("  ")[-1].strip() == (
        "dead, 1 of 1 attempts made"
    )
    assert re.search(r"took +\d+ ms", "\n".join(shown))
    assert "exit 2 · the reason" in shown[-2] + shown[-1]


def test_times_are_local_on_a_terminal_and_utc_in_a_pipe(program: Program, terminal: Terminal) -> None:
    program.ok("enqueue", "--run-at", "2031-01-01T00:00:00Z", "true")
    assert any("2031-01-01 05:30:00" in line for line in terminal("status"))
    assert sum("2031-01-01 05:30:00" in line for line in terminal("show")) == 2
    assert "run at         2031-01-01T00:00:00.000Z" in program.ok("show").out


def test_what_is_left_out_is_said_last(program: Program, terminal: Terminal) -> None:
    assert terminal("list")[-1] == "No jobs"
    program.ok("enqueue", "-", stdin="true\n" * 203)
    lines = terminal("list")
    assert lines[-1] == "3 more jobs, older than these; --limit 0 shows all"
    assert len(lines) == 202
    assert terminal("dlq", "list") == ["No dead jobs"]


def test_a_store_that_is_not_there_is_named(program: Program, terminal: Terminal) -> None:
    told = f"There is no store at {program.store}: taken for an empty queue"
    for words in (["list"], ["worker", "stop"], ["worker", "list"], ["wait", "--all"]):
        assert terminal(*words)[0] == told
    assert json.loads("\n".join(terminal("list", "--json"))) == []
    assert terminal("worker", "list") == [told, "No worker is running; start one: queuectl worker start"]


def test_settings_are_shown_whole_in_80_columns(program: Program, terminal: Terminal) -> None:
    program.ok("init")
    lines = terminal("config", "show")
    assert max(map(len, lines)) <= 80
    assert not any("…" in line for line in lines)


def test_what_belongs_to_an_earlier_attempt_says_so(program: Program) -> None:
    program.ok("config", "set", "backoff-base", "1000")
    program.ok("enqueue", "exit 3")
    program.ok("worker", "start", "--detach")
    program("wait", "j1", "--timeout", "0.5s", code=124)
    program.ok("worker", "stop")
    shown = program.ok("show").out
    assert "failed, 1 of 3 attempts made" in shown
    assert "\nlast exit code 3\n" in shown
