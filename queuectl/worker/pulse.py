"""A pool's signs of life, and what it tidies up with them."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from queuectl.core.pool import PoolRecord, WorkerRecord
from queuectl.core.turn import Look
from queuectl.errors import QueuectlError
from queuectl.worker.clerk import Clerk, may_pass
from queuectl.worker.clock import wall_ms
from queuectl.worker.salvor import Salvor
from queuectl.worker.standing import Standing
from queuectl.worker.upkeep import Upkeep

if TYPE_CHECKING:
    from queuectl.core.ports import PoolStore

_AGAIN_S = 0.1
"""How soon one that could not be given is given again: after a whole lease without any the pool counts as dead."""
_QUICK_S = 0.5
"""Who waited longer for the store cannot hold it against others that they gave no sign meanwhile."""


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

    def hasten(self) -> None:
        """The lease may be shorter than it was, or than was thought before the first look."""
        if self.due_at is not None:
            self.due_at = min(self.due_at, time.monotonic() + self._standing.settings.lease_s / 3)

    def register(self, staff: Sequence[WorkerRecord], then: Callable[[object], None]) -> None:
        """Write who works, and that the pool stops if the store does not know; `then` hears what kept it from that."""
        standing = self._standing
        record, stop, standing.stop_to_tell = standing.record, standing.stop_to_tell, ""

        def write(store: PoolStore) -> None:
            store.register(record, staff)
            if stop:
                store.note_stop(record.name, stop)

        def written(error: object) -> None:
            if isinstance(error, QueuectlError) and may_pass(error):
                standing.stop_to_tell = standing.stop_to_tell or stop
            then(error)

        self._clerk.ask(write, written)

    def give(self, then: Callable[[object], None]) -> None:
        """Give a sign of life, tidy up a little, and look whether anything changed or not; `then` hears it."""
        self.due_at = None

        def given(answer: object) -> None:
            well = isinstance(answer, Look) and self._salvor.could_write
            usual_s = self._standing.settings.lease_s / 3 if well else _AGAIN_S
            self.due_at = time.monotonic() + self._upkeep.pause_s(usual_s)
            then(answer)

        self._clerk.ask(self._beat, given)

    def _beat(self, store: PoolStore) -> Look | None:
        record, began = self._standing.record, time.monotonic()
        self._salvor.could_write = False
        store.beat(record.name, wall_ms())
        self._salvor.could_write = time.monotonic() - began < _QUICK_S
        with contextlib.suppress(OSError):  # for people only: other pools count the signs in the store
            os.utime(self._clerk.place.pool(record.name))
        self._upkeep.run(store, self._standing.settings, wall_ms())
        return self.look(store)

    def look(self, store: PoolStore, always: bool = True) -> Look | None:
        """What others ask of this pool, and what there is to do; unless `always`, None if nothing has changed."""
        record = self._standing.record
        return store.look(record.name, record.queues, wall_ms(), always)
