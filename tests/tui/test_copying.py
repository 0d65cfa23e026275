"""What is copied of jobs, and that nothing of it can drive the terminal that it is pasted into."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from queuectl.core.plain import plain
from queuectl.tui.deeds.copying import MOST_BYTES, text_of
from queuectl.tui.desk import Target
from queuectl.tui.panes import Pane
from queuectl.tui.screens.copymenu import Copied
from tests.tui.clerk import ERROR, Stock, office, on
from tests.tui.screen import piloted

HOSTILE = "echo '\x1b]0;pwn\x07 \x1b[201~ \u202e \x9b2J'"


@pytest.fixture
def stock(tmp_path: Path) -> Iterator[Stock]:
    stock = Stock(tmp_path / "queue.db")
    yield stock
    stock.close()


@piloted
async def test_y_copies_the_ids_of_the_marked_jobs(stock: Stock) -> None:
    first, second = stock.add(2)
    async with office(stock.path) as clerk:
        await clerk.do("queue.copy", on(stock.queue, Pane.PENDING, first))
        assert (clerk.app.clipboard, clerk.told) == (first, f"Copied {first}")
        await clerk.do("queue.copy", on(stock.queue, Pane.PENDING, first, second))
        assert clerk.app.clipboard == f"{first}\n{second}"


@piloted
async def test_the_menu_copies_what_is_chosen(stock: Stock) -> None:
    (id,) = stock.dead(output=b"one\ntwo\n")
    async with office(stock.path) as clerk:
        await clerk.do("queue.copy-menu", on(stock.queue, Pane.DLQ, id), "o")
        assert clerk.app.clipboard == "one\ntwo"
        assert clerk.told == f"Copied the last 200 lines of output of {id} (7 B)"
        await clerk.do("queue.copy-menu", on(stock.queue, Pane.DLQ, id), "escape")
        assert clerk.app.clipboard == "one\ntwo"


@piloted
async def test_what_was_never_printed_cannot_be_copied(stock: Stock) -> None:
    (id,) = stock.add()
    async with office(stock.path) as clerk:
        await clerk.do("queue.copy-menu", on(stock.queue, Pane.PENDING, id), "o")
        assert clerk.told == f"{id} has printed nothing"
        await clerk.do("queue.copy-menu", Target(Pane.PENDING, ("j98",)), "c")
        assert "j98" in clerk.told


def test_a_command_is_copied_as_it_is_tabs_and_lines_included(stock: Stock) -> None:
    (id,) = stock.add(command="for i in 1 2\ndo\n\techo '[/] \U0001f469\u200d\U0001f4bb'\ndone")
    assert text_of(stock.queue, id, Copied.COMMAND) == stock.job(id).command


def test_the_line_adds_the_same_job_and_keeps_the_values_of_its_environment_to_itself(stock: Stock) -> None:
    (id,) = stock.add(command="a | b 'c'", priority=4, tags=("x",), env={"TOKEN": "secret"}, queue="media")
    line = text_of(stock.queue, id, Copied.LINE)
    assert line == (
        "queuectl enqueue --priority 4 --cwd /srv --queue media --tag x --env TOKEN -- 'a | b '\"'\"'c'\"'\"''"
    )


def test_json_is_the_view_of_the_command_line_without_values_of_the_environment(stock: Stock) -> None:
    (id,) = stock.add(env={"TOKEN": "secret"})
    view = json.loads(text_of(stock.queue, id, Copied.JSON))
    assert (view["id"], view["state"], view["env"]) == (id, "pending", {"TOKEN": None})
    assert view["waiting"] == "no worker is running"


def test_a_report_tells_command_error_attempts_and_output(stock: Stock) -> None:
    (id,) = stock.dead(command="curl example.org", output=b"first\n\x1b[31mlast\x1b[0m\n")
    report = text_of(stock.queue, id, Copied.REPORT).splitlines()
    assert report[0] == f"Job {id}: dead, 1 of 1 attempts made"
    assert report[1:4] == ["Command:   curl example.org", "Directory: /srv", f"Error:     {ERROR}"]
    assert ERROR in report[5]
    assert report[-3:] == ["Output:", "  first", "  last"]


def test_the_last_lines_are_those_at_the_end_of_a_long_output(stock: Stock) -> None:
    output = b"".join(b"line %d\n" % n for n in range(6_000))
    (id,) = stock.dead(output=output[-MOST_BYTES:])
    lines = text_of(stock.queue, id, Copied.OUTPUT).split("\n")
    assert (len(lines), lines[-1]) == (200, "line 5999")


@pytest.mark.parametrize("kind", Copied)
def test_nothing_that_is_copied_drives_a_terminal(stock: Stock, kind: Copied) -> None:
    (id,) = stock.dead(command=HOSTILE, output=HOSTILE.encode() + b"\xff\x00\r\x1b[201~\n", tags=("t",))
    text = text_of(stock.queue, id, kind)
    assert text
    assert plain(text, one_line=False) == text
    assert text.encode()
