"""What stands on the borders of the lists and in the banner: pure functions of a picture."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from queuectl.core.job import WAITING
from queuectl.core.panes import Rate
from queuectl.core.plain import plain
from queuectl.core.units import say_size
from queuectl.core.views import LOST, Status
from queuectl.queue.config import Setting
from queuectl.tui.desk import content
from queuectl.tui.lens import Lens
from queuectl.tui.panes import DIGITS, TITLES, Pane
from queuectl.tui.picture import ListPicture, Picture, Trouble

_DIGIT_OF = {pane: digit for digit, pane in DIGITS.items()}
_BUSY_BANNER_S = 5.0
_START = " · n in Workers (4) starts one"


def pane_title(pane: Pane) -> str:
    """`3 DLQ`."""
    return f"{_DIGIT_OF[pane]} {TITLES[pane]}"


def list_subtitle(pane: Pane, shown: ListPicture, rates: tuple[Rate, ...]) -> str:
    """`1,204 of 12,408 · ↑ 18 new`."""
    parts = [f"{shown.total:,}"]
    if shown.want.filtered:
        parts = [f"{tally_words(shown)} of {shown.total:,}"]
    if shown.window.cut:
        parts.append("looking …" if shown.looking else "not all looked at")
    if shown.new_above:
        parts.append(f"↑ {shown.new_above:,} new")
    elif pane is Pane.DLQ and (died := sum(rate.dead for rate in rates)):
        parts.append(f"{died:,} died in 1 h")
    return " · ".join(parts)


def tally_words(shown: ListPicture) -> str:
    """How many match, with `+` while they are still being counted."""
    return f"{shown.tally.count:,}{'' if shown.tally.sure else '+'}"


def empty_words(pane: Pane, lens: Lens, shown: ListPicture, picture: Picture, read_only: bool = False) -> Content:
    """What an empty list says instead of nothing."""
    if lens.problem:
        return content(lens.problem)
    if lens.filtered:
        if shown.looking or not shown.tally.sure:
            return Content("looking …")
        if shown.window.cut:
            return Content("None was found in time, but not all were looked at.")
        where = " · plain words are looked for in id and command, err:word in errors" if _is_words(lens.text) else ""
        return content(f"0 of {shown.total:,} match {plain(lens.text)} · Esc clears{where if pane is Pane.DLQ else ''}")
    none = "No jobs wait." if picture.status.counts.total else "No jobs yet."
    return {
        Pane.PENDING: Content(none if read_only else f"{none} n adds one · queuectl enqueue -- 'echo hi'"),
        Pane.PROCESSING: Content("Nothing runs."),
        Pane.DLQ: Content(f"Empty. Jobs land here after {_tries(picture.settings)} (max-retries)."),
        Pane.DONE: Content("Nothing has completed or was cancelled yet."),
    }[pane]


def _is_words(text: str) -> bool:
    """Whether a filter has no fields."""
    return not any(sign in text for sign in ":<>=")


def _tries(settings: Sequence[Setting]) -> str:
    allowed = next((setting.value for setting in settings if setting.key.name == "max-retries"), "")
    return "1 failed try" if allowed in {"0", "1"} else f"{allowed} failed tries"


def banner_words(
    picture: Picture | None, trouble: Trouble | None, busy_s: float, read_only: bool = False
) -> tuple[str, str]:
    """The line below the header and its severity; empty if all is well. `busy_s` is how long the store has been so."""
    if trouble is not None and trouble.passing:
        said = f"! store busy for {busy_s:.0f} s · trying again" if busy_s >= _BUSY_BANNER_S else ""
    else:
        said = "" if picture is None else _wrong(picture.status, "" if read_only else _START)
    return (said, "warning") if said else ("", "")


def _wrong(status: Status, start: str) -> str:
    """What keeps jobs from running, the cause before what follows from it; empty if nothing does.

    `start` says how workers are started.
    """
    if status.is_full:
        return f"! no room is left on the store's disk ({say_size(status.free_bytes)} free) · nothing can be written"
    for pool in status.pools:
        if pool.reason:
            return f"! {pool.name}: {plain(pool.reason)}"
    waiting = sum(map(status.counts.of, WAITING))
    if status.warning is not None and waiting and not status.active_workers:
        return f"! {_jobs_wait(waiting)} and no worker runs{start}"
    if status.unserved:
        return _unserved(status)
    lost = [pool.name for pool in status.pools if pool.state == LOST]
    return (
        f"! {', '.join(lost)} died · what it ran goes back as soon as a pool runs · n in Workers (4) starts one"
        if lost
        else ""
    )


def _unserved(status: Status) -> str:
    waiting = sum(status.counts.by_queue[queue].get(state, 0) for queue in status.unserved for state in WAITING)
    names = ", ".join(map(plain, status.unserved))
    options = " ".join(f"-q {plain(queue)}" for queue in status.unserved)
    return f"! {_jobs_wait(waiting)} in {names}, which no worker serves · queuectl worker start -d {options}"


def _jobs_wait(count: int) -> str:
    return f"{count:,} job{' waits' if count == 1 else 's wait'}"


def lost_words(before: Picture, after: Picture) -> str:
    """What to say of workers that died between two pictures and have been replaced; empty if none has.

    A pool whose workers die again and again has a reason, which the banner says.
    """
    now = {worker.name: worker.pid for worker in after.workers}
    sound = {(pool.name, pool.pid) for pool in after.status.pools if not pool.reason}
    lasting = {name for name, _ in sound & {(pool.name, pool.pid) for pool in before.status.pools}}
    lost = [
        worker
        for worker in before.workers
        if worker.pool in lasting and worker.name in now and now[worker.name] != worker.pid
    ]
    if len(lost) > 1:
        return f"{len(lost)} workers were lost and replaced; what they ran is given back"
    job = f"; {lost[0].job} is given back" if lost and lost[0].job else ""
    return f"worker {lost[0].name} was lost and replaced{job}" if lost else ""
