"""Rows 1 and 2: what a person waits for who types a command, and for a million jobs from a file."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import apsw

from queuectl.store import open_store
from tests.benchmarks import bulk
from tests.benchmarks.rows import Row, at_most
from tests.benchmarks.run import Run
from tests.benchmarks.turns import in_turns, process_s
from tests.big import fill
from tests.cli.conftest import PYCACHE, ROOT

PROGRAM = (sys.executable, "-m", "queuectl")
SMALLEST = (sys.executable, str(Path(__file__).with_name("smallest.py")), "true")
_COMMANDS: Mapping[str, Sequence[str]] = {
    "enqueue true": ("enqueue", "true"),
    "status": ("status",),
    "list --limit 50": ("list", "--limit", "50"),
    "--help": ("--help",),
}
_BESIDE = "smallest Click + apsw"


def environment(folder: Path) -> dict[str, str]:
    """The same for both sides: what a person's shell has, and where compiled modules are kept."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": PYCACHE,
        "QUEUECTL_DB_PATH": str(folder / "queue.db"),
        "SMALLEST_DB": str(folder / "smallest.db"),
    }


def row_1(run: Run) -> Iterator[Row]:
    """Whole processes, on a store with a thousand jobs; each takes a tenth of a second, so there are more turns."""
    folder = run.fresh()
    fill(str(folder / "queue.db"), 1_000, 100, 100)
    make_smallest(folder)
    env = environment(folder)
    measures = {_BESIDE: lambda: process_s(SMALLEST, env, folder) * 1000}
    for name, args in _COMMANDS.items():
        measures[name] = lambda args=args: process_s([*PROGRAM, *args], env, folder) * 1000  # type: ignore[misc]
    took = in_turns(measures, run.rounds if run.short else 3 * run.rounds)
    for name in _COMMANDS:
        yield Row(1, f"queuectl {name}", "ms", took[name], _BESIDE, took[_BESIDE], at_most(1.3))
    shutil.rmtree(folder)


def make_smallest(folder: Path) -> None:
    """A table for the program beside, in WAL as ours is, and as durable."""
    connection = apsw.Connection(str(folder / "smallest.db"))
    connection.pragma("journal_mode", "wal")
    connection.execute("CREATE TABLE jobs (n INTEGER PRIMARY KEY, command TEXT NOT NULL)")
    connection.close()


def row_2(run: Run) -> Iterator[Row]:
    """Both are whole processes into a new store, and end when all is on the disk and the store is closed."""
    lines = run.fresh() / "jobs.jsonl"
    bulk.write_lines(lines, run.jobs)
    peaks: list[float] = []
    took = in_turns(
        {"ours": lambda: _bulk_s(run, lines, peaks), "bare": lambda: _bare_s(run)},
        run.rounds,
        warm=0,
    )
    what = f"enqueue @file of {run.jobs:,} lines of JSON"
    yield Row(2, what, "s", took["ours"], "bare executemany", took["bare"], at_most(2))
    yield Row(2, f"{what}: peak memory", "MiB", peaks, limit=at_most(100, "MiB"))
    shutil.rmtree(lines.parent)


def _bulk_s(run: Run, lines: Path, peaks: list[float]) -> float:
    folder = run.fresh()
    open_store(str(folder / "queue.db"), create=True).close()
    command = [*PROGRAM, "enqueue", f"@{lines}"]
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment(folder), cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _peak_mib(process.pid))
        _wait_a_little(process)
    took = time.perf_counter() - began
    assert process.returncode == 0
    _check_count(folder / "queue.db", run.jobs)
    peaks.append(peak)
    shutil.rmtree(folder)
    return took


def _wait_a_little(process: subprocess.Popen[bytes]) -> None:
    """Ends with the process, so that looking at its memory does not round its time."""
    try:
        process.wait(0.05)
    except subprocess.TimeoutExpired:
        return


def _bare_s(run: Run) -> float:
    folder = run.fresh()
    store = folder / "queue.db"
    open_store(str(store), create=True).close()
    command = [sys.executable, "-m", "tests.benchmarks.bare_insert", str(store), str(run.jobs)]
    took = process_s(command, environment(folder), folder)
    _check_count(store, run.jobs)
    shutil.rmtree(folder)
    return took


def _check_count(store: Path, jobs: int) -> None:
    connection = apsw.Connection(str(store), flags=apsw.SQLITE_OPEN_READONLY)
    ((count,),) = connection.execute("SELECT sum(n) FROM counts").fetchall()
    connection.close()
    assert count == jobs


def _peak_mib(pid: int) -> float:
    """What the process ever had in memory. Not `ru_maxrss`, which begins with that of who started it."""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0
