"""The list of errors that jobs died of."""

from __future__ import annotations

from queuectl.core.errorgroup import Group
from queuectl.tui.widgets.groups import GroupList
from tests.tui.listed import Stage
from tests.tui.screen import piloted, screen_lines, screen_text


def group(key: str, size: int, error: str = "exit N") -> Group:
    return Group(key, "curl", error, size, f"newest-{key}")


@piloted
async def test_each_error_is_a_row_with_its_count_command_error_and_newest_job() -> None:
    app = Stage(GroupList())
    async with app.run_test(size=(80, 8)) as pilot:
        app.widget.show((group("aaaaaa", 1_204, "exit N · curl: (N) \x1b[31m[/]"), group("bbbbbb", 3)))
        await pilot.pause()
        heading, first, second = (line.strip("┃") for line in screen_lines(app)[1:4])
        assert heading.split() == ["count", "command", "newest", "error"]
        assert first.split()[1:4] == ["1,204", "curl", "newest-aaaaaa"]
        assert first.rstrip().endswith("exit N · curl: (N) ␛[31m[/]")
        assert first.index("exit") == second.index("exit") == heading.index("error")


@piloted
async def test_the_cursor_stays_with_its_error_when_the_counts_change_the_order() -> None:
    app = Stage(GroupList())
    async with app.run_test(size=(60, 8)) as pilot:
        app.widget.focus()
        app.widget.show((group("aaaaaa", 5), group("bbbbbb", 3)))
        app.widget.move("down")
        app.widget.show((group("bbbbbb", 9), group("aaaaaa", 5)))
        await pilot.pause()
        assert app.widget.cursor == group("bbbbbb", 9)
        assert [event.group.key for event in app.said] == ["aaaaaa", "bbbbbb"]
        assert "▸" in screen_lines(app)[2]


@piloted
async def test_thousands_of_errors_are_passed_through_and_one_is_opened_by_a_double_click() -> None:
    app = Stage(GroupList())
    async with app.run_test(size=(60, 8)) as pilot:
        app.widget.show(tuple(group(f"k{number:05d}", 9_999 - number) for number in range(5_000)))
        app.widget.move("bottom")
        await pilot.pause()
        assert "5,000" in screen_text(app)
        await pilot.click(offset=(5, 2), times=2)
        assert isinstance(app.said[-1], GroupList.Opened)
        assert app.said[-1].group.key == "k04995"


@piloted
async def test_without_errors_nothing_is_under_the_cursor() -> None:
    app = Stage(GroupList())
    async with app.run_test(size=(60, 8)) as pilot:
        app.widget.show((group("aaaaaa", 1),))
        app.widget.show(())
        await pilot.pause()
        assert app.widget.cursor is None
        assert app.said[-1].group is None
        app.widget.move("down")
        app.widget.move("bottom")
        assert app.widget.cursor is None
