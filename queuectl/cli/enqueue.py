"""`queuectl enqueue`."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from typing import Any

import click

from queuectl.cli.batch import Manner, add_all
from queuectl.cli.door import command as make_command
from queuectl.cli.door import on_terminal, open_queue
from queuectl.cli.job_options import specs_of, takes_job
from queuectl.cli.parameters import json_option, quiet_option
from queuectl.cli.printing import counted, note, say, say_json, say_json_array
from queuectl.cli.specs import Specs
from queuectl.cli.words import WordsCommand
from queuectl.core.job import Added
from queuectl.core.units import local, say_duration
from queuectl.queue import Queue

_NAMED = 20
Chunks = Iterator[list[Added | None]]


class Tally:
    """What became of a batch; `told`: each job had a line of its own."""

    def __init__(self) -> None:
        self.new = self.queued = self.skipped = 0
        self.first = self.last = ""
        self.told = False

    def count(self, chunk: list[Added | None]) -> None:
        new = [one.id for one in chunk if one is not None and one.new]
        skipped = chunk.count(None)
        self.new += len(new)
        self.skipped += skipped
        self.queued += len(chunk) - skipped - len(new)
        if new:
            self.first, self.last = self.first or new[0], new[-1]

    def say(self) -> None:
        if not self.told:
            say(f"Enqueued {counted(self.new)}" + (f": {self.first} … {self.last}" if self.new else ""))
            if self.queued:
                say(f"Already queued: {self.queued:,}")
            if not (self.new or self.queued or self.skipped):
                note("nothing to enqueue")
        if self.skipped:
            note(f"{counted(self.skipped)} skipped: already there")


@make_command(
    "queuectl enqueue 'echo hello | tr a-z A-Z'",
    "queuectl enqueue -p high --timeout 5m ffmpeg -i in.mov out.mp4",
    "queuectl enqueue -- grep -q 'two words' file",
    """queuectl enqueue '{"id": "job-1", "command": "echo hi", "max_retries": 5}'""",
    "queuectl enqueue @jobs.jsonl",
    name="enqueue",
    cls=WordsCommand,
)
@takes_job
@click.option("--skip-bad", is_flag=True, help="Of a batch, add the good ones.")
@click.option("--skip-existing", is_flag=True, help="Pass over ids that are there already.")
@click.option("--from-line", type=click.IntRange(min=1), default=1, metavar="N", help="Begin at line N of the file.")
@click.option("--progress/--no-progress", default=None, help="A bar for more than 10,000 jobs (on a terminal).")
@json_option
@quiet_option
def command(as_json: bool, quiet: bool, progress: bool | None, **given: Any) -> None:
    """Add jobs. A job runs with the environment of the pool and what --env names; yours is not stored.

    SPEC is a shell command, a JSON object or array of objects, or a file: - (standard input),
    @PATH, or a name that ends in .json or .jsonl. Several words are one command, joined by
    spaces and read by the shell again: quotes that your shell took away are lost, so that
    `enqueue ls '/no such place'` looks for three files. After `--` the program gets exactly the
    arguments that you gave. queuectl's own options stand before the command or the `--`.

    A file has an array of objects, or an object a line; in - and @PATH a line that is not JSON
    is a command. A batch is checked whole before anything is added: standard input is kept in
    a file in TMPDIR (/tmp) until it ends, 16 GiB at most. Options count for every job and win
    over what a job says itself; --env and --tag add to it.

    Keys of an object: id command queue priority max_retries timeout run_at delay cwd env tags
    hold unique_key.
    """
    queue = open_queue(create=True)
    specs = specs_of(given, queue.clock())
    shown = on_terminal(sys.stderr) if progress is None else progress
    manner = Manner(given["skip_bad"], given["skip_existing"], given["from_line"], _bar if shown else lambda *_: None)
    added = add_all(queue, specs, manner)
    try:
        _say_json(queue, added, specs.single) if as_json else _say(added, quiet)
    except BrokenPipeError:
        deque(added, maxlen=0)  # who reads has seen enough, and still wants all of them added
        raise
    if not as_json:
        _tell_ignored(specs)
        if not quiet:
            _tell_when(specs)
            _tell_if_nobody_runs(queue)


def _say(chunks: Chunks, quiet: bool) -> None:
    tally = Tally()
    for chunk in chunks:
        few = len(chunk) <= _NAMED and not (tally.new or tally.queued or tally.skipped)
        tally.count(chunk)
        if quiet or few:
            for one in filter(None, chunk):
                say(one.id if quiet else f"{'Enqueued job' if one.new else 'Already queued'}: {one.id}")
            tally.told |= few and bool(chunk)
    if not quiet:
        tally.say()


def _say_json(queue: Queue, chunks: Chunks, single: bool) -> None:
    from queuectl.cli.rows import job_views  # without --json nothing of it is needed

    views = job_views(queue, (one.id for chunk in chunks for one in chunk if one is not None))
    if single:
        say_json(next(views, None))
    else:
        say_json_array(views)


def _tell_ignored(specs: Specs) -> None:
    if specs.ignored:
        note(f"ignored: {', '.join(sorted(specs.ignored))} (queuectl keeps these itself)")


def _tell_when(specs: Specs) -> None:
    """When a job runs that waits for a time or for a person."""
    job = specs.job
    if job is None or not (job.held or job.run_at is not None):
        return
    if job.held:
        note("It is held until `queuectl release`")
    if job.run_at is not None and job.run_at > specs.now:
        note(f"It runs at {local(job.run_at)}, in {say_duration((job.run_at - specs.now) / 1000)}, or later")
    elif job.run_at is not None and not job.held:
        note("Its time has come already: it runs as soon as a worker is free")


def _tell_if_nobody_runs(queue: Queue) -> None:
    if on_terminal(sys.stderr) and not any(pool.workers for pool in queue.pools.all()):
        note("No worker is running; start one in another terminal: queuectl worker start")


def _bar(done: int, total: int) -> None:
    end = "\n" if done == total else ""
    sys.stderr.write(f"\r{done:,} of {total:,} jobs{end}")
    sys.stderr.flush()
