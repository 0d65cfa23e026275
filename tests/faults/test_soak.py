"""Faults 27 and 41: for hours nothing grows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from queuectl.core.job import NewJob, State
from tests.cli.conftest import Program
from tests.faults.disks import taken
from tests.faults.harness import Ground
from tests.faults.sizes import in_two_sizes
from tests.patience import until
from tests.pools.conftest import children
from tests.tui.terminal import Terminal

_READ, _SOAKED, _DIE = 100_000, 200_000, 1_000
_BATCH, _DYING = 400, 2
MIB = 1 << 20
_PRINTING = "printf %08000d 1"


def _add(ground: Ground, command: str, count: int, **more: object) -> None:
    """So many jobs, which leave no proof of their own."""
    batch = [NewJob(command, str(ground.folder), **more)] * min(count, 10_000)  # type: ignore[arg-type]
    for _ in range(0, count, len(batch)):
        ground.queue.jobs.add(batch)


# 27: readers that stay


@in_two_sizes
def test_27_readers_that_stay_open(ground: Ground, program: Program, share: int) -> None:
    """With the app open, and a list that nobody reads on, the -wal is emptied as ever."""
    count = _READ // share
    _add(ground, _PRINTING, count)
    wal, most = Path(f"{ground.queue.location}-wal"), 0

    def ended() -> bool:
        nonlocal most
        most = max(most, wal.stat().st_size)
        app.read_for(0.1)
        return ground.queue.counts().of(State.COMPLETED) == count

    with Terminal(["--db", ground.queue.location]) as app, program.start("list", "--json", bufsize=0) as unread:
        assert unread.stdout is not None
        assert unread.stdout.read(1) == b"["
        app.until("▸")
        ground.start(workers=2)
        until(ended, "all jobs to be completed", 60 + count / 50)
        written = count * 3 * 4096  # an output, an attempt and a job are three pages at least
        assert (unread.poll(), "✓ OK" in app.text) == (None, True)
        unread.kill()
    print(f"{written / MIB:.0f} MiB written at least, -wal {most / MIB:.1f} MiB at most")  # noqa: T201
    assert most < 64 * MIB if share == 1 else most < written


# 41: a soak


class Held(NamedTuple):
    """What a pool and its store take just now."""

    memory: int
    handles: int
    processes: int
    wal: int
    disk: int

    @classmethod
    def by(cls, ground: Ground) -> Held:
        processes = [ground.pool(), *children(ground.pool())]
        wal = os.stat(f"{ground.queue.location}-wal").st_size
        return cls(
            sum(map(_pss, processes)),
            sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in processes),
            len(processes),
            wal,
            os.stat(ground.queue.location).st_size + taken(Path(f"{ground.queue.location}.d")),
        )


def _pss(pid: int) -> int:
    """Memory of a process in bytes; of what it shares, its part."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(pid)


@in_two_sizes
def test_41_a_soak(ground: Ground, share: int) -> None:
    """Jobs come as fast as they go for long: the dead ones stay, and nothing else grows."""
    ground.queue.config.set("keep-completed", "1s")
    ground.queue.config.set("lease", "3s")
    count = ground.queue.counts
    pool = ground.start(workers=2)
    ground.until_workers(2)
    looks: list[Held] = []
    for _ in range(_SOAKED // share // _BATCH):
        _add(ground, "true", _BATCH - _DYING)
        _add(ground, "false", _DYING, max_retries=1)
        until(lambda: _left(ground) < _BATCH, "the backlog to shrink")
        looks.append(Held.by(ground))
    until(lambda: not _left(ground), "the last to end")
    until(lambda: not count().of(State.COMPLETED), "the completed ones to be deleted", 60)
    assert (count().of(State.DEAD), pool.poll()) == (_DIE // share, None)
    early, late = looks[len(looks) // 3], Held.by(ground)
    print(early, late, sep="\n")  # noqa: T201
    assert late.memory < early.memory * 1.1
    assert late.handles <= early.handles + 1
    assert late.processes == early.processes
    assert late.wal < 32 * MIB
    # The dead ones stay. What is short may be over before the -wal has gone into the file for the first time.
    assert late.disk < early.disk * 1.1 + (MIB if share == 1 else 4 * MIB)


def _left(ground: Ground) -> int:
    return ground.queue.counts().of(State.PENDING) + ground.queue.counts().of(State.PROCESSING)
