"""Sheets of text about a job that scroll: every attempt with all that is known of it, every field of the job."""

from __future__ import annotations

from collections.abc import Iterator

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from queuectl.core.attempt import Attempt
from queuectl.core.job import Job
from queuectl.core.plain import plain
from queuectl.core.units import say_duration, say_size, say_took, times
from queuectl.core.views import attempts_words
from queuectl.tui.jobwords import exact_moment_words, moment_words, outcome_words
from queuectl.tui.output.news import JobNews
from queuectl.tui.widgets.jobhead import folded_text, same_lines
from queuectl.tui.widgets.moves import lines_moved
from queuectl.tui.wording import job_word

_LABEL = 15
_HISTORY = "{:>3}  {:<12} {:>8}  {:<14} {:>7} {:>9} {:>9}  {}"
_HEADING = _HISTORY.format("#", "started", "took", "outcome", "cpu", "memory", "output", "worker")


def attempt_lines(news: JobNews, selected: int, columns: int) -> list[Content]:
    """A table of the attempts; below each why it failed, and its command if that was another one."""
    if not news.attempts:
        return [Content.styled("No attempt has ended yet.", "dim")]
    lines = [Content.styled(_HEADING, "dim")]
    for attempt in news.attempts:
        lines.append(Content.styled(_row(attempt, news.at), "bold" if attempt.n == selected else ""))
        if attempt.error:
            lines += _indented(attempt.error, columns)
        if attempt.command is not None:
            lines += _indented(f"with another command: {attempt.command}", columns)
    return lines


def _row(attempt: Attempt, now: int) -> str:
    return _HISTORY.format(
        attempt.n,
        moment_words(attempt.started_at, now),
        say_took(attempt.duration_ms),
        outcome_words(attempt),
        "–" if attempt.cpu_s is None else f"{attempt.cpu_s:.2f}s",
        "–" if attempt.max_rss_bytes is None else say_size(attempt.max_rss_bytes),
        say_size(attempt.output_bytes),
        plain(f"{attempt.worker or '–'} on {attempt.host or '–'}"),
    ).rstrip()


def _indented(text: str, columns: int) -> list[Content]:
    lines = [line for part in text.split("\n") for line in folded_text(part, columns - 5)]
    return [Content.styled(f"     {line}", "dim") for line in lines]


def spec_lines(news: JobNews, columns: int) -> list[Content]:
    """Every field of the job that has a value, each under its name; values of the environment are hidden."""
    return [line for name, value in _fields(news.job, news.waits) if value for line in _field(name, value, columns)]


def _field(name: str, value: str, columns: int) -> Iterator[Content]:
    lines = [line for part in value.split("\n") for line in folded_text(part, columns - _LABEL)]
    for place, line in enumerate(lines):
        yield Content.assemble((f"{'' if place else name:<{_LABEL}}", "dim"), line)


def _fields(job: Job, waits: str) -> list[tuple[str, str]]:
    return [
        ("id", job.id),
        ("command", job.command),
        ("state", f"{job_word(job)} since {exact_moment_words(job.state_since)}"),
        ("waits", waits),
        ("cancelling", "asked for" + (", without grace" if job.cancel_asked > 1 else "") if job.cancel_asked else ""),
        ("attempts", attempts_words(job)),
        ("interrupted", times(job.interruptions) if job.interruptions else ""),
        ("queue", job.queue),
        ("priority", str(job.priority)),
        ("timeout", "none" if job.timeout_s is None else say_duration(job.timeout_s)),
        ("directory", job.cwd),
        ("environment", "\n".join(f"{name}=…" for name in job.env or {})),
        ("tags", ", ".join(job.tags)),
        ("unique key", job.unique_key or ""),
        ("created", exact_moment_words(job.created_at)),
        ("run at", exact_moment_words(job.run_at)),
        ("changed", f"{exact_moment_words(job.updated_at)} (version {job.version})"),
        ("started", _time(job.started_at)),
        ("finished", _time(job.finished_at)),
        ("took", "" if job.duration_ms is None else say_took(job.duration_ms)),
        ("exit code", "" if job.exit_code is None else str(job.exit_code)),
        ("signal", job.signal or ""),
        ("error", job.error or ""),
        ("worker", job.worker or ""),
        ("process", "" if job.worker_pid is None else str(job.worker_pid)),
        ("host", job.host or ""),
        ("number", f"{job.number} in order of arrival"),
    ]


def _time(ms: int | None) -> str:
    return "" if ms is None else exact_moment_words(ms)


class Sheet(ScrollView, can_focus=True, inherit_bindings=False):
    """Lines that were made for the width there is."""

    DEFAULT_CSS = "Sheet { overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self._news: JobNews | None = None
        self._selected = 0
        self._lines: list[Content] = []

    def show(self, news: JobNews, selected: int) -> None:
        """`selected` is the number of the attempt whose output is shown."""
        self._news, self._selected = news, selected
        self._lay_out()

    @property
    def columns(self) -> int:
        """What the scrollbar leaves."""
        return int(self.scrollable_content_region.width)

    def lines(self, news: JobNews, selected: int, columns: int) -> list[Content]:
        """What the sheet says in so many columns."""
        raise NotImplementedError

    def move(self, how: str) -> None:
        """As LogView.move."""
        ends = {"top": 0, "bottom": self.max_scroll_y}
        top = ends[how] if how in ends else self.scroll_offset.y + lines_moved(how, self.size.height)
        self.scroll_to(y=top, animate=False, force=True)

    def on_resize(self, _: events.Resize) -> None:
        self._lay_out()

    def on_show(self) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        if self._news is None or not self.columns:
            return
        lines = self.lines(self._news, self._selected, self.columns)
        if not same_lines(lines, self._lines):
            self._lines = lines
            self.virtual_size = Size(self.columns, len(lines))
            self.refresh()

    def render_line(self, y: int) -> Strip:
        place, width = self.scroll_offset.y + y, self.columns
        if place >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        segments = self._lines[place].render_segments(self.visual_style)
        return Strip(segments).crop_extend(0, width, self.rich_style)


class AttemptSheet(Sheet):
    """Every attempt."""

    BORDER_TITLE = "Attempts"

    def lines(self, news: JobNews, selected: int, columns: int) -> list[Content]:
        return attempt_lines(news, selected, columns)


class SpecSheet(Sheet):
    """Every field."""

    BORDER_TITLE = "Spec"

    def lines(self, news: JobNews, selected: int, columns: int) -> list[Content]:  # noqa: ARG002 - of the job itself
        return spec_lines(news, columns)
