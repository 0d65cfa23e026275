"""Where a person is in a long list of which only a stretch is known: the rows in view, and the cursor's. No widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

EARLY = 50
"""So many rows before the end of what is known more is wanted, or a page before it if that is less."""


class Rows(Generic[T]):
    """The known stretch of a list, the part in view, and the cursor, by row numbers from 0.

    Numbers change with every look at the list; items are told apart by their `key`. New items
    above the view do not move it (its first item that is still there stays on its line), nor the
    cursor, which stays with its item. At its `head`, the first row in view and under the cursor,
    a list is held at its top instead, so that new items come into view.
    """

    def __init__(self, key: Callable[[T], str]) -> None:
        self._key = key
        self.height = 1
        self.forget()

    def forget(self) -> None:
        """Nothing is known of the list any more; it is at its head again."""
        self.items: Sequence[T] = ()
        self.first = 0
        self.count = 0
        self.top = 0
        self.cursor = 0
        self.head = True
        self.at_end = False
        self.pointed: T | None = None
        self._numbers: dict[str, int] = {}

    def item(self, row: int) -> T | None:
        """What is in a row, None if that is not known."""
        place = row - self.first
        return self.items[place] if 0 <= place < len(self.items) else None

    def in_view(self) -> list[T]:
        """The known items in view, from the top."""
        found = (self.item(row) for row in range(self.top, self.top + self.height))
        return [item for item in found if item is not None]

    def between(self, one: int, other: int) -> list[T]:
        """The known items from one row to another, both included, whichever is above."""
        low, high = sorted((one - self.first, other - self.first))
        return list(self.items[max(low, 0) : max(high + 1, 0)])

    def number(self, key: str) -> int | None:
        """The row of an item; None if it is not in the known stretch."""
        return self._numbers.get(key)

    # A person moves

    def move(self, how: str) -> None:
        """Move the cursor; `how` is the name of a `move.*` action without "move."."""
        half = max(self.height // 2, 1)
        match how:
            case "top":
                self.go(0)
            case "bottom":
                self.end()
            case "up" | "down":
                self.go(self.cursor + (1 if how == "down" else -1))
            case "half-up" | "half-down":
                self.page(half if how == "half-down" else -half)
            case "page-up" | "page-down":
                self.page(self.height if how == "page-down" else -self.height)

    def go(self, row: int) -> None:
        """The cursor to a row, or as near as there is one; the view follows it."""
        self.cursor = self._within(row)
        self.top = min(max(self.top, self.cursor - self.height + 1), self.cursor)
        self._moved()

    def page(self, rows: int) -> None:
        """View and cursor by so many rows, as far as there are any."""
        self.top = self._top_within(self.top + rows)
        self.go(self.cursor + rows)

    def view(self, top: int) -> None:
        """The view to a row; the cursor stays in it."""
        self.top = self._top_within(top)
        self.cursor = self._within(min(max(self.cursor, self.top), self.top + self.height - 1))
        self._moved()

    def end(self) -> None:
        """To the last row, even if the list turns out to be longer or shorter than it seems now."""
        self.go(self.count - 1)
        self.at_end = True

    def resize(self, height: int) -> None:
        """So many rows can be in view, at least 1."""
        self.height = max(height, 1)
        self.top = self._top_within(min(max(self.top, self.cursor - self.height + 1), self.cursor))

    def _moved(self) -> None:
        self.pointed = self.item(self.cursor)
        self.head = self.top == 0 and self.cursor == 0
        self.at_end = False

    # The list is looked at again

    def take(self, items: Sequence[T], first: int, count: int, *, ends: bool = False, loose: bool = False) -> None:
        """The list as it is now.

        If what the cursor was on is there no more, its neighbour on the same line has the cursor.
        `first` is the number of the first known item, `count` that of all. `ends`: these are the
        last ones, as `end` asked for. `loose`: at the list's head the cursor stays on the first row, whatever that is.
        """
        line, seen = self.cursor - self.top, self._seen()
        self.items, self.first, self.count = items, first, max(count, first + len(items))
        self._numbers = {self._key(item): first + place for place, item in enumerate(items)}
        if self.at_end:
            self.at_end = not ends
            self._put(self._lowest_top, self.count - 1)
            return
        if self.head and loose:
            self._put(0, 0)
            return
        known = None if self.pointed is None else self.number(self._key(self.pointed))
        if self.head and (known is None or known < self.height):
            top = 0
        else:
            self.head = False
            top = self._top_within(self._anchored(seen))
        self._put(top, top + line if known is None else known)

    def stays(self, items: Sequence[T]) -> bool:
        """Whether any item that is in view now is one of these; also if none is known."""
        seen = {self._key(item) for _, item in self._seen()}
        return not seen or any(self._key(item) in seen for item in items)

    def _seen(self) -> list[tuple[int, T]]:
        """The known items in view, with their lines."""
        lines = ((line, self.item(self.top + line)) for line in range(self.height))
        return [(line, item) for line, item in lines if item is not None]

    def _anchored(self, seen: Sequence[tuple[int, T]]) -> int:
        """The row for the top, so that the first item that is still there stays on its line."""
        for line, item in seen:
            row = self.number(self._key(item))
            if row is not None:
                return row - line
        return self.top

    def _put(self, top: int, cursor: int) -> None:
        self.cursor = self._within(cursor)
        self.top = self._top_within(min(max(top, self.cursor - self.height + 1), self.cursor))
        now = self.item(self.cursor)
        if now is not None or not self.count:
            self.pointed = now

    # What is missing

    def wants_more(self) -> bool:
        """Whether other rows than the known ones should be read by now."""
        early = min(self.height, EARLY)
        low, high = max(self.top - early, 0), min(self.top + self.height + early, self.count)
        return self.at_end or low < self.first or high > self.first + len(self.items)

    def _within(self, row: int) -> int:
        return max(0, min(row, self.count - 1))

    @property
    def _lowest_top(self) -> int:
        return max(0, self.count - self.height)

    def _top_within(self, top: int) -> int:
        return max(0, min(top, self._lowest_top))
