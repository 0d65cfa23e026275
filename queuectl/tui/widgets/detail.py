"""A look at the job under the cursor, without opening it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from textual.content import Content
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

from queuectl.core.attempt import Attempt
from queuectl.core.job import Job, State
from queuectl.core.plain import plain
from queuectl.core.views import PoolView, stranded, waiting
from queuectl.tui.actions import BY_NAME, key_name
from queuectl.tui.jobwords import (
    ago_words,
    attempt_words,
    delay_words,
    last_lines,
    limit_words,
    lost_words,
    moment_words,
    run_words,
    tries_words,
    twin,
)
from queuectl.tui.picture import JobPicture
from queuectl.tui.widgets.oneline import DOT, put_on_border
from queuectl.tui.wording import cut_cells, job_word

TALL_LINES = 14
"""With fewer lines than these only what matters most is said."""
_LABEL = 9
_MOST_COMMAND_LINES = 4
_MOST_ATTEMPTS = 5
_FEWEST_OUTPUT, _MOST_OUTPUT = 4, 12
_BETWEEN = 4
"""The rule, the head of the attempts, and the blank lines before and behind the output."""
_TAIL_BYTES = 4_096
_KEYS = {
    State.PENDING: ("queue.open", "queue.edit", "queue.cancel"),
    State.FAILED: ("queue.open", "queue.retry", "queue.edit", "queue.cancel"),
    State.PROCESSING: ("queue.open", "queue.cancel", "queue.kill"),
    State.DEAD: ("queue.open", "queue.retry", "queue.edit", "queue.copy"),
    State.COMPLETED: ("queue.open", "queue.retry", "queue.clone", "queue.copy"),
    State.CANCELLED: ("queue.open", "queue.retry", "queue.clone", "queue.copy"),
}
NOTHING = Content.styled("No job is chosen.", "dim")


class Beside(NamedTuple):
    """What is known beside the job: the pools, the time (milliseconds UTC), and whether nothing can be changed."""

    pools: Sequence[PoolView] = ()
    now: int = 0
    read_only: bool = False


def detail_lines(shown: JobPicture | None, beside: Beside, columns: int, lines: int) -> list[Content]:
    """What is said of the job in so many columns; `lines` is how many are in view, more may be told."""
    if shown is None:
        return [NOTHING]
    told = (_brief if lines < TALL_LINES else _full)(shown, beside, columns, lines)
    return [line.truncate(columns, ellipsis=True) for line in told]


def _full(shown: JobPicture, beside: Beside, columns: int, lines: int) -> list[Content]:
    """All of it. Where that is too much the oldest attempts are left out, and then the last rows come below the end."""
    attempts = _attempts(shown, beside.now, columns)
    least = _output(shown, columns, _FEWEST_OUTPUT)
    end = _end(shown.job, beside, columns)
    room = lines - len(least) - len(end) - _BETWEEN
    rows, below = _parted(list(_rows(shown, beside, columns)), room - min(len(attempts), 1))
    told = attempts[-max(room - len(rows), 1) :]
    spare = max(room - len(rows) - len(told), 0)
    top = [*rows, _rule(columns), _attempts_head(shown, len(told)), *told, Content()]
    output = _output(shown, columns, min(len(least) + spare, _MOST_OUTPUT))
    gap = [Content()] * (lines - len(top) - len(output) - len(end)) if below else [Content()]
    return [*top, *output, *gap, *end, *below]


def _parted(rows: Sequence[list[Content]], room: int) -> tuple[list[Content], list[Content]]:
    """The lines of as many whole rows as have room, one at least, and those of the others."""
    fit = 1
    while fit < len(rows) and sum(map(len, rows[: fit + 1])) <= room:
        fit += 1
    return [*chain(*rows[:fit])], [*chain(*rows[fit:])]


def _brief(shown: JobPicture, beside: Beside, columns: int, lines: int) -> list[Content]:
    """The command, why it waits or what became of it, the end of its output; what is less goes first."""
    job = shown.job
    said = [Content.styled(cut_cells(job.command, columns), "bold")]
    why = _why(job, beside)
    if why:
        said.append(Content(cut_cells(f"{_waits(job)}: {why}", columns)))
    if shown.attempts or job.state is State.PROCESSING:
        said.append(_attempts_in_a_line(job, shown.attempts, beside.now, columns))
    end = _end(job, beside, columns)
    room = max(lines - len(said) - len(end), 0)
    output = [Content.styled(text, "dim") for text in _tail(shown, columns, room)]
    gap = [Content()] * (room - len(output))
    return [*said, *output, end[0], *gap, end[1]][: max(lines, 1)]


def _attempts_in_a_line(job: Job, attempts: Sequence[Attempt], now: int, columns: int) -> Content:
    """As many of the latest as have room."""
    words = attempt_words(job, attempts[-_MOST_ATTEMPTS:], now)
    while len(words) > 1 and len("   ".join(words)) > columns:
        words = words[1:]
    return Content(cut_cells("   ".join(words), columns))


def _rows(shown: JobPicture, beside: Beside, columns: int) -> Iterator[list[Content]]:
    """What matters most comes first."""
    job, now = shown.job, beside.now
    yield _row("command", job.command, columns, _MOST_COMMAND_LINES)
    rows = {
        "queued": ago_words(job.created_at, now),
        _waits(job): _why(job, beside) or "",
        "runs": _runs(job, now),
        "ended": _ended(job, now),
        "error": job.error or "" if job.state is State.DEAD else "",
        "priority": _numbers(job),
        "backoff": "" if _has_ended(job) else delay_words(job, shown.settings),
        "lost": lost_words(job, shown.settings),
        "queue": "" if job.queue == "default" else job.queue,
        "tags": ", ".join(job.tags),
        "key": job.unique_key or "",
        "cwd": job.cwd,
    }
    for name, text in rows.items():
        if text:
            yield _row(name, text, columns, 2)


def _row(name: str, text: str, columns: int, most: int) -> list[Content]:
    """The text beside its name, on `most` lines at most."""
    room = max(columns - _LABEL, 8)
    return list(_wrapped(name, cut_cells(text, room * most), room, most))


@lru_cache(64)  # most rows read as they did a second ago
def _wrapped(name: str, text: str, room: int, most: int) -> Sequence[Content]:
    lines = Content(text).wrap(room)
    if len(lines) > most:
        lines = [*lines[: most - 1], Content(cut_cells(lines[most - 1].plain + " …", room))]
    labels = [name, *[""] * (len(lines) - 1)]
    return [
        Content.assemble((f"{label:<{_LABEL}}", "dim"), line.rstrip())
        for label, line in zip(labels, lines, strict=True)
    ]


def _why(job: Job, beside: Beside) -> str | None:
    pools, now = beside.pools, beside.now
    return waiting(job, pools, now, lambda ms: moment_words(ms, now)) or stranded(job, pools)


def _waits(job: Job) -> str:
    return "stuck" if job.state is State.PROCESSING else "waits"


def _has_ended(job: Job) -> bool:
    return job.state in {State.COMPLETED, State.DEAD, State.CANCELLED}


def _runs(job: Job, now: int) -> str:
    return f"{run_words(job, now)} on {job.worker}" if job.state is State.PROCESSING else ""


def _ended(job: Job, now: int) -> str:
    return ago_words(job.state_since, now) if _has_ended(job) else ""


def _numbers(job: Job) -> str:
    return f"{job.priority}   timeout {limit_words(job)}   {tries_words(job)}"


def _rule(columns: int) -> Content:
    return Content.styled("─" * columns, "dim")


def _attempts(shown: JobPicture, now: int, columns: int) -> list[Content]:
    """The latest, a line each."""
    words = attempt_words(shown.job, shown.attempts[-_MOST_ATTEMPTS:], now)
    return [Content(cut_cells(f" {line}", columns)) for line in words]


def _attempts_head(shown: JobPicture, told: int) -> Content:
    """`told`: so many lines stand below it, of which one may be the attempt that runs."""
    made = len(shown.attempts) + (shown.job.state is State.PROCESSING)
    before = f"{made - told:,} before {'this' if told == 1 else 'these'}" if made > told else ""
    return _headed("Attempts", before if made else "none yet")


def _output(shown: JobPicture, columns: int, most: int) -> list[Content]:
    texts = _tail(shown, columns, most - 1)
    if texts:
        return [_headed("Output", "its end"), *map(Content, texts)]
    job = shown.job
    if job.state is State.PROCESSING:
        return [_headed("Output", "nothing yet")]
    return [_headed("Output", "nothing was printed" if job.runs else "starts when a worker takes it")]


def _headed(name: str, text: str) -> Content:
    return Content.assemble((f"{name:<11}", "bold"), (text, "dim"))


def _tail(shown: JobPicture, columns: int, most: int) -> list[str]:
    texts = last_lines(shown.tail, most, whole=len(shown.tail) < _TAIL_BYTES) if most > 0 else []
    return [cut_cells(text, columns) for text in texts]


def _end(job: Job, beside: Beside, columns: int) -> list[Content]:
    """The command line that does what is wanted most, and the keys."""
    idle = not any(pool.works for pool in beside.pools)
    line = cut_cells(f"$ {twin(job, idle=idle)}", columns)
    return [Content.styled(line, "dim"), _keys(job, columns, beside.read_only)]


def _keys(job: Job, columns: int, read_only: bool) -> Content:
    actions = [BY_NAME[name] for name in _KEYS[job.state]]
    actions = [action for action in actions if not (read_only and action.changes)]
    words = [f"{key_name(action.keys[0])} {action.title.lower()}" for action in actions]
    while len(words) > 1 and len(DOT.join(words)) > columns:
        words.pop()
    return Content(cut_cells(DOT.join(words), columns))


class Detail(ScrollView, can_focus=True, inherit_bindings=False):
    """The peek; it says more the taller it is. However much that is, the screen is not laid out again for it."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._job: JobPicture | None = None
        self._beside = Beside()
        self._said: list[Content] = []

    def show(self, job: JobPicture | None, pools: tuple[PoolView, ...], now: int) -> None:
        """`pools` say why the job waits; `now` is milliseconds UTC."""
        before = self._job
        self._job, self._beside = job, Beside(pools, now, self._beside.read_only)
        title = f"0 Detail  {plain(job.job.id)}" if job else "0 Detail"
        put_on_border(self, title=Content(title), subtitle=Content(job_word(job.job) if job else ""))
        if (job and job.job.id) != (before and before.job.id):
            self.scroll_home(animate=False)
        self._redraw()

    def set_read_only(self, read_only: bool) -> None:
        """Whether the keys that change something are left out."""
        if read_only != self._beside.read_only:
            self._beside = self._beside._replace(read_only=read_only)
            self._redraw()

    def move(self, how: str) -> None:
        """Scroll as the action `move.<how>` says."""
        page = max(self.size.height - 1, 1)
        steps = {
            "down": 1,
            "up": -1,
            "half-down": page // 2 + 1,
            "half-up": -(page // 2 + 1),
            "page-down": page,
            "page-up": -page,
            "top": -self.max_scroll_y,
            "bottom": self.max_scroll_y,
        }
        self.scroll_relative(y=steps.get(how, 0), animate=False)

    def on_resize(self) -> None:
        self._redraw()

    def _redraw(self) -> None:
        size = self.scrollable_content_region.size
        said = detail_lines(self._job, self._beside, size.width, size.height)
        before, self._said = self._said, said
        if len(said) != len(before):
            self.set_reactive(Widget.virtual_size, Size(size.width, len(said)))
            self._scroll_update(self.virtual_size)
            self.refresh()
        changed = [row for row, (old, new) in enumerate(zip(before, said, strict=False)) if not new.is_same(old)]
        if changed:
            self.refresh(*(Region(0, row - self.scroll_offset.y, size.width, 1) for row in changed))

    def render_line(self, y: int) -> Strip:
        width, row = self.scrollable_content_region.width, y + self.scroll_offset.y
        line = self._said[row] if row < len(self._said) else Content()
        return Visual.to_strips(self, line, width, 1, self.visual_style)[0]
