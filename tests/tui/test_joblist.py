"""The list of jobs: its columns, and that it paints no more than it must."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.cells import cell_len
from textual.content import Content

from queuectl.core.job import State
from queuectl.tui.panes import Pane
from queuectl.tui.widgets.joblist import JobList
from tests.tui.listed import NOW, SIZE, job, jobs, picture, stage
from tests.tui.screen import piloted, screen_lines, screen_text


@contextmanager
def painted(widget: JobList) -> Iterator[list[int]]:
    """The lines that are drawn meanwhile; 0 is the heading."""
    lines: list[int] = []
    draw = widget.render_line
    widget.render_line = lambda y: (lines.append(y), draw(y))[1]  # type: ignore[method-assign]
    yield lines
    widget.render_line = draw  # type: ignore[method-assign]


# What it shows


@piloted
async def test_pending_jobs_stand_below_the_names_of_their_columns() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        retried = job(2, state=State.FAILED, attempts=1, priority=9, run_at=NOW + 12_000)
        app.widget.show(picture([job(1), retried, job(3, held=True)]), NOW)
        await pilot.pause()
        heading, first, second, third = (line.strip("┃") for line in screen_lines(app)[1:5])
        assert heading.rstrip() == "   id        prio   age  tries  command"
        assert first.rstrip() == "▸  j0001        0    1m    0/3  echo 1"
        assert second.rstrip() == "   j0002        9    1m  ↻ 1/3  echo 2 (retry in 12 s)"
        assert third.rstrip() == "   j0003        0    1m    0/3  echo 3 (held)"


@piloted
async def test_running_jobs_show_worker_run_time_and_limit() -> None:
    app = stage(Pane.PROCESSING)
    async with app.run_test(size=SIZE) as pilot:
        running = [
            job(number, state=State.PROCESSING, worker="p1/w3", started_at=NOW - ran * 1000, timeout_s=300.0)
            for number, ran in enumerate((41, 288, 312))
        ]
        app.widget.show(picture([*running, job(9, state=State.PROCESSING)], pane=Pane.PROCESSING), NOW)
        await pilot.pause()
        heading, *lines = (line.strip("┃▸ ").split() for line in screen_lines(app)[1:6])
        assert heading == ["id", "worker", "ran", "limit", "command"]
        assert lines[0] == ["j0000", "p1/w3", "00:41", "05:00", "echo", "0"]
        assert lines[1] == ["j0001", "p1/w3", "04:48!", "05:00", "echo", "1"]
        assert lines[2] == ["j0002", "p1/w3", "05:12", "over", "05:00", "echo", "2"]
        assert lines[3] == ["j0009", "–", "01:00", "–", "echo", "9"]


@piloted
async def test_dead_jobs_show_their_last_error_and_ended_ones_their_state_in_words() -> None:
    dead, done = stage(Pane.DLQ), stage(Pane.DONE)
    async with dead.run_test(size=SIZE) as pilot:
        found = [job(1, state=State.DEAD, attempts=3, error="exit 1 · boom", state_since=NOW - 7_200_000)]
        dead.widget.show(picture(found, pane=Pane.DLQ), NOW)
        await pilot.pause()
        assert screen_lines(dead)[2].strip("┃▸ ").split() == ["j0001", "3/3", "2h", "exit", "1", "·", "boom"]
    async with done.run_test(size=SIZE) as pilot:
        found = [job(1, state=State.COMPLETED, duration_ms=2_300), job(2, state=State.CANCELLED)]
        done.widget.show(picture(found, pane=Pane.DONE), NOW)
        await pilot.pause()
        assert screen_lines(done)[2].strip("┃▸ ").split()[1:5] == ["✓", "completed", "1m", "2.3s"]
        assert screen_lines(done)[3].strip("┃▸ ").split()[1:5] == ["⊘", "cancelled", "1m", "–"]


@piloted
async def test_narrow_lists_drop_priority_then_age_then_tries_but_never_id_and_command() -> None:
    app = stage()
    async with app.run_test(size=(60, 13)) as pilot:
        app.widget.show(picture(jobs(3)), NOW)
        names = {}
        for width in (60, 50, 46, 38, 20):
            await pilot.resize_terminal(width, 13)
            await pilot.pause()
            names[width] = screen_lines(app)[1].strip("┃ ").split()
            assert "j0001" in screen_lines(app)[3]
            assert "echo 1" in screen_lines(app)[3]
        assert names[60] == ["id", "prio", "age", "tries", "command"]
        assert names[50] == ["id", "age", "tries", "command"]
        assert names[46] == ["id", "tries", "command"]
        assert names[38] == names[20] == ["id", "command"]


@piloted
async def test_hostile_texts_shift_neither_columns_nor_border() -> None:
    app = stage()
    texts = (
        "日本語" * 40,
        "e" + "\u0301" * 500,
        "\x1b[31m[/]\x00\x9b2J" * 9,
        "👨\u200d👩\u200d👧 ❤️ 🇩🇪" * 9,
        "a\u202eb\tc\n" * 9,
    )
    async with app.run_test(size=SIZE) as pilot:
        found = [job(number, command=text, held=number % 2 == 0) for number, text in enumerate(texts)]
        app.widget.show(picture(found), NOW)
        for width in range(20, 100, 7):
            await pilot.resize_terminal(width, 13)
            await pilot.pause()
            for line in screen_lines(app):
                assert cell_len(line) == width
                assert line[-1] in "┓┃┛"
            assert not {"\x1b", "\x9b", "\x00", "\u202e", "\n"} & set(screen_text(app).replace("\n", ""))


@piloted
async def test_a_long_id_is_cut_in_the_middle() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture([job(1, id="nightly-build-of-the-docs-0417"), job(2)]), NOW)
        await pilot.pause()
        first, second = screen_lines(app)[2:4]
        assert "nightly-b…docs-0417" in first
        assert first.index("echo") == second.index("echo")


@piloted
async def test_an_empty_list_says_its_text_in_the_middle_and_a_list_that_was_not_read_says_nothing_of_it() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.set_empty(Content("No jobs yet. n adds one"))
        await pilot.pause()
        assert "No jobs" not in screen_text(app)
        app.widget.show(picture([]), NOW)
        await pilot.pause()
        assert screen_lines(app)[6].strip("┃") == "No jobs yet. n adds one".center(78)
        app.widget.set_empty(Content("Nothing at all"))
        await pilot.pause()
        assert "Nothing at all" in screen_text(app)


# Painting


@piloted
async def test_a_step_within_the_view_paints_two_lines() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(100), total=1_000_000), NOW)
        await pilot.pause()
        with painted(app.widget) as lines:
            app.widget.move("down")
            await pilot.pause()
        assert sorted(lines) == [1, 2]


@piloted
async def test_only_rows_that_read_otherwise_are_painted_when_the_list_is_read_again() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        found = jobs(30)
        app.widget.show(picture(found), NOW)
        await pilot.pause()
        with painted(app.widget) as lines:
            app.widget.show(picture([one._replace(version=2, run_at=1) for one in found], total=31), NOW + 1)
            await pilot.pause()
        assert lines == []
        found[4] = found[4]._replace(priority=7, version=2)
        with painted(app.widget) as lines:
            app.widget.show(picture(found), NOW + 1)
            await pilot.pause()
        assert lines == [5]


@piloted
async def test_ages_go_on_with_the_time_alone() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        shown = picture(jobs(1))
        app.widget.show(shown, NOW)
        app.widget.show(shown, NOW + 60_000)
        await pilot.pause()
        assert " 2m " in screen_lines(app)[2]
