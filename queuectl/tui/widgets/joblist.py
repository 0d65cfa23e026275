"""The list of jobs of a pane."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from textual.message import Message

from queuectl.core.job import Job
from queuectl.tui.panes import LISTS, Pane
from queuectl.tui.picture import ListPicture
from queuectl.tui.widgets.marks import Marks
from queuectl.tui.widgets.rowlist import RowList
from queuectl.tui.widgets.rows import Rows
from queuectl.tui.widgets.tables import TABLES


class Place(NamedTuple):
    """Where a list is: the id of the first job in view and its row number, as `ListWant` has them, and the room."""

    top: str | None
    row: int
    height: int


class JobList(RowList[Job]):
    """Shows those jobs of a list that were read, and says when others are wanted.

    `top` and `index` say where it is, as `ListWant` takes it.
    """

    class Said(Message):
        """What a list says; `list` is the one."""

        def __init__(self, list: JobList) -> None:
            super().__init__()
            self.list = list

        @property
        def control(self) -> JobList:
            return self.list

    class Looked(Said):
        """Other rows than those that were read are wanted, or will be soon."""

    class Pointed(Said):
        """The cursor is on another job, or on none that is known."""

        def __init__(self, list: JobList, job: Job | None) -> None:
            super().__init__(list)
            self.job = job

    class Opened(Said):
        """A job was clicked twice."""

        def __init__(self, list: JobList, job: Job) -> None:
            super().__init__(list)
            self.job = job

    class Sorted(Said):
        """Another order is wanted, one of `ORDERS`, with `-` before it if reversed."""

        def __init__(self, list: JobList, order: str) -> None:
            super().__init__(list)
            self.order = order

    def __init__(self, pane: Pane) -> None:
        super().__init__(TABLES[pane], Rows(lambda job: job.id))
        self.pane = pane
        self._order = LISTS[pane].order
        self._marks = Marks()
        self._picture: ListPicture | None = None
        self._pointed: str | None = None
        self._asked: Place | None = None

    # Where it is

    @property
    def cursor(self) -> Job | None:
        """The job under the cursor; None while it is not known."""
        return self.rows.pointed

    @property
    def top(self) -> Job | None:
        """The first job in view; None where the list is held at its first or last row, and where it is not known."""
        rows = self.rows
        return None if rows.head or rows.at_end else rows.item(rows.top)

    @property
    def index(self) -> int:
        """The number of the first row in view, -1 for as far down as there is."""
        return -1 if self.rows.at_end else self.rows.top

    @property
    def rows_in_view(self) -> int:
        """How many rows there is room for, 1 at least."""
        return self.rows.height

    @property
    def empty(self) -> bool:
        """Whether it is known that no job matches."""
        return self._picture is not None and not self._picture.looking and self.rows.count == 0

    # What it shows

    def show(self, picture: ListPicture, now: int) -> None:
        """The list as it was read last; `now` is milliseconds UTC, for ages and run times."""
        self._order = picture.want.order
        if picture is not self._picture:
            self._take(picture)
        self.show_at(now)

    def forget(self) -> None:
        """Nothing is known of the list any more: it has another filter or order. Marks stay."""
        self._picture = self._asked = self._pointed = None
        super().forget()

    def _take(self, picture: ListPicture) -> None:
        window, want = picture.window, picture.want
        if self._is_of_elsewhere(picture):
            self._ask()
            return
        self._picture = picture
        ends = want.row < 0
        count = _counted(picture)
        self.rows.take(window.jobs, window.first, count, ends=ends, loose=not self.has_focus)
        self._marks.seen(window.jobs)

    def _is_of_elsewhere(self, picture: ListPicture) -> bool:
        """Whether it was read for another place than the view has moved to since: the next one will fit."""
        window, want = picture.window, picture.want
        whole = window.first == 0 and len(window.jobs) >= _counted(picture)
        if whole or self._asked is None or self.rows.stays(window.jobs):
            return False
        read_for = (None if want.top is None else want.top.id, want.row)
        return read_for not in {self._asked[:2], self._place()[:2]}

    def settled(self) -> None:
        pointed = None if self.cursor is None else self.cursor.id
        if pointed != self._pointed:
            self._pointed = pointed
            self.post_message(self.Pointed(self, self.cursor))
        if self.rows.wants_more() and self._place() != self._asked:
            self._ask()

    def _place(self) -> Place:
        top = self.top
        return Place(None if top is None else top.id, self.index, self.rows.height)

    def _ask(self) -> None:
        self._asked = self._place()
        self.post_message(self.Looked(self))

    def opened(self) -> None:
        if self.cursor is not None:
            self.post_message(self.Opened(self, self.cursor))

    def heading_clicked(self, order: str) -> None:
        self.post_message(self.Sorted(self, f"-{order}" if self._order == order else order))

    # Moves and marks

    def move(self, how: str) -> None:
        before, asked = self.rows.cursor, self._asked
        super().move(how)
        if how in {"top", "bottom"} and self._asked == asked:
            self._ask()
        self._reach(before)

    @property
    def marks(self) -> frozenset[str]:
        """The ids of marked jobs, in the list or not any more."""
        return self._marks.ids

    @property
    def marked_jobs(self) -> tuple[Job, ...]:
        """The marked jobs as they were last seen."""
        return self._marks.jobs

    @property
    def all_matching(self) -> bool:
        """Whether all that match the filter are marked, seen or not."""
        return self._marks.all_matching

    def is_marked(self, item: Job) -> bool:
        return item.id in self._marks

    def mark(self) -> None:
        """Mark the job under the cursor, or take its mark away."""
        if self.cursor is not None:
            self._marks.toggle(self.cursor)
            self.settle()

    def mark_and_move(self, step: int) -> None:
        """Mark the job under the cursor and the one that is `step` rows further, and go there."""
        start = self.rows.cursor
        self.rows.go(start + step)
        self._marks.add(self.rows.between(start, self.rows.cursor))
        self.settle()

    def toggle_range(self) -> None:
        """Mark all from here to where the cursor goes; again: stop that, what is marked stays marked.

        Rows that were never read are not marked by passing over them; marking all that match is.
        """
        if self._marks.range_from is not None:
            self._marks.end_range()
        elif self.cursor is not None:
            self._marks.begin_range(self.cursor)
        self.settle()

    def _reach(self, before: int) -> None:
        """Let an open range reach to the cursor, which was on row `before`."""
        if self._marks.range_from is None:
            return
        start = self.rows.number(self._marks.range_from)
        if start is None:
            self._marks.add(self.rows.between(before, self.rows.cursor))
        else:
            self._marks.set_range(self.rows.between(start, self.rows.cursor))
        self.settle()

    def mark_all_matching(self) -> None:
        """Mark all that match the filter, seen or not, in place of any other marks."""
        self._marks = Marks(all_matching=True)
        self.settle()

    def clear_marks(self) -> None:
        """Forget all marks."""
        self._marks = Marks()
        self.settle()

    def unmark(self, ids: Iterable[str]) -> None:
        """Forget these marks, of jobs that are dealt with."""
        self._marks.remove(ids)
        self.settle()


def _counted(picture: ListPicture) -> int:
    """How many rows the list has: where it was read to its end, that tells it better than any count."""
    window, want = picture.window, picture.want
    if want.row < 0 or (not window.cut and _read_from_top(picture) < want.height):
        return window.first + len(window.jobs)
    return picture.tally.count if want.filtered else picture.total


def _read_from_top(picture: ListPicture) -> int:
    """How many rows were read from the first in view on, which is more than are in view unless the list ends."""
    jobs, want = picture.window.jobs, picture.want
    if want.top is None:
        return picture.window.first + len(jobs) - want.row
    place = next((number for number, job in enumerate(jobs) if job.id == want.top.id), 0)
    return len(jobs) - place
