"""Jobs and pictures of lists for the tests of widgets, and an app that holds nothing but one widget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from textual.app import App, ComposeResult
from textual.message import Message
from textual.widget import Widget

from queuectl.core.job import Job, State
from queuectl.core.panes import Tally, Window
from queuectl.tui.panes import LISTS, Pane
from queuectl.tui.picture import ListPicture, ListWant
from queuectl.tui.widgets.groups import GroupList
from queuectl.tui.widgets.joblist import JobList
from tests.tui.screen import screen_lines

NOW = 1_800_000_000_000


def job(number: int, **changes: object) -> Job:
    """A pending job `j0000`, added a minute ago."""
    values: dict[str, object] = {
        "number": number,
        "id": f"j{number:04d}",
        "command": f"echo {number}",
        "state": State.PENDING,
        "queue": "default",
        "priority": 0,
        "attempts": 0,
        "max_retries": 3,
        "interruptions": 0,
        "run_at": NOW - 60_000,
        "created_at": NOW - 60_000,
        "updated_at": NOW - 60_000,
        "state_since": NOW - 60_000,
        "cwd": "/srv",
    }
    return Job(**(values | changes))  # type: ignore[arg-type]


def jobs(count: int, start: int = 0) -> list[Job]:
    return [job(number) for number in range(start, start + count)]


def picture(
    found: Sequence[Job],
    first: int = 0,
    total: int | None = None,
    *,
    pane: Pane = Pane.PENDING,
    matched: int | None = None,
    cut: bool = False,
    **want: object,
) -> ListPicture:
    """A list of which `found` was read; `want` is what else ListWant is to hold."""
    listed = LISTS[pane]
    wanted = ListWant(listed.where, matched is not None, listed.order)._replace(**want)
    count = first + len(found) if total is None else total
    tally = Tally(count if matched is None else matched, True)
    return ListPicture(wanted, Window(tuple(found), first, True, cut), tally, count, 0)


W = TypeVar("W", bound=Widget)


class Stage(App[None], Generic[W]):
    """One widget, and what it said."""

    CSS = "RowList { border: heavy white; }"

    def __init__(self, widget: W) -> None:
        super().__init__()
        self.widget = widget
        self.said: list[JobList.Said | GroupList.Said] = []

    def compose(self) -> ComposeResult:
        yield self.widget

    def heard(self, kind: type[Message]) -> list[Any]:
        """What it said of this kind."""
        return [event for event in self.said if type(event) is kind]

    def on_job_list_looked(self, event: JobList.Looked) -> None:
        self.said.append(event)

    def on_job_list_pointed(self, event: JobList.Pointed) -> None:
        self.said.append(event)

    def on_job_list_opened(self, event: JobList.Opened) -> None:
        self.said.append(event)

    def on_job_list_sorted(self, event: JobList.Sorted) -> None:
        self.said.append(event)

    def on_group_list_pointed(self, event: GroupList.Pointed) -> None:
        self.said.append(event)

    def on_group_list_opened(self, event: GroupList.Opened) -> None:
        self.said.append(event)


SIZE = (80, 13)
ROWS = 10
"""Rows in view at SIZE: two lines are border, one is the heading."""


def stage(pane: Pane = Pane.PENDING) -> Stage[JobList]:
    return Stage(JobList(pane))


def rows_shown(app: Stage[JobList]) -> list[str]:
    """The ids on the screen, `…` for what is not known."""
    lines = [line.strip("┃ ▸●").split() for line in screen_lines(app)[2:-1]]
    return [words[0] for words in lines if words]


def pointed_line(app: Stage[JobList]) -> int:
    """On which row of the screen the cursor is."""
    return next(number for number, line in enumerate(screen_lines(app)[2:]) if "▸" in line)
