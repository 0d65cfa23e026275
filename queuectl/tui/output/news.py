"""What the job screen asks of its reading thread, and what that tells it. Times are milliseconds UTC."""

from __future__ import annotations

from typing import NamedTuple

from queuectl.core.attempt import Attempt
from queuectl.core.job import Job, State
from queuectl.tui.output.search import Match


class Seek(NamedTuple):
    """A wish for a match: the first from `line` on, or the last before it. `serial` tells wishes apart, from 1."""

    serial: int
    line: int
    backwards: bool = False


class OutputWant(NamedTuple):
    """The part of an output that is in view: `height` lines from `first` on, or with `follow` the last ones.

    `run` is the number of the attempt, 0 for the latest. `needle` is what is searched for, if anything.
    """

    run: int = 0
    first: int = 0
    height: int = 40
    follow: bool = True
    needle: str = ""
    seek: Seek | None = None


class OutputNews(NamedTuple):
    """Lines of an output from number `first` on, with some around what is in view.

    `run` is 0 if the job has not run; `fence` tells runs of one number apart, 0 once it has ended.
    `lines` counts what is indexed, which is `indexed` of all (0 … 1). `matches` counts the lines
    that match so far, None without a search, all of them if `searched`. `sought` is the serial of
    the last wish that was answered, by `match` or by none.
    """

    run: int = 0
    fence: int = 0
    printed: int = 0
    first: int = 0
    rows: tuple[bytes, ...] = ()
    lines: int = 0
    indexed: float = 1.0
    matches: int | None = None
    searched: bool = False
    sought: int = 0
    match: Match | None = None

    @property
    def live(self) -> bool:
        return self.fence > 0


class JobNews(NamedTuple):
    """The job as it is at `at`. `waits` says why it waits or is stuck; `gone` that it was deleted since."""

    job: Job
    attempts: tuple[Attempt, ...]
    waits: str
    at: int
    gone: bool = False

    @property
    def running(self) -> int:
        """The number of the attempt that runs; 0 if none does."""
        return self.job.runs + 1 if self.job.state is State.PROCESSING and not self.gone else 0

    @property
    def latest(self) -> int:
        """The number of the attempt that runs or, if none does, of the last one; 0 if there is none."""
        return self.running or (self.attempts[-1].n if self.attempts else 0)
