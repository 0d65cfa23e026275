"""What people and programs ask of pools and their workers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from queuectl.errors import BadValue, Conflict, NotFound, QueuectlError

if TYPE_CHECKING:
    from queuectl.core.pool import PoolRecord
    from queuectl.core.ports import PoolFiles, Store
    from queuectl.core.views import PoolView, WorkerView

_PAUSE_S = 0.02


class Pools:
    """Everything about pools and their workers."""

    def __init__(self, store: Store, files: Callable[[], PoolFiles]) -> None:
        self._store = store
        self._files = files

    def all(self) -> list[PoolView]:
        """The pools of the store; the state of one that died and was not cleaned up is `lost`."""
        from queuectl.core.views import PoolView

        records = self._store.book.pools()
        if not records:
            return []
        files, workers = self._files(), self._store.book.workers()
        lease_s = self._store.config.settings().lease_s
        busy = [name.partition("/")[0] for name in self._store.book.running()]
        views = []
        for record in records:
            alive = files.alive(record.name)
            views.append(
                PoolView(
                    name=record.name,
                    queues=record.queues,
                    workers=sum(worker.pool == record.name for worker in workers) if alive else 0,
                    busy=busy.count(record.name) if alive else 0,
                    state=_pool_state(record, alive),
                    host=record.host,
                    pid=record.pid,
                    started_at=record.started_at,
                    reason=self._reason(record.name, lease_s) if alive else "",
                    wanted=record.wanted,
                )
            )
        return views

    def _reason(self, name: str, lease_s: float) -> str:
        """Why a pool that lives does not work as it should: what it says itself, or that it says nothing."""
        files = self._files()
        reason, silent_s = files.reason(name), files.silent_s(name)
        if reason or silent_s <= lease_s:
            return reason
        from queuectl.core.units import say_duration  # only of pools that hang

        return f"it hangs: no sign of life for {say_duration(int(silent_s))}; other pools take its jobs"

    def workers(self) -> list[WorkerView]:
        """The workers of the pools that live."""
        from queuectl.core.views import WorkerView

        pools, running = {pool.name: pool for pool in self._alive()}, self._store.book.running()
        views = []
        for worker in self._store.book.workers():
            if worker.pool in pools:
                name = f"{worker.pool}/{worker.name}"
                job = running.get(name)
                views.append(
                    WorkerView(
                        name=name,
                        pool=worker.pool,
                        host=pools[worker.pool].host,
                        pid=worker.pid,
                        state="busy" if job else "idle",
                        job=job.id if job else None,
                        started_at=worker.started_at,
                        done=worker.done,
                        failed=worker.failed,
                        job_since=(job.started_at or job.state_since) if job else 0,
                        job_timeout_s=job.timeout_s if job else None,
                    )
                )
        return views

    def start(self, count: int, queues: Sequence[str] = (), drain: bool = False) -> str:
        """Start a pool of `count` workers (1 to 256) in the background; returns its name once they stand."""
        return self._files().start(count, queues, drain)

    def stop(
        self,
        name: str | None = None,
        *,
        force: bool = False,
        timeout_s: float | None = None,
        on_asked: Callable[[list[str]], None] = lambda _: None,
    ) -> list[str]:
        """Stop one pool or all, and wait until they are gone; returns their names.

        `on_asked` hears the names once all have been asked: from then on they stop, waited for or not.
        Raises NotFound if none of that name lives, and QueuectlError after `timeout_s` seconds: they go on draining.
        """
        left = asked = self._ask_stop(name, force)
        on_asked([pool.name for pool in asked])
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while left := [pool for pool in left if self._lives(pool)]:
            if deadline is not None and time.monotonic() >= deadline:
                names = ", ".join(pool.name for pool in left)
                hint = "its commands are being ended" if force else "its commands are being finished; --force ends them"
                raise QueuectlError(f"{names} did not end in time", hint)
            time.sleep(_PAUSE_S)
        return [pool.name for pool in asked]

    def ask_stop(self, name: str | None = None, *, force: bool = False) -> list[str]:
        """As `stop`, but without waiting: from now on they stop."""
        return [pool.name for pool in self._ask_stop(name, force)]

    def _ask_stop(self, name: str | None, force: bool) -> list[PoolRecord]:
        asked = self._chosen(name)
        for pool in asked:
            with suppress(NotFound):  # it ended by itself just now
                self._store.book.ask_stop(pool.name, "force" if force else "drain")
        return asked

    def _lives(self, pool: PoolRecord) -> bool:
        """Whether it is still there: another one may have taken its name meanwhile."""
        if not self._files().alive(pool.name):
            return False
        now = next((record for record in self._store.book.pools() if record.name == pool.name), pool)
        return (now.pid, now.start_ticks) == (pool.pid, pool.start_ticks)

    def scale(self, wanted: int, name: str | None = None) -> str:
        """Ask a pool for `wanted` workers (1 to 256); returns its name.

        Raises BadValue if several live and none is named, NotFound if none does, Conflict if it is stopping.
        """
        pools = self._chosen(name)
        if not pools:
            raise NotFound("no pool is running", "start one: queuectl worker start --count N")
        if len(pools) > 1:
            raise BadValue("several pools are running", f"name one of {', '.join(pool.name for pool in pools)}")
        if pools[0].stop:
            raise Conflict(f"{pools[0].name} is stopping", "start another pool: queuectl worker start")
        self._store.book.ask_scale(pools[0].name, wanted)
        return pools[0].name

    def _chosen(self, name: str | None) -> list[PoolRecord]:
        alive = self._alive()
        if name is None:
            return alive
        if not any(pool.name == name for pool in alive):
            names = ", ".join(pool.name for pool in alive)
            raise NotFound(f"no pool {name!r} is running", f"running: {names}" if names else "none is running")
        return [pool for pool in alive if pool.name == name]

    def _alive(self) -> list[PoolRecord]:
        records = self._store.book.pools()
        return [record for record in records if self._files().alive(record.name)]


def _pool_state(record: PoolRecord, alive: bool) -> str:
    if not alive:
        return "lost"
    return "stopping" if record.stop else "running"
