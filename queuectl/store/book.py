"""What people's commands read and ask of pools and workers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from queuectl.core.job import Job
from queuectl.errors import Conflict, NotFound
from queuectl.store.connection import Database
from queuectl.store.rows import job_of
from queuectl.store.wakeup import poke

if TYPE_CHECKING:
    from queuectl.core.pool import PoolRecord, WorkerRecord


class Book:
    """PoolBook on SQLite."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def pools(self) -> list[PoolRecord]:
        rows = self._db.rows("pools")
        if not rows:
            return []
        from queuectl.store.poolrows import pool_of  # without pools it is not needed

        return [pool_of(row) for row in rows]

    def workers(self) -> list[WorkerRecord]:
        from queuectl.store.poolrows import worker_of  # nor is this

        return [worker_of(row) for row in self._db.rows("workers")]

    def running(self) -> Mapping[str, Job]:
        """The jobs that are processing, by their worker (`p1/w3`): where it has several, the one that it runs."""
        jobs = sorted(map(job_of, self._db.rows("running")), key=_claimed_first, reverse=True)
        return {job.worker or "": job for job in jobs}

    def due(self, queues: Sequence[str], now: int) -> list[str]:
        """Those of the queues in which a job could run now."""
        return [queue for queue in queues if self._is_due(queue, now)]

    def _is_due(self, queue: str, now: int) -> bool:
        if self._db.row("any_ready_in_queue", {"queue": queue}):
            return True
        # Only a pool that serves the queue lets in what is due.
        first = self._db.value("scheduled_first_in_queue", {"queue": queue})
        return first is not None and first <= now

    def ask_stop(self, name: str, stop: str) -> None:
        """Ask a pool to stop: "drain" or "force". Raises NotFound."""
        with self._db.writing():
            if not self._db.change("pool_stop", {"pool": name, "stop": stop}):
                raise _no_pool(name)
        self._db.check_place()
        poke(self._db.place)

    def ask_scale(self, name: str, wanted: int) -> None:
        """Ask a pool for so many workers. Raises NotFound, and Conflict if it is stopping."""
        with self._db.writing():
            if not self._db.change("pool_scale", {"pool": name, "wanted": wanted}):
                if self._db.row("pool", {"pool": name}) is None:
                    raise _no_pool(name)
                raise Conflict(f"the pool {name} is stopping", "start another one: queuectl worker start")
        self._db.check_place()
        poke(self._db.place)


def _no_pool(name: str) -> NotFound:
    return NotFound(f"there is no pool {name}", "`queuectl worker list` shows who works")


def _claimed_first(job: Job) -> tuple[int, int, int, int]:
    return job.started_at or 0, -job.priority, job.run_at, job.number
