"""What a pool's dispatcher says to the store and hears from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from queuectl.core.attempt import Result
    from queuectl.core.job import Job
    from queuectl.core.lifecycle import Fail, GiveBack, Succeed
    from queuectl.core.pool import PoolRecord
    from queuectl.core.settings import Settings


class Settlement(NamedTuple):
    """The end of one claim. `result` is None if the command was never started."""

    number: int
    fence: int
    event: Succeed | Fail | GiveBack
    result: Result | None


class Turn(NamedTuple):
    """What a dispatcher wants done in one transaction: settle, then claim one job for each free worker.

    `free` holds names and pids of workers, as they shall stand in the jobs (`p1/w3`).
    """

    pool: str
    host: str
    queues: tuple[str, ...]
    settlements: tuple[Settlement, ...]
    free: tuple[tuple[str, int], ...]


class Turned(NamedTuple):
    """What came of a turn.

    `settled` are the jobs as they are now, in order of their settlements, None where the claim
    had been lost; `claimed` the new ones; `next_due` the earliest `run_at` (milliseconds UTC)
    among jobs that could be claimed later without anybody doing anything, None if there is none.
    """

    settled: tuple[Job | None, ...]
    claimed: tuple[Job, ...]
    next_due: int | None


class Look(NamedTuple):
    """The store as far as it concerns a dispatcher.

    `pool` is None if the pool is no longer registered. `claims` maps number to (fence,
    cancel_asked) of all jobs that it holds. `work_left` says whether any job of its queues may
    still run (not held), now or later, elsewhere or here.
    """

    pool: PoolRecord | None
    others: tuple[PoolRecord, ...]
    claims: Mapping[int, tuple[int, int]]
    settings: Settings
    next_due: int | None
    work_left: bool
