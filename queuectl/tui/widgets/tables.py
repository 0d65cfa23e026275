"""What the panes of jobs, and the dead ones by error, show of each: their tables."""

from __future__ import annotations

from queuectl.core.errorgroup import Group
from queuectl.core.job import Job, State, attempts_column
from queuectl.core.units import say_took
from queuectl.tui.panes import Pane
from queuectl.tui.widgets.columns import Cell, Column, Table
from queuectl.tui.wording import GLYPHS, NONE, age, clock, ran_ms, run_time, state_word, waits

_STATE_PARTS = {State.COMPLETED: "success", State.CANCELLED: "muted"}


def _tries(job: Job, _now: int) -> Cell:
    """`0/3`; `↻ 1/3` while it waits for a retry."""
    made = attempts_column(job)
    return Cell(f"{GLYPHS[job.state]} {made}", "warning") if job.state is State.FAILED else Cell(made)


def _run_time(job: Job, now: int) -> Cell:
    text = run_time(ran_ms(job, now), job.timeout_s)
    return Cell(text, "warning" if text.endswith(("!", "over")) else "")


def _limit(job: Job, _now: int) -> Cell:
    return Cell(NONE if job.timeout_s is None else clock(round(job.timeout_s * 1000)))


def _took(job: Job, _now: int) -> Cell:
    return Cell(NONE if job.duration_ms is None else say_took(job.duration_ms))


def _outcome(job: Job, _now: int) -> Cell:
    return Cell(state_word(job.state), _STATE_PARTS.get(job.state, ""))


def _in_state(job: Job, now: int) -> Cell:
    return Cell(age(now - job.state_since))


_ID: Column[Job] = Column("id", lambda job, _: Cell(job.id), 8, 24, order="arrival", middle=True)
_TRIES: Column[Job] = Column("tries", _tries, 5, 12, right=True, goes=3)


def _age(name: str) -> Column[Job]:
    return Column(name, _in_state, 4, 5, right=True, order="state-age", goes=2)


TABLES: dict[Pane, Table[Job]] = {
    Pane.PENDING: Table(
        (
            _ID,
            Column("prio", lambda job, _: Cell(str(job.priority)), 4, 8, right=True, order="priority", goes=1),
            _age("age"),
            _TRIES,
        ),
        "command",
        lambda job: job.command,
        waits,
    ),
    Pane.PROCESSING: Table(
        (
            _ID,
            Column("worker", lambda job, _: Cell(job.worker or NONE), 6, 10, goes=2),
            Column("ran", _run_time, 6, 12, right=True, order="state-age", goes=3),
            Column("limit", _limit, 5, 8, right=True, goes=1),
        ),
        "command",
        lambda job: job.command,
    ),
    Pane.DLQ: Table((_ID, _TRIES, _age("died")), "last error", lambda job: job.error or NONE),
    Pane.DONE: Table(
        (
            _ID,
            Column("state", _outcome, 11, 11, goes=3),
            _age("when"),
            Column("took", _took, 5, 8, right=True, goes=1),
        ),
        "command",
        lambda job: job.command,
    ),
}

GROUPS: Table[Group] = Table(
    (
        Column("count", lambda group, _: Cell(f"{group.size:,}"), 6, 9, right=True),
        Column("command", lambda group, _: Cell(group.command), 8, 20, goes=2),
        Column("newest", lambda group, _: Cell(group.newest_id), 8, 16, goes=1, middle=True),
    ),
    "error",
    lambda group: group.error or NONE,
)
