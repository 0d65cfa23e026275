"""Running jobs again: at once, after a delay, or at a rate."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from queuectl.core.job import ENDED, State
from queuectl.core.lifecycle import Retry
from queuectl.core.units import rate, say_duration, seconds
from queuectl.queue import Queue
from queuectl.tui.commandline import Picks, on_dead_jobs, on_jobs
from queuectl.tui.deeds.bulk import change
from queuectl.tui.deeds.errand import Errand
from queuectl.tui.desk import Desk, Target
from queuectl.tui.panes import Pane
from queuectl.tui.screens.prompt import Prompt

_ABOUT = "How long to wait, and how many to let go at a time, either or both:\n5m · 10/s · 5m 10/s · 1h 30/min"


async def retry(desk: Desk, target: Target) -> None:
    """Run them again at once."""
    await change(desk, target, _errand(target, "", Retry()))


async def retry_with(desk: Desk, target: Target) -> None:
    """Ask for a delay and a rate, then run them again."""
    ids = await desk.ask(lambda queue: arrived(queue, target.ids))
    title = f"Retry {ids[0]}" if len(ids) == 1 else "Retry"
    picks = Picks(ids, target.where)
    text = await desk.answer(
        Prompt(title, _ABOUT, "", lambda text: _twin(target, text, picks), "empty: all at once, now")
    )
    if text is not None:
        await change(desk, target, _errand(target, text, spread(text)))


def arrived(queue: Queue, ids: Sequence[str]) -> tuple[str, ...]:
    """The jobs in the order in which they are dealt with: that of their arrival; those that are gone come last."""
    there = [job.id for job in sorted(queue.jobs.found(ids), key=lambda job: job.number)]
    return (*there, *(id for id in dict.fromkeys(ids) if id not in set(there)))


def spread(text: str) -> Retry:
    """A delay, a rate, both or neither, as `5m 10/s`. Raises BadValue."""
    delay, per_second = _split(text)
    return Retry(seconds(delay) if delay else 0.0, rate(per_second) if per_second else None)


def _split(text: str) -> tuple[str, str]:
    """The words of the delay, and those of the rate."""
    words = text.split()
    return " ".join(one for one in words if "/" not in one), " ".join(one for one in words if "/" in one)


def _twin(target: Target, text: str, picks: Picks) -> str:
    spread(text)
    delay, per_second = _split(text)
    options = [*(["--delay", delay] if delay else []), *(["--rate", per_second] if per_second else [])]
    if target.pane is Pane.DLQ:
        return on_dead_jobs("retry", picks, options)
    return on_jobs(("retry",), picks, options)


def _errand(target: Target, text: str, asked: Retry) -> Errand:
    return Errand(
        asked,
        frozenset({*ENDED, State.FAILED}),
        verb="Retry",
        doing="Retrying",
        done="retried",
        will=partial(_will, target, asked),
        twin=partial(_twin, target, text),
        to=_due(asked, 1) or " → pending",
        due=partial(_due, asked),
    )


def _will(target: Target, asked: Retry, number: int) -> str:
    jobs = f"{number:,} job{'s' * (number > 1)}"
    if target.pane is Pane.PENDING:
        return f"make {jobs} due{_when(asked, number) or ' now'}, tries and priority kept"
    return f"move {jobs} to pending{_when(asked, number)}, tries reset to 0, priority kept"


def _due(asked: Retry, number: int) -> str:
    """What follows `10 retried`: `, due in 30s to 39s`; nothing for at once, or if there is none."""
    first_s, last_s = asked.delay_s, _last_s(asked, number)
    if not number or not last_s:
        return ""
    first, last = say_duration(first_s) if first_s else "now", say_duration(last_s)
    if first == last:
        return f", due in {last}"
    return f", due in {first} to {last}" if first_s else f", due from now to {last}"


def _last_s(asked: Retry, number: int) -> float:
    """In how many seconds the last of them is due."""
    return asked.delay_s + ((number - 1) / asked.rate if asked.rate else 0)


def _when(asked: Retry, number: int) -> str:
    """When they are due; nothing for at once."""
    last_s = _last_s(asked, number)
    if not last_s:
        return ""
    first = f" in {say_duration(asked.delay_s)}" if asked.delay_s else ""
    return f"{first}, the last in {say_duration(last_s)}" if last_s > asked.delay_s else first
