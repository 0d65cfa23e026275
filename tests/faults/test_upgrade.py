"""Fault 25: a store of another version. That one of a newer version is refused stands with the other refusals."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import apsw
import pytest

from tests.cli.conftest import Program
from tests.faults.harness import LONG, Ground
from tests.patience import DEADLINE_S, until
from tests.pools.conftest import ROOT, alive
from tests.store.conftest import made
from tests.tui.holders import held

STEP = "CREATE TABLE later (x INTEGER) STRICT; INSERT INTO later WITH RECURSIVE n (x) AS ({}) SELECT x FROM n;"
SLOW = STEP.format("SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 100000000")
QUICK = STEP.format("SELECT 1")
OLD, NEW = (1, False), (2, True)


class Newer:
    """A queuectl that is one version of the schema ahead, beside the program and on its store."""

    def __init__(self, program: Program, step: str) -> None:
        self._program = program
        folder = program.folder / "newer"
        shutil.copytree(ROOT / "queuectl", folder / "queuectl", ignore=shutil.ignore_patterns("__pycache__"))
        self._migrations = folder / "queuectl" / "store" / "migrations"
        module = self._migrations / "__init__.py"
        text = module.read_text()
        assert "VERSION = 1\n" in text
        module.write_text(text.replace("VERSION = 1\n", "VERSION = 2\n"))
        self.env = program.env | {"PYTHONPATH": str(folder), "PYTHONPYCACHEPREFIX": str(folder / "cache")}
        self.set_step(step)

    def set_step(self, step: str) -> None:
        (self._migrations / "0002.sql").write_text(step)

    def start(self, *args: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "queuectl", *args]
        return subprocess.Popen(command, env=self.env, cwd=self._program.folder, stdout=subprocess.DEVNULL)

    def ok(self, *args: str) -> None:
        with self.start(*args) as process:
            assert process.wait(20) == 0


def _schema(location: Path) -> tuple[int, bool]:
    """The version, and whether what the newer one brings is there; all of it is whole."""
    with closing(apsw.Connection(str(location))) as connection:
        assert connection.pragma("integrity_check") == "ok"
        found = connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'later'").get
        return connection.pragma("user_version"), bool(found)


def _jobs(location: Path) -> int:
    with closing(apsw.Connection(str(location))) as connection:
        return int(connection.execute("SELECT count(*) FROM jobs").get)


def _version_in_the_file(location: Path) -> int:
    """Without what the -wal says; nobody has it open here."""
    return int.from_bytes(location.read_bytes()[60:64], "big")


@contextmanager
def _read(location: Path) -> Iterator[None]:
    """Meanwhile somebody reads the store as it is now, so that nothing goes from the -wal into the file."""
    with closing(apsw.Connection(str(location))) as connection:
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.execute("BEGIN")
        assert connection.pragma("user_version") == 1
        yield


def _has_open(pid: int, path: Path) -> bool:
    with suppress(OSError):
        return any(os.readlink(f"/proc/{pid}/fd/{each}") == str(path) for each in os.listdir(f"/proc/{pid}/fd"))
    return False


def _kill_an_upgrade(newer: Newer, location: Path, moment: str) -> None:
    with newer.start("wait", "j1") as upgrade:  # it goes on after the upgrade, and writes nothing else
        try:
            until(lambda: _has_come_to(moment, upgrade.pid, location), "the upgrade to be there")
            assert upgrade.poll() is None
        finally:
            upgrade.kill()


def _has_come_to(moment: str, pid: int, location: Path) -> bool:
    match moment:
        case "before it writes":
            return _has_open(pid, location)
        case "while it writes":
            wal = Path(f"{location}-wal")
            return wal.exists() and wal.stat().st_size > 1 << 20
        case "once committed":
            return _schema(location) == NEW
    return _version_in_the_file(location) == 2


@pytest.mark.parametrize("moment", ["before it writes", "while it writes", "once committed", "once in the file"])
def test_25_kill_9_in_the_midst_of_an_upgrade(program: Program, moment: str) -> None:
    """Up to the commit it leaves the old store, which the old program goes on with; from then on the new one."""
    location = program.store
    made(location)
    newer = Newer(program, SLOW if moment == "while it writes" else QUICK)
    if moment == "before it writes":
        with held(str(location), "writing"):
            _kill_an_upgrade(newer, location, moment)
    elif moment == "once committed":
        with _read(location):
            _kill_an_upgrade(newer, location, moment)
        assert _version_in_the_file(location) == 1
    else:
        _kill_an_upgrade(newer, location, moment)
    committed = moment.startswith("once")
    if committed:
        assert "newer queuectl" in program("list", code=4).err
        assert "newer queuectl" in program("enqueue", "true", code=4).err
    else:
        assert _schema(location) == OLD
        program.ok("enqueue", "true")
    newer.set_step(QUICK)
    newer.ok("enqueue", "true")
    assert _schema(location) == NEW
    assert _jobs(location) == (2 if committed else 3)


def test_25_a_pool_whose_store_is_upgraded(ground: Ground, program: Program) -> None:
    """The older program's pool stops with a message, and what it runs ends with it."""
    id = ground.add(LONG)
    pool = ground.start()
    command = ground.begun(id).pid
    Newer(program, QUICK).ok("enqueue", "true")
    assert pool.wait(DEADLINE_S) == 4
    assert "newer queuectl" in ground.said()
    assert not alive(command)
    with closing(apsw.Connection(ground.queue.location)) as connection:
        connection.pragma("user_version", 1)  # so that the ground can look at it
