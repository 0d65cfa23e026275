"""What screens ask of the feed, and what it hands them: frozen values, never a widget's own reading.

Times are milliseconds UTC unless a name says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from queuectl.core.attempt import Attempt
from queuectl.core.errorgroup import Group
from queuectl.core.job import Job
from queuectl.core.panes import Rate, RunTimes, Tally, Window
from queuectl.core.selector import Condition
from queuectl.core.settings import Settings
from queuectl.core.views import Status, WorkerView
from queuectl.queue.config import Setting
from queuectl.tui.panes import Pane


class ListWant(NamedTuple):
    """The rows of a list that are in view.

    `top` is the first of them as it was last seen: it stays there whatever comes and goes above
    it. Without one, the first row in view is number `row`; -1 is the end of the list.
    `since` (0: never) is from when on rows that came above count as new.
    """

    where: Condition
    filtered: bool
    order: str
    top: Job | None = None
    row: int = 0
    height: int = 40
    since: int = 0


class Want(NamedTuple):
    """All that is on screen. `job` is the id of the one that Detail shows."""

    lists: Mapping[Pane, ListWant] = {}
    groups: Condition | None = None
    job: str | None = None
    metrics_hours: int = 0


class ListPicture(NamedTuple):
    """A list as it was read: `total` counts the pane's jobs, `tally` those that match the filter.

    `looking`: time ran out before all were found that the window has room for, and the rest is still looked for.
    """

    want: ListWant
    window: Window
    tally: Tally
    total: int
    new_above: int
    looking: bool = False


class JobPicture(NamedTuple):
    """One job with its history; `tail` is the end of what its latest attempt printed, 4 KiB at most."""

    job: Job
    attempts: tuple[Attempt, ...]
    waiting: str | None
    tail: bytes
    settings: Settings = Settings()


class Metrics(NamedTuple):
    """What the Metrics screen draws, one value a bucket of `bucket_ms`."""

    bucket_ms: int
    rates: tuple[Rate, ...]
    run_times: tuple[RunTimes, ...]


class Picture(NamedTuple):
    """Everything that is on screen, read at `at`; parts that did not change are the same objects as before.

    `latency_ms` is how long the store took to say its counts. `dead_last_hour` counts jobs that died.
    `groups`, `job` and `metrics` are None where nobody wanted them.
    """

    at: int
    latency_ms: float
    status: Status
    rates: tuple[Rate, ...]
    lists: Mapping[Pane, ListPicture]
    groups: tuple[Group, ...] | None
    job: JobPicture | None
    workers: tuple[WorkerView, ...]
    settings: tuple[Setting, ...]
    metrics: Metrics | None


class Trouble(NamedTuple):
    """Why nothing can be read now. `passing`: it may go by itself (the store is busy), the last picture stays."""

    message: str
    hint: str
    passing: bool
    since: float
