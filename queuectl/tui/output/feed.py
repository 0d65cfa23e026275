"""The thread that reads for the job screen: the job, its attempts, and the output that is in view."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing

from queuectl.core.job import Job, has_ended
from queuectl.errors import NotFound, QueuectlError, StoreBusy
from queuectl.queue import Queue
from queuectl.tui.jobwords import moment_words
from queuectl.tui.output.news import JobNews, OutputNews, OutputWant
from queuectl.tui.output.reading import OutputReading

LOOK_S = 0.2
"""How often the job, and what its command has printed, is looked at."""
TELL_S = 0.1
"""The shortest time between two pieces of news that nobody asked for."""
REST_S = 0.04
"""So long what takes longer stands back after a wish was served, while the thread that paints is at work on that."""
PULSE_S = 1.0
"""How often the time is told of a job that runs or waits; also the pause after trouble."""

News = JobNews | OutputNews | QueuectlError


class JobFeed(threading.Thread):
    """Hands news of one job to `hear`, on its own thread; the store's errors too, of which none ends it.

    A fault of its own is handed over too, and ends it.
    """

    def __init__(self, open_queue: Callable[[], Queue], id: str, hear: Callable[[News | Exception], object]) -> None:
        super().__init__(name="job feed", daemon=True)
        self._open = open_queue
        self._id = id
        self._hear = hear
        self._wake = threading.Condition()
        self._want = OutputWant()
        self._asked = 0
        self._resting = False
        self._closed = False
        self._told: dict[type, News] = {}
        self._idle = False

    @property
    def idle(self) -> bool:
        """Whether all that is wanted has been told, and the feed waits for something new."""
        return self._idle

    def want(self, want: OutputWant) -> None:
        """From now on read this."""
        with self._wake:
            if want != self._want:
                self._want = want
                self._asked += 1
                self._idle = False
                self._wake.notify()

    def rest(self, resting: bool) -> None:
        """Read nothing while nobody looks, or go on."""
        with self._wake:
            self._resting = resting
            self._wake.notify()

    def close(self) -> None:
        """End soon and let go of the store; nothing is handed out any more."""
        with self._wake:
            self._closed = True
            self._wake.notify()

    def run(self) -> None:
        while not self._closed:
            try:
                with closing(self._open()) as queue:
                    self._read_on(_Looking(queue, self._id), OutputReading(queue))
            except QueuectlError as error:
                self._tell(error)
                self._pause(PULSE_S)
            except Exception as fault:  # noqa: BLE001 - without its feed the screen would stand still and look alive
                if not self._closed:
                    self._hear(fault)
                return

    def _read_on(self, looking: _Looking, reading: OutputReading) -> None:
        served, told_at, look_at, rest = -1, 0.0, 0.0, 0.0
        while not self._closed:
            with self._wake:
                want, asked = self._want, self._asked
            try:
                if time.monotonic() >= look_at:
                    self._tell(looking.look())
                    look_at = time.monotonic() + LOOK_S
                more = self._step(looking, reading, want)
                rest = REST_S if asked != served else 0.0
                if asked != served or not more or time.monotonic() - told_at >= TELL_S:
                    self._tell(reading.news(want))
                    served, told_at = asked, time.monotonic()
            except StoreBusy as error:
                self._tell(error)
                more = False
            self._pause(rest if more else LOOK_S, served, more)

    def _step(self, looking: _Looking, reading: OutputReading, want: OutputWant) -> bool:
        """Read on, unless the job is gone: what was read of its output stays as it was."""
        if looking.news is None or looking.news.gone:
            return False
        reading.open(looking.news, want.run)
        return reading.step(want)

    def _tell(self, news: News) -> None:
        if isinstance(news, QueuectlError):
            self._told.clear()  # what comes next is news again, even if it is as before
        if not self._closed and self._told.get(type(news)) != news:
            self._told[type(news)] = news
            self._hear(news)

    def _pause(self, seconds: float, served: int | None = None, more: bool = False) -> None:
        """Wait so long, or until something is asked for that has not been served; longer while nobody looks."""
        with self._wake:
            self._idle = not more and served in {None, self._asked}
            self._wake.wait_for(lambda: self._closed or (served is not None and self._asked != served), seconds)
            self._idle = False
            self._wake.wait_for(lambda: self._closed or not self._resting)


class _Looking:
    """The job as it was last seen."""

    def __init__(self, queue: Queue, id: str) -> None:
        self._queue = queue
        self._id = id
        self._pulse = 0.0
        self._stale = True
        self.news: JobNews | None = None

    def look(self) -> JobNews:
        """The job as it is now. Raises NotFound if it never was there."""
        self._stale = self._queue.panes.changed() or self._stale
        before = self.news
        if before is not None and not self._stale and not self._moves(before):
            return before
        try:
            job = self._queue.jobs.get(self._id)
        except NotFound:
            if before is None:
                raise
            self.news, self._stale = before._replace(gone=True, waits=""), False
            return self.news
        known = before is not None and before.job.version == job.version
        if before is None or not known or self._moves(before):
            attempts = before.attempts if before is not None and known else tuple(self._queue.jobs.attempts(job))
            self._pulse, now = time.monotonic(), self._queue.clock()
            self.news = before = JobNews(job, attempts, self._why(job, now), now)
        self._stale = False
        return before

    def _moves(self, news: JobNews) -> bool:
        """Whether time alone has changed what is to be told."""
        return not (news.gone or has_ended(news.job)) and time.monotonic() - self._pulse >= PULSE_S

    def _why(self, job: Job, now: int) -> str:
        """Why it waits, or will not end by itself; empty if neither."""
        if has_ended(job):
            return ""
        pools = self._queue.pools.all()
        return self._queue.waiting(job, pools, lambda ms: moment_words(ms, now)) or self._queue.stuck(job) or ""
