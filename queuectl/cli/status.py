"""`queuectl status`."""

from __future__ import annotations

import sys

from queuectl.cli.door import command as make_command
from queuectl.cli.door import open_queue
from queuectl.cli.moments import say_moment
from queuectl.cli.parameters import json_option
from queuectl.cli.printing import coloured, colourful, note, say, say_json
from queuectl.cli.table import say_table
from queuectl.core.job import State
from queuectl.core.plain import plain
from queuectl.core.units import say_duration, say_size
from queuectl.core.views import LOST, PoolView, Status

_GONE = "its processes are gone; queuectl worker start takes its jobs back"
_QUEUE_STATES = (State.PENDING, State.PROCESSING, State.FAILED, State.DEAD)


@make_command("queuectl status", "queuectl status --json | jq .jobs.dead", name="status")
@json_option
def command(as_json: bool = False) -> None:
    """Show how many jobs there are in each state, the workers, pools and queues.

    Active workers are those of pools that live. The oldest waiting job, the next due and the
    warning concern jobs that could run; held ones do not count.
    """
    status = open_queue().status()
    if as_json:
        say_json(status.view())
    else:
        say_status(status)


def say_status(status: Status) -> None:
    """Print it for a person."""
    _say_counts(status)
    say()
    say(f"Active workers: {status.active_workers}")
    say(f"Busy workers: {status.busy_workers}")
    _say_pools(status.pools)
    _say_queues(status)
    say()
    if status.oldest_waiting_s is not None:
        say(f"Oldest waiting job: {say_duration(status.oldest_waiting_s)}")
    if status.next_due is not None:
        say(f"Next due: {say_moment(status.next_due)}")
    say(f"Finished in the last minute: {status.finished_per_minute} (times a job was completed or dead)")
    say(f"Store: {plain(status.location)} ({say_size(status.size_bytes)})")
    if status.warning:
        queues = "".join(f" --queue {name}" for name in status.unserved)
        note(f"Warning: {status.warning}; queuectl worker start{queues}")


def _say_counts(status: Status) -> None:
    say("Jobs")
    tinted = colourful(sys.stdout)
    for state in State:
        name = coloured(f"{state.value:<12}", state.value) if tinted else f"{state.value:<12}"
        say(f"  {name}{status.counts.of(state):>9}")
    say(f"  {'total':<12}{status.counts.total:>9}")


def _say_pools(pools: tuple[PoolView, ...]) -> None:
    if not pools:
        return
    say()
    rows = [
        (
            pool.name,
            pool.state,
            f"{pool.busy}/{pool.workers}",
            str(pool.pid),
            ", ".join(pool.queues) or "all",
            _GONE if pool.state == LOST else pool.reason,
        )
        for pool in pools
    ]
    say_table(("POOL", "STATE", ">BUSY", ">PID", "QUEUES", "REASON"), rows)


def _say_queues(status: Status) -> None:
    if not status.counts.by_queue:
        return
    say()
    rows = [
        (name, *(str(states.get(state, 0)) for state in _QUEUE_STATES))
        for name, states in sorted(status.counts.by_queue.items())
    ]
    say_table(("QUEUE", *(f">{state.value.upper()}" for state in _QUEUE_STATES)), rows)
