"""The peek at a job: every state, wide and narrow, and whatever a job or its output may hold."""

from __future__ import annotations

import time
from typing import Any

import pytest

from queuectl.core.attempt import Attempt, Outcome
from queuectl.core.job import State
from queuectl.core.settings import Settings
from queuectl.tui.jobwords import attempt_words, delay_words, last_lines, moment_words, outcome_words, run_words, twin
from queuectl.tui.picture import JobPicture
from queuectl.tui.widgets.detail import TALL_LINES, Beside, Detail, detail_lines
from tests.core.examples import NOW, a_job, a_running_job
from tests.tui.lone import Lone, a_pool
from tests.tui.screen import piloted, screen_lines, screen_text

HOSTILE = "\x1b]0;pwn\x07\x1b[31m [@click=app.quit]x[/] [/] [$x] \u202e \x9b2J \x00 \x7f a\nb"
RESOLVE = "curl: (6) Could not resolve host: example.org"


@pytest.fixture(autouse=True)
def _utc(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def an_attempt(n: int, at: int, **fields: Any) -> Attempt:
    """One that exited with 6 after 0.3 s."""
    given: dict[str, Any] = {
        "n": n, "worker": "p1/w1", "host": "here", "started_at": at, "finished_at": at + 300, "duration_ms": 300,
        "outcome": Outcome.EXITED, "exit_code": 6, "signal": None, "error": f"exit 6 · {RESOLVE}", "cpu_s": 0.1,
        "max_rss_bytes": None, "output_bytes": 10, "output_file": None, "command": None,
    }  # fmt: skip
    return Attempt(**{**given, **fields})


FEED = {
    "id": "7f39faee",
    "command": "curl -fsS https://example.org/feed -o feed.xml",
    "timeout_s": 300.0,
    "cwd": "/srv/media",
}
DEAD = a_job(**FEED, state=State.DEAD, attempts=3, runs=3, error=f"exit 6 · {RESOLVE}", state_since=NOW - 110_000)
TRIES = (an_attempt(1, NOW - 120_000), an_attempt(2, NOW - 117_700), an_attempt(3, NOW - 113_400))
DIED = JobPicture(DEAD, TRIES, None, f"\x1b[31m{RESOLVE}\x1b[0m\n".encode())
WAITING = JobPicture(
    a_job(
        id="7f3a91d7",
        command="ffmpeg -i in/0419.mov -vf scale=1280:-2 out/0419.mp4",
        priority=5,
        timeout_s=300.0,
        cwd="/srv/media",
        created_at=NOW - 420_000,
    ),
    (),
    None,
    b"",
)


def said(shown: JobPicture | None, columns: int = 40, lines: int = 18, **fields: Any) -> list[str]:
    pools = fields.get("pools", (a_pool(),))
    return [
        line.plain.rstrip()
        for line in detail_lines(shown, Beside(pools, NOW, fields.get("read_only", False)), columns, lines)
    ]


def test_a_waiting_job_is_told_as_drawn_at_120_columns():
    assert said(WAITING) == [
        "command  ffmpeg -i in/0419.mov -vf",
        "         scale=1280:-2 out/0419.mp4",
        "queued   13:53:00 (7m ago)",
        "waits    for a free worker (4 of 4 busy)",
        "priority 5   timeout 05:00   tries 0/3",
        "backoff  2s, 4s (at most 1h)",
        "cwd      /srv/media",
        "─" * 40,
        "Attempts   none yet",
        "",
        "Output     starts when a worker takes it",
        "",
        "$ queuectl edit 7f3a91d7 --next",
        "Enter open · e edit · x cancel",
    ]


def test_a_dead_job_is_told_as_drawn_at_80_columns():
    assert said(DIED, 78, 6) == [
        "curl -fsS https://example.org/feed -o feed.xml",
        "#2 13:58:02 exit 6 300 ms → 4.0s later   #3 13:58:06 exit 6 300 ms → dead",
        RESOLVE,
        "$ queuectl dlq retry 7f39faee",
        "",
        "Enter open · r retry · e edit · y copy",
    ]


def test_a_dead_job_tells_its_attempts_and_the_end_of_its_output():
    lines = said(DIED, 70, 30)
    assert " #1 13:58:00 exit 6 300 ms → 2.0s later" in lines
    assert " #3 13:58:06 exit 6 300 ms → dead" in lines
    assert RESOLVE in lines
    assert f"error    exit 6 · {RESOLVE}" in lines


@pytest.mark.parametrize("columns", [0, 1, 5, 20, 38, 76, 250])
@pytest.mark.parametrize("lines", [0, 1, 4, 6, 18, 60])
@pytest.mark.parametrize("shown", [DIED, WAITING], ids=["died", "waiting"])
def test_no_line_is_wider_than_the_pane_and_a_low_one_is_not_overfilled(shown, columns, lines):
    told = detail_lines(shown, Beside((a_pool(),), NOW), columns, lines)
    assert columns < 1 or max(line.cell_length for line in told) <= columns
    assert lines >= TALL_LINES or len(told) <= max(lines, 1)


@pytest.mark.parametrize(
    ("fields", "pools", "why"),
    [
        ({}, (), "no worker is running"),
        ({"queue": "media"}, (a_pool(queues=("other",)),), "no worker serves queue 'media'"),
        ({"held": True}, (a_pool(),), "held; queuectl release j1 lets it run"),
        ({"state": State.FAILED, "run_at": NOW + 12_000, "attempts": 1}, (a_pool(),), "retry in 12s"),
        ({"run_at": NOW + 3_600_000}, (a_pool(),), "until 15:00:00 (in 1h 00m)"),
        ({}, (a_pool(busy=1),), "about to start"),
    ],
)
@pytest.mark.parametrize("lines", [6, 30])
def test_why_a_job_waits_is_told_in_words(fields, pools, why, lines):
    shown = JobPicture(a_job(**fields), (), None, b"")
    assert any(why in line for line in said(shown, 76, lines, pools=pools))


def test_a_running_job_tells_for_how_long_and_where():
    job = a_running_job(timeout_s=60.0, started_at=NOW - 40_000)
    lines = said(JobPicture(job, (), None, b""), 60, 30)
    assert "runs     00:40 of 01:00 on p1/w3" in lines
    assert "Output     nothing yet" in lines
    assert "$ queuectl logs --follow j1" in lines


def test_a_running_job_of_a_pool_that_died_says_who_takes_it_back():
    shown = JobPicture(a_running_job(), (), None, b"")
    lines = said(shown, 76, 30, pools=(a_pool(state="lost", workers=0),))
    assert "stuck    its pool p1 is gone; queuectl worker start takes it back" in lines


@pytest.mark.parametrize(("ran_s", "words"), [(50, "00:50 of 01:00"), (54, "00:54! of 01:00"), (61, "01:01 over of")])
def test_a_run_near_its_limit_is_marked(ran_s, words):
    assert run_words(a_running_job(timeout_s=60.0, started_at=NOW - ran_s * 1000), NOW).startswith(words)


def test_a_job_that_loses_its_workers_says_how_often():
    job = a_job(interruptions=2)
    lines = said(JobPicture(job, (), None, b"", Settings(max_interruptions=7)), 76, 30)
    assert "lost     worker lost while running this job (2 of 7)" in lines


@pytest.mark.parametrize(
    ("max_retries", "words"),
    [(1, ""), (0, ""), (3, "2s, 4s (at most 1h)"), (9, "2s, 4s, 8s, 16s, … (at most 1h)")],
)
def test_the_waits_between_attempts_are_told(max_retries, words):
    assert delay_words(a_job(max_retries=max_retries), Settings()) == words


def test_queue_tags_and_unique_key_are_told_where_there_are_any():
    lines = said(JobPicture(a_job(queue="media", tags=("a", "b"), unique_key="k"), (), None, b""), 60, 30)
    assert [line for line in lines if line.startswith(("queue ", "tags", "key"))] == [
        "queue    media",
        "tags     a, b",
        "key      k",
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "exit 6"),
        ({"outcome": Outcome.SIGNALLED, "signal": "SIGKILL"}, "SIGKILL"),
        ({"outcome": Outcome.TIMED_OUT, "signal": "SIGKILL"}, "timed out"),
        ({"outcome": Outcome.NOT_STARTED}, "not started"),
        ({"outcome": Outcome.INTERRUPTED}, "interrupted"),
        ({"outcome": Outcome.CANCELLED}, "cancelled"),
    ],
)
def test_an_outcome_is_told_in_a_word(fields, words):
    assert outcome_words(an_attempt(1, NOW, **fields)) == words


def test_an_attempt_of_another_command_says_so_and_a_failed_job_when_it_runs_again():
    job = a_job(state=State.FAILED, run_at=NOW + 8_000)
    attempts = [an_attempt(1, NOW - 60_000, command="old"), an_attempt(2, NOW - 300)]
    assert attempt_words(job, attempts, NOW) == [
        "#1 13:59:00 exit 6 300 ms (another command) → 59s later",
        "#2 13:59:59 exit 6 300 ms → retry after 8s",
    ]


def test_the_attempt_that_runs_is_told_as_such():
    first = a_running_job(started_at=NOW - 3_000, timeout_s=60.0, max_retries=3)
    lines = said(JobPicture(first, (), None, b""), 76, 30)
    assert "Attempts" in lines
    assert " #1 13:59:57 running 00:03 of 01:00" in lines
    assert any("try 1 of 3" in line for line in lines)
    second = first._replace(runs=1, attempts=1)
    assert attempt_words(second, [an_attempt(1, NOW - 60_000)], NOW) == [
        "#1 13:59:00 exit 6 300 ms → 57s later",
        "#2 13:59:57 running 00:03 of 01:00",
    ]
    assert "#1 13:59:57 running" in "\n".join(said(JobPicture(first, (), None, b""), 78, 6))


def test_of_many_attempts_the_latest_are_told():
    attempts = tuple(an_attempt(n, NOW - 600_000 + n * 1_000) for n in range(1, 31))
    lines = said(DIED._replace(attempts=attempts), 60, 30)
    assert "Attempts   25 before these" in lines
    assert [line.split()[0] for line in lines if line.startswith(" #")] == ["#26", "#27", "#28", "#29", "#30"]


@pytest.mark.parametrize("lines", range(8, 21))
@pytest.mark.parametrize("count", [8, 50])
@pytest.mark.parametrize("columns", [40, 76])
def test_of_many_attempts_the_newest_the_end_of_the_output_and_the_keys_are_always_in_view(columns, count, lines):
    attempts = tuple(an_attempt(n, NOW - 600_000 + n * 1_000) for n in range(1, count + 1))
    died = JobPicture(DEAD, attempts, None, b"".join(b"line %d\n" % n for n in range(1, 41)))
    seen = said(died, columns, lines)[:lines]
    assert seen[0].removeprefix("command  ").startswith("curl -fsS")
    assert any(f"#{count} " in line for line in seen)
    printed = [line for line in seen if line.startswith("line ")]
    assert len(printed) >= 3
    assert printed[-1] == "line 40"
    assert "$ queuectl dlq retry 7f39faee" in seen
    assert seen[-1] == "Enter open · r retry · e edit · y copy"
    if f"#{count - 1} " not in "\n".join(seen) and lines >= TALL_LINES:
        assert f"Attempts   {count - 1} before this" in seen


@pytest.mark.parametrize("lines", [6, 30])
def test_where_nothing_can_be_changed_the_keys_that_change_are_left_out(lines):
    assert said(DIED, 76, lines, read_only=True)[-1] == "Enter open · y copy"
    assert said(WAITING, 76, lines, read_only=True)[-1] == "Enter open"


def test_a_job_that_waits_because_no_worker_runs_is_helped_by_starting_one():
    assert "$ queuectl worker start --detach" in said(WAITING, 76, 30, pools=())
    assert "$ queuectl worker start --detach" in said(WAITING, 76, 6, pools=(a_pool(workers=0),))
    held = JobPicture(a_job(held=True), (), None, b"")
    assert "$ queuectl release j1" in said(held, 76, 30, pools=())


@pytest.mark.parametrize(
    ("job", "line"),
    [
        (DEAD, "queuectl dlq retry 7f39faee"),
        (a_job(state=State.COMPLETED), "queuectl retry j1"),
        (a_job(state=State.FAILED), "queuectl retry j1"),
        (a_job(held=True), "queuectl release j1"),
        (a_job(id="a b"), "queuectl edit 'a b' --next"),
    ],
)
def test_the_twin_does_what_is_wanted_most(job, line):
    assert twin(job) == line


def test_times_are_as_short_as_they_can_be():
    assert moment_words(NOW - 1_000, NOW) == "13:59:59"
    assert moment_words(NOW - 86_400_000, NOW) == "11-21 14:00"
    assert moment_words(NOW - 400 * 86_400_000, NOW) == "2025-10-18"


# Output


def test_of_a_progress_bar_only_its_last_state_is_shown():
    assert last_lines(b"10 %\r50 %\r100 %\ndone\r\n", 5, whole=True) == ["100 %", "done"]


def test_a_tail_that_begins_somewhere_begins_with_a_whole_line():
    assert last_lines(b"\xa9 half a line\nwhole\n", 5, whole=False) == ["whole"]
    assert last_lines(b"only half", 5, whole=False) == ["only half"]


def test_output_keeps_neither_colours_nor_control():
    assert last_lines(b"\x1b[31mred\x1b[0m\tx\x00\x1b]0;t\x07\x9b \xff\n", 5, whole=True) == [
        "red    x␀␛]0;t␇\\x9b \\xff"
    ]


def test_the_last_lines_are_those_at_the_end():
    assert last_lines(b"".join(b"%d\n" % n for n in range(100)), 2, whole=True) == ["98", "99"]
    assert last_lines(b"", 5, whole=True) == []
    assert last_lines(b"a\n", 0, whole=True) == []


# As a widget


def test_whatever_a_job_holds_is_shown_and_does_nothing():
    job = DEAD._replace(command=HOSTILE, error=HOSTILE, tags=(HOSTILE,), cwd=HOSTILE, queue=HOSTILE, unique_key=HOSTILE)
    hostile = JobPicture(job, (an_attempt(1, NOW, signal=HOSTILE),), None, HOSTILE.encode("utf-8", "replace"))

    @piloted
    async def look():
        detail = Detail()
        app = Lone(detail)
        async with app.run_test(size=(100, 40)) as pilot:
            detail.show(hostile, (a_pool(),), NOW)
            await pilot.pause()
            text = screen_text(app)
            assert "[@click=app.quit]x[/] [/] [$x]" in text
            assert text.replace("\n", "").isprintable()

    look()


@piloted
async def test_the_peek_fits_itself_to_its_size_and_scrolls():
    detail = Detail()
    app = Lone(detail)
    async with app.run_test(size=(44, 8)) as pilot:
        detail.show(None, (), NOW)
        await pilot.pause()
        assert "No job is chosen." in screen_text(app)
        detail.show(DIED, (a_pool(),), NOW)
        await pilot.pause()
        assert "curl -fsS https://example.org/feed" in screen_lines(app)[0]
        await pilot.resize_terminal(44, 14)
        await pilot.pause()
        assert screen_lines(app)[0].strip().startswith("command  curl")
        assert screen_lines(app)[-1].strip() == "Enter open · r retry · e edit · y copy"
        detail.move("bottom")
        await pilot.pause()
        assert screen_lines(app)[-1].strip() == "cwd      /srv/media"
        for how in ("half-up", "up", "page-up", "down", "top"):
            detail.move(how)
        await pilot.pause()
        assert screen_lines(app)[0].strip().startswith("command  curl")


@piloted
async def test_another_job_is_shown_from_its_beginning_and_the_same_one_stays_where_it_is():
    detail = Detail()
    app = Lone(detail)
    async with app.run_test(size=(44, 14)) as pilot:
        detail.show(DIED, (a_pool(),), NOW)
        await pilot.pause()
        detail.move("bottom")
        await pilot.pause()
        away = detail.scroll_offset.y
        detail.show(DIED, (a_pool(),), NOW + 60_000)
        await pilot.pause()
        assert detail.scroll_offset.y == away > 0
        detail.show(DIED._replace(job=DEAD._replace(id="other")), (a_pool(),), NOW)
        await pilot.pause()
        assert detail.scroll_offset.y == 0


@piloted
async def test_the_same_picture_is_not_painted_again():
    detail = Detail()
    app = Lone(detail)
    async with app.run_test(size=(60, 30)) as pilot:
        detail.show(DIED, (a_pool(),), NOW)
        await pilot.pause()
        drawn, draw = [], detail.render_line
        detail.render_line = lambda y: drawn.append(y) or draw(y)
        detail.show(DIED, (a_pool(),), NOW + 500)
        await pilot.pause()
        assert drawn == []
        detail.show(WAITING, (a_pool(),), NOW + 500)
        await pilot.pause()
        assert drawn
