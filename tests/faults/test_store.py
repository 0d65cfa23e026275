"""Faults 21 to 31: what can befall the store's file, its disk and its library."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import apsw
import pytest

from queuectl.core.job import State
from tests.cli.conftest import Answer, Program
from tests.faults.disks import fill, mounted
from tests.faults.harness import GATED, LONG, POWERLESS, Ground
from tests.faults.netdisk import network_disk
from tests.faults.sizes import in_two_sizes
from tests.patience import DEADLINE_S, until
from tests.pools.conftest import ROOT, alive
from tests.store import test_opening as spoilt
from tests.store.conftest import made, traces
from tests.tui.holders import held

WRITERS = (["enqueue", "true"], ["config", "set", "lease", "5s"], ["worker", "start", "--drain"])
READERS = (["list"], ["status"])
_HELD_S = 30


# 21, 22: it cannot be written for a while


@in_two_sizes
def test_21_another_process_holds_the_write_lock(ground: Ground, program: Program, share: int) -> None:
    """A command waits 10 s, then exits 4 and says who to look for; one in time succeeds; workers wait and go on."""
    running, waiting = ground.add(GATED), ground.add("true")
    ground.start()
    first = ground.begun(running)
    with held(ground.queue.location, "writing"):
        since = time.monotonic()
        with program.start("enqueue", "true") as late:
            (ground.folder / "go").touch()
            until(lambda: "the store is busy" in ground.said(), "the pool to meet the lock", 15)
            _, refused = late.communicate(timeout=20)
        assert time.monotonic() - since >= 9
        assert (late.returncode, alive(first.pid)) == (4, False)
        time.sleep(max(0, since + _HELD_S / share - time.monotonic()))
        in_time = program.start("enqueue", "true", stdin=subprocess.DEVNULL)
        until(lambda: _has_open(in_time.pid, ground.queue.location), "the second one to wait")
        assert ground.job(running).state is State.PROCESSING
    said, _ = in_time.communicate(timeout=20)
    assert in_time.returncode == 0, said
    for id in (running, waiting, said.decode().split()[-1]):
        ground.until_state(id, State.COMPLETED)
    assert f"fuser -v {ground.queue.location}" in refused.decode()
    assert "locked" not in refused.decode() + ground.said()


def test_21_the_write_lock_is_held_again_and_again(ground: Ground) -> None:
    """For most of the time, and longer than a pool tries at once: two pools keep what they run."""
    ground.queue.config.set("lease", "3s")
    ids = [ground.add(GATED) for _ in range(2)]
    for count in (1, 2):
        ground.start()
        until(lambda count=count: len(ground.runs()) == count, "the job of another pool to begin")
    for _ in range(3):
        with held(ground.queue.location, "writing"):
            time.sleep(2.5)
        time.sleep(1.5)
    (ground.folder / "go").touch()
    for id in ids:
        assert ground.until_state(id, State.COMPLETED).interruptions == 0
    assert sorted(run.job for run in ground.runs()) == sorted(ids)
    assert "gave back" not in ground.said(0) + ground.said(1)


def _has_open(pid: int, path: str) -> bool:
    with suppress(OSError):
        return any(os.readlink(f"/proc/{pid}/fd/{each}") == path for each in os.listdir(f"/proc/{pid}/fd"))
    return False


def test_22_a_full_disk(disk: Path, ground: Ground, program: Program) -> None:
    """enqueue exits 4, what runs lives on, what was printed meanwhile is marked as lost; then all is written."""
    running = ground.add(
        f"{GATED}; head -c 300000 /dev/zero | tr '\\0' x; echo; touch printed; {GATED.replace('go', 'on')}"
    )
    ending = ground.add(GATED)
    ground.start(workers=3)
    commands = [ground.begun(running).pid, ground.begun(ending).pid]
    due = ground.add("true", delay="1s")
    filled = fill(disk)
    refused = program("enqueue", "true", code=4)
    assert "no room left" in refused.err
    assert "make room on" in refused.err
    (ground.folder / "go").touch()
    until((ground.folder / "printed").exists, "the output")
    until(lambda: "no room left" in ground.said() and not alive(commands[1]), "a result that cannot be written")
    until(lambda: ground.queue.clock() > ground.job(due).run_at + 300, "the other job to be due")
    assert alive(commands[0])
    assert (ground.job(ending).state, ground.job(due).state) == (State.PROCESSING, State.PENDING)
    filled.unlink()
    (ground.folder / "on").touch()
    for id in (running, ending, due):
        assert ground.until_state(id, State.COMPLETED).attempts == 1
        assert len(ground.runs(id)) == 1
    assert "could not be written: No space left on device" in program.ok("logs", running).out
    assert len(program.jobs()) == 3


@pytest.mark.parametrize("disk", ["48m"], indirect=True)
def test_22_a_disk_that_is_full_for_a_checkpoint(disk: Path, ground: Ground, program: Program) -> None:
    """The -wal finds room and the file does not: what was acknowledged is there, and goes there once it can."""
    filled = fill(disk, leave=24 << 20)
    batch = "".join(f"true {'x' * 4000} {number}\n" for number in range(4_400))
    program.ok("enqueue", "-", stdin=batch)
    wal = (disk / "queue.db-wal").stat().st_size
    assert wal > 16 << 20
    before = os.stat(disk / "queue.db").st_size
    program("enqueue", "-", stdin=batch, code=4)
    assert len(program.jobs()) == 4_400
    filled.unlink()
    program.ok("enqueue", "true")
    assert len(program.jobs()) == 4_401
    assert os.stat(disk / "queue.db").st_size > before


def test_22_a_full_disk_and_kill_9(disk: Path, ground: Ground) -> None:
    """A dispatcher and workers die on a full disk, then all of the pool: the next one has lost and miscounted nothing.

    Nobody can write it down: neither what came to its end, nor what was interrupted.
    """
    kept = ground.add("true")
    ground.start(workers=2)
    ground.until_state(kept, State.COMPLETED)
    ending, running = ground.add(GATED), ground.add(LONG)
    waiting = ground.add("true", priority=-1)
    first = [ground.begun(ending), ground.begun(running)]
    filled = fill(disk)
    (ground.folder / "go").touch()
    until(lambda: "no room left" in ground.said() and not alive(first[0].pid), "a result that cannot be written")
    doomed = [each for each in ground.pool_processes() if each.pid != ground.pool()]
    ground.hit(signal.SIGSTOP, *doomed)
    ground.hit(signal.SIGKILL, *doomed)
    until(lambda: not alive(first[1].pid), "the command to be gone")
    ground.kill_at_one_instant()
    assert {ground.job(id).state for id in (ending, running)} == {State.PROCESSING}
    filled.unlink()
    ground.start(workers=2)
    ground.begun(running, 2)
    for id in (ending, waiting):
        ground.until_state(id, State.COMPLETED)
    counts = {id: (ground.job(id).attempts, ground.job(id).interruptions) for id in (kept, ending, running, waiting)}
    assert counts == {kept: (1, 0), ending: (1, 1), running: (0, 1), waiting: (1, 0)}
    assert [len(ground.runs(id)) for id in counts] == [1, 2, 2, 1]


# 23 to 25: it must not be used; 25 has a file of its own, but for what is refused


def _at_once(program: Program, *commands: list[str]) -> list[Answer]:
    """Each command in a fresh process that permissions bind, all at the same time."""
    begun = [
        subprocess.Popen(
            [*POWERLESS, sys.executable, "-m", "queuectl", *args],
            env=program.env,
            cwd=program.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for args in commands
    ]
    said = [process.communicate(timeout=20) for process in begun]
    return [Answer(process.returncode, *texts) for process, texts in zip(begun, said, strict=True)]


@pytest.fixture
def location(program: Program) -> Path:
    """A store in a folder of its own, which nobody has open."""
    (program.folder / "store").mkdir()
    location = program.folder / "store" / "queue.db"
    program.env["QUEUECTL_DB_PATH"] = str(location)
    return location


@pytest.mark.parametrize(
    ("closed", "mode", "list_code"),
    [("queue.db", 0o400, 0), (".", 0o500, 4), ("queue.db", 0, 4)],
    ids=["read-only file", "read-only folder", "no permission"],
)
def test_23_what_may_not_be_written(program: Program, location: Path, closed: str, mode: int, list_code: int) -> None:
    """Who would write exits 4 and is told what helps, and it does; who reads may, or is told so; the file stays."""
    program.ok("enqueue", "true")
    before = location.read_bytes()
    (location.parent / closed).chmod(mode)
    *writers, reader = _at_once(program, *WRITERS, ["list"])
    for answer in writers:
        _refused(answer, "cannot be opened or written")
    assert reader.code == list_code
    assert location.read_bytes() == before
    advice = _at_once(program, WRITERS[0])[0].err.rpartition("Hint: allow it: ")[2]  # of what is closed by now
    subprocess.run(advice, shell=True, check=True)
    assert _at_once(program, WRITERS[0])[0].code == 0


def test_23_a_read_only_file_system(program: Program, tmp_path: Path) -> None:
    """Nobody can use a store there, and all say so; once it can be written, the store is as it was."""
    with mounted(tmp_path / "disk", "2m") as disk:
        program.env["QUEUECTL_DB_PATH"] = str(disk / "queue.db")
        program.ok("enqueue", "true")
        before = traces(disk)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        for args in (*WRITERS, *READERS):
            _refused(program(*args), "cannot be opened or written")
        assert traces(disk) == before
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        assert [job["id"] for job in program.jobs()] == ["j1"]


def _refused(answer: Answer, says: str) -> None:
    """Exit code 4, one sentence that says why, and one that says what to do."""
    code, err = answer.code, answer.err
    lines = [line for line in err.splitlines() if line.startswith(("Error: ", "Hint: "))]
    assert (code, len(lines)) == (4, 2), answer
    assert says in lines[0]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (spoilt.text_file, "not a store"),
        (spoilt.foreign_database, "not a store"),
        (spoilt.foreign_wal_database, "not a store"),
        (spoilt.truncated_store, "damaged"),
        (spoilt.damaged_header, "not a store"),
        pytest.param(spoilt.newer_store, "newer queuectl", id="25 newer_store"),
    ],
)
def test_24_a_file_that_is_not_a_store(
    program: Program, location: Path, spoil: Callable[[Path], None], says: str
) -> None:
    """Every command refuses it with advice, and leaves it and its folder as they were."""
    spoil(location)
    before = traces(location.parent)
    for args in (*WRITERS, *READERS):
        _refused(program(*args), says)
        assert traces(location.parent) == before, args


def test_24_an_empty_file_is_a_new_store(program: Program, location: Path) -> None:
    location.touch()
    program.ok("enqueue", "true")
    assert [job["id"] for job in program.jobs()] == ["j1"]


def test_24_a_damaged_page(program: Program, location: Path) -> None:
    """The commands that meet it say so and exit 4; none writes around it; others go on."""
    program.ok("enqueue", "-", stdin="".join(f"true {'x' * 200} {number}\n" for number in range(500)))
    with closing(apsw.Connection(str(location))) as connection:
        root, size = connection.execute(
            "SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_schema WHERE name = 'jobs'"
        ).get
    with location.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xde\xad" * (size // 2))
    before = location.read_bytes()
    for args in (["list"], ["show", "j400"], ["enqueue", "true"], ["cancel", "j1"], ["worker", "start", "--drain"]):
        _refused(program(*args), "damaged")
    program.ok("config", "show")
    assert location.read_bytes()[(root - 1) * size : root * size] == before[(root - 1) * size : root * size]


# 26: it goes away


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_26_a_store_that_goes_away_under_a_pool(ground: Ground, program: Program, how: str) -> None:
    """The pool stops with a message and ends what it runs; a job that is added goes into what is there now."""
    id = ground.add(LONG)
    pool = ground.start()
    command = ground.begun(id).pid
    store, kept = Path(ground.queue.location), ground.folder / "kept"
    kept.mkdir()
    for name in ("queue.db", "queue.db-wal", "queue.db-shm"):
        os.rename(ground.folder / name, kept / name)
    if how == "replaced":
        made(ground.folder / "other.db")
        os.rename(ground.folder / "other.db", store)
    assert pool.wait(DEADLINE_S) == 4
    assert "was replaced or removed while it was in use" in ground.said()
    assert not alive(command)
    added = program.ok("enqueue", "true").out.split()[-1]
    assert added in {job["id"] for job in program.jobs()}
    store.unlink()
    for name in os.listdir(kept):  # so that the ground can look at it
        os.rename(kept / name, ground.folder / name)
    assert len(program.jobs()) == 1


def test_26_a_store_whose_file_alone_is_deleted(ground: Ground, program: Program) -> None:
    """The pool stops; nobody makes a new store beside the old -wal, which SQLite would take for its own."""
    id = ground.add(LONG)
    pool = ground.start()
    command = ground.begun(id).pid
    kept = program.store.rename(ground.folder / "kept")
    assert pool.wait(DEADLINE_S) == 4
    assert not alive(command)
    _refused(program("enqueue", "true"), "its -wal is still there")
    kept.rename(program.store)
    assert [job["id"] for job in program.jobs()] == [id]


# 28, 29: it lies where it cannot be trusted, is read by what cannot be trusted, or is a copy


def test_28_a_network_file_system(program: Program, tmp_path: Path) -> None:
    """Refused before anything is made there, with the hint to use a local disk."""
    with network_disk(tmp_path / "far", "fuse.sshfs") as asked:
        program.env["QUEUECTL_DB_PATH"] = str(tmp_path / "far" / "queue.db")
        for args in (*WRITERS, *READERS):
            answer = program(*args)
            _refused(answer, "is on a network file system (fuse.sshfs)")
            assert "set QUEUECTL_DB_PATH to a file on a local disk" in answer.err
        assert asked
        assert not set(asked) & MAKING


MAKING = {6, 8, 9, 12, 13, 16, 35}
"""What FUSE calls symlink, mknod, mkdir, rename, link, write and create."""


def test_29_a_sqlite_that_can_damage_the_store(program: Program, location: Path) -> None:
    """Every process that finds such a library refuses to use it, and changes nothing."""
    made(location)
    before = traces(location.parent)
    (program.folder / "sitecustomize.py").write_text("import apsw\napsw.sqlite_lib_version = lambda: '3.51.2'\n")
    program.env["PYTHONPATH"] = f"{program.folder}:{ROOT}"
    for answer in _at_once(program, *WRITERS, *READERS):
        _refused(answer, "SQLite 3.51.2 can damage a store")
        assert "pip install -U apsw" in answer.err
    assert traces(location.parent) == before


def test_29_a_copy_with_a_pool_of_its_own(ground: Ground) -> None:
    """It runs the job that it finds running again; the original's command is not its to kill."""
    ground.enqueue(f"echo $$ >> pids; exec {LONG}")
    ground.start()
    pids = ground.folder / "pids"
    until(lambda: pids.exists() and len(pids.read_text().split()) == 1, "the command")
    ground.kill_at_one_instant()
    copy = ground.folder / "copy"
    copy.mkdir()
    for name in ("queue.db", "queue.db-wal"):
        subprocess.run(["cp", str(ground.folder / name), str(copy / name)], check=True)
    ground.start("--db", str(copy / "queue.db"))
    until(lambda: len(pids.read_text().split()) == 2, "the copy's command")
    original, copied = map(int, pids.read_text().split())
    assert (alive(original), alive(copied)) == (True, True)
    ground.start()
    until(lambda: len(pids.read_text().split()) == 3, "the original's command to run again")
    assert (alive(original), alive(copied)) == (False, True)


# 31: nobody else opens its files

WATCH = """import os, sys
def watch(event, args):
    if event == "open" and isinstance(args[0], (str, bytes)):
        path = os.path.realpath(os.fsdecode(args[0]))
        if path.startswith({store!r}):
            with open({seen!r}, "a") as file:
                file.write(path + "\\n")
sys.addaudithook(watch)
"""


PHASES = (
    "enqueue --id bad --max-retries 1 false|enqueue --id good echo",
    "worker start --drain",
    "status|list|show bad|logs good|dlq list|retry bad|enqueue a|config show|config set lease 9s|worker list|init",
    "delete good",
)
"""Commands, of which those of a line run at the same time."""


def test_31_no_process_opens_the_files_that_sqlite_has_open(ground: Ground, program: Program) -> None:
    """Closing such a file would drop SQLite's locks on it. Only the files beside the store are opened."""
    store, seen = ground.queue.location, ground.folder / "seen"
    (ground.folder / "sitecustomize.py").write_text(WATCH.format(store=store, seen=str(seen)))
    program.env["PYTHONPATH"] = f"{ground.folder}:{ROOT}"
    program.env["QUEUECTL_DB_PATH"] = store
    for commands in PHASES:
        answers = _at_once(program, *[command.split() for command in commands.split("|")])
        assert {answer.code for answer in answers} == {0}, answers
    opened = set(seen.read_text().split())
    assert f"{store}.d/gate" in opened
    assert {path for path in opened if not path.startswith(f"{store}.d/")} == set()


OPENS = {"open", "read_bytes", "read_text", "copy", "copyfile", "copy2", "copyfileobj", "sendfile", "file_digest"}
KNOWN = {
    "creation.py": {"create", "_build", "_replace_empty", "_sync", "_is_free"},  # before anybody has it open
    "gate.py": {"_opened"},
    "remains.py": {"note", "_noted"},  # of the gate, too
    "wakeup.py": {"_poke", "__init__"},
    "statements.py": {"statements"},
    "__init__.py": {"_step"},
    "checks.py": {"_file_system"},
}


def test_31_no_code_opens_the_stores_files() -> None:
    """A lint: in the store's code only known functions open files, and nobody else's names the store."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "queuectl").rglob("*.py")):
        text = path.read_text()
        if not any(f"{word}(" in text for word in OPENS):
            continue
        for function, call in _opening_calls(ast.parse(text)):
            assert ".store" not in call.replace("queuectl.store", ""), f"{path}: {call}"
            assert "location" not in call, f"{path}: {call}"
            if "store" in path.relative_to(ROOT / "queuectl").parts:
                found.setdefault(path.name, set()).add(function)
    assert found == KNOWN


def _opening_calls(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The innermost function, and the text, of each call that opens a file."""
    function = ""
    for node in _in_order(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            function = node.name
        if isinstance(node, ast.Call) and (getattr(node.func, "id", "") or getattr(node.func, "attr", "")) in OPENS:
            yield function, ast.unparse(node)


def _in_order(tree: ast.AST) -> Iterator[ast.AST]:
    yield tree
    for child in ast.iter_child_nodes(tree):
        yield from _in_order(child)
