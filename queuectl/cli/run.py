"""`queuectl run`."""

from __future__ import annotations

import signal
from typing import Any

from queuectl.cli.door import command as make_command
from queuectl.cli.door import open_queue
from queuectl.cli.follow import follow, say_output
from queuectl.cli.job_options import specs_of, takes_job
from queuectl.cli.printing import note
from queuectl.cli.specs import Specs
from queuectl.cli.words import WordsCommand
from queuectl.core.attempt import Outcome
from queuectl.core.job import Job, NewJob, State
from queuectl.core.lifecycle import Cancel
from queuectl.errors import BadValue, NotFound, QueuectlError, WrongState
from queuectl.queue import Queue

_TIMED_OUT = 124
_FAILED = 125
_INTERRUPTED = 130


@make_command(
    "queuectl run 'make test'",
    "queuectl run -q media ffmpeg -i in.mov out.mp4",
    "queuectl run -- grep -c x file",
    name="run",
    cls=WordsCommand,
)
@takes_job
def command(**given: Any) -> int:
    """Add one job, follow its output and exit with its command's code.

    It runs in a worker: with the environment of the pool and what --env names, not with yours.
    It has one attempt unless --max-retries says otherwise. Words and options are those of
    `queuectl enqueue`. The command has no standard input, and what it prints on standard output
    and standard error comes as one stream. With --unique-key it exits with 125 while a job with
    that key is queued or runs.

    Exits with 128 + n if a signal ended it, 124 after a timeout, 125 when queuectl itself
    failed, 130 when the job was cancelled. Ctrl+C cancels the job; a second one leaves at once.
    """
    try:
        return _run(given)
    except QueuectlError as error:
        if error.exit_code in {1, 3, 4}:
            error.exit_code = _FAILED
        raise


def _run(given: dict[str, Any]) -> int:
    queue = open_queue(create=True)
    job = _one_job(specs_of(given, queue.clock()))
    added = queue.jobs.add([job])[0]
    if added is None or not added.new:
        id = added.id if added else job.id
        raise WrongState(f"already queued: {id}", f"queuectl logs -f {id} follows it")
    _tell_if_nobody_runs(queue, added.id)
    try:
        say_output(follow(queue, added.id))
    except KeyboardInterrupt:
        _cancel(queue, added.id)
    return _exit_code(queue, queue.jobs.get(added.id))


def _one_job(specs: Specs) -> NewJob:
    """The one job; `max_retries` is 1 unless something says otherwise."""
    found = []
    for _, _, candidate in specs.candidates():
        if isinstance(candidate, BadValue):
            raise candidate
        found.append(candidate)
        if len(found) > 1:
            break
    if len(found) != 1:
        raise BadValue(f"run takes one job, not {'more' if found else 'none'}", "queuectl enqueue takes many")
    return found[0] if found[0].max_retries is not None else found[0]._replace(max_retries=1)


def _tell_if_nobody_runs(queue: Queue, id: str) -> None:
    waiting = queue.waiting(queue.jobs.get(id), queue.pools.all())
    if waiting and "no worker" in waiting:
        note(f"{id} waits: {waiting}; start one in another terminal: queuectl worker start")


def _cancel(queue: Queue, id: str) -> None:
    """Ask for the end and see it; a second Ctrl+C in the meantime leaves at once."""
    note(f"\nCancelling {id}; Ctrl+C again leaves at once")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        queue.jobs.change([id], Cancel())
    except (WrongState, NotFound):
        return
    queue.jobs.wait([id])


def _exit_code(queue: Queue, job: Job) -> int:
    if job.state is State.CANCELLED:
        note(f"{job.id} was cancelled")
        return _INTERRUPTED
    if job.state is State.COMPLETED:
        return 0
    note(f"{job.id} is {job.state}: {job.error}")
    attempts = queue.jobs.attempts(job)
    if attempts and attempts[-1].outcome is Outcome.TIMED_OUT:
        return _TIMED_OUT
    if job.signal:
        return 128 + _number(job.signal)
    return job.exit_code or _FAILED


def _number(name: str) -> int:
    """A signal's number, by its name such as SIGKILL."""
    try:
        return signal.Signals[name].value
    except KeyError:
        return int(name) if name.isdigit() else 0
