"""How the app says things."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from queuectl.core.job import State
from queuectl.core.plain import plain
from queuectl.tui import wording
from tests.tui.listed import NOW, job

S, M, H, D = 1_000, 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("ms", "said"),
    [(-5 * S, "0s"), (0, "0s"), (999, "0s"), (59_999, "59s"), (M, "1m"), (59 * M, "59m"), (H, "1h"), (D - 1, "23h"),
     (3 * D + 5 * H, "3d"), (20_000 * D, "9999d")],
)  # fmt: skip
def test_an_age_is_said_in_its_largest_whole_unit(ms: int, said: str) -> None:
    assert wording.age(ms) == said


@pytest.mark.parametrize(("ms", "said"), [(1, "1 s"), (12 * S, "12 s"), (59_001, "1 m"), (2 * H, "2 h"), (-S, "0 s")])
def test_a_wait_counts_begun_seconds(ms: int, said: str) -> None:
    assert wording.time_left(ms) == said


@pytest.mark.parametrize(
    ("ms", "said"), [(0, "00:00"), (288 * S, "04:48"), (H + 2 * M + 3 * S, "1:02:03"), (2 * D + 3 * H, "2d 03h")]
)
def test_a_run_time_is_said_as_a_stopwatch_shows_it(ms: int, said: str) -> None:
    assert wording.clock(ms) == said


@pytest.mark.parametrize(
    ("ms", "timeout_s", "said"),
    [(288 * S, 300.0, "04:48!"), (269 * S, 300.0, "04:29"), (270 * S, 300.0, "04:30!"), (300 * S, 300.0, "05:00!"),
     (301 * S, 300.0, "05:01 over"), (D, None, "1d 00h")],
)  # fmt: skip
def test_a_run_time_is_marked_from_ninety_percent_of_its_limit(ms: int, timeout_s: float | None, said: str) -> None:
    assert wording.run_time(ms, timeout_s) == said


def test_a_state_is_a_sign_and_a_word_and_no_two_share_a_sign() -> None:
    assert wording.state_word(State.DEAD) == "✗ dead"
    assert len({*wording.GLYPHS.values(), wording.HELD}) == len(State) + 1
    assert wording.job_word(job(1, held=True)) == "‖ held"
    assert wording.job_word(job(1, held=True, state=State.DEAD)) == "✗ dead"


def test_a_row_says_what_keeps_its_job_from_running() -> None:
    later = NOW + 12 * S
    assert wording.waits(job(1), NOW) == ""
    assert wording.waits(job(1, run_at=later), NOW) == "(in 12 s)"
    assert wording.waits(job(1, run_at=later, state=State.FAILED), NOW) == "(retry in 12 s)"
    assert wording.waits(job(1, state=State.FAILED), NOW) == "(retry due)"
    assert wording.waits(job(1, held=True, state=State.FAILED), NOW) == "(held)"
    assert wording.waits(job(1, state=State.DEAD, run_at=later), NOW) == ""


def test_ids_are_cut_in_the_middle_so_that_both_ends_tell() -> None:
    assert wording.cut_middle("nightly-build-0417", 9) == "nigh…0417"
    assert wording.cut_middle("nightly-build-0417", 18) == "nightly-build-0417"
    assert [wording.cut_middle("abcdef", cells) for cells in (0, 1, 2, 3)] == ["", "…", "a…", "a…f"]


def test_a_cut_text_never_cuts_a_wide_character_in_two() -> None:
    assert wording.cut_cells("日本語", 6) == "日本語"
    assert wording.cut_cells("日本語", 5) == "日本…"
    assert wording.cut_cells("日本語", 4) == "日…"


def test_combining_marks_without_end_are_cut() -> None:
    assert len(wording.cut_cells("e" + "\u0301" * 100_000, 10)) < 100


@given(st.text(max_size=60), st.integers(0, 30))
def test_no_text_is_wider_than_its_cells_or_drives_the_terminal(text: str, cells: int) -> None:
    for shown in (wording.cut_cells(text, cells), wording.padded(wording.cut_middle(text, cells), cells)):
        assert cell_len(shown) <= cells
        assert plain(shown) == shown


@given(st.text(max_size=60).map(plain), st.integers(0, 30), st.booleans())
def test_a_padded_text_fills_its_cells_exactly(text: str, cells: int, right: bool) -> None:
    assert cell_len(wording.padded(text, cells, right)) == cells


def test_a_path_below_home_is_written_as_people_write_it():
    assert wording.from_home("/home/ann/.queuectl/queue.db", "/home/ann") == "~/.queuectl/queue.db"
    assert wording.from_home("/home/anna/queue.db", "/home/ann") == "/home/anna/queue.db"
    assert wording.from_home("/srv/queue.db", "/") == "/srv/queue.db"
