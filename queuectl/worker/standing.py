"""How a pool stands, as its dispatcher knows it."""

from __future__ import annotations

import time

from queuectl.core.pool import PoolRecord
from queuectl.core.settings import Settings
from queuectl.worker.messages import Ended

_STORE_PATIENCE_S = 10.0


class Standing:
    """What changes while the pool works.

    `stop` is set once the pool is to end, and says with what; `stop_asked_at` is when that was
    first asked, or first by force (monotonic clock, seconds); `forced` once commands are to be
    ended for it. `stop_to_tell` is what the store does not know yet of a stop ("drain", "force").
    """

    def __init__(self, record: PoolRecord) -> None:
        self.record, self.settings = record, Settings()
        self.stop: Ended | None = None
        self.stop_asked_at: float | None = None
        self.forced = False
        self.stop_to_tell = ""

    @property
    def out_of_patience(self) -> bool:
        """Whether a forced stop has waited long enough for a store that cannot be written."""
        if not self.forced or self.stop_asked_at is None:
            return False
        return time.monotonic() > self.stop_asked_at + self.settings.kill_grace_s + _STORE_PATIENCE_S

    def ask_stop(self, ended: Ended) -> bool:
        """Note that the pool is to stop. True the first time.

        A failure wins over what was asked for, and a stop by force over a gentle one.
        """
        if self.stop is None or (bool(ended.message), ended.exit_code) > (bool(self.stop.message), self.stop.exit_code):
            self.stop = ended
        if self.stop_asked_at is not None:
            return False
        self.stop_asked_at = time.monotonic()
        return True

    def force_stop(self) -> bool:
        """Note that commands are to be ended. True the first time.

        It is another stop: what is ended with it, and what waits for the store, counts from now.
        """
        if self.forced:
            return False
        self.forced, self.stop_asked_at = True, time.monotonic()
        return True
