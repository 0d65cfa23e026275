"""Fault 17: whatever may be killed is killed, at random."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress

from queuectl.core.job import State
from queuectl.core.selector import parse
from tests.faults.harness import Ground
from tests.faults.sizes import dice, in_two_sizes
from tests.patience import until
from tests.pools.conftest import children

_KILLS, _JOBS, _POOLS = 1_000, 2_000, 3
_RUNNING = parse("state:processing")


@in_two_sizes
def test_17_random_kill_9(ground: Ground, share: int) -> None:
    """Of workers, dispatchers and commands: every job ends, none is lost, none runs twice at one time."""
    for key, value in {"lease": "3s", "max-interruptions": "1000", "backoff-max": "1s"}.items():
        ground.queue.config.set(key, value)
    chance = dice()
    ids = [ground.add(f"sleep 0.{chance.randrange(1, 6)}", max_retries=1_000) for _ in range(_JOBS // share)]
    for _ in range(_POOLS):
        ground.start(workers=2)
    ground.until_workers(2 * _POOLS)
    killed = 0
    while killed < _KILLS // share:
        time.sleep(chance.uniform(0.0, 0.2))  # at no moment in particular
        killed += _kill_one(ground, chance)
    until(lambda: all(ground.job(id).state is State.COMPLETED for id in ids), "all jobs to be completed", 60 + len(ids))
    counts = [(ground.job(id).attempts, ground.job(id).interruptions) for id in ids]
    assert sum(attempts - 1 + interruptions for attempts, interruptions in counts) > 0, "nobody was hit"


def _kill_one(ground: Ground, chance: random.Random) -> bool:
    """Whether there was somebody of the kind that chance picked."""
    pool = chance.choice(ground.pools).pid
    workers = {worker.pid for worker in ground.queue.pools.workers()}
    kinds = {
        "worker": list(workers),
        "dispatcher": [pid for pid in children(pool) if pid not in workers],
        "command": [pid for worker in workers for pid in children(worker)],
    }
    kind = chance.choice(list(kinds))
    with suppress(ProcessLookupError):
        if kinds[kind]:
            victim = chance.choice(kinds[kind])
            os.kill(victim, signal.SIGKILL)
            print(f"{time.clock_gettime(time.CLOCK_BOOTTIME):.2f} {kind} {victim}")  # noqa: T201 - as the seed
            return True
    return False
