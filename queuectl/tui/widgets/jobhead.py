"""The top of the job screen: the command, what it was asked for with, and why it waits."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import chop_cells
from textual.content import Content
from textual.widget import Widget

from queuectl.core.job import Job, attempts_column
from queuectl.core.plain import plain
from queuectl.core.units import say_duration, say_took
from queuectl.tui.jobwords import moment_words
from queuectl.tui.output.news import JobNews
from queuectl.tui.widgets.oneline import DOT
from queuectl.tui.wording import cut_cells, job_word

PARTS = ("Output", "Attempts", "Spec")
_MOST_COMMAND = 3


def title(news: JobNews) -> Content:
    """`Job 7f39ff02`."""
    return Content.assemble("Job ", (plain(news.job.id), "bold"))


def standing(news: JobNews) -> Content:
    """`✗ dead · 3/3 tries · took 15m 06s in all`."""
    if news.gone:
        return Content.styled("deleted meanwhile", "bold $text-warning")
    took = sum(attempt.duration_ms for attempt in news.attempts)
    words = [job_word(news.job), f"{attempts_column(news.job)} tries"]
    if took:
        words.append(f"took {say_took(took)}" + (" in all" if len(news.attempts) > 1 else ""))
    return Content(DOT.join(words))


def head_lines(news: JobNews, columns: int, most: int) -> list[Content]:
    """The command, then what it was asked for with, then why it waits: `most` lines, the command's own gone first."""
    job = news.job
    below = [Content.styled(cut_cells(_facts(job, news.at), columns), "dim")]
    if news.waits:
        below.insert(0, Content.styled(cut_cells(f"waits: {news.waits}", columns), "$text-warning"))
    below = below[: max(most - 1, 0)]
    room = min(max(most - len(below), 1), _MOST_COMMAND)
    return [*_command(job.command, columns, room), *below]


def _command(command: str, columns: int, most: int) -> list[Content]:
    """The beginning of the command on so many lines; the first after a `$`."""
    lines = [line for text in command[: columns * 8 * most].split("\n") for line in folded_text(text, columns - 2)]
    shown = lines[:most]
    if len(lines) > most or len(command) > columns * 8 * most:
        shown[-1] = cut_cells(shown[-1], columns - 3).removesuffix("…") + "…"
    signs = ["$ ", *["  "] * (len(shown) - 1)]
    return [Content.assemble((sign, "dim"), (line, "bold")) for sign, line in zip(signs, shown, strict=True)]


def folded_text(text: str, columns: int) -> list[str]:
    """A line made harmless, in as many lines as it needs."""
    return chop_cells(plain(text), max(columns, 2)) or [""]


def _facts(job: Job, now: int) -> str:
    limit = "none" if job.timeout_s is None else say_duration(job.timeout_s)
    words = [
        f"cwd {job.cwd}",
        f"prio {job.priority}",
        f"timeout {limit}",
        f"queued {moment_words(job.created_at, now)}",
    ]
    if job.queue != "default":
        words.append(f"queue {job.queue}")
    if job.tags:
        words.append(f"tags {', '.join(job.tags)}")
    return DOT.join(words)


def part_line(part: str, columns: int) -> Content:
    """What the time line below is, and the parts of the screen that Tab goes through, the present one marked."""
    names = [(f" {name} ", "bold reverse" if name == part else "dim") for name in PARTS]
    keys = Content.assemble(("Tab: ", "dim"), *names)
    gap = columns - len("Attempts") - keys.cell_length
    return Content.assemble("Attempts", " " * gap, keys) if gap > 0 else keys


def same_lines(some: Sequence[Content], others: Sequence[Content]) -> bool:
    """Whether they read and look the same."""
    return len(some) == len(others) and all(one.is_same(other) for one, other in zip(some, others, strict=True))


class JobHead(Widget):
    """So many lines of head, and the line of parts below them."""

    def __init__(self) -> None:
        super().__init__()
        self._news: JobNews | None = None
        self._part = PARTS[0]
        self._most = 1
        self._drawn: list[Content] = []

    def show(self, news: JobNews, part: str, most: int) -> None:
        """`most` is how many lines the head may take without the line of parts."""
        self._news, self._part, self._most = news, part, most
        lines = self._lines()
        if not same_lines(lines, self._drawn):
            self.styles.height = max(len(lines), 1)
            self.refresh(layout=len(lines) != len(self._drawn))

    def _lines(self) -> list[Content]:
        columns = self.container_size.width or self.size.width
        if self._news is None or not columns:
            return []
        return [*head_lines(self._news, columns, self._most), part_line(self._part, columns)]

    def render(self) -> Content:
        self._drawn = self._lines()
        return Content("\n").join(self._drawn)
