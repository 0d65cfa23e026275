"""What a pool tidies up now and then: completed jobs whose time is over, output beyond its bound, strays of files."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING

from queuectl.core.place import Place
from queuectl.core.pool import PoolRecord
from queuectl.core.settings import Settings
from queuectl.worker import poolfile
from queuectl.worker.outputfile import OutputFiles

if TYPE_CHECKING:
    from queuectl.core.ports import StoreUpkeep

_BATCH = 500
_BATCHES = 4
_FRESH_S = 60.0


class Upkeep:
    """Runs in the store's thread, a little at a time, so that no claim waits long for it."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._files = OutputFiles(place)
        self._looked_at_ns = 0
        self.behind = False  # more jobs are due than one run deletes

    def run(self, store: StoreUpkeep, settings: Settings, now: int) -> None:
        """Tidy up at `now` (milliseconds UTC); what is left over is done the next time."""
        keep_s = settings.keep_completed_s
        self.behind = keep_s is not None and self._expire(store, now - round(keep_s * 1000))
        changed_at_ns = _changed_at_ns(self._place.output)
        if changed_at_ns != self._looked_at_ns:
            self._looked_at_ns = changed_at_ns
            self._bound_output(store, settings.output_total_bytes)

    def sweep_pools(self, known: list[PoolRecord]) -> None:
        """Remove the files of dead pools that the store does not know: they hold nothing."""
        names = {pool.name for pool in known}
        for name in poolfile.names(self._place):
            if name not in names and not poolfile.alive(self._place, name):
                poolfile.remove(self._place, name)

    def _expire(self, store: StoreUpkeep, before: int) -> bool:
        """Whether more may be left."""
        for _ in range(_BATCHES):
            count, files = store.expire(before, _BATCH)
            self._files.remove(files)
            if count < _BATCH:
                return False
        return True

    def _bound_output(self, store: StoreUpkeep, bound: int) -> None:
        sizes, old = self._survey()
        strays = store.unsettled_outputs(old)
        self._files.remove(strays)
        total = sum(sizes.values()) - sum(sizes[name] for name in strays)
        if total > bound:
            self._files.remove(store.shrink_output(total - bound))

    def _survey(self) -> tuple[dict[str, int], list[str]]:
        """The size of each file in bytes, and the names of those nobody wrote to lately."""
        sizes, old = {}, []
        recent = time.time() - _FRESH_S
        for name in _names(self._place.output):
            with contextlib.suppress(OSError):  # others remove files meanwhile
                stat = os.lstat(f"{self._place.output}/{name}")
                sizes[name] = stat.st_blocks * 512
                if stat.st_mtime < recent:
                    old.append(name)
        return sizes, old


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _changed_at_ns(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return 0
