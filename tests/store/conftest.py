"""Every store runs the suite: a `Site` makes fresh connections to one store of each kind (today SQLite)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from queuectl.core.attempt import Outcome, Result
from queuectl.core.job import Job, NewJob
from queuectl.core.lifecycle import Fail, GiveBack, Succeed
from queuectl.core.pool import PoolRecord, WorkerRecord
from queuectl.core.turn import Settlement, Turn, Turned
from queuectl.store import open_pool_store, open_store
from queuectl.store.sqlite import PersonSide
from queuectl.store.upkeep import PoolSide

NOW = 1_800_000_000_000


@dataclass
class Site:
    """One store of one kind; all that was opened is closed at the end."""

    location: str
    opened: list[PersonSide | PoolSide] = field(default_factory=list)

    def person(self, *, create: bool = True) -> PersonSide:
        self.opened.append(store := open_store(self.location, create=create))
        return store

    def pool(self) -> PoolSide:
        self.opened.append(store := open_pool_store(self.location))
        return store

    def close(self) -> None:
        for store in self.opened:
            store.close()


def sqlite_site(folder: Path) -> Site:
    return Site(str(folder / "queue.db"))


@pytest.fixture(params=[sqlite_site], ids=["sqlite"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    site: Site = request.param(tmp_path)
    yield site
    site.close()


@pytest.fixture
def store(site: Site) -> PersonSide:
    return site.person()


@pytest.fixture
def pool(site: Site, store: PersonSide) -> PoolSide:
    """A dispatcher's side of the same store."""
    return site.pool()


def job(command: str = "true", **fields: object) -> NewJob:
    return NewJob(command=command, cwd="/", **fields)  # type: ignore[arg-type]


def turn(
    pool: PoolSide,
    *settlements: Settlement,
    free: int = 0,
    now: int = NOW,
    queues: tuple[str, ...] = (),
    name: str = "p1",
) -> Turned:
    workers = tuple((f"{name}/w{k + 1}", 100 + k) for k in range(free))
    return pool.turn(Turn(name, "host", queues, settlements, workers), now)


def result(outcome: Outcome = Outcome.EXITED, exit_code: int | None = 0, now: int = NOW, **fields: object) -> Result:
    return Result(outcome, now, now + 5, 5, exit_code, **fields)  # type: ignore[arg-type]


def succeeded(job: Job, **fields: object) -> Settlement:
    return Settlement(job.number, job.fence, Succeed(), result(**fields))  # type: ignore[arg-type]


def failed(job: Job, delay_s: float = 2.0, **fields: object) -> Settlement:
    return Settlement(job.number, job.fence, Fail(delay_s), result(exit_code=1, error="exit 1", **fields))


def given_back(job: Job, charged: bool = False) -> Settlement:
    return Settlement(job.number, job.fence, GiveBack(charged, 5), None)


def pool_record(name: str = "p1", **fields: object) -> PoolRecord:
    known: dict[str, object] = {"host": "host", "boot_id": "boot", "pid_ns": "ns", "pid": 10, "start_ticks": 7}
    return PoolRecord(name=name, started_at=NOW, wanted=2, **{**known, **fields})  # type: ignore[arg-type]


def worker_record(name: str = "w1", pool: str = "p1", pid: int = 100) -> WorkerRecord:
    return WorkerRecord(pool, name, pid, 5, NOW)


def made(path: Path) -> None:
    store = open_store(str(path), create=True)
    store.adder.add([job()], NOW)
    store.close()


def traces(folder: Path) -> dict[str, str]:
    """Every file below the folder with its checksum. Nothing is open there."""
    files = [found for found in sorted(folder.rglob("*")) if found.is_file()]
    return {str(found): hashlib.sha256(found.read_bytes()).hexdigest() for found in files} | {
        str(found): "folder" for found in sorted(folder.rglob("*")) if found.is_dir()
    }
