"""The list of jobs: its cursor, what stays where when the list changes, and what it asks for."""

from __future__ import annotations

import random

import pytest
from rich.cells import cell_len

from queuectl.core.job import Job
from queuectl.tui.widgets.joblist import JobList
from tests.tui.listed import NOW, ROWS, SIZE, job, jobs, picture, pointed_line, rows_shown, stage
from tests.tui.screen import piloted, screen_lines, sizes
from tests.tui.whole import gone, holds

# The cursor and the view


@piloted
async def test_new_jobs_above_the_view_leave_every_row_on_its_line() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(100)), NOW)
        app.widget.move("page-down")
        await pilot.pause()
        before, line = rows_shown(app), pointed_line(app)
        app.widget.show(picture([*jobs(7, 500), *jobs(100)], first=3, total=110), NOW)
        await pilot.pause()
        assert rows_shown(app) == before
        assert pointed_line(app) == line
        assert app.widget.index == 10 + 3 + 7


@piloted
async def test_at_its_top_a_list_lets_new_jobs_in_and_the_cursor_follows_its_job() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(100)), NOW)
        app.widget.show(picture([*jobs(2, 500), *jobs(100)]), NOW)
        await pilot.pause()
        assert rows_shown(app)[:3] == ["j0500", "j0501", "j0000"]
        assert pointed_line(app) == 2
        assert (app.widget.top, app.widget.index) == (None, 0)


@piloted
async def test_a_cursor_that_would_be_pushed_out_of_view_holds_the_list() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(100)), NOW)
        app.widget.show(picture([*jobs(40, 500), *jobs(100)]), NOW)
        await pilot.pause()
        assert rows_shown(app)[0] == "j0000"
        assert app.widget.cursor == job(0)
        assert app.widget.top == job(0)


@piloted
async def test_without_the_focus_the_cursor_stays_on_the_first_row_of_a_list_at_its_top() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.set_focus(None)
        await pilot.pause()
        app.widget.show(picture(jobs(100)), NOW)
        app.widget.show(picture([*jobs(40, 500), *jobs(100)]), NOW)
        await pilot.pause()
        assert rows_shown(app)[0] == "j0500"
        assert app.widget.cursor == job(500)


@piloted
async def test_when_the_cursors_job_leaves_its_neighbour_on_the_line_has_the_cursor() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(30)), NOW)
        for _ in range(4):
            app.widget.move("down")
        app.widget.show(picture([one for one in jobs(30) if one.number != 4]), NOW)
        await pilot.pause()
        assert app.widget.cursor == job(5)
        assert pointed_line(app) == 4
        assert app.heard(JobList.Pointed)[-1].job == job(5)


@piloted
async def test_the_last_row_falls_to_the_one_above_and_an_emptied_list_has_no_cursor() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(3)), NOW)
        app.widget.move("bottom")
        app.widget.show(picture(jobs(2)), NOW)
        assert app.widget.cursor == job(1)
        app.widget.show(picture([]), NOW)
        await pilot.pause()
        assert app.widget.cursor is None
        assert app.heard(JobList.Pointed)[-1].job is None


@pytest.mark.parametrize(
    ("moves", "cursor", "index"),
    [
        (["down", "down", "up"], 1, 0),
        (["half-down"], 5, 5),
        (["page-down", "page-down"], 20, 20),
        (["page-down", "up", "page-up"], 0, 0),
        (["down"] * 12, 12, 3),
        (["page-down"] * 20, 99, 90),
        (["bottom"], 99, -1),
        (["bottom", "up"], 98, 90),
        (["bottom", "half-up"], 94, 85),
        (["bottom", "top"], 0, 0),
        (["sideways"], 0, 0),
    ],
)
@piloted
async def test_moves_go_where_their_names_say(moves: list[str], cursor: int, index: int) -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(100)), NOW)
        for how in moves:
            app.widget.move(how)
        await pilot.pause()
        assert (app.widget.cursor, app.widget.index) == (job(cursor), index)
        assert screen_lines(app)[pointed_line(app) + 2].split()[1] == f"j{cursor:04d}"


# What is not read yet


@piloted
async def test_the_end_of_a_million_rows_is_asked_for_and_stands_under_the_cursor_when_it_comes() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(210), total=1_000_000), NOW)
        app.widget.move("bottom")
        await pilot.pause()
        assert rows_shown(app)[0] == "j0000", "what was there stays painted for a moment"
        await holds(pilot, lambda: set(rows_shown(app)) == {"…"}, "dots for what is not read")
        assert app.widget.cursor is None
        assert (app.widget.top, app.widget.index) == (None, -1)
        assert len(app.heard(JobList.Looked)) == 1
        app.widget.show(picture(jobs(210, 5_000), first=999_793, total=1_000_000, row=-1), NOW)
        await pilot.pause()
        assert app.widget.cursor == job(5_209)
        assert pointed_line(app) == ROWS - 1
        assert app.widget.top == job(5_200)


@piloted
async def test_more_is_asked_for_a_page_before_the_end_of_what_was_read_and_once_only() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(110), total=1_000), NOW)
        for _ in range(9):
            app.widget.move("page-down")
        await pilot.pause()
        assert app.heard(JobList.Looked) == []
        app.widget.move("half-down")
        await pilot.pause()
        assert len(app.heard(JobList.Looked)) == 1
        assert app.widget.top == job(95)
        app.widget.move("down")
        app.widget.move("up")
        await pilot.pause()
        assert len(app.heard(JobList.Looked)) == 1


@piloted
async def test_a_taller_list_asks_for_the_rows_it_has_room_for() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(110), total=1_000), NOW)
        app.widget.move("top")
        await pilot.pause()
        await pilot.resize_terminal(80, 100)
        await pilot.pause()
        assert len(app.heard(JobList.Looked)) == 2
        assert app.widget.rows_in_view == 97


@piloted
async def test_a_picture_of_another_place_changes_nothing_and_the_right_one_is_asked_for() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(110), total=1_000), NOW)
        for _ in range(10):
            app.widget.move("page-down")
        await pilot.pause()
        before = rows_shown(app)
        app.widget.show(picture(jobs(110, 5_000), total=1_000), NOW)
        await pilot.pause()
        assert rows_shown(app) == before
        assert len(app.heard(JobList.Looked)) == 2
        answer = picture(jobs(110, 6_000), first=60, total=900, top=app.widget.top, row=app.widget.index)
        app.widget.show(answer, NOW)
        await pilot.pause()
        assert rows_shown(app)[0] == "j6040"


@piloted
async def test_fewer_jobs_than_were_counted_leave_no_unknown_rows() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(3), total=5), NOW)
        await pilot.pause()
        assert rows_shown(app) == ["j0000", "j0001", "j0002"]


@piloted
async def test_a_list_that_ends_before_its_count_says_so_has_no_unknown_rows_at_its_end() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(110), total=130), NOW)
        for _ in range(10):
            app.widget.move("page-down")
        await pilot.pause()
        assert app.heard(JobList.Looked)
        found = picture(jobs(110), total=130, top=app.widget.top, row=app.widget.index, height=ROWS + 1)
        app.widget.show(found, NOW)
        app.widget.move("page-down")
        await pilot.pause()
        assert rows_shown(app)[-1] == "j0109"


@piloted
async def test_a_filtered_list_is_as_long_as_what_matches() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(110), total=10_000, matched=300), NOW)
        await pilot.pause()
        assert app.widget.virtual_size.height == 301


@piloted
async def test_a_forgotten_list_is_at_its_top_and_keeps_its_marks() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(100)), NOW)
        app.widget.mark()
        app.widget.move("page-down")
        app.widget.forget()
        await pilot.pause()
        assert (app.widget.cursor, app.widget.index) == (None, 0)
        await gone(pilot, "j00")
        assert app.widget.marks == {"j0000"}


# Any size, any time


@piloted
async def test_no_size_and_no_order_of_events_breaks_it() -> None:
    app, chance = stage(), random.Random(7)
    moves = ("down", "up", "page-down", "page-up", "half-down", "half-up", "top", "bottom")
    async with app.run_test(size=SIZE) as pilot:
        for size in sizes(50):
            await pilot.resize_terminal(*size)
            start, count = chance.randint(0, 400), chance.choice((0, 1, 5, 60, 300))
            app.widget.show(picture(_some(chance, start, count), first=start, total=start + count), NOW)
            for _ in range(4):
                app.widget.move(chance.choice(moves))
            await pilot.pause()
            lines = screen_lines(app)
            assert {cell_len(line) for line in lines} == {app.size.width}
            if count and app.widget.cursor is not None:
                assert 0 <= pointed_line(app) < app.widget.rows_in_view


def _some(chance: random.Random, start: int, count: int) -> list[Job]:
    return [job(number) for number in range(start, start + count * 2) if chance.random() < 0.9][:count]
