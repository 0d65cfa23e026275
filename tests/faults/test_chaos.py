"""Fault 17: whatever may be killed is killed, at random."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from contextlib import suppress

from queuectl.core.job import State
from queuectl.core.selector import parse
from tests.faults.harness import Ground
from tests.faults.sizes import dice, in_two_sizes
from tests.patience import DEADLINE_S, until
from tests.pools.conftest import children

_KILLS, _JOBS, _POOLS = 1_000, 2_000, 3
_KEEPERS = 0.02
"""So many of them for each other kill."""
_RUNNING = parse("state:processing")


@in_two_sizes
def test_17_random_kill_9(ground: Ground, share: int) -> None:
    """Of workers, dispatchers and commands: every job ends, none is lost or miscounted, none runs twice at one time.

    In the long form of keepers, too: somebody starts another pool then.
    """
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
        if share == 1 and chance.random() < _KEEPERS:
            _kill_keeper(ground, chance)
    until(lambda: all(ground.job(id).state is State.COMPLETED for id in ids), "all jobs to be completed", 60 + len(ids))
    counts = [(ground.job(id).attempts, ground.job(id).interruptions) for id in ids]
    assert sum(attempts - 1 + interruptions for attempts, interruptions in counts) > 0, "nobody was hit"


def _kill_one(ground: Ground, chance: random.Random) -> bool:
    """Whether there was somebody of the kind that chance picked."""
    pool = chance.choice(_living(ground)).pid
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


def _kill_keeper(ground: Ground, chance: random.Random) -> None:
    """Its workers end with it; there are as many pools as before."""
    victim = chance.choice(_living(ground))
    victim.kill()
    victim.wait(DEADLINE_S)
    print(f"{time.clock_gettime(time.CLOCK_BOOTTIME):.2f} keeper {victim.pid}")  # noqa: T201 - as the seed
    ground.start(workers=2)


def _living(ground: Ground) -> list[subprocess.Popen[bytes]]:
    found = [pool for pool in ground.pools if pool.poll() is None]
    assert found, "every pool has ended"
    return found
