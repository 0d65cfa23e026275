"""The lines around the panes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.content import Content
from textual.widgets import Static

from queuectl.core.panes import Rate, Tally
from queuectl.tui.actions import footer
from queuectl.tui.panes import Pane
from queuectl.tui.widgets.banner import Banner
from queuectl.tui.widgets.chart import sparkline
from queuectl.tui.widgets.counts import Counts, counts_line, per_minute
from queuectl.tui.widgets.filterbar import FilterBar
from queuectl.tui.widgets.header import Facts, Header, header_line, health
from queuectl.tui.widgets.keyfooter import KeyFooter, footer_line
from queuectl.tui.widgets.oneline import fitted
from queuectl.tui.widgets.tabs import TABS, TabStrip, compact, tab_line
from tests.core.examples import NOW
from tests.tui.flow import flow
from tests.tui.lone import BUSY, CROWD, GONE, HOSTILE, Doer, Lone, a_picture, a_pool, a_status, shown
from tests.tui.screen import piloted, screen_lines, screen_text, sizes

NO_WORKERS = a_pool(workers=0, busy=0, state="lost")


@pytest.mark.parametrize(
    ("picture", "trouble", "age_s", "frozen", "word", "severity"),
    [
        (a_picture(), None, 0.4, False, "✓ OK", "ok"),
        (None, None, 0.0, False, "… READING", "muted"),
        (a_picture(a_status(a_pool(workers=0), pending=3)), None, 0.4, False, "! STALLED", "warning"),
        (
            a_picture(a_status(NO_WORKERS, processing=1, oldest_waiting_s=None)),
            None,
            0.4,
            False,
            "! STALLED",
            "warning",
        ),
        (a_picture(a_status(a_pool(reason="disk full"), pending=3)), None, 0.4, False, "! DEGRADED", "warning"),
        (a_picture(a_status(a_pool(), NO_WORKERS, pending=3)), None, 0.4, False, "! DEGRADED", "warning"),
        (a_picture(), BUSY, 1.2, False, "! BUSY", "warning"),
        (a_picture(), GONE, 1.2, False, "✗ UNUSABLE", "error"),
        (None, GONE, 1.2, False, "✗ UNUSABLE", "error"),
        (a_picture(), None, 14.0, False, "! STALE", "error"),
        (a_picture(), None, 14.0, True, "‖ FROZEN", "warning"),
        (a_picture(), BUSY, 14.0, True, "! BUSY", "warning"),
    ],
)
def test_the_health_word_says_what_matters_most(picture, trouble, age_s, frozen, word, severity):
    assert health(picture, trouble, age_s, frozen) == (word, severity)


def facts(**fields: Any) -> Facts:
    given: dict[str, Any] = {
        "picture": a_picture(), "location": "~/.queuectl/queue.db", "age_s": 0.4, "clock": "14:02:31",
    }  # fmt: skip
    return Facts(**{**given, **fields})


def test_the_header_says_all_it_knows_where_there_is_room():
    line = header_line(facts(), 120).plain
    assert line.startswith(" queuectl  ~/.queuectl/queue.db  ")
    assert line.endswith(" ✓ OK · store 3 ms · 4/4 workers · updated 0.4 s ago · 14:02:31 ")
    assert len(line) == 120


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (80, " queuectl  ~/.queuectl/queue.db   ✓ OK · 3 ms · 4/4 workers · 0.4 s ago · 14:02 "),
        (60, " queuectl  ✓ OK · 3 ms · 4/4 workers · 0.4 s ago · 14:02 "),
        (40, " ✓ OK · 4/4 workers · 0.4 s ago · 14:02 "),
        (36, " ✓ OK · 4/4 workers · 0.4 s ago "),
        (26, " ✓ OK · 4/4 · 0.4 s ago "),
        (20, " ✓ OK · 4/4 "),
    ],
)
def test_a_narrow_header_keeps_the_word_the_workers_and_the_age(columns, expected):
    line = header_line(facts(), columns)
    assert line.cell_length <= columns
    assert " ".join(line.plain.split()) == " ".join(expected.split())


def test_a_long_path_loses_its_beginning():
    line = header_line(facts(location="/srv/" + "deep/" * 900 + "queue.db"), 80).plain
    assert line.startswith(" queuectl  …")
    assert "/queue.db " in line
    assert len(line) == 80


@pytest.mark.parametrize("columns", [120, 80, 40])
def test_a_busy_store_is_named_with_the_time_it_has_been_so(columns):
    line = header_line(facts(trouble=BUSY, busy_s=1.2), columns)
    assert "BUSY" in line.plain
    assert columns == 40 or "store busy 1.2 s" in line.plain


@pytest.mark.parametrize("columns", [120, 80, 40])
def test_an_old_picture_never_looks_like_a_new_one(columns):
    line = header_line(facts(age_s=14.0), columns)
    assert "STALE" in line.plain
    assert "data 14 s old" in line.plain
    start = line.plain.index("data")
    assert any("bold" in str(span.style) and span.start <= start < span.end for span in line.spans)


@pytest.mark.parametrize("columns", [120, 80, 40])
def test_read_only_and_frozen_are_said_at_every_width(columns):
    line = header_line(facts(read_only=True, frozen=True), columns).plain
    assert "READ-ONLY" in line
    assert "FROZEN" in line


def test_a_location_cannot_be_markup_nor_drive_the_terminal():
    line = header_line(facts(location=HOSTILE), 160).plain
    assert "[@click=app.quit]" in line
    assert line.isprintable()


@pytest.mark.parametrize("columns", range(0, 251, 3))
def test_no_line_is_wider_than_the_terminal(columns):
    status = a_status(**CROWD)
    keys = [(action, True) for action in footer(Pane.DLQ)]
    lines = [
        header_line(facts(), columns),
        counts_line(status.counts, per_minute((), NOW), columns),
        tab_line(status.counts, 4, Pane.DLQ, columns),
        footer_line(keys, columns),
        fitted([Content("界" * 200)], columns),
    ]
    assert max(line.cell_length for line in lines) <= columns


def test_a_read_only_header_still_names_the_store_at_80_columns():
    line = header_line(facts(read_only=True, location="~/media/jobs/queue.db"), 80).plain
    assert "READ-ONLY" in line
    assert "queue.db" in line


@piloted
async def test_read_only_nothing_that_changes_is_offered(tmp_path: Path) -> None:
    async with flow(tmp_path, size=(120, 40), read_only=True) as one:
        await one.says("No jobs yet.")
        assert "adds one" not in one.text
        for pane in "1345":
            await one.press(pane)
            await one.says(": Command")
            keys, changes = screen_lines(one.app)[-1], ("New", "Retry", "Stop", "Add", "Set count", "Default")
            assert [word for word in changes if word in keys] == []
        assert "n starts one" not in one.text
        assert "e edit" not in one.text


# Counts


def test_the_counts_come_with_two_sparklines():
    rates = tuple(Rate(NOW - ago * 60_000 - 1_000, 10 * (ago + 1), ago, 0, 0) for ago in range(10))
    line = counts_line(a_status(**CROWD).counts, per_minute(rates, NOW), 120).plain
    assert line.startswith(" ○ pending 12,371  ▶ processing 4  ↻ retrying 37  ✗ dead 112  ✓ done 98,211 ")
    assert line.endswith("done/min █▇▆▆▅▄▃▂▂▁ 10  fail █▇▆▅▄▄▃▂▁▁ 0 ")


def test_rates_are_added_up_by_the_minute_and_older_ones_left_out():
    rates = (Rate(NOW - 5_000, 1, 0, 0, 0), Rate(NOW - 59_000, 2, 1, 0, 0), Rate(NOW - 61_000, 4, 0, 0, 0))
    completed, failed = per_minute((*rates, Rate(NOW - 600_000, 99, 99, 0, 0)), NOW)
    assert completed == [0] * 8 + [4, 3]
    assert failed == [0] * 9 + [1]


def test_the_counts_lose_the_sparklines_first_and_the_words_next():
    status = a_status(**CROWD)
    assert counts_line(status.counts, per_minute((), NOW), 78).plain.rstrip().endswith("✓ done 98,211")
    assert counts_line(status.counts, per_minute((), NOW), 40).plain == " ○ 12,371 ▶ 4 ↻ 37 ✗ 112 ✓ 98,211"


def test_cancelled_jobs_are_counted_as_done():
    assert "✓ done 5" in counts_line(a_status(completed=3, cancelled=2).counts, per_minute((), NOW), 100).plain


@pytest.mark.parametrize(
    ("values", "drawn"), [([], ""), ([0, 0], "▁▁"), ([1, 4, 8], "▁▄█"), ([1, 1000], "▁█"), ([5], "█")]
)
def test_a_sparkline_is_a_block_a_value(values, drawn):
    assert sparkline(values) == drawn


# Tabs


def test_the_tabs_say_their_digit_their_name_and_how_much_is_in_them():
    line = tab_line(a_status(**CROWD).counts, 4, Pane.DLQ, 100).plain
    assert line == " 1 Pending 12,408 │ 2 Processing 4 │ 3▸DLQ 112 │ 4 Workers 4 │ 5 Config │ 6 Done 98,211 "


@pytest.mark.parametrize("columns", [80, 60, 40, 24])
def test_every_digit_is_there_at_every_width(columns):
    line = tab_line(a_status(**CROWD).counts, 4, Pane.DLQ, columns).plain
    assert len(line) <= columns
    assert [digit for digit in "123456" if digit not in line] == []
    assert "3▸DLQ" in line


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (1_000, "1.0k"), (9_999, "9.9k"), (12_408, "12k"), (999_999, "999k"), (1_200_000, "1.2M")],
)
def test_a_compact_count_takes_four_columns(number, text):
    assert compact(number) == text


@piloted
async def test_a_click_on_a_tab_chooses_its_pane():
    app = Lone(TabStrip())
    async with app.run_test(size=(100, 5), message_hook=app.hear) as pilot:
        app.query_one(TabStrip).show(a_status(**CROWD).counts, 4, Pane.DLQ)
        await pilot.pause()
        line = screen_lines(app)[0]
        for pane, text in zip(TABS, ("Pending", "Processing", "DLQ", "Workers", "Config", "Done"), strict=True):
            await pilot.click(TabStrip, offset=(line.index(text), 0))
            assert [message.pane for message in app.heard][-1] is pane
        await pilot.click(TabStrip, offset=(99, 0))
        assert len(app.heard) == len(TABS)


# Footer


def test_the_footer_drops_what_ranks_last_but_never_help_and_quit():
    keys = [(action, True) for action in footer(Pane.PENDING)]
    wide, narrow = footer_line(keys, 200).plain, footer_line(keys, 80).plain
    assert wide.endswith("? Help  q Quit ")
    assert ": Command" in wide
    assert narrow.startswith(" r Retry  Enter Open  n New  e Edit")
    assert ": Command" not in narrow
    assert footer_line(keys, 40).plain.endswith(" ? q ")
    assert footer_line(keys, 10).plain.strip() == "? q"


def test_the_footer_names_help_and_quit_where_enough_other_keys_have_room_beside_them():
    keys = [(action, action.name not in {"queue.retry", "queue.mark"}) for action in footer(Pane.PENDING)]
    line = footer_line(keys, 80).plain
    assert line.startswith(" Enter Open  n New  e Edit  x Cancel  H Hold  i Next  / Filter ")
    assert line.endswith("  ? Help  q Quit ")
    assert footer_line([(action, True) for action in footer(Pane.DLQ)], 80).plain.endswith(" / Filter  ? q ")


def test_undo_keeps_its_word_at_the_right_of_the_footer():
    keys = [(action, True) for action in footer(Pane.DLQ, undo=True)]
    assert footer_line(keys, 200).plain.endswith("  u Undo  ? Help  q Quit ")
    for columns in (20, 40, 60, 80):
        assert footer_line(keys, columns).plain.endswith(" u Undo ? q ")


def test_greyed_keys_go_before_those_that_work():
    keys = [(action, action.name not in {"queue.retry", "queue.cancel"}) for action in footer(Pane.PENDING)]
    assert "x Cancel" in footer_line(keys, 200).plain
    narrow = footer_line(keys, 60).plain
    assert "x Cancel" not in narrow
    assert "e Edit" in narrow
    greyed = footer_line([(action, False) for action in footer(Pane.PENDING)], 40).plain
    assert greyed.startswith(" r Retry  Enter Open ")
    assert greyed.endswith(" ? Help  q Quit ")


@piloted
async def test_a_click_on_a_key_does_what_the_key_does():
    app = Doer(KeyFooter())
    async with app.run_test(size=(80, 5)) as pilot:
        keys = [(action, action.name != "config.reset") for action in footer(Pane.CONFIG)]
        app.query_one(KeyFooter).show(keys)
        await pilot.pause()
        line = screen_lines(app)[0]
        await pilot.click(KeyFooter, offset=(line.index("Edit") + 1, 0))
        await pilot.click(KeyFooter, offset=(line.index("Default"), 0))
        await pilot.click(KeyFooter, offset=(line.index("q Quit"), 0))
        await pilot.pause()
        assert app.done == ["config.edit", "app.quit"]


# Lines that are widgets


@piloted
async def test_lines_fit_themselves_to_every_new_width_and_new_text():
    header, counts, banner = Header(), Counts(), Banner()
    app = Lone(header, counts, TabStrip(), banner, KeyFooter())
    async with app.run_test(size=(120, 10)) as pilot:
        header.show(a_picture(), None, "~/q.db", 0.4, "14:02:31")
        counts.show(a_status(**CROWD), (), NOW)
        await pilot.pause()
        assert "updated 0.4 s ago" in screen_lines(app)[0]
        assert "✗ dead 112" in screen_lines(app)[1]
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        assert screen_lines(app)[0].rstrip() == " ✓ OK · 4/4 workers · 0.4 s ago · 14:02"
        header.show(a_picture(), BUSY, "~/q.db", 3.0, "14:02:34")
        await pilot.pause()
        assert "BUSY" in screen_lines(app)[0]


@piloted
async def test_the_banner_is_there_only_while_something_is_wrong():
    banner = Banner()
    app = Lone(banner, Static(Content("below")))
    async with app.run_test(size=(60, 5)) as pilot:
        await pilot.pause()
        assert screen_lines(app)[0].strip() == "below"
        for text in ("! store busy for 5 s", f"! {HOSTILE}"):
            banner.show(text, "warning")
            await pilot.pause()
            assert screen_lines(app)[0].strip().startswith("! ")
            assert "below" in screen_lines(app)[1]
            assert screen_text(app).replace("\n", "").isprintable()
            banner.show("", "")
            await pilot.pause()
            assert screen_lines(app)[0].strip() == "below"


@piloted
async def test_the_lines_live_through_any_size():
    header, counts, tabs, keys, bar = Header(), Counts(), TabStrip(), KeyFooter(), FilterBar()
    app = Lone(header, counts, tabs, bar, keys)
    async with app.run_test(size=(80, 24)) as pilot:
        for number, size in enumerate(sizes(24)):
            await pilot.resize_terminal(*size)
            header.show(a_picture(), BUSY if number % 2 else None, "~/q.db", number / 4, "14:02:31")
            counts.show(a_status(**CROWD), (), NOW)
            tabs.show(a_status(**CROWD).counts, number, TABS[number % len(TABS)])
            bar.show(Tally(number, False), 112, "3 marked", "priority↓", "wrong" * (number % 3))
            keys.show([(action, number % 2 == 0) for action in footer(TABS[number % len(TABS)])])
            await pilot.pause()
            lines = screen_lines(app)
            assert max(map(len, lines)) <= size[0]
            assert "q" in lines[4][-8:]


# Toasts


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 15), (41, 12), (40, 12)], ids=str)
@piloted
async def test_toasts_show_all_of_their_text(size):
    app = Lone(Static("below"))
    async with app.run_test(size=size, notifications=True) as pilot:
        for words in range(4, 24):
            app.clear_notifications()
            app.notify(" ".join(["first", *["abcd efg hi"] * (words // 3), *["abcd"] * (words % 3), f"end{words}"]))
            await shown(pilot, "first")
            await shown(pilot, f"end{words}")
