"""A change of jobs as a person asks for it, and the jobs that it takes: found once, and from then on the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from queuectl.core.job import WAITING, Job, State
from queuectl.core.lifecycle import Asked, Delete, check_deletable, transition
from queuectl.core.records import Bound
from queuectl.core.selector import All, Condition, Either, Term
from queuectl.errors import Conflict, KeyTaken, NotFound, QueuectlError, WrongState
from queuectl.queue import Queue
from queuectl.tui.commandline import Picks
from queuectl.tui.desk import Target
from queuectl.tui.panes import LISTS

MOST_UNASKED = 20
"""More jobs than these, named, are asked about, whatever is done to them."""


class Errand(NamedTuple):
    """A change in a person's words: `verb` is `Retry`, `doing` `Retrying`, `done` `retried`, `to` what becomes of one.

    `due` says what follows `38 retried`. It takes jobs in one of `states` only. `will` says what it
    does to so many, `twin` the command line that does the same; `notes` are more rows of the question.
    More named jobs than `unasked` are asked about, and all that match always; of more than
    `typed_above` the number must be typed.
    """

    asked: Asked
    states: frozenset[State]
    verb: str
    doing: str
    done: str
    will: Callable[[int], str]
    twin: Callable[[Picks], str]
    to: str = ""
    due: Callable[[int], str] = lambda _: ""
    notes: tuple[tuple[str, str], ...] = ()
    unasked: int = MOST_UNASKED
    typed_above: int | None = None


class Picked(NamedTuple):
    """The jobs of an errand: `matched` of which `fitting` can be changed; `gone` are not there any more.

    `bound` keeps out what came to match later. `refusal` says why the first that does not fit, does not.
    """

    picks: Picks
    states: frozenset[State]
    matched: int
    fitting: int
    gone: int = 0
    bound: Bound | None = None
    refusal: QueuectlError | None = None


def pick(queue: Queue, target: Target, errand: Errand) -> Picked:
    """The jobs that the errand is for, as they are now."""
    states = errand.states & seen(target)
    if target.where is not None:
        return _pick_matching(queue, target.where, states, errand)
    jobs = sorted(queue.jobs.found(target.ids), key=lambda job: job.number)
    there = tuple(job.id for job in jobs)
    gone = tuple(name for name in dict.fromkeys(target.ids) if name not in set(there))
    taken = queue.jobs.keys_taken([job for job in jobs if job.state in states], errand.asked)
    refusals = [_refusal(job, states, errand, queue.clock(), job.id in taken) for job in jobs]
    refusals += [NotFound(f"{name} is gone", "it was deleted meanwhile") for name in gone]
    return Picked(
        picks=Picks(there + gone),
        states=states,
        matched=len(refusals),
        fitting=refusals.count(None),
        gone=len(gone),
        refusal=next(filter(None, refusals), None),
    )


def _pick_matching(queue: Queue, where: Condition, states: frozenset[State], errand: Errand) -> Picked:
    where = within(where, states)
    bound = queue.jobs.bound()
    preview = queue.jobs.preview(where, errand.asked, 0, bound)
    return Picked(Picks(where=where), states, preview.matched, preview.fitting, bound=bound)


def seen(target: Target) -> frozenset[State]:
    """The states that the person saw the jobs in; waiting ones may go from one to the other."""
    states: Iterable[State] = State
    if target.pane in LISTS:
        states = LISTS[target.pane].states
    elif target.jobs:
        states = [job.state for job in target.jobs]
    found = frozenset(states)
    return found | WAITING if found & WAITING else found


def within(where: Condition, states: frozenset[State]) -> Condition:
    """What matches and is in one of the states; the condition itself if it lets in no others."""
    terms = tuple(Term("state", ":", state.value) for state in State if state in states)
    if _outer_states(where) <= states:
        return where
    return All((terms[0] if len(terms) == 1 else Either(terms), where))


def _outer_states(where: Condition) -> frozenset[State]:
    """The states that an outer part of the condition allows, as far as it says so."""
    match where:
        case Term("state", ":", value):
            return frozenset({State(str(value))})
        case All(parts) if parts:
            return frozenset.intersection(*map(_outer_states, parts))
        case Either(parts) if parts:
            return frozenset.union(*map(_outer_states, parts))
    return frozenset(State)


def _refusal(job: Job, states: frozenset[State], errand: Errand, now: int, taken: bool) -> QueuectlError | None:
    """Why the job cannot be changed; None if it can. `taken`: its unique key is another one's."""
    try:
        if isinstance(errand.asked, Delete):
            check_deletable(job)
        else:
            transition(job, errand.asked, now)
    except Conflict as refusal:
        return refusal
    if job.state in states:
        return KeyTaken(job.id) if taken else None
    if job.state in errand.states:
        return WrongState(f"{job.id} is {job.state} now", "look at it again before you change it")
    return WrongState(f"{job.id} is {job.state}; it cannot be {errand.done}")
