"""A job's attempts on a time line: one bar a try, its length the run time, and the time between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from queuectl.core.attempt import Attempt, Outcome
from queuectl.core.job import Job, State
from queuectl.core.plain import plain
from queuectl.core.units import say_duration, say_size
from queuectl.tui.jobwords import later_words, moment_words, outcome_words
from queuectl.tui.output.news import JobNews
from queuectl.tui.widgets.jobhead import same_lines
from queuectl.tui.wording import clock

_LONGEST_BAR = 16
_SHORTEST_BAR = 4
_STYLES = {Outcome.CANCELLED: "dim", Outcome.INTERRUPTED: "$warning"}


class Try(NamedTuple):
    """A bar of the time line. `after` is the time until the next, or what became of the job."""

    n: int
    worker: str
    began: str
    took_ms: int
    words: str
    style: str
    after: str
    costs: str


def tries(news: JobNews) -> list[Try]:
    """The attempts that ended, and the one that runs."""
    job, attempts = news.job, news.attempts
    begins = [attempt.started_at for attempt in attempts[1:]]
    if news.running and job.started_at is not None:
        begins.append(job.started_at)
    ended = [
        _ended(attempt, news, begins[place] if place < len(begins) else None) for place, attempt in enumerate(attempts)
    ]
    return [*ended, _running(news)] if news.running else ended


def _ended(attempt: Attempt, news: JobNews, next_at: int | None) -> Try:
    after = _fate(news.job, news.at) if next_at is None else f"── {later_words(attempt.finished_at, next_at)} ──"
    good = attempt.outcome is Outcome.EXITED and attempt.exit_code == 0
    return Try(
        n=attempt.n,
        worker=plain(attempt.worker or ""),
        began=moment_words(attempt.started_at, news.at),
        took_ms=attempt.duration_ms,
        words=_words(attempt),
        style="$success" if good else _STYLES.get(attempt.outcome, "$error"),
        after=after,
        costs=_costs(attempt),
    )


def _running(news: JobNews) -> Try:
    job = news.job
    began = job.started_at or job.state_since
    limit = "" if job.timeout_s is None else f" of {clock(round(job.timeout_s * 1000))}"
    words = f"running{limit}" + (" · cancelling" if job.cancel_asked else "")
    at = moment_words(began, news.at)
    return Try(news.running, plain(job.worker or ""), at, max(news.at - began, 0), words, "$primary", "", "")


def _words(attempt: Attempt) -> str:
    """`exit 1`, `SIGKILL timeout`; and whether another command was run than the job has now."""
    words = outcome_words(attempt)
    if attempt.outcome is Outcome.TIMED_OUT:
        words = f"{plain(attempt.signal)} timeout" if attempt.signal else "timeout"
    return words if attempt.command is None else f"{words} · other command"


def _costs(attempt: Attempt) -> str:
    cpu = "" if attempt.cpu_s is None else f"cpu {attempt.cpu_s:.1f}s"
    memory = "" if attempt.max_rss_bytes is None else say_size(attempt.max_rss_bytes)
    return " · ".join(filter(None, (cpu, memory)))


def _fate(job: Job, now: int) -> str:
    """What came of the job after its last attempt."""
    match job.state:
        case State.DEAD:
            return f"→ moved to DLQ {moment_words(job.state_since, now)}"
        case State.FAILED if job.run_at > now:
            return f"── retry in {say_duration((job.run_at - now) / 1000)} ──"
        case State.FAILED:
            return "── retry is due ──"
        case State.PENDING:
            return "→ waits to run again"
        case State.CANCELLED:
            return "⊘ cancelled"
        case _:
            return ""


def timeline_lines(news: JobNews, selected: int, columns: int) -> list[Content]:
    """A line for each attempt; bars give way to words, and costs are left out where there is no room."""
    shown = tries(news)
    one_pool = len({one.worker.rpartition("/")[0] for one in shown}) == 1
    table = [_cells(one, one.n == selected, one_pool) for one in shown]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    ends = [f"  {one.after}" if one.after else "" for one in shown]
    beside = sum(widths) + max(map(len, ends), default=0) + 1
    bar = min(max(columns - beside, _SHORTEST_BAR), _LONGEST_BAR)
    longest = max((one.took_ms for one in shown), default=0)
    lines = []
    for one, cells, end in zip(shown, table, ends, strict=True):
        first, middle, took, words = (f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))
        length = max(1, round(bar * one.took_ms / longest)) if longest else 1
        line = Content.assemble(
            (first, "bold" if one.n == selected else ""),
            (middle, "dim"),
            (f"{'█' * length:<{bar}}", one.style),
            took,
            (words, one.style),
            (end, "dim"),
        )
        lines.append(_with_costs(line, one.costs, columns))
    return lines


def _cells(one: Try, selected: bool, one_pool: bool) -> tuple[str, str, str, str]:
    """What stands before the bar and behind it, to be aligned with the other lines."""
    worker = one.worker.rpartition("/")[2] if one_pool else one.worker
    return f"{'▸' if selected else ' '}#{one.n}", f" {worker} {one.began} ", f" {clock(one.took_ms)}", f" {one.words}"


def _with_costs(line: Content, costs: str, columns: int) -> Content:
    longer = Content.assemble(line, (f"  {costs}", "dim")) if costs else line
    return longer if longer.cell_length <= columns else line.rstrip().truncate(columns, ellipsis=True)


def window(count: int, selected: int, height: int) -> int:
    """The first of the lines in view: the selected one stays in it, the last ones are preferred."""
    return max(min(selected, count - height), 0) if selected < count - height else max(count - height, 0)


class Timeline(Widget):
    """The attempts, with the one whose output is shown in view. A click chooses another one."""

    class Chosen(Message):
        """Attempt `n` was clicked on."""

        def __init__(self, n: int) -> None:
            super().__init__()
            self.n = n

    def __init__(self) -> None:
        super().__init__()
        self._news: JobNews | None = None
        self._selected = 0
        self._drawn: Sequence[Content] = ()
        self._first = 0

    def show(self, news: JobNews, selected: int) -> None:
        """`selected` is the number of the attempt whose output is shown."""
        self._news, self._selected = news, selected
        if not same_lines(self._lines(), self._drawn):
            self.refresh()

    def _lines(self) -> list[Content]:
        if self._news is None or not self.size.width:
            return []
        lines = timeline_lines(self._news, self._selected, self.size.width)
        numbers = [one.n for one in tries(self._news)]
        place = numbers.index(self._selected) if self._selected in numbers else len(numbers)
        self._first = window(len(lines), place, self.size.height)
        return lines[self._first : self._first + self.size.height]

    def render(self) -> Content:
        self._drawn = self._lines()
        return Content("\n").join(self._drawn)

    def on_click(self, event: events.Click) -> None:
        shown = tries(self._news) if self._news else []
        if 0 <= self._first + event.y < len(shown):
            self.post_message(self.Chosen(shown[self._first + event.y].n))
