"""A job that failed, as text for a ticket or a mail: what ran, how it ended each time, what it printed last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from queuectl.core.attempt import Attempt
from queuectl.core.job import Job
from queuectl.core.plain import PlainStream, plain
from queuectl.core.units import local, say_took


def failure_report(job: Job, attempts: Sequence[Attempt], output: bytes, lines: int) -> str:
    """The report, harmless to whatever it is pasted into, with the last `lines` of the output."""
    return "\n".join(_lines(job, attempts, last_lines(output, lines))) + "\n"


def last_lines(output: bytes, lines: int) -> list[str]:
    """The last lines of what a command printed, without colours; everything else that could drive a terminal shows."""
    stream = PlainStream(colours=False)
    text = stream.feed(output) + stream.end()
    return [plain(line) for line in text.split("\n") if line][-lines:]


def _lines(job: Job, attempts: Sequence[Attempt], output: Sequence[str]) -> Iterator[str]:
    yield f"Job {job.id}: {job.state}, {job.attempts} of {max(job.max_retries, 1)} attempts made"
    yield f"Command:   {plain(job.command, one_line=False)}"
    yield f"Directory: {plain(job.cwd)}"
    if job.error is not None:
        yield f"Error:     {plain(job.error)}"
    yield "Attempts:" if attempts else "Attempts:  none"
    for attempt in attempts:
        ran = f"{local(attempt.started_at)}, {say_took(attempt.duration_ms)}, {attempt.outcome.value}"
        by = f" by {plain(attempt.worker)}" if attempt.worker else ""
        error = f": {plain(attempt.error)}" if attempt.error else ""
        yield f"  #{attempt.n} {ran}{by}{error}"
    if output:
        yield "Output:"
        yield from (f"  {line}" for line in output)
