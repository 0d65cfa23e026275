"""`queuectl demo`: jobs of every kind in a store of its own, run by two workers, then removed."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence

import click

from queuectl.cli.door import command as make_command
from queuectl.cli.printing import note, say, say_now
from queuectl.cli.rows import say_jobs
from queuectl.cli.tui import obstacle
from queuectl.core.intake import new_job
from queuectl.core.job import NewJob, State
from queuectl.core.records import Counts
from queuectl.core.selector import EVERYTHING, Term
from queuectl.errors import QueuectlError
from queuectl.queue import Queue
from queuectl.wiring import connect

_WORKERS = 2
_TWICE = "echo x >> tries; test $(wc -l < tries) -ge 3 && echo 'third time lucky'"
_PROGRESS = r"for i in 20 40 60 80 100; do printf '\r%s %%' $i; sleep 0.3; done; echo"
_ODD = r"""printf 'ünï→ \033[31mred\033[0m \033]0;title\007 \342\200\256rtl\n'; echo 'a  "b" $HOME'"""
SPECS: tuple[dict[str, object], ...] = (
    {"id": "hello", "command": "echo Hello from queuectl"},
    {"id": "directory", "command": "ls -la", "tags": ["quick"]},
    {"id": "who", "command": "id; uname -s; date"},
    {"id": "environment", "command": 'echo "$GREETING, this is attempt $QUEUECTL_ATTEMPT"', "env": {"GREETING": "Hi"}},
    {"id": "progress", "command": _PROGRESS, "queue": "media"},
    {"id": "slow", "command": "sleep 2; echo done", "queue": "media"},
    {"id": "urgent", "command": "echo me first", "priority": "high"},
    {"id": "later", "command": "echo two seconds later", "delay": "2s"},
    {"id": "third-time", "command": _TWICE, "max_retries": 5},
    {"id": "hopeless", "command": "ls /no/such/place", "max_retries": 2},
    {"id": "missing", "command": "no-such-program --now", "max_retries": 1},
    {"id": "too-long", "command": "sleep 60", "timeout": "1s", "max_retries": 1},
    {"id": "odd", "command": _ODD},
)
CLIPS: tuple[dict[str, object], ...] = tuple(
    {"id": f"clip-{n:02}", "command": f"for i in $(seq 10); do echo frame ${{i}}0 of 100; sleep 0.{n % 5 + 3}; done",
     "queue": "media", "priority": "low"}
    for n in range(1, 17)
)  # fmt: skip
"""Work for a minute, so that there is something to look at in the app."""


@make_command("queuectl demo", name="demo")
def command() -> None:
    """Show what queuectl does: thirteen jobs in a temporary store, run by two workers, then removed.

    Quick and slow ones, one that fails twice and then succeeds, some that fail for good, one that
    takes too long, odd characters. On a terminal the full-screen app shows them until you quit it
    (q), with sixteen more that take some seconds each; elsewhere lines do, for about ten seconds.
    Your own store is not touched: --db has no meaning here.
    """
    code = 0
    with _temporary() as (queue, folder):
        queue.config.set("backoff-base", "1.5")
        lines = bool(obstacle())
        queue.jobs.add(_jobs(queue, folder, SPECS if lines else (*SPECS, *CLIPS)))
        name = queue.pools.start(_WORKERS)
        if lines:
            say_now(f"{len(SPECS)} jobs in {queue.location}, run by {_WORKERS} workers (pool {name})")
            _tell(queue)
        else:
            code = _show(queue)
    called = sys.argv[0] if os.sep in sys.argv[0] and not os.path.isabs(sys.argv[0]) else "queuectl"
    say(f"\nYour own: {called} enqueue 'echo hello', then {called} worker start")
    click.get_current_context().exit(code)


def _show(queue: Queue) -> int:
    from queuectl.tui import run  # Textual takes a third of a second

    return run(queue.location, connect, temporary=True)


def _tell(queue: Queue) -> None:
    _watch(queue)
    say("\nAll have ended:\n")
    say_jobs(queue.jobs.stream(EVERYTHING), queue)
    say("\nThe dead letter queue:\n")
    say_jobs(queue.jobs.stream(Term("state", ":", State.DEAD.value)), queue, dead=True)


def _jobs(queue: Queue, folder: str, specs: Sequence[dict[str, object]]) -> list[NewJob]:
    return [new_job(spec, queue.clock(), folder) for spec in specs]


@contextlib.contextmanager
def _temporary() -> Iterator[tuple[Queue, str]]:
    """A store in a directory of its own; its pool and all of it are gone afterwards, also after Ctrl+C."""
    folder = tempfile.mkdtemp(prefix="queuectl-demo-")
    try:
        with contextlib.closing(connect(os.path.join(folder, "queue.db"), create=True)) as queue:
            try:
                yield queue, folder
            finally:
                _stop(queue)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _stop(queue: Queue) -> None:
    try:
        queue.pools.stop(force=True, timeout_s=15)
    except QueuectlError as error:
        note(f"The demo's pool could not be stopped: {error.message}")


def _watch(queue: Queue) -> None:
    """A line whenever something changed, until no job is left that will run."""
    before = ""
    for changed in queue.jobs.looks():
        if changed:
            counts = queue.counts()
            line = _line(counts)
            if line != before:
                say_now(line)
            before = line
            if not any(counts.of(state) for state in (State.PENDING, State.PROCESSING, State.FAILED)):
                return


def _line(counts: Counts) -> str:
    return "  ".join(f"{state.value} {counts.of(state)}" for state in State)
