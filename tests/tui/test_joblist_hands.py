"""The list of jobs under a person's hands: marks, keys, the mouse."""

from __future__ import annotations

from textual.events import MouseScrollDown
from textual.scrollbar import ScrollTo

from queuectl.tui.widgets.joblist import JobList
from tests.tui.listed import NOW, SIZE, job, jobs, picture, rows_shown, stage
from tests.tui.screen import piloted, screen_lines

# Marks


@piloted
async def test_marks_are_shown_and_outlive_their_jobs_until_they_are_taken_away() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(30)), NOW)
        app.widget.mark()
        app.widget.move("down")
        app.widget.mark()
        app.widget.show(picture([job(1, priority=5), *jobs(28, 2)]), NOW)
        await pilot.pause()
        assert app.widget.marks == {"j0000", "j0001"}
        assert app.widget.marked_jobs == (job(0), job(1, priority=5))
        assert [line[2] for line in screen_lines(app)[2:5]] == ["●", " ", " "]
        app.widget.unmark(["j0000"])
        app.widget.mark()
        assert app.widget.marks == frozenset()


@piloted
async def test_a_range_follows_the_cursor_both_ways_until_it_is_ended() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(30)), NOW)
        app.widget.mark()
        app.widget.move("half-down")
        app.widget.toggle_range()
        app.widget.move("down")
        app.widget.move("down")
        assert app.widget.marks == {"j0000", "j0005", "j0006", "j0007"}
        for _ in range(3):
            app.widget.move("up")
        assert app.widget.marks == {"j0000", "j0004", "j0005"}
        app.widget.toggle_range()
        app.widget.move("page-down")
        await pilot.pause()
        assert app.widget.marks == {"j0000", "j0004", "j0005"}
        app.widget.clear_marks()
        assert app.widget.marks == frozenset()


@piloted
async def test_shift_and_arrow_mark_both_the_row_left_and_the_row_reached() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(30)), NOW)
        app.widget.mark_and_move(1)
        app.widget.mark_and_move(1)
        await pilot.pause()
        assert app.widget.marks == {"j0000", "j0001", "j0002"}
        assert app.widget.cursor == job(2)


@piloted
async def test_all_matching_marks_every_row_until_one_is_marked_by_itself() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(30)), NOW)
        app.widget.mark_all_matching()
        await pilot.pause()
        assert app.widget.all_matching
        assert all(line[2] == "●" for line in screen_lines(app)[2:-1])
        app.widget.mark()
        assert (app.widget.all_matching, app.widget.marks) == (False, {"j0000"})


# Keys and the mouse


@piloted
async def test_a_list_takes_no_key_from_the_screen() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(30)), NOW)
        for key in ("down", "up", "pagedown", "pageup", "home", "end", "left", "right", "ctrl+pagedown"):
            assert not app.widget._bindings.key_to_bindings.get(key)
        await pilot.press("down", "pagedown", "end")
        assert (app.widget.cursor, app.widget.index) == (job(0), 0)


@piloted
async def test_a_click_points_and_a_double_click_opens() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(30)), NOW)
        await pilot.click(offset=(10, 5))
        assert app.widget.cursor == job(3)
        await pilot.click(offset=(10, 6), times=2)
        assert [event.job for event in app.heard(JobList.Opened)] == [job(4)]


@piloted
async def test_a_click_on_a_column_that_has_an_order_sorts_and_the_next_one_reverses() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(30)), NOW)
        heading = screen_lines(app)[1]
        for name in ("id", "prio", "age", "tries", "command"):
            await pilot.click(offset=(heading.index(name) + 1, 1))
        assert [event.order for event in app.heard(JobList.Sorted)] == ["arrival", "-priority", "state-age"]
        app.widget.show(picture(jobs(30), order="-priority"), NOW)
        await pilot.click(offset=(heading.index("prio"), 1))
        assert app.heard(JobList.Sorted)[-1].order == "priority"


@piloted
async def test_the_wheel_moves_the_view_and_the_cursor_stays_in_it() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(100)), NOW)
        for _ in range(3):
            await pilot._post_mouse_events([MouseScrollDown], widget=app.widget, offset=(10, 5))
        await pilot.pause()
        assert app.widget.index > 0
        assert app.widget.cursor == job(app.widget.index)
        assert rows_shown(app)[0] == f"j{app.widget.index:04d}"


@piloted
async def test_a_drag_on_the_scrollbar_asks_for_the_rows_where_it_is() -> None:
    app = stage()
    async with app.run_test(size=SIZE) as pilot:
        app.widget.show(picture(jobs(110), total=1_000_000), NOW)
        app.widget.post_message(ScrollTo(y=500_000.4))
        await pilot.pause()
        assert len(app.heard(JobList.Looked)) == 1
        assert (app.widget.top, app.widget.index, app.widget.cursor) == (None, 500_000, None)
        app.widget.show(picture(jobs(210, 7_000), first=499_900, total=1_000_000, row=500_000), NOW)
        await pilot.pause()
        assert rows_shown(app)[0] == "j7100"
        assert app.widget.cursor == job(7_100)
