"""The output on screen: numbered, followed, searched, wrapped; whatever it holds, only text comes out."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.events import MouseScrollUp
from textual.pilot import Pilot

from queuectl.tui.output.colours import Run
from queuectl.tui.output.news import OutputNews
from queuectl.tui.output.search import Search
from queuectl.tui.output.transcript import Transcript
from queuectl.tui.widgets.logrow import folded, painted
from queuectl.tui.widgets.logview import LogView
from tests.tui.lone import Lone, shown
from tests.tui.screen import piloted, screen_lines, screen_text, sizes
from tests.tui.test_transcript import in_chunks, scanned

NUMBERED = b"".join(b"line %d\n" % n for n in range(1, 1001))
HOSTILE = "\x1b]0;pwn\x07\x1b[2J\x9b31m\u202e[/] [@click=app.quit]x[/]\x00\x7f\tend".encode()


class Reader:
    """Answers what a log wants at once, as the reading thread does a moment later."""

    def __init__(self, log: LogView, data: bytes) -> None:
        self.log = log
        self.data = bytearray(data)
        self.run = 1
        self.transcript = Transcript(in_chunks(self.data, 4096))

    def answer(self, **fields: object) -> None:
        want, lines = self.log.want, scanned(self.transcript).lines
        news = OutputNews(self.run, 0, len(self.data), lines=lines)._replace(**fields)
        if want.needle:
            news = self._searched(news)
        top = news.match.line if want.seek and news.match else lines - want.height if want.follow else want.first
        first = max(top - 50, 0)
        self.log.show(news._replace(first=first, rows=tuple(self.transcript.rows(first, 150))))

    def _searched(self, news: OutputNews) -> OutputNews:
        want, search = self.log.want, Search(self.transcript, self.log.want.needle)
        while search.step():
            pass
        if want.seek is None:
            return news._replace(matches=search.count, searched=True, match=self.log.news.match)
        match = (search.previous if want.seek.backwards else search.next)(want.seek.line)
        return news._replace(matches=search.count, searched=True, sought=want.seek.serial, match=match)


@asynccontextmanager
async def showing(
    data: bytes, size: tuple[int, int] = (40, 10)
) -> AsyncIterator[tuple[Pilot[None], LogView, Callable[..., object]]]:
    """A log that fills the terminal, and how to answer it and see what comes of it."""
    log = LogView()
    app = Lone(log)
    async with app.run_test(size=size) as pilot:
        reader = Reader(log, data)
        log.styles.height = "1fr"
        await pilot.pause()

        async def settle(more: bytes = b"", **fields: object) -> list[str]:
            reader.data += more
            reader.run = int(str(fields.get("run", reader.run)))
            for _ in range(2):  # what was sought may have moved the view
                reader.answer(**fields)
                await pilot.pause()
            return [line.rstrip(" ▁▂▃▄▅▆▇█") for line in screen_lines(app)]

        yield pilot, log, settle


def numbers(lines: list[str]) -> tuple[int, int]:
    """The first and last line number on screen."""
    shown = [int(line.split("│")[0]) for line in lines if line.split("│")[0].strip().isdigit()]
    return shown[0], shown[-1]


@piloted
async def test_the_end_is_shown_first_and_followed_while_it_grows():
    async with showing(NUMBERED) as (_, log, settle):
        assert numbers(await settle()) == (991, 1000)
        assert numbers(await settle(b"more\nand more\n")) == (993, 1002)
        assert log.follow


@piloted
async def test_moving_up_ends_following_and_coming_to_the_end_begins_it_again():
    async with showing(NUMBERED) as (_, log, settle):
        await settle()
        log.move("up")
        assert not log.follow
        assert numbers(await settle(b"more\n")) == (990, 999)
        log.move("bottom")
        assert log.follow
        assert numbers(await settle(b"more\n")) == (993, 1002)
        log.move("page-up")
        await settle()
        for _ in range(2):
            log.move("page-down")
        assert log.follow


@pytest.mark.parametrize(
    ("moves", "shown"),
    [
        (["top"], (1, 10)),
        (["top", "down"], (2, 11)),
        (["top", "page-down"], (10, 19)),
        (["top", "half-down", "half-down"], (9, 18)),
        (["up", "up", "half-up"], (985, 994)),
        (["top", "up"], (1, 10)),
        (["top", "bottom"], (991, 1000)),
    ],
)
@piloted
async def test_keys_move_by_lines_and_pages(moves, shown):
    async with showing(NUMBERED) as (_, log, settle):
        await settle()
        for how in moves:
            log.move(how)
        assert numbers(await settle()) == shown


@piloted
async def test_the_wheel_moves_as_keys_do():
    async with showing(NUMBERED) as (pilot, log, settle):
        await settle()
        log._on_mouse_scroll_up(_wheel(log))
        await pilot.pause()
        assert not log.follow
        assert numbers(await settle())[0] < 991
        for _ in range(5):
            log._on_mouse_scroll_down(_wheel(log))
        assert log.follow


@piloted
async def test_what_was_in_view_stays_a_moment_and_what_is_not_read_by_then_is_a_row_of_dots():
    async with showing(NUMBERED) as (pilot, log, settle):
        await settle()
        log.move("top")
        await pilot.pause()
        assert "1000 │ line 1000" in screen_text(pilot.app)
        await shown(pilot, "   1 │ …")
        assert "   1 │ line 1" in (await settle())[0]


@piloted
async def test_the_view_goes_to_matches_and_marks_the_one_it_is_at():
    async with showing(NUMBERED, (60, 10)) as (_, log, settle):
        await settle()
        log.move("top")
        log.search("line 77")
        lines = await settle()
        assert any("line 77" in line and "← match 1 of 11" in line for line in lines)
        log.next_match()
        lines = await settle()
        assert any("line 770" in line and "← match 2 of 11" in line for line in lines)
        assert not log.follow
        log.next_match(backwards=True)
        log.next_match(backwards=True)
        await settle()
        log.next_match(backwards=True)
        assert any("line 779" in line and "match 11 of 11" in line for line in await settle())


@piloted
async def test_a_search_that_finds_nothing_says_so_and_stays():
    async with showing(NUMBERED) as (_, log, settle):
        await settle()
        log.search("nowhere")
        assert numbers(await settle()) == (991, 1000)
        assert log.match_words == "0 matches"
        log.search("")
        assert log.match_words == ""


@piloted
async def test_while_it_is_counted_the_number_of_matches_has_a_plus():
    async with showing(NUMBERED) as (_, log, settle):
        await settle()
        log.search("line")
        await settle()
        log.news = log.news._replace(searched=False)
        assert log.match_words.endswith("of 1,000+")


@piloted
async def test_long_lines_are_cut_or_take_as_many_rows_as_they_need():
    async with showing(b"short\n" + b"0123456789" * 6 + b"\nlast\n", (41, 6)) as (_, log, settle):
        lines = await settle()
        assert lines[1].endswith("…")
        log.toggle_wrap()
        lines = await settle()
        assert [line.partition("│")[2].strip() for line in lines[:4]] == [
            "short", "012345678901234567890123456789012345", "678901234567890123456789", "last",
        ]  # fmt: skip


@piloted
async def test_the_end_is_followed_also_where_lines_are_broken():
    async with showing(b"".join(b"%d " % n * 40 + b"\n" for n in range(50)) + b"the end\n", (40, 8)) as (
        _,
        log,
        settle,
    ):
        log.toggle_wrap()
        lines = await settle()
        assert lines[-1].endswith("the end")
        log.move("up")
        assert numbers(await settle())[0] < 51
        for _ in range(6):
            log.move("down")
        assert any("the end" in line for line in await settle())


@piloted
async def test_colours_are_painted_and_everything_else_is_visible_text():
    async with showing(b"\x1b[31mred\x1b[0m and " + HOSTILE + b"\n", (120, 4)) as (pilot, log, settle):
        lines = await settle()
        assert "red and ␛]0;pwn␇␛[2J\\x9b31m\\u202e[/] [@click=app.quit]x[/]␀␡    end" in lines[0]
        assert "\x1b" not in screen_text(pilot.app)
        red = next(segment for segment in log.render_line(0) if segment.text == "red")
        assert red.style is not None
        assert red.style.color is not None
        assert red.style.color.number == 1


@piloted
async def test_wide_characters_never_push_the_border():
    data = "宽" * 60 + "\n" + "e\u0301" * 60 + "\n" + "👩‍👩‍👧" * 30 + "\n"
    async with showing(data.encode(), (41, 12)) as (pilot, log, settle):
        await settle()
        for _ in range(2):
            assert all(strip.cell_length == 40 for strip in log._painted())
            log.toggle_wrap()
            await settle()
        assert "宽" * 16 in screen_text(pilot.app)


@piloted
async def test_another_attempt_is_shown_from_its_end_on():
    async with showing(NUMBERED) as (_, log, settle):
        await settle()
        log.move("top")
        await settle()
        assert numbers(await settle(run=2)) == (991, 1000)
        assert log.follow


@piloted
async def test_without_output_there_are_words():
    async with showing(b"") as (_, log, settle):
        log.show(OutputNews(1), "it printed nothing")
        await settle()
        log.show(OutputNews(1), "it printed nothing")
        assert "it printed nothing" in log.render_line(0).text


@piloted
async def test_any_size_will_do():
    chance = random.Random(7)
    async with showing(NUMBERED * 3 + "宽".encode() * 500) as (pilot, log, settle):
        for size in sizes(25, (1, 1)):
            await pilot.resize_terminal(*size)
            log.move(chance.choice(["up", "down", "page-up", "page-down", "top", "bottom", "half-up", "half-down"]))
            if chance.random() < 0.3:
                log.toggle_wrap()
            await settle()


def test_no_character_is_lost_where_a_line_is_folded():
    text = "a宽b宽" * 30
    rows = list(folded([Segment(text, Style())], 7))
    assert "".join(segment.text for row in rows for segment in row) == text
    assert max(sum(cell_len(segment.text) for segment in row) for row in rows) == 7


@given(st.text(alphabet="ab宽\u0301", max_size=30), st.lists(st.integers(0, 30), max_size=6))
def test_marking_matches_changes_no_text(text, cuts):
    spans = list(zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False))
    segments = painted([Run(text[:9], Style()), Run(text[9:], Style(bold=True))], Style(), spans, Style(reverse=True))
    assert "".join(segment.text for segment in segments) == text


def _wheel(log: LogView) -> MouseScrollUp:
    return MouseScrollUp(log, 1, 1, 0, 0, 0, False, False, False)
