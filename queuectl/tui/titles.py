"""What stands on the borders of the lists and in the banner: pure functions of a picture."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from queuectl.core.job import State
from queuectl.core.panes import Rate
from queuectl.core.plain import plain
from queuectl.core.views import LOST
from queuectl.queue.config import Setting
from queuectl.tui.desk import content
from queuectl.tui.lens import Lens
from queuectl.tui.panes import DIGITS, TITLES, Pane
from queuectl.tui.picture import ListPicture, Picture, Trouble

_DIGIT_OF = {pane: digit for digit, pane in DIGITS.items()}
_BUSY_BANNER_S = 5.0


def pane_title(pane: Pane) -> str:
    """`3 DLQ`."""
    return f"{_DIGIT_OF[pane]} {TITLES[pane]}"


def list_subtitle(pane: Pane, shown: ListPicture, rates: tuple[Rate, ...]) -> str:
    """`1,204 of 12,408 · ↑ 18 new`."""
    parts = [f"{shown.total:,}"]
    if shown.want.filtered:
        parts = [f"{tally_words(shown)} of {shown.total:,}"]
    if shown.window.cut:
        parts.append("not all looked at")
    if shown.new_above:
        parts.append(f"↑ {shown.new_above:,} new")
    elif pane is Pane.DLQ and (died := sum(rate.dead for rate in rates)):
        parts.append(f"{died:,} new in 1 h")
    return " · ".join(parts)


def tally_words(shown: ListPicture) -> str:
    """How many match, with `+` while they are still being counted."""
    return f"{shown.tally.count:,}{'' if shown.tally.sure else '+'}"


def empty_words(pane: Pane, lens: Lens, shown: ListPicture, settings: Sequence[Setting]) -> Content:
    """What an empty list says instead of nothing."""
    if lens.filtered:
        if not shown.tally.sure:
            return Content("looking …")
        return content(f"0 of {shown.total:,} match {plain(lens.text)} · Esc clears")
    tries = next((setting.value for setting in settings if setting.key.name == "max-retries"), "")
    return {
        Pane.PENDING: Content("No jobs wait. n adds one · queuectl enqueue -- 'echo hi'"),
        Pane.PROCESSING: Content("Nothing runs."),
        Pane.DLQ: Content(f"Empty. Jobs land here after {tries} failed tries (max-retries)."),
        Pane.DONE: Content("Nothing has completed or was cancelled yet."),
    }[pane]


def banner_words(picture: Picture | None, trouble: Trouble | None, now_s: float) -> tuple[str, str]:
    """The line below the header and its severity; empty if all is well. `now_s` is monotonic seconds."""
    if trouble is not None and trouble.passing:
        return (
            (f"! store busy for {now_s - trouble.since:.0f} s · trying again", "warning")
            if (now_s - trouble.since >= _BUSY_BANNER_S)
            else ("", "")
        )
    if picture is None:
        return "", ""
    status = picture.status
    for pool in status.pools:
        if pool.reason:
            return f"! {pool.name}: {plain(pool.reason)}", "warning"
    waiting = status.counts.of(State.PENDING) + status.counts.of(State.FAILED)
    if status.warning is not None and waiting and not status.active_workers:
        jobs = "job waits" if waiting == 1 else "jobs wait"
        return f"! {waiting:,} {jobs} and no worker runs · 4 n starts one · 4 = several", "warning"
    if any(pool.state == LOST for pool in status.pools):
        names = ", ".join(pool.name for pool in status.pools if pool.state == LOST)
        return f"! {names} died; its jobs go back as soon as a pool runs", "warning"
    return "", ""
