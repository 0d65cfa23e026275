"""Gives back what dead pools held, once nothing of it runs any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from queuectl.core.job import Job
from queuectl.core.pool import PoolRecord
from queuectl.core.settings import Settings
from queuectl.core.turn import Look
from queuectl.errors import QueuectlError
from queuectl.worker import poolfile
from queuectl.worker.clerk import Clerk
from queuectl.worker.clock import wall_ms
from queuectl.worker.events import Events
from queuectl.worker.outbox import Outbox
from queuectl.worker.outputfile import OutputFiles
from queuectl.worker.poolfile import PoolFile
from queuectl.worker.rescue import Salvage, Watch, begun
from queuectl.worker.verdict import interruption, not_begun

if TYPE_CHECKING:
    from queuectl.core.ports import PoolStore


_AGAIN_S = 1.0


class Salvor:
    """Watches the other pools and rescues what they leave.

    `tick` runs in the store's thread, the cleaning in threads of its own; what they find comes
    back to the dispatcher's thread through the clerk.
    """

    def __init__(self, clerk: Clerk, file: PoolFile, own: PoolRecord, outbox: Outbox, events: Events) -> None:
        self._clerk, self._file, self._own, self._outbox, self._events = clerk, file, own, outbox, events
        self._place = file.place
        self._watch = Watch(file.place, own.name)
        self._settings = Settings()
        self._under_way: set[tuple[int, int]] = set()
        self._cleaning: set[str] = set()
        self.could_write = True

    def take_in(self, look: Look) -> None:
        self._settings = look.settings
        self._watch.update(look.others)

    def tick(self, store: PoolStore) -> None:
        """Take over from the pools that died; called once a second."""
        for pool in self._watch.dead(time.monotonic(), self._settings.lease_s, self.could_write):
            if pool.name in self._cleaning:
                continue
            try:
                self.take_over(store, pool)
            except QueuectlError:
                return

    def take_over(self, store: PoolStore, dead: PoolRecord, has_file: bool = True) -> None:
        """Make its claims our own, and begin to clean up. Called in the store's thread.

        `has_file` is False if the file of that name is a new one, of another pool.
        """
        had_begun: frozenset[int] = frozenset()

        def remember(jobs: Sequence[Job]) -> None:
            # Not before: until the claims cannot change any more, one may be made, and its command begin.
            nonlocal had_begun
            had_begun = begun(jobs, poolfile.begun(self._place, dead.name) if has_file else None)
            for job in jobs:
                if job.number in had_begun:
                    self._file.remember(job.number, job.fence + 1)

        jobs, workers = store.take_over(dead.name, self._own, wall_ms(), remember)
        salvage = Salvage(dead, jobs, had_begun, workers, store.id)
        self._under_way |= {(job.number, job.fence + 1) for job in jobs}
        if jobs:
            self._cleaning.add(dead.name)
            threading.Thread(target=self._clean, args=(salvage,), name="rescue", daemon=True).start()
        else:
            self._forget(store, dead)

    @property
    def busy(self) -> bool:
        return bool(self._under_way)

    def holds(self, number: int, fence: int) -> bool:
        return (number, fence) in self._under_way

    def _clean(self, salvage: Salvage) -> None:
        while not self._cleaned_up(salvage):
            time.sleep(_AGAIN_S)
        self._clerk.answer(lambda _: self._give_back(salvage), None)

    def _cleaned_up(self, salvage: Salvage) -> bool:
        try:
            salvage.clean_up()
        except OSError as error:  # no file to be had for looking: a job is not given back unseen
            self._events.say(f"cannot clean up after {salvage.dead.name} yet: {error.strerror}")
            return False
        return True

    def _give_back(self, salvage: Salvage) -> None:
        now, left = wall_ms(), OutputFiles(self._place).left((job.number, job.fence) for job in salvage.jobs)
        for job in salvage.jobs:
            ours = job._replace(fence=job.fence + 1)
            self._under_way.discard((ours.number, ours.fence))
            if job.number in salvage.begun:
                why, output = f"{job.worker} was lost", left.get(job.number)
                self._outbox.put(interruption(ours, self._settings, now, why, charged=True, left=output))
            else:
                self._outbox.put(not_begun(ours, self._settings))
        if salvage.jobs:
            count, begun = len(salvage.jobs), len(salvage.begun)
            jobs = f"{count} job{'s' if count != 1 else ''} of {salvage.dead.name}, which is gone"
            self._events.say(f"gave back {jobs}: {begun} had begun")
        self._cleaning.discard(salvage.dead.name)
        self._clerk.ask(lambda store: self._forget(store, salvage.dead), lambda _: None)

    def _forget(self, store: PoolStore, dead: PoolRecord) -> None:
        """Remove what is left of a pool whose processes are all gone."""
        if dead.name == self._own.name or poolfile.alive(self._place, dead.name):
            return
        store.unregister(dead.name)
        poolfile.remove(self._place, dead.name)
