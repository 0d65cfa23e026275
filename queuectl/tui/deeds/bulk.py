"""The way of every change of jobs: find them, ask, change them in batches that can be stopped, tell what came of it.

What is found when it is asked is what is changed: the number in the question, in the toast and in the store is one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from threading import Event
from typing import NamedTuple

from queuectl.core.job import State
from queuectl.errors import QueuectlError
from queuectl.queue import Changed, Queue
from queuectl.tui.commandline import Picks
from queuectl.tui.deeds.errand import Errand, Picked, pick
from queuectl.tui.deeds.trial import tried
from queuectl.tui.desk import DealtWith, Desk, Target, dialog_opened
from queuectl.tui.panes import Pane
from queuectl.tui.screens.confirm import Confirm, Question
from queuectl.tui.screens.progress import Progress

BATCH = 500
"""Jobs changed at a time; what takes several is shown with how far it has come."""
_NAMED = 5
_PATIENCE_S = 0.5
"""A look at the jobs that takes longer is told of, so that nobody thinks the key was not heard."""
_KINDS = {Pane.DLQ: "dead ", Pane.PENDING: "waiting ", Pane.PROCESSING: "running ", Pane.DONE: "ended "}


class Outcome(NamedTuple):
    """What came of an errand: all of it, or as much as was done when it was stopped or failed."""

    changed: Changed
    stopped: bool = False
    error: QueuectlError | None = None


class _Stopped(Exception):
    """The person has stopped it, between two batches."""


async def change(desk: Desk, target: Target, errand: Errand) -> None:
    """Do the errand on the target, from the question to the toast."""
    async with desk.turn:
        await _change(desk, target, errand)


async def _change(desk: Desk, target: Target, errand: Errand) -> None:
    line = errand.twin(Picks(target.ids, target.where))
    looking = asyncio.ensure_future(tried(desk, line, lambda queue: pick(queue, target, errand)))
    if not (await asyncio.wait({looking}, timeout=_PATIENCE_S))[0]:
        desk.tell("Waiting for the store …" if target.where is None else "Counting what matches …")
    picked = await looking
    if picked is None:
        return
    if not picked.fitting:
        _tell_nothing(desk, picked, errand)
    elif not _is_asked(picked, errand) or await desk.answer(Confirm(question(target, picked, errand))):
        outcome = await _carry_out(desk, picked, errand)
        _tell(desk, picked, errand, outcome)
        if not outcome.stopped and outcome.error is None:
            desk.app.post_message(DealtWith(target))


def _tell_nothing(desk: Desk, picked: Picked, errand: Errand) -> None:
    if picked.matched == 1 and picked.refusal is not None:
        desk.tell_error(picked.refusal)
    elif picked.matched:
        desk.tell(f"None of {picked.matched:,} jobs can be {errand.done}", "warning")
    else:
        desk.tell("No job matches", "warning")


def _is_asked(picked: Picked, errand: Errand) -> bool:
    """All that match are always asked about: nobody has seen each of them."""
    return picked.picks.where is not None or picked.fitting > errand.unasked


def question(target: Target, picked: Picked, errand: Errand) -> Question:
    """What is asked: what is taken, what is done to it, what is left out, how else to say it."""
    number = picked.fitting
    jobs = f"{_KINDS.get(target.pane, '')}job{'s' * (number > 1)}"
    rows = [
        ("Jobs", _listed(picked.picks.ids)) if picked.picks.ids else ("Filter", target.filter or "none: all of them"),
        ("Will", errand.will(number)),
        ("Skips", _skips(picked)),
        *errand.notes,
        ("Same as", errand.twin(picked.picks)),
    ]
    typed = number if errand.typed_above is not None and number > errand.typed_above else None
    title = f"{errand.verb} {number:,} {jobs}?"
    return Question(title, tuple(one for one in rows if one[1]), f"{errand.verb} {number:,}", number=typed)


def _listed(ids: Sequence[str]) -> str:
    return ", ".join(ids[:_NAMED]) + (f", … ({len(ids):,} in all)" if len(ids) > _NAMED else "")


def _skips(picked: Picked) -> str:
    skipped = picked.matched - picked.fitting
    if picked.picks.where is not None or not skipped:
        return f"{skipped:,}"
    return f"{skipped:,} (moved meanwhile: {skipped - picked.gone:,}, deleted meanwhile: {picked.gone:,})"


async def _carry_out(desk: Desk, picked: Picked, errand: Errand) -> Outcome:
    progress = Progress(errand.doing, picked.fitting) if picked.fitting > BATCH else None
    if progress is not None:
        dialog_opened.get()()
        await desk.app.push_screen(progress)
    latest, stop_asked = Changed(0, 0), Event() if progress is None else progress.stop_asked

    def hear(so_far: Changed, _: Sequence[str]) -> None:
        nonlocal latest
        latest = so_far
        if progress is not None:
            progress.post_message(Progress.Advanced(so_far.changed))
        if stop_asked.is_set() or desk.closing.is_set():
            raise _Stopped

    def work(queue: Queue) -> Changed:
        jobs, picks = queue.jobs, picked.picks
        if picks.where is None or picked.bound is None:
            return jobs.change_fitting(picks.ids, picked.states, errand.asked, hear)
        return jobs.change_matching(picks.where, errand.asked, picked.bound, hear)

    try:
        return Outcome(await desk.ask(work))
    except _Stopped:
        return Outcome(latest, stopped=latest.changed < picked.fitting)
    except QueuectlError as error:
        return Outcome(latest, error=error)
    finally:
        if progress is not None:
            progress.end()


def _tell(desk: Desk, picked: Picked, errand: Errand, outcome: Outcome) -> None:
    """A toast, the command log, and what `u` brings back."""
    changed, error = outcome.changed, outcome.error
    before = [job for job in changed.before if job.state is not State.PROCESSING]
    if changed.changed:
        desk.can_undo(said(picked, errand, outcome), before)
    undo = " · u undo" if before else ""
    so_far = f"{changed.changed:,} {errand.done}, then: " if error is not None and changed.changed else ""
    if error is not None:
        desk.tell_error(QueuectlError(f"{so_far}{error.message}", error.hint))
    elif changed.changed == picked.matched == 1 and picked.picks.ids:
        desk.tell(f"{errand.done.capitalize()} {picked.picks.ids[0]}{errand.to}{undo}")
    elif picked.matched == len(changed.skipped) == 1:
        desk.tell(changed.skipped[0][1], "warning")
    else:
        listed = " · @ lists them" if changed.skipped else ""
        desk.tell(f"{said(picked, errand, outcome)}{listed}{undo}", "information" if changed.changed else "warning")
    left = {name for name, _ in changed.skipped}
    picks = picked.picks if not changed.changed else _without(picked.picks, left)
    failed = error is not None or not changed.changed
    what = f"{so_far}{error.message}" if error is not None else said(picked, errand, outcome)
    desk.note(errand.twin(picks), what, failed=failed, skipped=changed.skipped)


def _without(picks: Picks, left: set[str]) -> Picks:
    """The command line names only what was changed, for it changes all that are named or none."""
    return picks._replace(ids=tuple(name for name in picks.ids if name not in left))


def said(picked: Picked, errand: Errand, outcome: Outcome) -> str:
    """`38 retried`, `9,118 retried, 2 skipped (already gone)`, `1,500 retried, stopped: 7,620 left as they were`."""
    changed = outcome.changed
    done = f"{changed.changed:,} {errand.done}{errand.due(changed.changed)}"
    if outcome.stopped:
        return f"{done}, stopped: {picked.fitting - changed.changed:,} left as they were"
    skipped = picked.matched - changed.changed
    if not skipped or outcome.error is not None:
        return done
    return f"{done}, {skipped:,} skipped{'' if changed.skipped else ' (already gone)'}"
