"""What the app reads of a store: stretches of long lists, counts that grow, rates. Times are milliseconds UTC."""

# No `from __future__ import annotations`: NamedTuple would compile each text, and every command waits for it.

from typing import NamedTuple

from queuectl.core.job import Job, State
from queuectl.core.records import Counts
from queuectl.core.selector import All, Condition, Either, Not, Term, matches
from queuectl.errors import QueuectlError


class Interrupted(QueuectlError):
    """A read was given up because another one is wanted more; nobody needs to be told."""


class Window(NamedTuple):
    """A stretch of a list, in its order.

    `first` is the row number of `jobs[0]` in the whole list, counted from 0: `exact`, or estimated.
    `cut` says that time ran out: what is there is right, but there may be more matches.
    """

    jobs: tuple[Job, ...]
    first: int
    exact: bool
    cut: bool


class Tally(NamedTuple):
    """How many jobs match: all of them if `sure`, else those that were found so far."""

    count: int  # type: ignore[assignment]  # nobody asks a tally for the tuple's own count()
    sure: bool


class Rate(NamedTuple):
    """What ended in a stretch of time from `at` on.

    `failed` is the number of attempts that failed, the last ones of jobs that went `dead`
    included. `waiting` is how many jobs waited when that was last noted in the stretch, by a pool's
    sign of life; None if it was not.
    """

    at: int
    completed: int
    failed: int
    dead: int
    waiting: int | None


class RunTimes(NamedTuple):
    """How long jobs ran that completed in a stretch of time from `at` on; None if none did."""

    at: int
    p50_ms: int | None
    p95_ms: int | None


def counted(where: Condition, counts: Counts) -> int | None:
    """How many jobs match by the counters alone; None if they cannot tell."""
    if not _is_counted(where):
        return None
    return sum(
        n
        for queue, states in counts.by_queue.items()
        for state, n in states.items()
        if matches(where, _ANY_JOB._replace(queue=queue, state=state), 0)
    )


def _is_counted(where: Condition) -> bool:
    match where:
        case Term(field):
            return field in {"state", "queue"}
        case Not(part):
            return _is_counted(part)
        case All(parts) | Either(parts):
            return all(map(_is_counted, parts))


_ANY_JOB = Job(
    number=0,
    id="",
    command="",
    state=State.PENDING,
    queue="",
    priority=0,
    attempts=0,
    max_retries=0,
    interruptions=0,
    run_at=0,
    created_at=0,
    updated_at=0,
    state_since=0,
    cwd="",
)
