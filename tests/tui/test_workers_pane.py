"""The pane of pools and workers, alone on a screen."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from textual.app import App, ComposeResult

import queuectl.tui
from queuectl.core.views import LOST, RUNNING, PoolView, WorkerView
from queuectl.tui.widgets.workers import WorkersPane
from tests.tui.listed import NOW
from tests.tui.screen import piloted, screen_lines, screen_text, sizes

CSS = Path(queuectl.tui.__file__).parent / "app.tcss"
STARTED = NOW - 7_900_000


class Painted(WorkersPane):
    """Counts what it is asked to paint."""

    def __init__(self) -> None:
        super().__init__()
        self.painted: list[int] = []

    def render_line(self, y):
        self.painted.append(y)
        return super().render_line(y)


class Alone(App[None]):
    CSS_PATH = str(CSS)

    def __init__(self) -> None:
        super().__init__()
        self.pane = Painted()

    def compose(self) -> ComposeResult:
        yield self.pane


def worker(number: int, work: str | None = None, pool: str = "p1", done: int = 3_112, failed: int = 9) -> WorkerView:
    name = f"{pool}/w{number}"
    return WorkerView(name, pool, "host", 48_210 + number, "busy" if work else "idle", work, STARTED, done, failed)


def pool(name: str = "p1", state: str = RUNNING, reason: str = "", queues: tuple[str, ...] = ()) -> PoolView:
    return PoolView(name, queues, 4, 3, state, "host", 48_210, STARTED, reason, wanted=4)


BUSY = tuple(worker(number, f"j{number:04d}") for number in range(1, 4))


@piloted
async def test_each_pool_has_a_line_and_below_it_its_workers():
    app = Alone()
    async with app.run_test(size=(42, 12)) as pilot:
        app.pane.show((*BUSY, worker(4, done=0, failed=0)), (pool(),), NOW)
        await pilot.pause()
        assert [line.rstrip() for line in screen_lines(app)][:9] == [
            "  id  pid     state      job     done fail",
            "▸ pool p1 · up 2:11:40 · 4 of 4",
            "  w1  48211   ▶ busy     j0001  3,112    9",
            "  w2  48212   ▶ busy     j0002  3,112    9",
            "  w3  48213   ▶ busy     j0003  3,112    9",
            "  w4  48214   ○ idle                0    0",
            "",
            "  n add · = set count · x stop · K kill",
            "",
        ]


@pytest.mark.parametrize("size", [(42, 6), (34, 7)], ids=str)
@piloted
async def test_a_list_that_scrolls_still_has_room_for_all_of_its_numbers(size):
    app = Alone()
    workers = tuple(worker(number, done=73, failed=382) for number in range(1, 20))
    async with app.run_test(size=size) as pilot:
        app.pane.show(workers[:2], (pool(),), NOW)
        await pilot.pause()
        assert screen_lines(app)[2].endswith(" 73  382")
        app.pane.show(workers, (pool(),), NOW)
        await pilot.pause()
        assert app.pane.show_vertical_scrollbar
        assert screen_lines(app)[0][:-1].endswith("done fail")
        for line in screen_lines(app)[2:]:
            assert line[:-1].endswith(" 73  382")


@piloted
async def test_where_nothing_can_be_changed_no_key_is_offered():
    app = Alone()
    async with app.run_test(size=(60, 8)) as pilot:
        app.pane.set_read_only(True)
        app.pane.show((), (), NOW)
        await pilot.pause()
        assert screen_text(app).strip() == "No workers."
        app.pane.show(BUSY, (pool(),), NOW)
        await pilot.pause()
        assert "w3" in screen_text(app)
        assert "add" not in screen_text(app)


@piloted
async def test_nothing_to_show_says_what_can_be_done():
    app = Alone()
    async with app.run_test(size=(42, 6)) as pilot:
        app.pane.show((), (), NOW)
        await pilot.pause()
        assert "No workers. n starts one, = starts" in screen_text(app)
        assert (app.pane.cursor, app.pane.worker) == (None, None)
        app.pane.move("down")


@piloted
async def test_a_job_that_is_nearly_over_its_time_is_marked():
    app = Alone()
    async with app.run_test(size=(60, 8)) as pilot:
        late, early, unlimited = (one._replace(job_since=NOW - 268_000, job_timeout_s=300.0) for one in BUSY)
        late, unlimited = late._replace(job_since=NOW - 271_000), unlimited._replace(job_timeout_s=None)
        app.pane.show((late, early, unlimited), (pool(),), NOW)
        await pilot.pause()
        assert [line for line in screen_lines(app) if "▶ busy!" in line] == [
            line for line in screen_lines(app) if "j0001" in line
        ]


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (pool(state=LOST), ["✗ pool p1 · lost", "✗ lost"]),
        (pool(state="stopping"), ["pool p1 · stopping", "◌ stopping", "▶ busy "]),
        (pool(reason="the disk is full"), ["! the disk is full", "! blocked", "▶ busy "]),
        (pool(queues=("media", "mail")), ["queues media, mail"]),
    ],
    ids=["lost", "stopping", "blocked", "queues"],
)
@piloted
async def test_what_is_wrong_with_a_pool_stands_in_words(view, said):
    app = Alone()
    async with app.run_test(size=(70, 10)) as pilot:
        app.pane.show((worker(1), worker(2, "j2")), (view,), NOW)
        await pilot.pause()
        screen = screen_text(app)
        for words in said:
            assert words in screen


@piloted
async def test_a_narrow_pane_drops_the_process_number_and_then_what_was_done():
    app = Alone()
    async with app.run_test(size=(34, 6)) as pilot:
        app.pane.show(BUSY, (pool(),), NOW)
        await pilot.pause()
        assert "48211" not in screen_text(app)
        assert "3,112" in screen_text(app)
        await pilot.resize_terminal(26, 6)
        await pilot.pause()
        assert "3,112" not in screen_text(app)
        assert "j0001" in screen_text(app)


@piloted
async def test_at_40_columns_the_ids_of_the_jobs_stay_and_the_keys_are_whole():
    app = Alone()
    async with app.run_test(size=(38, 8)) as pilot:
        app.pane.show((worker(1, "zi6h7g"), worker(2, "k3m9qx")), (pool(),), NOW)
        await pilot.pause()
        assert "48211" not in screen_text(app)
        assert "zi6h7g" in screen_text(app)
        assert "3,112" in screen_text(app)
        assert "n add  = set count  x stop  K kill" in screen_text(app)
        app.pane.show((worker(1, "a-longer-id"),), (pool(),), NOW)
        await pilot.pause()
        assert "a-longer-id" in screen_text(app)


@piloted
async def test_the_cursor_goes_over_pools_and_workers_and_stays_with_its_own():
    app = Alone()
    async with app.run_test(size=(60, 12)):
        pools = (pool("p1", reason="slow"), pool("p2"))
        workers = (worker(1), worker(1, pool="p2"), worker(2, pool="p2"))
        app.pane.show(workers, pools, NOW)
        assert (app.pane.cursor, app.pane.worker) == (pools[0], None)
        app.pane.move("down")
        assert (app.pane.cursor, app.pane.worker) == (pools[0], workers[0])
        app.pane.move("bottom")
        assert (app.pane.cursor, app.pane.worker) == (pools[1], workers[2])
        app.pane.move("up")
        app.pane.show(workers[1:], pools[1:], NOW)
        assert app.pane.worker == workers[1]
        app.pane.show((), pools[1:], NOW)
        assert (app.pane.cursor, app.pane.worker) == (pools[1], None)


@piloted
async def test_a_click_points_at_a_line():
    app = Alone()
    async with app.run_test(size=(60, 12)) as pilot:
        app.pane.show(BUSY, (pool(),), NOW)
        await pilot.pause()
        await pilot.click(app.pane, (10, 3))
        assert app.pane.worker == BUSY[1]
        await pilot.click(app.pane, (10, 0))
        assert app.pane.worker == BUSY[1]


@piloted
async def test_only_lines_that_changed_are_painted_again():
    app = Alone()
    async with app.run_test(size=(60, 20)) as pilot:
        app.pane.show(BUSY, (pool(),), NOW)
        await pilot.pause()
        app.pane.painted.clear()
        app.pane.show(BUSY, (pool(),), NOW + 10)
        await pilot.pause()
        assert app.pane.painted == []
        app.pane.show((BUSY[0], worker(2), BUSY[2]), (pool(),), NOW + 10)
        await pilot.pause()
        assert set(app.pane.painted) == {3}
        app.pane.painted.clear()
        app.pane.move("down")
        await pilot.pause()
        assert set(app.pane.painted) == {1, 2}


@piloted
async def test_a_thousand_workers_scroll_below_the_heading_and_the_cursor_is_always_seen():
    app = Alone()
    pools = tuple(pool(f"p{number}") for number in range(4))
    workers = tuple(worker(number, pool=one.name) for one in pools for number in range(1, 257))
    async with app.run_test(size=(60, 12)) as pilot:
        app.pane.show(workers, pools, NOW)
        for how in ("page-down", "half-down", "bottom", "up", "page-up", "half-up", "top", "down"):
            app.pane.move(how)
            await pilot.pause()
            assert "id" in screen_lines(app)[0]
            assert sum("▸" in line for line in screen_lines(app)[1:]) == 1, how
        app.pane.move("bottom")
        await pilot.pause()
        assert "w256" in screen_lines(app)[-1]


@piloted
async def test_hostile_names_drive_no_terminal():
    app = Alone()
    bad = "p\x1b]0;pwn\x07\u202e[/]"
    async with app.run_test(size=(90, 12)) as pilot:
        app.pane.show(
            (WorkerView(f"{bad}/w1\x1b", bad, bad, 1, "busy", "\x1b[31m", NOW, 0, 0),),
            (pool(bad, reason="\x9b2J\nno [/] room", queues=("\x1b",)),),
            NOW,
        )
        await pilot.pause()
        assert screen_text(app).replace("\n", "").isprintable()


@piloted
async def test_any_size_will_do():
    app = Alone()
    chance = random.Random(5)
    async with app.run_test(size=(60, 12)) as pilot:
        for size in sizes(30, (4, 1)):
            await pilot.resize_terminal(*size)
            app.pane.show(BUSY, (pool(reason="why not"),), NOW)
            app.pane.move(chance.choice(("down", "up", "bottom", "page-up")))
