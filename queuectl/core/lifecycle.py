"""The only place that decides a state: `transition(job, event, now)`.

Events are what happens to a job. The store writes what comes out, guarded by the fence or the
version of what went in; set-based SQL for many jobs at once is tested against this function.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from queuectl.core.job import ENDED, WAITING, Job, State
from queuectl.core.units import PRIORITY_LIMIT, say_duration
from queuectl.errors import Conflict, WrongState


class Claim(NamedTuple):
    """A pool takes a due job for one of its workers."""

    pool: str
    worker: str
    worker_pid: int
    host: str


class Succeed(NamedTuple):
    """The command exited 0."""


class Fail(NamedTuple):
    """The attempt failed; `delay_s` is how long to wait before another one, in seconds."""

    delay_s: float


class GiveBack(NamedTuple):
    """The job could not be run to its end.

    `charged`: the command had begun and nobody had asked the pool to stop. A job that was
    charged more than `max_interruptions` times is dead.
    """

    charged: bool
    max_interruptions: int


class TakeOver(NamedTuple):
    """A pool that lives takes a claim over from one that does not, to clean up after it."""

    pool: str


class Cancel(NamedTuple):
    """A person wants it stopped; `force` leaves a running command no grace."""

    force: bool = False


class Retry(NamedTuple):
    """A person wants it run again: at once, or after `delay_s` seconds.

    With a `rate` (jobs a second, more than 0) many of them are spread: `place` counts those before
    this one, and `since` is when the first was changed (milliseconds UTC; None: now).
    """

    delay_s: float = 0.0
    rate: float | None = None
    place: int = 0
    since: int | None = None

    def start(self, now: int) -> int:
        """When the first of them is due: milliseconds UTC."""
        return (now if self.since is None else self.since) + round(self.delay_s * 1000)

    def run_at(self, now: int) -> int:
        """When the one at `place` is due: milliseconds UTC, cut to whole ones as SQL cuts them."""
        return self.start(now) + (0 if self.rate is None else int(self.place * 1000.0 / self.rate))

    def behind(self, done: int, began: int) -> Retry:
        """The same for the one behind `done` others of a change that began at `began` (milliseconds UTC)."""
        return self._replace(place=self.place + done, since=began if self.since is None else self.since)


class Hold(NamedTuple):
    """A person keeps it from being claimed."""


class Release(NamedTuple):
    """A held job may be claimed again."""


class Delete(NamedTuple):
    """A person, or a pool once `keep-completed` is over, wants it gone: job, attempts and output."""


class Edit(NamedTuple):
    """A person changes fields of the job: command, priority, timeout_s, max_retries, run_at, queue, cwd, env, tags.

    `retry`: it is run again too, as one step. `next`: it is to run before all that waits; `before_all` says how.
    """

    changes: Mapping[str, Any]
    retry: bool = False
    next: bool = False


Event = Claim | Succeed | Fail | GiveBack | TakeOver | Cancel | Retry | Hold | Release | Edit
Verb = Cancel | Retry | Hold | Release | Edit
"""What a person may ask of jobs that stay."""
Asked = Verb | Delete
"""What a person may ask of jobs that are there."""


def transition(job: Job, event: Event, now: int) -> Job:
    """The job after the event, at `now` (milliseconds UTC).

    Raises WrongState, naming the state and what can be done instead, if the event does not
    apply to a job in this state.
    """
    match job.state, event:
        case State.PROCESSING, _:
            after = _running(job, event, now)
        case _, Retry():
            after = _retried(job, event, now)
        case _, Edit():
            after = _edited(job, event, now)
        case ((State.PENDING | State.FAILED), _):
            after = _waiting(job, event, now)
        case _:
            after = None
    if after is None:
        raise refusal(job, event, now)
    return after


def before_all(edit: Edit, highest: int | None, now: int) -> Edit:
    """The edit with what its `next` comes to: due now, and one above the `highest` priority that waits (None: none).

    Raises Conflict if there is nothing above it.
    """
    if not edit.next:
        return edit
    if highest is not None and highest >= PRIORITY_LIMIT:
        hint = "give that job a lower priority first: queuectl list --sort priority shows it"
        raise Conflict(f"a job waits with priority {highest:,}, and there is no higher one", hint)
    above = {} if highest is None else {"priority": highest + 1}
    return edit._replace(changes={**edit.changes, **above, "run_at": now})


def undone(job: Job, before: Job, now: int) -> Job:
    """The job as it was before a person's change, which must have been the last thing that happened to it.

    Raises WrongState if it has moved since, and for a cancel that a running command has heard of.
    """
    if before.state is State.PROCESSING:
        raise WrongState(f"{job.id} was processing; what was asked of it cannot be undone", _instead(job, now))
    if (job.number, job.version) != (before.number, before.version + 1):
        raise WrongState(f"{job.id} has moved since and is {job.state}; it stays as it is", _instead(job, now))
    return before._replace(updated_at=now, version=job.version + 1)


def _waiting(job: Job, event: Event, now: int) -> Job | None:
    match event:
        case Claim() if not job.held and job.run_at <= now:
            return _claimed(job, event, now)
        case Cancel():
            return _entered(job, State.CANCELLED, now, held=False)
        case Hold() if not job.held:
            return _changed(job, now, held=True)
        case Release() if job.held:
            return _changed(job, now, held=False)
    return None


def _retried(job: Job, retry: Retry, now: int) -> Job | None:
    if job.state is State.PENDING:
        return None
    anew = {"attempts": 0, "interruptions": 0} if job.state in ENDED else {}
    return _entered(job, State.PENDING, now, run_at=retry.run_at(now), **anew)


def _edited(job: Job, edit: Edit, now: int) -> Job | None:
    if edit.next and not edit.retry and job.state not in WAITING:
        return None
    base = _retried(job, Retry(), now) if edit.retry else _changed(job, now)
    if base is None:
        return None
    after = base._replace(**edit.changes)
    if "max_retries" in edit.changes and after.state in WAITING and 0 < after.attempts >= after.max_retries:
        hint = f"to begin anew: queuectl cancel {job.id}, then queuectl edit {job.id} --max-retries N --retry"
        made = f"{after.attempts} attempt{'s' * (after.attempts > 1)}"
        raise WrongState(f"{job.id} has made {made} already; max_retries must be more", hint)
    return after


def _running(job: Job, event: Event, now: int) -> Job | None:
    match event:
        case TakeOver(pool):
            return _changed(job, now, pool=pool, fence=job.fence + 1)
        case Cancel(force):
            return _changed(job, now, cancel_asked=max(job.cancel_asked, 2 if force else 1))
        case Succeed() | Fail() | GiveBack() if job.cancel_asked:
            return _entered(job, State.CANCELLED, now)
        case Succeed():
            return _entered(job, State.COMPLETED, now, attempts=job.attempts + 1)
        case Fail(delay_s):
            return _failed(job, delay_s, now)
        case GiveBack():
            return _given_back(job, event, now)
    return None


def _claimed(job: Job, event: Claim, now: int) -> Job:
    return _entered(
        job,
        State.PROCESSING,
        now,
        pool=event.pool,
        worker=event.worker,
        worker_pid=event.worker_pid,
        host=event.host,
        fence=job.fence + 1,
        started_at=now,
        **dict.fromkeys(("finished_at", "duration_ms", "exit_code", "signal", "error")),
    )


def _failed(job: Job, delay_s: float, now: int) -> Job:
    attempts = job.attempts + 1
    if attempts >= job.max_retries:
        return _entered(job, State.DEAD, now, attempts=attempts)
    return _entered(job, State.FAILED, now, attempts=attempts, run_at=now + round(delay_s * 1000))


def _given_back(job: Job, event: GiveBack, now: int) -> Job:
    interruptions = job.interruptions + event.charged
    if interruptions > event.max_interruptions:
        error = f"interrupted {interruptions} times"
        return _entered(job, State.DEAD, now, interruptions=interruptions, error=error)
    # It was due when it was claimed: a clock that was set back since then is no reason to wait.
    return _entered(job, State.PENDING, now, interruptions=interruptions, run_at=min(job.run_at, now))


def _entered(job: Job, state: State, now: int, **fields: Any) -> Job:
    """The job in another state, with these fields; of what belongs to a running one only, nothing else stays."""
    gone: dict[str, Any] = {"pool": None, "worker_pid": None, "cancel_asked": 0}
    return _changed(job, now, state=state, state_since=now, **gone | fields)


def _changed(job: Job, now: int, **fields: Any) -> Job:
    return job._replace(updated_at=now, version=job.version + 1, **fields)


_INSTEAD = {
    State.PENDING: "`queuectl cancel` stops it",
    State.FAILED: "`queuectl retry` runs it now, `queuectl cancel` stops it",
    State.PROCESSING: "wait for it to end, or stop it with `queuectl cancel`",
    **dict.fromkeys(ENDED, "`queuectl retry` runs it once more"),
}
_DONE = {
    Cancel: "cancelled",
    Retry: "retried",
    Hold: "held",
    Release: "released",
    Edit: "edited",
    Claim: "claimed",
}


def refusal(job: Job, event: Event, now: int) -> WrongState:
    """Why the event does not apply to the job at `now` (milliseconds UTC), and what can be done instead."""
    hint = _instead(job, now)
    if isinstance(event, Release) and job.state in WAITING:
        return WrongState(f"{job.id} is not held; it cannot be released", hint)
    if (isinstance(event, Hold) and job.held) or (isinstance(event, Cancel) and job.state is State.CANCELLED):
        return WrongState(f"{job.id} is {_DONE[type(event)]} already", hint)
    return WrongState(f"{job.id} is {job.state}; it cannot be {_done(event)}", hint)


def _done(event: Event) -> str:
    if isinstance(event, Edit) and (event.retry or event.next):
        return "retried" if event.retry else "run next"
    return _DONE.get(type(event), "settled")


def _instead(job: Job, now: int) -> str:
    """What happens to the job if nobody does anything, and what a person can do."""
    if job.state not in WAITING:
        return _INSTEAD[job.state]
    if job.held:
        return f"it is held; `queuectl release {job.id}` lets it run"
    when = f"in {say_duration((job.run_at - now) / 1000)}" if job.run_at > now else "as soon as a worker is free"
    return f"it runs {'again ' if job.state is State.FAILED else ''}{when}; {_INSTEAD[job.state]}"


def check_deletable(job: Job) -> None:
    """Raise WrongState if the job is running: any other may be deleted."""
    if job.state is State.PROCESSING:
        raise WrongState(f"{job.id} is {job.state}; it cannot be deleted", _INSTEAD[job.state])
