"""What keeper, dispatcher and workers of a pool tell each other."""

from __future__ import annotations

import marshal
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from queuectl.core.attempt import Outcome, Result


class Hired(NamedTuple):
    """Keeper to dispatcher: a worker stands; the descriptor of its socket comes along."""

    slot: int
    pid: int
    start_ticks: int


class Gone(NamedTuple):
    """Keeper to dispatcher: a worker is dead, and so is all that it had started.

    `killed` says that the dispatcher had asked for it, because the worker did not answer.
    """

    slot: int
    how: str
    killed: bool = False


class StopAsked(NamedTuple):
    """Keeper to dispatcher: finish what runs, or with `force` end it."""

    force: bool


class Ready(NamedTuple):
    """Dispatcher to keeper: the pool is registered and works."""


class Wanted(NamedTuple):
    """Dispatcher to keeper: how many workers there shall be."""

    workers: int


class Retired(NamedTuple):
    """Dispatcher to keeper: this worker was let go and is not to be replaced."""

    slot: int


class Hung(NamedTuple):
    """Dispatcher to keeper: this worker does not answer; kill it."""

    slot: int


class Progress(NamedTuple):
    """Dispatcher to keeper: a job ended since the last death of a worker."""


class Ended(NamedTuple):
    """Dispatcher to keeper: nothing is left to do; what the pool exits with, and why if it failed."""

    exit_code: int
    message: str = ""
    hint: str = ""


class Why(StrEnum):
    """Why a command is to end before its time."""

    CANCEL = "cancel"
    STOP = "stop"
    LOST = "lost"


class End(NamedTuple):
    """Dispatcher to worker: end the command of this claim; `grace_s` is the time between SIGTERM and SIGKILL.

    If it has not begun it does not begin.
    """

    number: int
    fence: int
    why: Why
    grace_s: float


class Recall(NamedTuple):
    """Dispatcher to worker: give back what has not begun."""


class Assignment(NamedTuple):
    """Dispatcher to worker: run this.

    It is done once those before it have ended. `begin_before` is a reading of the monotonic clock
    after which the command must not be started any more: the claim may belong to somebody else, or
    another worker have time for it. `line` is where in the pool's file its beginning is noted.
    """

    number: int
    fence: int
    line: int
    command: str
    cwd: str
    env: Mapping[str, str]
    timeout_s: float | None
    kill_grace_s: float
    log_limit_bytes: int
    shell: str
    begin_before: float


class Report(NamedTuple):
    """Worker to dispatcher: what became of an assignment.

    `result` is None if the command was not started; then `trouble` says what the host lacked,
    or is empty if it was too late, or recalled. `why` is set if it was ended for that reason.
    `scratch` is an output file to remove once the result is stored.
    """

    number: int
    fence: int
    result: Result | None
    trouble: str = ""
    why: Why | None = None
    scratch: str | None = None


Message = (
    Hired | Gone | StopAsked | Ready | Wanted | Retired | Hung | Progress | Ended | End | Recall | Assignment | Report
)
_KINDS: tuple[type[Any], ...] = Message.__args__
_PLACES = {kind: place for place, kind in enumerate(_KINDS)}
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_REASONS = {why.value: why for why in Why}


def packed(message: Message) -> bytes:
    """The message for a process that was forked from the same one as this; to pickle it would take thrice as long."""
    match message:
        case Report(number, fence, result, trouble, why, scratch):
            plain = None if result is None else (result.outcome.value, *result[1:])
            fields: tuple[Any, ...] = (number, fence, plain, trouble, why and why.value, scratch)
        case End(number, fence, why, grace_s):
            fields = (number, fence, why.value, grace_s)
        case _:
            fields = message
    return marshal.dumps((_PLACES[type(message)], *fields))


def unpacked(data: bytes) -> Message:
    """What was packed."""
    place, *fields = marshal.loads(data)  # noqa: S302 - from a process of ours
    kind = _KINDS[place]
    if kind is Report:
        number, fence, plain, trouble, why, scratch = fields
        result = None if plain is None else Result(_OUTCOMES[plain[0]], *plain[1:])
        return Report(number, fence, result, trouble, _REASONS.get(why), scratch)
    if kind is End:
        number, fence, why, grace_s = fields
        return End(number, fence, _REASONS[why], grace_s)
    message: Message = kind(*fields)
    return message
