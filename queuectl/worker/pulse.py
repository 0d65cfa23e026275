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
from queuectl.worker.clerk import LOOK_S, Clerk, may_pass
from queuectl.worker.clock import wall_ms
from queuectl.worker.salvor import Salvor
from queuectl.worker.standing import Standing
from queuectl.worker.upkeep import Upkeep

if TYPE_CHECKING:
    from queuectl.core.ports import PoolStore

_QUICK_S = 0.5
"""Who waited longer for the store cannot hold it against others that they gave no sign meanwhile."""


class Pulse:
    """Three in a lease, each together with a look of the store's thread: nothing is woken for it alone."""

    def __init__(self, clerk: Clerk, standing: Standing, salvor: Salvor, on_look: Callable[[object], None]) -> None:
        """`on_look` hears, in the dispatcher's own thread, what was seen with one, or why it could not be given."""
        self._clerk, self._standing, self._salvor, self._on_look = clerk, standing, salvor, on_look
        self._upkeep = Upkeep(clerk.place)
        self._given_at: float | None = None

    def begin(self, others: Sequence[PoolRecord]) -> None:
        """Registering was the first; remove what is left of pools that neither live nor are registered."""
        self._upkeep.sweep_pools([*others, self._standing.record])
        self._given_at = time.monotonic()

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

    def tick(self, store: PoolStore) -> bool:
        """Give a sign of life if the next look would be too late for it; called with each look.

        False if it is to be tried again at once: after a whole lease without any the pool counts as dead.
        """
        if not self._is_due(time.monotonic()):
            return True
        try:
            look = self._beat(store)
        except QueuectlError as error:
            self._clerk.answer(self._on_look, error)
            return False
        self._given_at = time.monotonic()
        if look is not None and (look.claims or look.pool is None):  # what else there is, the next look says
            self._clerk.answer(self._on_look, look)
        return self._salvor.could_write

    def _is_due(self, now: float) -> bool:
        if self._given_at is None:
            return False
        return self._upkeep.behind or now + LOOK_S >= self._given_at + self._standing.settings.lease_s / 3

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
