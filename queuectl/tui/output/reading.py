"""Reads the output of one attempt in short steps: indexes it, searches it, follows it while it grows."""

from __future__ import annotations

import time
from functools import partial

from queuectl.queue import Queue
from queuectl.tui.output.news import JobNews, OutputNews, OutputWant, Seek
from queuectl.tui.output.search import Match, Search
from queuectl.tui.output.transcript import Transcript

STEP_S = 0.02
MARGIN = 120
"""So many lines above and below what is in view are read with it, for the next keys."""


class OutputReading:
    """What a job's attempt printed. Every call may raise what the queue raises."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._news: JobNews | None = None
        self._transcript: Transcript | None = None
        self._kept: dict[int, Transcript] = {}
        self._search: Search | None = None
        self._run = self._fence = 0
        self._size = 0
        self._whole = True
        self._behind = False
        self._sought = 0
        self._match: Match | None = None

    def open(self, news: JobNews, run: int) -> None:
        """Read this attempt from now on, 0: the latest; one that was read stays indexed when it ends."""
        self._news = news
        run = run or news.latest
        fence = news.job.fence if run and run == news.running else 0
        if (run, fence) != (self._run, self._fence):
            self._change(news, run, fence)
        elif fence:
            self._size = self._queue.jobs.printed(news.job)

    def _change(self, news: JobNews, run: int, fence: int) -> None:
        ended = next((attempt for attempt in news.attempts if attempt.n == run), None)
        read = partial(self._queue.jobs.output, news.job, ended)
        goes_on = run == self._run and ended is not None and ended.output_file is not None
        self._run, self._fence = run, fence
        self._size = ended.output_bytes if ended else self._queue.jobs.printed(news.job) if fence else 0
        self._whole = ended is None
        if goes_on and self._transcript is not None:
            self._kept[run] = self._transcript
        else:
            self._search = self._match = None
            if self._transcript is not None:
                self._transcript.rest()
        if ended is None:
            self._transcript = Transcript(read) if fence else None
            return
        self._transcript = self._kept.setdefault(run, Transcript(read))
        self._transcript.read_from(read)

    def step(self, want: OutputWant) -> bool:
        """Read on for a short time; whether there is more to do at once."""
        until = time.monotonic() + STEP_S
        self._behind = self._scan_until(until)
        if self._behind:
            return True
        return self._look_for(want, until)

    def _scan_until(self, until: float) -> bool:
        """Index what there is; whether there may be more when the time is up."""
        while self._scan():
            if time.monotonic() > until:
                return True
        return False

    def _scan(self) -> bool:
        """Index a chunk; of a running command up to what it had printed when it was last looked at."""
        if self._transcript is None or (self._whole and self._transcript.end >= self._size):
            return False
        found = self._transcript.scan()
        if not found and self._fence and self._transcript.end < self._size:
            found = self._transcript.scan()  # what was read until now ended before the latest that was printed
        self._whole = self._whole or not found
        return found

    def _look_for(self, want: OutputWant, until: float) -> bool:
        if self._transcript is None or not want.needle:
            self._search = None
            return False
        if self._search is None or self._search.needle.text != want.needle:
            self._search, self._match = Search(self._transcript, want.needle), None
        more = True
        while more and time.monotonic() < until:
            more = self._search.step()
        if want.seek is not None and want.seek.serial != self._sought:
            self._answer(want.seek, self._search)
        return more

    def _answer(self, seek: Seek, search: Search) -> None:
        match = (search.previous if seek.backwards else search.next)(seek.line)
        if match is not None or search.complete:
            self._sought, self._match = seek.serial, match

    def news(self, want: OutputWant) -> OutputNews:
        """The lines that are wanted, as far as they are indexed."""
        transcript, search = self._transcript, self._search
        if transcript is None:
            return OutputNews(sought=want.seek.serial if want.seek else 0)
        first = self._first(want, transcript.lines)
        return OutputNews(
            run=self._run,
            fence=self._fence,
            printed=max(self._size, transcript.end),
            first=first,
            rows=tuple(transcript.rows(first, want.height + 2 * MARGIN)),
            lines=transcript.lines,
            indexed=min(transcript.end / self._size, 1.0) if self._behind and self._size else 1.0,
            matches=None if search is None else search.count,
            searched=search is not None and search.complete and not self._behind,
            sought=self._sought,
            match=self._match,
        )

    def _first(self, want: OutputWant, lines: int) -> int:
        if want.seek is not None and want.seek.serial == self._sought and self._match is not None:
            return max(self._match.line - want.height - MARGIN // 2, 0)
        top = lines - want.height if want.follow else min(want.first, lines - 1)
        return max(top - MARGIN, 0)
