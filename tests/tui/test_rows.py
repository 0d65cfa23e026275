"""Where a person is in a long list, whatever happens to it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from queuectl.tui.widgets.rows import Rows

Steps = st.lists(
    st.one_of(
        st.tuples(st.just("go"), st.integers(-5, 80)),
        st.tuples(st.just("page"), st.integers(-30, 30)),
        st.tuples(st.just("view"), st.integers(-5, 80)),
        st.tuples(st.just("resize"), st.integers(0, 30)),
        st.tuples(st.just("end"), st.just(0)),
    ),
    max_size=12,
)


def listed(count: int, height: int = 10) -> Rows[str]:
    rows: Rows[str] = Rows(str)
    rows.resize(height)
    rows.take([str(number) for number in range(count)], 0, count)
    return rows


def walked(rows: Rows[str], steps: list[tuple[str, int]]) -> None:
    for name, by in steps:
        if name == "end":
            rows.end()
        else:
            getattr(rows, name)(by)


@given(st.integers(0, 60), Steps)
def test_the_cursor_is_in_the_view_and_the_view_in_the_list(count: int, steps: list[tuple[str, int]]) -> None:
    rows = listed(count)
    walked(rows, steps)
    assert 0 <= rows.cursor < max(count, 1)
    assert rows.top <= rows.cursor < rows.top + rows.height
    assert 0 <= rows.top <= max(0, count - rows.height)
    assert rows.pointed == rows.item(rows.cursor)


@given(st.integers(1, 60), Steps, st.sets(st.integers(0, 59)), st.integers(0, 20), st.booleans())
def test_what_comes_and_goes_leaves_cursor_and_view_on_their_items(
    count: int, steps: list[tuple[str, int]], gone: set[int], come: int, loose: bool
) -> None:
    rows = listed(count)
    walked(rows, steps)
    pointed, line, at_end = rows.pointed, rows.cursor - rows.top, rows.at_end
    left = [f"new{number}" for number in range(come)] + [str(n) for n in range(count) if n not in gone]
    rows.take(left, 0, len(left), loose=loose)
    assert rows.pointed == rows.item(rows.cursor)
    if at_end or (loose and rows.head):
        return
    if pointed in left:
        assert rows.pointed == pointed
    else:
        # The neighbour is on the same line unless the list is too short, or has less above or below, for that.
        assert rows.cursor - rows.top == line or rows.top in {0, max(0, len(left) - rows.height)}


@given(st.integers(20, 60), st.integers(1, 40), st.integers(1, 30))
def test_rows_that_come_above_the_view_do_not_move_it(count: int, top: int, come: int) -> None:
    rows = listed(count)
    rows.view(top)
    before = rows.in_view()
    if rows.top == 0:
        return
    rows.take([f"new{number}" for number in range(come)] + [str(n) for n in range(count)], 0, count + come)
    assert rows.in_view() == before


def test_the_end_is_the_end_even_when_the_list_has_grown_meanwhile() -> None:
    rows = listed(30)
    rows.end()
    rows.take([str(number) for number in range(40)], 0, 40)
    assert (rows.pointed, rows.at_end) == ("39", True)
    rows.take([str(number) for number in range(50)], 0, 50, ends=True)
    assert (rows.pointed, rows.at_end) == ("49", False)


def test_rows_that_were_not_read_are_wanted_before_they_come_into_view() -> None:
    rows = listed(0)
    rows.take([str(number) for number in range(40)], 0, 1_000)
    rows.view(20)
    assert not rows.wants_more()
    rows.view(21)
    assert rows.wants_more()
