"""How the app says things: signs and words of states, ages, run times, and texts cut to so many cells.

Pure functions; times are milliseconds. What they return is harmless to a terminal.
"""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from queuectl.core.job import WAITING, Job, State
from queuectl.core.plain import plain

GLYPHS: dict[State, str] = {
    State.PENDING: "○",
    State.PROCESSING: "▶",
    State.FAILED: "↻",
    State.DEAD: "✗",
    State.COMPLETED: "✓",
    State.CANCELLED: "⊘",
}
HELD = "‖"
UNKNOWN = "…"
"""Stands for a row that has not been read yet."""
NONE = "–"
"""Stands for a value that a job does not have."""

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"))
_LONGEST_DAYS = 9_999
_NEARLY_OVER = 0.9
"""From this part of its time limit on, a running job is marked."""
_LONGEST_CELL = 8
"""Characters looked at for each cell: combining marks and joiners take none, and may be without end."""


def from_home(path: str, home: str) -> str:
    """The path as people write it: `~/media` for what is below the home directory."""
    below = path.removeprefix(home.rstrip("/") + "/") if home.strip("/") else path
    return path if below == path else f"~/{below}"


def state_word(state: State) -> str:
    """`✗ dead`: the sign and the word."""
    return f"{GLYPHS[state]} {state.value}"


def job_word(job: Job) -> str:
    """As `state_word`, but `‖ held` for a waiting job that is held."""
    return f"{HELD} held" if job.held and job.state in WAITING else state_word(job.state)


def age(ms: int) -> str:
    """How long ago, in its largest whole unit: `8s`, `8m`, `2h`, `3d`; 5 columns at most, the future is `0s`."""
    number, unit = _in_largest_unit(ms)
    return f"{number}{unit}"


def time_left(ms: int) -> str:
    """How long there is to wait, as in a sentence: `12 s`, `5 m`, `2 h`; begun seconds count."""
    number, unit = _in_largest_unit(ms + 999)
    return f"{number} {unit}"


def _in_largest_unit(ms: int) -> tuple[int, str]:
    seconds = max(ms, 0) // 1000
    for length, unit in _UNITS:
        if seconds >= length:
            return min(seconds // length, _LONGEST_DAYS), unit
    return seconds, "s"


def clock(ms: int) -> str:
    """A run time as a stopwatch shows it: `04:48`, `1:02:03`, from a day on `2d 03h`."""
    seconds = max(ms, 0) // 1000
    if seconds < 3_600:
        return f"{seconds // 60:02d}:{seconds % 60:02d}"
    if seconds < 86_400:
        return f"{seconds // 3_600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{min(seconds // 86_400, _LONGEST_DAYS)}d {seconds // 3_600 % 24:02d}h"


def run_time(ms: int, timeout_s: float | None) -> str:
    """How long a command has run, with `!` from 90 % of its limit on, and `over` past it."""
    if timeout_s is None or ms < timeout_s * 1000 * _NEARLY_OVER:
        return clock(ms)
    return f"{clock(ms)} over" if ms > timeout_s * 1000 else f"{clock(ms)}!"


def ran_ms(job: Job, now: int) -> int:
    """How long a running job has been at it."""
    return max(now - (job.started_at or job.state_since), 0)


def waits(job: Job, now: int) -> str:
    """What keeps a waiting job from running, for a row of a list: `(held)`, `(retry in 12 s)`, or nothing."""
    if job.state not in WAITING:
        return ""
    if job.held:
        return "(held)"
    if job.state is State.FAILED:
        return f"(retry in {time_left(job.run_at - now)})" if job.run_at > now else "(retry due)"
    return f"(in {time_left(job.run_at - now)})" if job.run_at > now else ""


def cut_cells(text: str, cells: int) -> str:
    """A text made harmless and put on one line, in at most so many cells, `…` for what is missing.

    Counted as Textual counts, so that what stands beside it keeps its place.
    """
    shown = plain(text[: max(cells, 0) * _LONGEST_CELL])
    if cell_len(shown) <= cells and len(text) <= cells * _LONGEST_CELL:
        return shown
    return set_cell_size(shown, cells - 1).rstrip() + "…" if cells > 0 else ""


def cut_middle(text: str, cells: int) -> str:
    """As `cut_cells`, but what is missing is in the middle: of ids both ends tell them apart."""
    if len(text) <= cells or cells < 3:
        return cut_cells(text, cells)
    tail = (cells - 1) // 2
    return f"{plain(text[: cells - 1 - tail])}…{plain(text[-tail:])}"


def padded(text: str, cells: int, right: bool = False) -> str:
    """A harmless text in exactly so many cells, at the left of them or at the right; what is too long is cut off."""
    blank = " " * (cells - cell_len(text))
    return blank + text if right and blank else set_cell_size(text, cells)
