"""Fault 26, of a store's file alone: what was beside it is still there when another one takes its place."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from queuectl.core.job import State
from tests.cli.conftest import Program
from tests.faults.disks import checksum
from tests.faults.harness import Ground
from tests.patience import DEADLINE_S

ENQUEUED_AND_KILLED = """import os, sys
from queuectl.core.job import NewJob
from queuectl.wiring import connect
queue = connect(sys.argv[1])
queue.jobs.add([NewJob("true", "/")])
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def other(program: Program) -> Path:
    """A whole store of 3,000 jobs, which nobody has open."""
    other = program.folder / "other.db"
    batch = "".join(f"echo {number}\n" for number in range(3_000))
    program.ok("--db", str(other), "enqueue", "--quiet", "-", stdin=batch)
    return other


def _follow(hint: str, folder: Path) -> None:
    advice = re.search("mv .* DIRECTORY", hint)
    assert advice, hint
    folder.mkdir()
    subprocess.run(advice[0].replace("DIRECTORY", str(folder)), shell=True, check=True)


@pytest.mark.parametrize("pool", ["dead", "alive"])
def test_26_another_store_is_moved_over_one(ground: Ground, program: Program, other: Path, pool: str) -> None:
    """The pool stops; nobody mixes the new one with the old -wal; once that is moved away, all of it is there."""
    ground.enqueue("true")
    running = ground.start()
    ground.until_workers(1)
    if pool == "dead":
        ground.kill_at_one_instant()
    before, kept = checksum(other).split()[0], ground.folder / "kept.db"
    os.link(program.store, kept)
    os.rename(other, program.store)
    if pool == "alive":
        assert running.wait(DEADLINE_S) == 4
    refused = [program(*args, code=4) for args in (["status"], ["list"], ["enqueue", "true"], ["worker", "start"])]
    assert all("belongs to another store that was at this place before" in answer.err for answer in refused)
    assert checksum(program.store).split()[0] == before
    rest = ground.folder / "rest"
    _follow(refused[0].err, rest)
    assert len(program.jobs()) == 3_000
    for path in rest.iterdir():  # so that the ground can look at its own
        os.replace(path, ground.folder / path.name)
    os.replace(kept, program.store)


def test_26_a_backup_is_moved_over_its_store(ground: Ground, program: Program) -> None:
    """What came after it is neither mixed into it nor lost before somebody says so."""
    store = ground.folder / "own" / "queue.db"
    program.env["QUEUECTL_DB_PATH"] = str(store)
    program.ok("enqueue", "true")
    backup, kept = store.with_name("backup.db"), store.with_name("kept.db")
    shutil.copy(store, backup)
    subprocess.run([sys.executable, "-c", ENQUEUED_AND_KILLED, store], env=program.env, check=False, timeout=DEADLINE_S)
    os.link(store, kept)
    os.replace(backup, store)
    assert "belongs to another store" in program("list", code=4).err
    os.replace(kept, store)
    assert [job["id"] for job in program.jobs()] == ["j1", "j2"]


def test_26_a_copy_with_its_wal_is_a_store(ground: Ground, program: Program) -> None:
    """Whoever copies all of it, as after a crash, has all of it."""
    ids = [ground.enqueue("true") for _ in range(3)]
    ground.start()
    ground.until_state(ids[-1], State.COMPLETED)
    ground.kill_at_one_instant()
    copy = ground.folder / "copy"
    copy.mkdir()
    subprocess.run(f"cp -a {program.store}* {copy}", shell=True, check=True)
    jobs = program.ok("--db", str(copy / "queue.db"), "list", "--json").json
    assert [job["id"] for job in jobs] == ids
