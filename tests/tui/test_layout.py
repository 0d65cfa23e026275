"""Which panes are on screen for which terminal."""

from __future__ import annotations

import pytest

from queuectl.tui.layout import FULL, HALF, NORMAL, arrange
from queuectl.tui.panes import LISTS, Pane

FIVE = {Pane.PENDING, Pane.PROCESSING, Pane.DLQ, Pane.WORKERS, Pane.CONFIG}


def test_five_panes_and_detail_stand_side_by_side_from_110_columns() -> None:
    assert set(arrange(110, 40, Pane.PENDING, NORMAL).panes) == FIVE | {Pane.DETAIL}
    assert set(arrange(109, 40, Pane.PENDING, NORMAL).panes) == {Pane.PENDING, Pane.DETAIL}


def test_the_focused_pane_grows() -> None:
    for pane in (Pane.PENDING, Pane.DLQ, Pane.PROCESSING):
        shares = arrange(120, 40, pane, NORMAL).left
        other = arrange(120, 40, Pane.CONFIG, NORMAL).left
        assert shares[pane] > other[pane]


def test_done_stands_where_the_dlq_is_while_it_has_the_focus() -> None:
    assert Pane.DLQ not in arrange(120, 40, Pane.DONE, NORMAL).panes
    assert Pane.DONE not in arrange(120, 40, Pane.DLQ, NORMAL).panes


@pytest.mark.parametrize("pane", [pane for pane in Pane if pane is not Pane.METRICS])
def test_the_focused_pane_is_on_screen_at_any_size_and_zoom(pane: Pane) -> None:
    for columns, lines in [(20, 5), (40, 10), (80, 24), (109, 30), (120, 29), (120, 40), (250, 80)]:
        for zoom in (NORMAL, HALF, FULL):
            assert pane in arrange(columns, lines, pane, zoom).panes


def test_a_peek_stands_below_a_list_from_24_lines() -> None:
    for pane in LISTS:
        assert Pane.DETAIL in arrange(80, 24, pane, NORMAL).panes
        assert arrange(80, 23, pane, NORMAL).panes == (pane,)
        assert arrange(80, 24, pane, HALF).panes == (pane,)
    assert arrange(80, 24, Pane.WORKERS, NORMAL).panes == (Pane.WORKERS,)


def test_the_filter_line_goes_after_the_peek() -> None:
    assert arrange(80, 23, Pane.DLQ, NORMAL).filter_line
    assert not arrange(80, 12, Pane.DLQ, NORMAL).filter_line


def test_a_zoomed_pane_is_alone() -> None:
    assert arrange(120, 40, Pane.DLQ, FULL).panes == (Pane.DLQ,)
    assert set(arrange(120, 40, Pane.DLQ, HALF).left) == {Pane.DLQ}
