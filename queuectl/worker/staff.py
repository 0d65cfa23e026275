"""The worker processes of a pool as its keeper knows them: by slot and pid."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable

from queuectl.worker import descendants
from queuectl.worker.messages import Gone

_END_S = 3.0


class Staff:
    """Who works in which slot, who died, and whether what the dead left is gone as well."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.pids: dict[int, int] = {}
        self._doomed: set[int] = set()
        self._dead: list[Gone] = []
        self._empty_looks = 0

    @property
    def to_clean_up(self) -> bool:
        return bool(self._dead)

    @property
    def missing(self) -> bool:
        return len(self.pids) < self.wanted

    def free_slots(self) -> list[int]:
        """The slots in which workers are to be hired."""
        free = [slot for slot in range(1, self.wanted + 1) if slot not in self.pids]
        return free[: max(0, self.wanted - len(self.pids))]

    def retire(self, slot: int) -> None:
        """It ends by itself, since its dispatcher let it go; its slot is free."""
        self.pids.pop(slot, None)

    def kill(self, slot: int) -> None:
        """The dispatcher says that it does not answer."""
        process = descendants.look_up(self.pids.get(slot, 0))
        if process is not None:
            self._doomed.add(process.pid)
            descendants.send(process, signal.SIGKILL)

    def lost(self, pid: int, how: str) -> int | None:
        """A child ended: the slot it worked in, if it did."""
        slot = next((slot for slot, worker in self.pids.items() if worker == pid), None)
        if slot is not None:
            del self.pids[slot]
            self._empty_looks = 0
            self._dead.append(Gone(slot, how, killed=pid in self._doomed))
            self._doomed.discard(pid)
        return slot

    def clean_up(self, others: Iterable[int]) -> list[Gone]:
        """Kill what dead workers left, sparing `others` and the living; returns them once it is gone."""
        if descendants.kill_once({*others, *self.pids.values()}):
            self._empty_looks = 0
            return []
        self._empty_looks += 1
        if self._empty_looks < 2:
            return []
        clean, self._dead = self._dead, []
        return clean

    def let_end(self, others: Iterable[int]) -> None:
        """Wait for workers, and `others`, that have been let go; then kill whatever is left of all of it."""
        deadline = time.monotonic() + _END_S
        for process in filter(None, map(descendants.look_up, (*self.pids.values(), *others))):
            if process.parent == os.getpid():
                descendants.await_end(process, max(0.0, deadline - time.monotonic()))
        descendants.kill_all()
        self.pids.clear()
        self._dead.clear()
