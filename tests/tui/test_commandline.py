"""The command line of each deed does what the deed did: both are done, on stores that are alike, and compared."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from queuectl.cli.root import run
from queuectl.core.job import Job, State
from queuectl.core.selector import EVERYTHING, All, Not, Term, parse
from queuectl.tui.commandline import Picks, line, on_dead_jobs, on_jobs, word
from queuectl.tui.desk import Target
from queuectl.tui.panes import LISTS, Pane
from tests.tui.clerk import Stock, matching, office, on
from tests.tui.screen import piloted


def args_of(text: str) -> list[str]:
    """The arguments that a shell makes of a line."""
    rest = text.removeprefix("queuectl ")
    assert rest != text
    shell = subprocess.run(["bash", "-c", f"printf '%s\\0' {rest}"], capture_output=True, check=True)
    return shell.stdout.decode().split("\0")[:-1]


def furnished(path: Path) -> Stock:
    """Jobs j1 to j5 wait (one held, one failed), j6 runs, j7 to j9 are dead, j10 is done."""
    path.parent.mkdir()
    stock = Stock(path)
    stock.add(command="ffmpeg -i x", priority=9)
    stock.settle(stock.claim())
    stock.add(2, command="curl example.org", tags=("two words",))
    stock.add(1, command="true", held=True)
    stock.add(1, command="echo 'it''s'")
    stock.add(1, command="sleep 60", priority=50)
    stock.claim()
    stock.dead(3, command="curl example.org", priority=60)
    stock.add(1, command="true", priority=70)
    stock.settle(stock.claim(), well=True)
    return stock


def effect(stock: Stock) -> list[tuple[object, ...]]:
    """All of the jobs that a deed can change, but for times."""
    return [_effect(job) for job in stock.jobs()]


def _effect(job: Job) -> tuple[object, ...]:
    due = job.run_at <= job.updated_at
    return (job.id, job.state, job.held, job.priority, job.attempts, job.cancel_asked, job.version, due)


DEEDS_ON_JOBS: list[tuple[str, Callable[[Stock], Target], tuple[str, ...]]] = [
    ("queue.retry", lambda stock: on(stock.queue, Pane.DLQ, "j7"), ()),
    ("queue.retry", lambda stock: on(stock.queue, Pane.DLQ, "j7", "j9"), ()),
    ("queue.retry", lambda stock: on(stock.queue, Pane.DONE, "j10"), ()),
    ("queue.retry", lambda stock: on(stock.queue, Pane.PENDING, "j1"), ()),
    ("queue.retry", lambda _: matching(Pane.DLQ, "cmd:curl -nothing"), ("y",)),
    ("queue.retry", lambda _: matching(Pane.DLQ), ("y",)),
    ("queue.retry", lambda _: matching(Pane.PENDING), ("y",)),
    ("queue.retry-with", lambda stock: on(stock.queue, Pane.DLQ, "j7", "j8"), (*"1h 30/min", "enter")),
    ("queue.cancel", lambda stock: on(stock.queue, Pane.PENDING, "j1", "j2"), ()),
    ("queue.cancel", lambda _: matching(Pane.PENDING, 'tag:"two words" age<2h'), ("y",)),
    ("queue.cancel", lambda stock: on(stock.queue, Pane.PROCESSING, "j6"), ("y",)),
    ("queue.cancel", lambda _: matching(Pane.PROCESSING), ("y",)),
    ("queue.kill", lambda stock: on(stock.queue, Pane.PROCESSING, "j6"), ("y",)),
    ("queue.kill", lambda _: matching(Pane.PROCESSING, "sleep"), ("y",)),
    ("queue.hold", lambda stock: on(stock.queue, Pane.PENDING, "j2", "j4"), ()),
    ("queue.hold", lambda stock: on(stock.queue, Pane.PENDING, "j4"), ()),
    ("queue.hold", lambda _: matching(Pane.PENDING, "prio<9"), ("y",)),
    ("queue.next", lambda stock: on(stock.queue, Pane.PENDING, "j5"), ()),
    ("queue.delete", lambda stock: on(stock.queue, Pane.DLQ, "j8", "j9"), ("y",)),
    ("queue.delete", lambda stock: on(stock.queue, Pane.PENDING, "j2"), ("y",)),
    ("queue.delete", lambda _: matching(Pane.DLQ, "err:resolve"), ("y",)),
    ("queue.delete", lambda _: matching(Pane.DONE), ("y",)),
]


@pytest.mark.parametrize(("name", "target", "keys"), DEEDS_ON_JOBS)
def test_the_line_in_the_log_does_what_the_deed_did(
    tmp_path: Path, name: str, target: Callable[[Stock], Target], keys: tuple[str, ...]
) -> None:
    here, there = furnished(tmp_path / "here" / "q.db"), furnished(tmp_path / "there" / "q.db")
    untouched = effect(here)

    @piloted
    async def do() -> str:
        async with office(here.path) as clerk:
            await clerk.do(name, target(here), *keys)
            entry = clerk.app.desk.log[-1]
            assert not entry.failed, entry
            lines.append(entry.line)

    lines: list[str] = []
    do()
    assert run(["--db", str(there.path), *args_of(lines[0])]) == 0
    assert effect(here) != untouched
    assert effect(there) == effect(here)
    here.close()
    there.close()


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "two words",
        "it's",
        "a\nb",
        "",
        "-x",
        "\x1b[2J",
        "\u202e\\'",
        "\x9b",
        "tab\t",
        "\U0001f469\u200d\U0001f4bb",
        "$HOME `x`",
    ],
)
def test_a_shell_makes_the_same_word_of_it_again(text: str) -> None:
    assert args_of(line("x", text)) == ["x", text]


def test_what_could_drive_a_terminal_is_an_escape_in_a_line() -> None:
    assert word("\x1b]0;pwn\x07\u202e") == r"$'\x1b]0;pwn\x07\xe2\x80\xae'"


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (LISTS[Pane.DLQ].where, "queuectl dlq retry --all --yes"),
        (matching(Pane.DLQ, "err:resolve age<2h").where, "queuectl dlq retry --filter 'err:resolve age<2h' --yes"),
        (matching(Pane.DLQ, 'cmd:"a b" -x').where, "queuectl dlq retry --filter 'cmd:\"a b\" -x' --yes"),
        (matching(Pane.DLQ, "state:failed").where, "queuectl dlq retry --state failed --yes"),
    ],
)
def test_dead_jobs_are_retried_by_the_command_of_the_dlq(where: All, expected: str) -> None:
    assert on_dead_jobs("retry", Picks(where=where)) == expected


def test_a_pane_of_two_states_says_both_beside_its_filter() -> None:
    where = matching(Pane.PENDING, "cmd:x").where
    assert on_jobs(("hold",), Picks(where=where)) == (
        "queuectl hold --state pending --state failed --filter cmd:x --yes"
    )


def test_a_state_in_the_filter_narrows_that_of_the_pane() -> None:
    where = matching(Pane.PENDING, "state:failed state:dead x").where
    assert on_jobs(("hold",), Picks(where=where)) == "queuectl hold --state failed --filter x --yes"


def test_everything_is_said_as_all() -> None:
    assert on_jobs(("delete",), Picks(where=EVERYTHING)) == "queuectl delete --all --yes"


def test_what_no_selector_can_say_has_no_line() -> None:
    both = All((parse("group:aaaaaa"), parse("group:bbbbbb")))
    assert on_jobs(("retry",), Picks(where=both)) == ""
    assert on_jobs(("retry",), Picks(where=Not(All((Term("word", ":", "a"), Term("word", ":", "b")))))) == ""
    assert on_jobs(("hold",), Picks(where=All((LISTS[Pane.PENDING].where, parse("state:dead"))))) == ""
    assert State.DEAD in LISTS[Pane.DLQ].states
