"""What pools do besides running jobs: say that they stop, give up old output, delete what was kept long enough."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager

from queuectl.core.settings import Settings
from queuectl.store.registry import Registry
from queuectl.store.rows import numbers_text


class PoolSide(Registry):
    """PoolStore: all that a dispatcher asks of the store."""

    @property
    def id(self) -> str:
        return self._db.store_id()

    def note_stop(self, pool: str, stop: str) -> None:
        """The pool was told to stop ("drain", or "force") by other means than the store, which shall show it."""
        self._db.check_place()
        with self._db.writing():
            self._db.change("pool_stop", {"pool": pool, "stop": stop})

    def unsettled_outputs(self, names: Sequence[str]) -> Sequence[str]:
        """Those of the output files' names that belong neither to an attempt nor to a job that is processing.

        That of an older fence may be of a command that was lost, and is named once that is settled.
        """
        known = {name for (name,) in self._db.rows("outputs_known", {"batch": json.dumps(names)})}
        running = {str(number) for (number,) in self._db.rows("claims_numbered")}
        return [name for name in names if name not in known and name.partition("-")[0] not in running]

    def shrink_output(self, excess_bytes: int) -> Sequence[str]:
        """Forget the kept files of some attempts, completed jobs' and older ones first; returns their names."""
        with self._db.writing():
            # A file is never longer than the limit on what is kept of one attempt.
            limit = Settings.of({key: text for key, text, _ in self._db.rows("config")}).log_limit_bytes
            oldest = self._db.rows("outputs_oldest", {"log_limit": limit, "excess": excess_bytes})
            self._db.change("outputs_forget", {"batch": numbers_text([attempt for attempt, _ in oldest])})
        return [name for _, name in oldest]

    def expire(self, before: int, limit: int) -> tuple[int, Sequence[str]]:
        """Delete jobs completed before `before`, `limit` at most: how many, and their output files."""
        if not self._db.rows("expired", {"before": before, "most": 1}):
            return 0, []
        self._db.check_place()
        with self._db.writing():
            numbers = [number for (number,) in self._db.rows("expired", {"before": before, "most": limit})]
            batch = {"batch": numbers_text(numbers)}
            files = [name for (name,) in self._db.rows("files_of", batch)]
            gone = self._db.rows("delete", batch)
            self._db.change("counts_sweep")
        return len(gone), files

    def without_waiting(self) -> AbstractContextManager[None]:
        return self._db.without_waiting()

    def close(self) -> None:
        self._db.close()
