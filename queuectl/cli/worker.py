"""`queuectl worker`: pools of workers."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from queuectl.cli.door import command as make_command
from queuectl.cli.door import group, location, on_terminal, open_queue
from queuectl.cli.moments import say_moment
from queuectl.cli.parameters import DURATION, WORKERS, json_option
from queuectl.cli.pool import become
from queuectl.cli.printing import counted, note, say, say_json
from queuectl.cli.table import say_table
from queuectl.core.fields import checked_name
from queuectl.core.place import Place
from queuectl.errors import Conflict
from queuectl.wiring import ready_store

if TYPE_CHECKING:
    from queuectl.core.views import PoolView, WorkerView

STOPPING = "stopping"


@group("queuectl worker start --count 2", "queuectl worker stop", "queuectl worker list", name="worker")
def command() -> None:
    """Pools of workers, which run the jobs. Several pools may serve one store at a time."""


@make_command(
    "queuectl worker start --count 4",
    "queuectl worker start --detach --queue media --queue mail",
    "queuectl worker start --drain",
    name="start",
)
@click.option("--count", "-n", type=WORKERS, default=1, metavar="N", help="Workers, 1 to 256 (1).")
@click.option("--queue", "-q", "queues", multiple=True, metavar="Q", help="Serve this queue only; may be repeated.")
@click.option("--detach", "-d", is_flag=True, help="In the background; returns once the workers stand.")
@click.option("--drain", is_flag=True, help="End when nothing is left that will run.")
@click.option("--ready-fd", type=int, hidden=True)
def start(count: int, queues: tuple[str, ...], detach: bool, drain: bool, ready_fd: int | None) -> int:
    """Start workers in the foreground: go on in another terminal, or give --detach.

    One line an event goes to standard error; detached, to a log beside the store. SIGTERM,
    SIGHUP or Ctrl+C finishes the running commands and exits 0; a second SIGTERM or Ctrl+C stops
    them by force and exits 130.
    """
    if "QUEUECTL_CLAIM" in os.environ:
        raise Conflict("a job cannot start workers", "start them outside, as a service or in a terminal")
    chosen = tuple(dict.fromkeys(checked_name(queue, "a queue") for queue in queues))
    if not detach:
        return become(ready_store(location()), count, chosen, drain=drain, ready_fd=ready_fd)
    queue = open_queue(create=True)
    name = queue.pools.start(count, chosen, drain)
    say(f"Started pool {name} with {counted(count, 'worker')}")
    note(f"Its events go to {Place(queue.location).log(name)}")
    return 0


@make_command(
    "queuectl worker stop", "queuectl worker stop p1 --timeout 30s", "queuectl worker stop --force", name="stop"
)
@click.argument("pool", required=False)
@click.option("--timeout", type=DURATION, metavar="T", help="Wait no longer; exit code 1, the pools go on draining.")
@click.option("--force", is_flag=True, help="Stop running commands too; their jobs go back, uncharged.")
def stop(pool: str | None, timeout: float | None, force: bool) -> None:
    """Stop every pool of this store, or one, and wait until it is gone.

    Running commands are finished first. It works from any terminal.
    """
    pools, asked = open_queue().pools, list[str]()

    def on_asked(names: list[str]) -> None:
        asked.extend(names)
        if not force:
            _tell_what_runs(pools.all(), names)

    try:
        stopped = pools.stop(pool, force=force, timeout_s=timeout, on_asked=on_asked)
    except KeyboardInterrupt:
        if asked:
            note("\nOnly the waiting is over: the pools go on stopping")
        raise
    say(f"Stopped: {', '.join(stopped)}" if stopped else "No pool is running")


def _tell_what_runs(pools: Sequence[PoolView], names: Sequence[str]) -> None:
    for pool in pools:
        if pool.busy and pool.name in names:
            jobs = "1 job runs" if pool.busy == 1 else f"{pool.busy} jobs run"
            note(f"Waiting for {pool.name}: {jobs}; --force ends {'it' if pool.busy == 1 else 'them'}")


@make_command("queuectl worker scale 4", "queuectl worker scale 2 p1", name="scale")
@click.argument("count", type=WORKERS, metavar="N")
@click.argument("pool", required=False)
def scale(count: int, pool: str | None) -> None:
    """Give a pool N workers (1 to 256); those too many finish their commands first."""
    name = open_queue().pools.scale(count, pool)
    say(f"Scaling pool {name} to {counted(count, 'worker')}")


@make_command("queuectl worker list", "queuectl worker list --json", name="list")
@json_option
def list_(as_json: bool) -> None:
    """List the workers of all pools that live, and what they run."""
    pools = open_queue().pools
    workers = pools.workers()
    if as_json:
        say_json([worker.view() for worker in workers])
        return
    if not workers:
        note("No worker is running; start one: queuectl worker start")
        if on_terminal(sys.stdout):
            return
    views = pools.all()
    stopping = {pool.name for pool in views if pool.state == STOPPING}
    rows = [_row(worker, worker.pool in stopping) for worker in workers]
    say_table(("WORKER", "STATE", "JOB", ">PID", ">DONE", ">FAILED", "STARTED"), rows)
    for pool in views:
        if pool.reason:
            note(f"{pool.name}: {pool.reason}")


def _row(worker: WorkerView, stopping: bool) -> tuple[str, ...]:
    state = f"{worker.state}, stopping" if stopping else worker.state
    started = say_moment(worker.started_at)
    return (worker.name, state, worker.job or "", str(worker.pid), str(worker.done), str(worker.failed), started)


command.meant = {"status": "list", "ls": "list", "ps": "list", "run": "start", "kill": "stop --force"}
for _command in (start, stop, scale, list_):
    command.add_command(_command)
