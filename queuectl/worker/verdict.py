"""What an attempt's report means for its job."""

from __future__ import annotations

from typing import NamedTuple

from queuectl.core.attempt import Outcome, Result
from queuectl.core.job import Job
from queuectl.core.lifecycle import Fail, GiveBack, Succeed
from queuectl.core.settings import Settings
from queuectl.core.turn import Settlement
from queuectl.worker.messages import Report, Why
from queuectl.worker.outputfile import Left

_STOPPING_SIGNALS = frozenset({"SIGTERM", "SIGINT", "SIGHUP", "SIGKILL"})
BEFORE_STOP_S = 0.2
"""How long a result waits that may turn out to come from a stop of the whole pool, in seconds."""
AFTER_STOP_S = 2.0
"""How long after a stop was asked for a signal counts as part of it, in seconds."""


class Heard(NamedTuple):
    """A report, and when it was heard by the monotonic clock (seconds)."""

    job: Job
    report: Report
    at: float

    @property
    def may_be_a_stop(self) -> bool:
        """Ended by a signal that a service manager or a shutdown sends to all of a pool's processes."""
        result = self.report.result
        return result is not None and result.outcome is Outcome.SIGNALLED and result.signal in _STOPPING_SIGNALS


def settlement(heard: Heard, settings: Settings, chance: float, stop_asked_at: float | None) -> Settlement | None:
    """How to settle the claim; None if it is not ours any more.

    `chance` is drawn uniformly from [0, 1); `stop_asked_at` is when the pool was told to stop, by
    the monotonic clock in seconds.
    """
    job, report = heard.job, heard.report
    result = report.result
    if report.why is Why.LOST:
        return None
    if result is None or report.why is not None:
        return _given_back(job, settings, result, charged=False)
    if heard.may_be_a_stop and _belongs_to_stop(heard.at, stop_asked_at):
        interrupted = result._replace(outcome=Outcome.INTERRUPTED, error=f"interrupted ({result.signal})")
        return _given_back(job, settings, interrupted, charged=False)
    if result.outcome is Outcome.EXITED and result.exit_code == 0:
        return Settlement(job.number, job.fence, Succeed(), result)
    return failure(job, settings, result, chance)


def of_lost_worker(
    job: Job,
    settings: Settings,
    why: str,
    now_ms: int,
    chance: float,
    *,
    begun: bool,
    timed_out: bool,
    charged: bool,
    left: Left | None = None,
) -> Settlement:
    """How to settle the claim of a worker that died at `now_ms` (milliseconds UTC).

    `timed_out`: it was killed because it did not report although its job's time limit was over.
    `left` is what is there of the command's output.
    """
    if not begun:
        return not_begun(job, settings)
    if not timed_out:
        return interruption(job, settings, now_ms, why, charged, left)
    result = _unreported(job, Outcome.TIMED_OUT, now_ms, "timed out; its worker did not answer", left)
    return failure(job, settings, result, chance)


def failure(job: Job, settings: Settings, result: Result, chance: float) -> Settlement:
    """A failed attempt; `chance` is drawn uniformly from [0, 1)."""
    delay_s = settings.retry_policy.delay_s(job.attempts + 1, chance)
    return Settlement(job.number, job.fence, Fail(delay_s), result)


def interruption(
    job: Job, settings: Settings, now_ms: int, why: str, charged: bool, left: Left | None = None
) -> Settlement:
    """The command had begun, and then it or its worker was lost at `now_ms` (milliseconds UTC)."""
    return _given_back(job, settings, _unreported(job, Outcome.INTERRUPTED, now_ms, why, left), charged)


def _unreported(job: Job, outcome: Outcome, now_ms: int, why: str, left: Left | None) -> Result:
    """An attempt whose worker cannot say what came of it; what it wrote down is all that is known of its output."""
    since = job.started_at or now_ms
    result = Result(outcome, since, now_ms, max(0, now_ms - since), error=why)
    return result if left is None else result._replace(output_file=left.file, output_bytes=left.bytes)


def not_begun(job: Job, settings: Settings) -> Settlement:
    """The claim goes back as if it had never been made."""
    return _given_back(job, settings, None, charged=False)


def unknown_claim(number: int, fence: int, settings: Settings) -> Settlement:
    """A claim that the store holds for us and nobody here knows of: the command was never started."""
    return Settlement(number, fence, GiveBack(False, settings.max_interruptions), None)


def _given_back(job: Job, settings: Settings, result: Result | None, charged: bool) -> Settlement:
    return Settlement(job.number, job.fence, GiveBack(charged, settings.max_interruptions), result)


def _belongs_to_stop(heard_at: float, stop_asked_at: float | None) -> bool:
    return stop_asked_at is not None and stop_asked_at - BEFORE_STOP_S <= heard_at <= stop_asked_at + AFTER_STOP_S
