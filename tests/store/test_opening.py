"""From a location to a store: what is refused stays as it was, what is new appears whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from queuectl.core.lifecycle import Cancel
from queuectl.core.selector import EVERYTHING
from queuectl.errors import StoreUnusable
from queuectl.store import checks, open_pool_store, open_store, place_of
from queuectl.store.migrations import APPLICATION_ID
from tests.store.conftest import NOW, job, made, pool_record, traces, turn, worker_record


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "queue.db"


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def text_file(path: Path) -> None:
    path.write_text("not a store\n" * 100)


def short_file(path: Path) -> None:
    path.write_bytes(b"x")


def foreign_database(path: Path) -> None:
    apsw.Connection(str(path)).execute("CREATE TABLE theirs (x)")


def foreign_wal_database(path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.pragma("journal_mode", "WAL")
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()


def newer_store(path: Path) -> None:
    made(path)
    connection = apsw.Connection(str(path))
    connection.pragma("user_version", 99)
    connection.close()


def truncated_store(path: Path) -> None:
    made(path)
    os.truncate(path, path.stat().st_size // 2)


def damaged_header(path: Path) -> None:
    made(path)
    with path.open("r+b") as file:
        file.write(b"XXXX")


def store_without_schema(path: Path) -> None:
    apsw.Connection(str(path)).pragma("application_id", APPLICATION_ID)


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (text_file, "not a store"),
        (short_file, "not a store"),
        (foreign_database, "not a store"),
        (foreign_wal_database, "not a store"),
        (newer_store, "newer"),
        (truncated_store, "damaged"),
        (damaged_header, "not a store"),
        (store_without_schema, "damaged"),
    ],
)
def test_a_refused_file_is_left_as_it_was(path, spoil, says, create):
    spoil(path)
    before = traces(path.parent)
    with pytest.raises(StoreUnusable, match=says) as caught:
        open_store(str(path), create=create)
    hints = {"not a store": "name another file", "newer": "update queuectl (this is", "damaged": "restore a copy"}
    assert hints[says] in caught.value.hint
    assert traces(path.parent) == before


def test_reading_what_is_not_there_makes_nothing(path):
    store = open_store(str(path), create=False)
    assert store.reader.count(EVERYTHING, NOW) == 0
    assert store.reader.gauges(NOW).size_bytes == 0
    store.close()
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("empty", [False, True], ids=["missing", "empty"])
def test_who_needs_a_store_that_is_there_is_told_that_it_is_not(path, empty):
    if empty:
        path.touch()
    before = traces(path.parent)
    with pytest.raises(StoreUnusable, match="no store"):
        open_store(str(path), create=False, must_exist=True)
    assert traces(path.parent) == before


def test_a_store_that_a_newer_program_upgrades_while_it_is_open_is_left_alone(path):
    store, pool = open_store(str(path), create=True), open_pool_store(str(path))
    newer = apsw.Connection(str(path))
    newer.pragma("user_version", 99)
    for use in (
        lambda: store.reader.gauges(NOW),
        lambda: store.adder.add([job()], NOW),
        lambda: turn(pool, free=1),
    ):
        with pytest.raises(StoreUnusable, match="newer queuectl"):
            use()
    newer.pragma("user_version", 1)
    assert store.adder.add([job()], NOW) != []
    for each in (newer, store, pool):
        each.close()


def test_a_new_store_and_all_beside_it_are_the_owners_only(tmp_path):
    path = tmp_path / "made" / "too" / "queue.db"
    before = os.umask(0)
    try:
        store = open_store(str(path), create=True)
        store.adder.add([job()], NOW)
    finally:
        os.umask(before)
    assert {mode(found) for found in tmp_path.rglob("*") if found.is_file()} == {0o600}
    assert {mode(found) for found in tmp_path.rglob("*") if found.is_dir()} == {0o700}
    store.close()
    assert sorted(os.listdir(path.parent)) == ["queue.db", "queue.db.d"]


def test_an_empty_file_becomes_a_store(path):
    path.touch(0o644)
    made(path)
    assert mode(path) == 0o600
    store = open_store(str(path), create=False)
    assert store.reader.count(EVERYTHING, NOW) == 1
    store.close()


def test_an_empty_file_is_an_empty_queue_to_those_who_read(path):
    path.touch()
    open_store(str(path), create=False).close()
    assert path.stat().st_size == 0
    assert os.listdir(path.parent) == ["queue.db"]


def test_many_that_begin_at_once_make_one_store(path):
    script = (
        "import sys; from queuectl.store import open_store; from queuectl.core.job import NewJob;"
        "s = open_store(sys.argv[1], create=True); s.adder.add([NewJob('true', '/')], 1); print(s.id)"
    )
    path.touch()
    running = [subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE) for _ in range(6)]
    ids = {process.communicate()[0] for process in running}
    assert [process.returncode for process in running] == [0] * 6
    assert len(ids) == 1
    store = open_store(str(path), create=False)
    assert store.reader.count(EVERYTHING, NOW) == 6
    store.close()


def test_an_older_store_is_upgraded_in_one_step_or_not_at_all(path, tmp_path, monkeypatch):
    from queuectl.store import migrations, opening

    made(path)
    steps = tmp_path / "steps"
    shutil.copytree(migrations._FOLDER, steps)
    (steps / "0002.sql").write_text("CREATE TABLE later (x INTEGER) STRICT; SELECT no_such_function();")
    monkeypatch.setattr(migrations, "_FOLDER", str(steps))
    for module in (migrations, checks, opening):
        monkeypatch.setattr(module, "VERSION", 2)
    with pytest.raises(StoreUnusable):
        open_store(str(path), create=True)
    (steps / "0002.sql").write_text("CREATE TABLE later (x INTEGER) STRICT;")
    store = open_store(str(path), create=True)
    assert (store.reader.gauges(NOW).schema, store.reader.count(EVERYTHING, NOW)) == (2, 1)
    # What a first look sees, which reads no -wal.
    look = apsw.Connection(f"file:{path}?mode=ro&immutable=1", flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    assert look.pragma("user_version") == 2
    look.close()
    store.close()


def test_a_copy_is_a_store_of_its_own(path):
    store, pool = open_store(str(path), create=True), open_pool_store(str(path))
    store.adder.add([job()], NOW)
    pool.register(pool_record(), [worker_record()])
    turn(pool, free=1)
    original = store.id
    store.close()
    pool.close()
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)
    store = open_store(str(copy), create=True)
    assert store.id != original
    assert (store.book.pools(), store.book.workers()) == ([], [])
    (orphan,) = store.book.running().values()
    assert (orphan.pool, orphan.worker_pid, orphan.fence) == ("gone", None, 2)
    assert store.id == open_and_close(copy)
    store.close()
    assert open_and_close(path) == original


def open_and_close(path: Path) -> str:
    store = open_store(str(path), create=True)
    try:
        return store.id
    finally:
        store.close()


@pytest.mark.parametrize("replace", [True, False])
def test_a_store_that_was_replaced_or_removed_is_noticed_before_anybody_is_told(path, tmp_path, replace):
    store, pool = open_store(str(path), create=True), open_pool_store(str(path))
    store.adder.add([job()], NOW)
    if replace:
        made(tmp_path / "other.db")
        os.rename(tmp_path / "other.db", path)
    else:
        os.unlink(path)
    for use in (
        lambda: store.adder.add([job()], NOW),
        lambda: store.changer.change_named(["j1"], Cancel(), NOW),
        lambda: store.config.put("shell", "/bin/sh", NOW),
        lambda: turn(pool, free=1),
        lambda: pool.look("p1", (), NOW),
        lambda: pool.beat("p1", NOW),
    ):
        with pytest.raises(StoreUnusable, match="replaced or removed"):
            use()


def test_a_dispatcher_makes_no_store(path):
    with pytest.raises(StoreUnusable, match="no store"):
        open_pool_store(str(path))
    assert os.listdir(path.parent) == []


def test_what_a_deleted_store_left_is_swept_but_not_what_a_live_pool_holds(path):
    import fcntl

    made(path)
    place = place_of(str(path))
    os.unlink(path)
    for name in (place.pool("p1"), place.log("p1"), place.pool("p2"), place.fifo("p2")):
        Path(name).touch()
    with open(place.pool("p2")) as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        made(path)
        assert sorted(os.listdir(place.pools)) == ["p2", "p2.fifo"]
    os.unlink(path)
    made(path)
    assert os.listdir(place.pools) == []
