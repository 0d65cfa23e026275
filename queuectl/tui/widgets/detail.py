"""A look at the job under the cursor, without opening it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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

TALL_LINES = 12
"""With fewer lines than these only what matters most is said."""
_LABEL = 9
_MOST_COMMAND_LINES = 4
_MOST_ATTEMPTS = 5
_FEWEST_OUTPUT, _MOST_OUTPUT = 3, 12
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


def detail_lines(
    shown: JobPicture | None, pools: Sequence[PoolView], now: int, columns: int, lines: int
) -> list[Content]:
    """What is said of the job in so many columns; `lines` is how many are in view, more may be told."""
    if shown is None:
        return [NOTHING]
    if lines < TALL_LINES:
        return _brief(shown, pools, now, columns, lines)
    top = [*_rows(shown, pools, now, columns), _rule(columns), *_attempts(shown, now, columns)]
    end = [Content(), _twin(shown.job, columns), _keys(shown.job, columns)]
    room = min(max(lines - len(top) - len(end) - 1, _FEWEST_OUTPUT), _MOST_OUTPUT)
    told = [*top, Content(), *_output(shown, columns, room), *end]
    return [line.truncate(columns, ellipsis=True) for line in told]


def _brief(shown: JobPicture, pools: Sequence[PoolView], now: int, columns: int, lines: int) -> list[Content]:
    """The command, why it waits or what became of it, the end of its output; what is less goes first."""
    job = shown.job
    said = [Content.styled(cut_cells(job.command, columns), "bold")]
    why = _why(job, pools, now)
    if why:
        said.append(Content(cut_cells(f"{_waits(job)}: {why}", columns)))
    if shown.attempts or job.state is State.PROCESSING:
        said.append(_attempts_in_a_line(job, shown.attempts, now, columns))
    end = [_twin(job, columns), _keys(job, columns)]
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


def _rows(shown: JobPicture, pools: Sequence[PoolView], now: int, columns: int) -> Iterator[Content]:
    job = shown.job
    yield from _row("command", job.command, columns, _MOST_COMMAND_LINES)
    rows = {
        "queued": ago_words(job.created_at, now),
        _waits(job): _why(job, pools, now) or "",
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
            yield from _row(name, text, columns, 2)


def _row(name: str, text: str, columns: int, most: int) -> list[Content]:
    """The text beside its name, on `most` lines at most."""
    room = max(columns - _LABEL, 8)
    lines = Content(cut_cells(text, room * most)).wrap(room)
    if len(lines) > most:
        lines = [*lines[: most - 1], Content(cut_cells(lines[most - 1].plain + " …", room))]
    labels = [name, *[""] * (len(lines) - 1)]
    return [
        Content.assemble((f"{label:<{_LABEL}}", "dim"), line.rstrip())
        for label, line in zip(labels, lines, strict=True)
    ]


def _why(job: Job, pools: Sequence[PoolView], now: int) -> str | None:
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
    if not shown.attempts and shown.job.state is not State.PROCESSING:
        return [_headed("Attempts", "none yet")]
    told = shown.attempts[-_MOST_ATTEMPTS:]
    before = len(shown.attempts) - len(told)
    words = attempt_words(shown.job, told, now)
    head = _headed("Attempts", f"{before:,} before these" if before else "")
    return [head, *(Content(cut_cells(f" {line}", columns)) for line in words)]


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


def _twin(job: Job, columns: int) -> Content:
    return Content.styled(cut_cells(f"$ {twin(job)}", columns), "dim")


def _keys(job: Job, columns: int) -> Content:
    actions = [BY_NAME[name] for name in _KEYS[job.state]]
    words = [f"{key_name(action.keys[0])} {action.title.lower()}" for action in actions]
    while len(words) > 1 and len(DOT.join(words)) > columns:
        words.pop()
    return Content(cut_cells(DOT.join(words), columns))


class Detail(ScrollView, can_focus=True, inherit_bindings=False):
    """The peek; it says more the taller it is. However much that is, the screen is not laid out again for it."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._asked: tuple[JobPicture | None, tuple[PoolView, ...], int] = (None, (), 0)
        self._said: list[Content] = []

    def show(self, job: JobPicture | None, pools: tuple[PoolView, ...], now: int) -> None:
        """`pools` say why the job waits; `now` is milliseconds UTC."""
        before = self._asked[0]
        self._asked = (job, pools, now)
        title = f"0 Detail  {plain(job.job.id)}" if job else "0 Detail"
        put_on_border(self, title=Content(title), subtitle=Content(job_word(job.job) if job else ""))
        if (job and job.job.id) != (before and before.job.id):
            self.scroll_home(animate=False)
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
        said = detail_lines(*self._asked, size.width, size.height)
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
