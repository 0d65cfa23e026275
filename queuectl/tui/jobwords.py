"""A job and its attempts in short words, for the peek: pure functions, text already harmless."""

from __future__ import annotations

from collections.abc import Sequence

from queuectl.core.attempt import Attempt, Outcome
from queuectl.core.job import Job, State, attempts_column
from queuectl.core.plain import PlainStream, plain
from queuectl.core.settings import Settings
from queuectl.core.units import duration_text, local_time, say_duration, say_took
from queuectl.tui import commandline
from queuectl.tui.wording import age, clock, ran_ms, run_time

_MOST_DELAYS = 4
_OUTCOMES = {
    Outcome.TIMED_OUT: "timed out",
    Outcome.NOT_STARTED: "not started",
    Outcome.INTERRUPTED: "interrupted",
    Outcome.CANCELLED: "cancelled",
}


def moment_words(ms: int, now: int) -> str:
    """Local time, as short as it can be: `13:55:12` today, `11-22 13:55` this year, `2026-11-22` before."""
    at, today = local_time(ms), local_time(now)
    if at.date() == today.date():
        return f"{at:%H:%M:%S}"
    return f"{at:%m-%d %H:%M}" if at.year == today.year else f"{at:%Y-%m-%d}"


def exact_moment_words(ms: int) -> str:
    """Local time with its date: `2026-11-22 13:55:12`."""
    return f"{local_time(ms):%Y-%m-%d %H:%M:%S}"


def ago_words(ms: int, now: int) -> str:
    """`13:55:12 (7m ago)`."""
    return f"{moment_words(ms, now)} ({age(now - ms)} ago)"


def run_words(job: Job, now: int) -> str:
    """How long a job has been running, with `!` near its limit and `over` past it."""
    ran = run_time(ran_ms(job, now), job.timeout_s)
    return ran if job.timeout_s is None else f"{ran} of {limit_words(job)}"


def limit_words(job: Job) -> str:
    """How long an attempt may run: `05:00`, or `none`."""
    return "none" if job.timeout_s is None else clock(round(job.timeout_s * 1000))


def tries_words(job: Job) -> str:
    """`tries 1/3`, those that were made; `try 2 of 3` while one runs."""
    if job.state is State.PROCESSING:
        return f"try {job.attempts + 1} of {max(job.max_retries, 1)}"
    return f"tries {attempts_column(job)}"


def delay_words(job: Job, settings: Settings) -> str:
    """The waits between the attempts that are allowed: `2s, 4s (at most 1h)`; empty if there is one attempt only."""
    gaps = max(job.max_retries, 1) - 1
    if not gaps:
        return ""
    policy = settings.retry_policy
    delays = [duration_text(policy.delay_s(number, 0.0)) for number in range(1, min(gaps, _MOST_DELAYS) + 1)]
    more = ["…"] if gaps > _MOST_DELAYS else []
    return f"{', '.join([*delays, *more])} (at most {duration_text(policy.cap_s)})"


def lost_words(job: Job, settings: Settings) -> str:
    """How often something else than the command ended an attempt; empty if nothing did."""
    if not job.interruptions:
        return ""
    return f"worker lost while running this job ({job.interruptions} of {settings.max_interruptions})"


def outcome_words(attempt: Attempt) -> str:
    """`exit 6`, `SIGKILL`, `timed out`."""
    if attempt.outcome is Outcome.EXITED:
        return f"exit {attempt.exit_code}"
    return _OUTCOMES.get(attempt.outcome) or plain(attempt.signal or attempt.outcome.value)


def attempt_words(job: Job, attempts: Sequence[Attempt], now: int) -> list[str]:
    """A line an attempt: `#1 11:58:02 exit 6 0.3s → 2s later`, what came of it at its end; last the one that runs."""
    lines = []
    runs = _running_words(job, now)
    begins = [*(attempt.started_at for attempt in attempts[1:]), job.started_at if runs else None]
    for attempt, next_at in zip(attempts, begins, strict=False):
        after = _after(job, attempt, next_at)
        words = (
            f"#{attempt.n}",
            moment_words(attempt.started_at, now),
            outcome_words(attempt),
            say_took(attempt.duration_ms),
            "(another command)" if attempt.command is not None else "",
            f"→ {after}" if after else "",
        )
        lines.append(" ".join(filter(None, words)))
    return [*lines, runs] if runs else lines


def _running_words(job: Job, now: int) -> str:
    """`#2 11:58:05 running 00:03 of 05:00`; empty if none runs."""
    if job.state is not State.PROCESSING:
        return ""
    return f"#{job.runs + 1} {moment_words(job.started_at or job.state_since, now)} running {run_words(job, now)}"


def later_words(finished_at: int, next_at: int) -> str:
    """How long after the end of an attempt the next one began, whatever it waited for."""
    return f"{say_took(max(next_at - finished_at, 0))} later"


def _after(job: Job, attempt: Attempt, next_at: int | None) -> str:
    if next_at is not None:
        return later_words(attempt.finished_at, next_at)
    if job.state is State.FAILED:
        return f"retry after {say_duration(max(job.run_at - attempt.finished_at, 0) / 1000)}"
    return job.state.value if job.state in {State.DEAD, State.CANCELLED} else ""


def last_lines(tail: bytes, most: int, whole: bool) -> list[str]:
    r"""The last lines of an output without colours, of each what follows its last `\r`.

    Unless `whole`, the tail begins somewhere: its first line is left out if there are others.
    """
    lines = tail.split(b"\n")
    if lines and not lines[-1].strip():
        lines.pop()
    if not whole and len(lines) > 1:
        lines = lines[1:]
    return [_line(line) for line in lines[max(len(lines) - most, 0) :]]


def _line(data: bytes) -> str:
    stream = PlainStream(colours=False)
    return plain(stream.feed(data.rstrip(b"\r").rpartition(b"\r")[2]) + stream.end())


def twin(job: Job, *, idle: bool = False) -> str:
    """The command line that does, or shows, what is wanted most of a job in this state; `idle`: no worker runs."""
    if job.held:
        return commandline.line("release", job.id)
    match job.state:
        case State.DEAD:
            return commandline.line("dlq", "retry", job.id)
        case State.COMPLETED | State.CANCELLED | State.FAILED:
            return commandline.line("retry", job.id)
        case State.PROCESSING:
            return commandline.line("logs", "--follow", job.id)
        case State.PENDING if idle:
            return commandline.line("worker", "start", "--detach")
        case State.PENDING:
            return commandline.line("edit", job.id, "--next")
