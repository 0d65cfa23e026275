"""A pool's signs of life, and what it tidies up with them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from queuectl.core.pool import PoolRecord
from queuectl.core.turn import Look
from queuectl.worker.clerk import Clerk
from queuectl.worker.clock import wall_ms
from queuectl.worker.salvor import Salvor
from queuectl.worker.standing import Standing
from queuectl.worker.upkeep import Upkeep

if TYPE_CHECKING:
    from queuectl.core.ports import PoolStore

_AGAIN_S = 1.0
"""How soon one that could not be given is given again: after a whole lease without any the pool counts as dead."""


class Pulse:
    """Three in a lease. `due_at` (monotonic clock, seconds) is when the next is; None while one is under way."""

    def __init__(self, clerk: Clerk, standing: Standing, salvor: Salvor) -> None:
        self._clerk, self._standing, self._salvor = clerk, standing, salvor
        self._upkeep = Upkeep(clerk.place)
        self.due_at: float | None = None

    def begin(self, others: Sequence[PoolRecord]) -> None:
        """Registering was the first; remove what is left of pools that neither live nor are registered."""
        self._upkeep.sweep_pools([*others, self._standing.record])
        self.due_at = time.monotonic() + self._standing.settings.lease_s / 3

    def give(self, then: Callable[[object], None]) -> None:
        """Give a sign of life, tidy up a little, and look whether anything changed or not; `then` hears it."""
        self.due_at = None

        def given(answer: object) -> None:
            usual_s = self._standing.settings.lease_s / 3 if isinstance(answer, Look) else _AGAIN_S
            self.due_at = time.monotonic() + self._upkeep.pause_s(usual_s)
            then(answer)

        self._clerk.ask(self._beat, given)

    def _beat(self, store: PoolStore) -> Look | None:
        record = self._standing.record
        self._salvor.could_write = False
        store.beat(record.name, wall_ms())
        self._salvor.could_write = True
        self._upkeep.run(store, self._standing.settings, wall_ms())
        return store.look(record.name, record.queues, wall_ms(), always=True)
