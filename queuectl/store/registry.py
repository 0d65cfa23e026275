"""Who serves the store: pools and workers as they stand in it, their signs of life, their claims."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from queuectl.core.job import Job
from queuectl.core.lifecycle import TakeOver, transition
from queuectl.core.pool import PoolRecord, WorkerRecord
from queuectl.core.settings import Settings
from queuectl.core.turn import Look
from queuectl.store.poolrows import pool_of, worker_of
from queuectl.store.rows import job_of
from queuectl.store.turns import BATCH, RATE_BUCKET_MS, Turns

_LARGE_WAL_BYTES = 16 * 2**20


class Registry(Turns):
    """The part of PoolStore that knows of pools."""

    _seen: int | None = None

    def register(self, pool: PoolRecord, workers: Sequence[WorkerRecord]) -> None:
        """Write the pool and its present workers, a sign of life; the same pool keeps what people asked of it."""
        self._db.check_place()
        with self._db.writing():
            known = self._pool(pool.name)
            asked = pool._asdict()
            if known is not None and _process(known) == _process(pool):
                asked |= {"wanted": known.wanted, "stop": known.stop, "beat": known.beat + 1}
            else:
                self._db.change("workers_remove", {"pool": pool.name})
            self._db.change("pool_put", {**asked, "queues": json.dumps(pool.queues)})
            names = json.dumps([worker.name for worker in workers])
            self._db.change("workers_keep", {"pool": pool.name, "batch": names})
            for worker in workers:
                self._db.change("worker_put", worker._asdict())

    def unregister(self, pool: str) -> None:
        """Forget the pool and its workers, unless it still holds claims."""
        with self._db.writing():
            if self._db.change("pool_remove", {"pool": pool}):
                self._db.change("workers_remove", {"pool": pool})

    def beat(self, pool: str, now: int) -> None:
        """Give a sign of life; now and then the -wal is cut, which no commit shall wait for."""
        self._db.check_place()
        with self._db.writing():
            self._db.change("pool_beat", {"pool": pool})
            bucket = {"bucket": now - now % RATE_BUCKET_MS}
            self._db.change("depth_note", bucket)
            self._db.change("rates_sweep", bucket)
        if self._db.wal_bytes() > _LARGE_WAL_BYTES:
            self._db.checkpoint()

    def take_over(
        self, dead: str, by: PoolRecord, now: int, remember: Callable[[Sequence[Job]], object]
    ) -> tuple[Sequence[Job], Sequence[WorkerRecord]]:
        """Make the claims of a dead pool `by`'s own; the jobs as they were before, and their workers if near."""
        self._db.check_place()
        with self._db.writing():
            jobs = [job_of(row) for row in self._db.rows("claims_whole", {"pool": dead})]
            remember(jobs)
            for job in jobs:
                self._db.change("take_over", transition(job, TakeOver(by.name), now)._asdict())
            pids = json.dumps([job.worker_pid for job in jobs])
            near = {"boot_id": by.boot_id, "pid_ns": by.pid_ns, "batch": pids}
            workers = [worker_of(row) for row in self._db.rows("workers_near", near)]
        return jobs, workers

    def look(self, pool: str, queues: tuple[str, ...], now: int, always: bool = False) -> Look | None:
        """None if nobody else has committed anything since the last look, and the clock was not set back.

        With `always` there is something, and it is not the last look: who comes for news gets it all the same.
        """
        self._db.check_place()
        stepped = self._latest_now is not None and now < self._latest_now
        version = self._db.data_version()
        if version == self._seen and not always and not stepped:
            return None
        if stepped or self._latest_now is None:
            self._shut_out_ahead(now)
        self._latest_now = now
        with self._db.reading():
            seen = Look(
                pool=self._pool(pool),
                others=self._others(pool),
                claims={n: (fence, asked) for n, fence, asked in self._db.rows("claims", {"pool": pool})},
                settings=Settings.of({key: text for key, text, _ in self._db.rows("config")}),
                next_due=self.next_due(queues),
                work_left=self._work_left(queues),
            )
        if not always:
            self._seen = version
        return seen

    def _shut_out_ahead(self, now: int) -> None:
        """All that is ready too early, in short transactions; none is begun where there is nothing to do."""
        while self._db.row("ahead", {"now": now, "most": 1}):
            with self._db.writing():
                if self.demote(now) < BATCH:
                    return

    def _pool(self, name: str) -> PoolRecord | None:
        row = self._db.row("pool", {"pool": name})
        return None if row is None else pool_of(row)

    def _others(self, name: str) -> tuple[PoolRecord, ...]:
        """The other pools; one that holds claims without being registered has no process at all."""
        others = [pool_of(row) for row in self._db.rows("pools")]
        gone = [
            PoolRecord(orphan, "", "", "", pid=0, start_ticks=0, started_at=0, wanted=0, stop="force")
            for (orphan,) in self._db.rows("claims_orphaned")
        ]
        return tuple(pool for pool in (*others, *gone) if pool.name != name)

    def _work_left(self, queues: Sequence[str]) -> bool:
        if not queues:
            return bool(self._db.value("work_left"))
        return any(self._db.value("work_left_in_queue", {"queue": queue}) for queue in queues)


def _process(pool: PoolRecord) -> tuple[object, ...]:
    return pool.host, pool.boot_id, pool.pid_ns, pool.pid, pool.start_ticks
