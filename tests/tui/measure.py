"""The app's figures of speed: `python -m tests.tui.measure [--stores FOLDER] [--jobs N] ROW…`.

Rows: paint, keys, job, filters, idle, drain. Everything is timed on a real pseudo-terminal, from the first
byte that goes in to the painted bytes that show its effect. Stores stay in FOLDER for the next time.
Each row prints its figures and returns them, for `tests.benchmarks` to put beside their budgets.
"""

# ruff: noqa: T201 - a program that prints

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import NamedTuple

from queuectl.core.job import NewJob, State
from queuectl.queue import Queue
from queuectl.wiring import connect
from tests.big import fill
from tests.patience import DEADLINE_S, until
from tests.tui.terminal import Terminal, environment

SIZE = (120, 40)
ROUNDS = 7
PRINTED = 10_000_000
IDLE_S = 60.0
DRAINED = 4_000
_TICKS = os.sysconf("SC_CLK_TCK")
_COLOURS = re.compile(rb"\x1b\[[0-9;:]*m")
_CURSOR_ROW = re.compile("▸. ?(j[0-9]+)".encode())
_NUMBERED = re.compile("([0-9]+) │ ".encode())
_PENDING_ROW = re.compile(rb"(j[0-9]+) +-?[0-9]+ +[0-9.]+[smhd]")


class KeyTimes(NamedTuple):
    """Milliseconds from each key to its paint, by what was pressed, and what the app then had in memory."""

    ms: dict[str, list[float]]
    memory_mib: float


class Drains(NamedTuple):
    """Jobs a second without and with an app, and of each drain with it: its share of a core, the largest -wal."""

    alone: list[float]
    beside: list[float]
    percent: list[float]
    wal_mib: list[float]


class Watched(Terminal):
    """A terminal that only keeps what came since `mark`: nothing is interpreted while time is taken."""

    def mark(self) -> None:
        self.recorded = b""

    @property
    def painted(self) -> bytes:
        """What came, without its colours."""
        return _COLOURS.sub(b"", self.recorded)

    def took_ms(self, data: bytes, effect: Callable[[bytes], object]) -> float:
        """From writing keys to having read what shows their effect."""
        self.mark()
        began = time.perf_counter()
        os.write(self._ours, data)
        while not effect(self.painted):
            assert time.perf_counter() - began < DEADLINE_S, f"no effect of {data!r}: {self.painted[-2000:]!r}"
            self._read_within(1.0)
        return (time.perf_counter() - began) * 1000


def app(location: str) -> Watched:
    return Watched(["--db", location], SIZE)


def started(location: str) -> Watched:
    """An app that has shown its lists, and has come to rest."""
    shown = app(location)
    shown.until_true(lambda: b"\xe2\x96\xb8" in shown.recorded or b"n adds one" in shown.recorded, "the lists")
    shown.read_for(2.0)
    return shown


# The rows


def paint(big: str, empty: str, rounds: int = ROUNDS) -> dict[str, list[float]]:
    """First paint, from the start of the process to the rows of a list, in milliseconds."""
    times: dict[str, list[float]] = {"import textual.app": [], "0 jobs": [], "big": []}
    for _ in range(rounds + 1):
        times["import textual.app"].append(_import_s() * 1000)
        times["0 jobs"].append(_seconds(lambda: _paint(empty, lambda came: b"n adds one" in came)) * 1000)
        times["big"].append(_seconds(lambda: _paint(big, _CURSOR_ROW.search)) * 1000)
    warm = {name: each[1:] for name, each in times.items()}  # the first one warms the caches
    middle = {name: median(each) for name, each in warm.items()}
    for name, ms in middle.items():
        print(f"paint    {name:20} {ms:7.0f} ms")
    print(f"paint    big / import         {middle['big'] / middle['import textual.app']:7.2f}   (1.8)")
    print(f"paint    big / 0 jobs         {middle['big'] / middle['0 jobs']:7.2f}   (1.1)")
    return warm


def _import_s() -> float:
    beside = [sys.executable, "-c", "import textual.app"]
    return _seconds(lambda: subprocess.run(beside, env=environment({}), check=True))


def _paint(location: str, effect: Callable[[bytes], object]) -> Callable[[], None]:
    shown = app(location)
    shown.until_true(lambda: bool(effect(shown.painted)), "the first paint")
    return shown.__exit__


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    after = call()
    took = time.perf_counter() - began
    if callable(after):
        after()
    return took


def keys(big: str, _: str, share: int = 1) -> KeyTimes:
    """Key to paint: until the cursor is painted on another job, or the letter in the filter.

    `share` is what part of the keys is pressed: 5 for a fifth.
    """
    found: dict[str, list[float]] = {}
    _print_times(
        "keys", "import textual", [_import_s() * 1000 for _ in range(ROUNDS)]
    )  # how fast the machine is just now
    with started(big) as shown:
        for name, presses in {
            "j": ["j"] * 60,
            "k": ["k"] * 30,
            "page down": ["\x1b[6~"] * 40,
            "page up": ["\x1b[5~"] * 40,
            "G, g": ["G", "g"] * 20,
            "half page down": ["\x04"] * 20,
            "pane": ["3", "1"] * 15,
        }.items():
            before = _cpu_s(shown.pid)
            found[name] = [_moved_ms(shown, press) for press in presses[: max(len(presses) // share, 4)]]
            _print_times("keys", name, found[name])
            print(f"         {(_cpu_s(shown.pid) - before) / len(found[name]) * 1000:.0f} ms of a core each")
        letters: list[float] = []
        for text in ("ffmpeg mov 0417", "prio>5 queue:q3", "err:resolve host")[: 3 if share == 1 else 1]:
            shown.took_ms(b"/", lambda came: b"/" in came)
            letters += _typed_ms(shown, text)
            shown.send(b"\x1b")
            shown.read_for(1.0)
        found["filter letter"] = letters
        _print_times("keys", "filter letter", letters)
        return KeyTimes(found, _print_memory(shown))


def _moved_ms(shown: Watched, press: str, at: list[bytes] = [b""]) -> float:  # noqa: B006 - where the cursor was
    def elsewhere(came: bytes) -> bool:
        rows: list[bytes] = _CURSOR_ROW.findall(came)
        at[0], before = rows[-1] if rows else at[0], at[0]
        return before != at[0]

    ms = shown.took_ms(press.encode(), elsewhere)
    shown.read_for(random.uniform(0.15, 0.4))  # in step with no beat of the app's own
    return ms


def _typed_ms(shown: Watched, text: str) -> Iterable[float]:
    for length in range(1, len(text) + 1):
        yield shown.took_ms(text[length - 1].encode(), lambda came, n=length: text[:n].rstrip().encode() in came)
        shown.read_for(0.6)


def job(_: str, empty: str) -> None:
    """Key to paint on the job screen: until other lines of ten million are painted."""
    location = str(Path(empty).with_name("printed.db"))
    _print_lines(location)
    with started(location) as shown:
        shown.took_ms(b"6", lambda came: b"6 Done" in came)
        shown.read_for(0.5)
        shown.took_ms(b"\r", lambda came: f"{PRINTED:,} lines".encode() in came)
        shown.read_for(1.0)
        for name, presses in {
            "k": ["k"] * 60,
            "j": ["j"] * 30,
            "page up": ["\x1b[5~"] * 40,
            "page down": ["\x1b[6~"] * 30,
            "g, G": ["g", "G"] * 20,
            "attempt": ["[", "]"] * 20,
        }.items():
            before = _cpu_s(shown.pid)
            _print_times("job", name, [_turned_ms(shown, press) for press in presses])
            print(f"         {(_cpu_s(shown.pid) - before) / len(presses) * 1000:.0f} ms of a core each")
        shown.took_ms(b"/", lambda came: b"/" in came)
        _print_times("job", "search letter", list(_typed_ms(shown, "line 9999")))
        shown.took_ms(b"\r", lambda came: b"match" in came)
        shown.read_for(5.0)
        _print_times("job", "n", [_turned_ms(shown, "n") for _ in range(30)])
        _print_memory(shown)


def _turned_ms(shown: Watched, press: str) -> float:
    """Until a number is painted in front of a line."""
    ms = shown.took_ms(press.encode(), _NUMBERED.search)
    shown.read_for(random.uniform(0.3, 0.5))
    return ms


def _print_lines(location: str) -> None:
    """A job of two attempts that printed as many lines each."""
    if os.path.exists(location):
        return
    with closing(connect(location, create=True)) as queue:
        queue.config.set("log-limit", "1GiB")
        queue.config.set("backoff-base", "1")
        for _ in queue.jobs.add([NewJob(f"seq -f 'line %.0f' {PRINTED}; test $QUEUECTL_ATTEMPT = 2", "/")]):
            pass
        queue.pools.start(1)
        until(lambda: queue.counts().of(State.COMPLETED), "the lines", 300)
        queue.pools.stop(force=True, timeout_s=DEADLINE_S)
        until(lambda: not queue.pools.workers(), "the pool to end")


def filters(big: str, empty: str, rounds: int = ROUNDS) -> dict[str, dict[str, list[float]]]:
    """From a filter pasted to its first rows, or to `looking`, in milliseconds by filter and store."""
    small = str(Path(empty).with_name("hundred.db"))
    _made(small, 100, 10, 10)
    texts = ("queue:q3", "id:j{}", "prio>5", "ffmpeg", "err:resolve", "tries>=1", "exit:1", "err:nothing", "worker:p9")
    took: dict[str, dict[str, list[float]]] = {text: {"100": [], "big": []} for text in texts}
    last = {location: connect(location).counts().total for location in (small, big)}  # ids are j1 and so on
    with started(small) as few, started(big) as many:
        for text, each in took.items():
            for _ in range(rounds):
                each["100"].append(_first_page_ms(few, text.format(last[small])))
                each["big"].append(_first_page_ms(many, text.format(last[big])))
            words = "  ".join(f"{name} {median(ms):5.0f} ms" for name, ms in each.items())
            print(f"filters  {text:16} {words}")
    return took


def _first_page_ms(shown: Watched, text: str) -> float:
    shown.took_ms(b"/", lambda came: b"/" in came)
    shown.read_for(0.3)
    ms = shown.took_ms(
        b"\x1b[200~" + text.encode() + b"\x1b[201~",
        lambda came: _PENDING_ROW.search(came) or b"looking" in came or b" match " in came,
    )
    shown.read_for(0.3)
    shown.took_ms(b"\x1b", lambda came: b"j" in came)
    shown.read_for(0.5)
    return ms


def idle(big: str, _: str, seconds: float = IDLE_S) -> float:
    """What an app costs that nobody touches, in percent of a core."""
    with started(big) as shown:
        shown.read_for(5.0)
        shown.mark()
        before = _cpu_s(shown.pid)
        shown.read_for(seconds)
        percent = (_cpu_s(shown.pid) - before) / seconds * 100
        print(f"idle     {percent:.2f} % of a core (1), {len(shown.recorded) / seconds:,.0f} bytes painted a second")
        _print_memory(shown)
        return percent


def drain(_: str, __: str, rounds: int = 4, jobs: int = DRAINED) -> Drains:
    """A pool of two that drains `true`, alone and with an app open, in turns."""
    drains = Drains([], [], [], [])
    for _turn in range(rounds):
        drains.alone.append(_drained(jobs, None))
        drains.beside.append(_drained(jobs, drains))
    alone, beside = median(drains.alone), median(drains.beside)
    print(f"drain    alone {alone:.0f} /s, with the app {beside:.0f} /s: {beside / alone:.2f} (0.9)")
    return drains


def _drained(jobs: int, watched: Drains | None) -> float:
    """How many a second; with `watched` an app is open, and what it costs is added there."""
    with tempfile.TemporaryDirectory() as folder, closing(connect(f"{folder}/queue.db", create=True)) as queue:
        for _ in queue.jobs.add([NewJob("true", "/")] * jobs):
            pass
        try:
            if watched is None:
                return jobs / _completed_s(queue, jobs, time.sleep, watched)
            with started(queue.location) as shown:
                before = _cpu_s(shown.pid)
                took = _completed_s(queue, jobs, shown.read_for, watched)
                watched.percent.append((_cpu_s(shown.pid) - before) / took * 100)
            cost = f"app {watched.percent[-1]:.1f} % of a core (10), -wal {watched.wal_mib[-1]:.1f} MiB (64)"
            print(f"drain    {cost}, {jobs / took:.0f} /s")
            return jobs / took
        finally:
            queue.pools.stop(force=True, timeout_s=DEADLINE_S)
            until(lambda: not queue.pools.workers(), "the pool to end")


def _completed_s(queue: Queue, jobs: int, pause: Callable[[float], None], watched: Drains | None) -> float:
    """From the start of a pool of two to the end of the last job."""
    wal, began = 0, time.perf_counter()
    queue.pools.start(2)
    while queue.counts().of(State.COMPLETED) < jobs:
        pause(0.05)
        wal = max(wal, os.path.getsize(queue.location + "-wal"))
    if watched is not None:
        watched.wal_mib.append(wal / 2**20)
    return time.perf_counter() - began


# What the system says


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _print_memory(shown: Watched) -> float:
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{shown.pid}/status").read_text())
    assert found
    mib = int(found[1]) / 1024
    print(f"memory   {mib:.0f} MiB (120)")
    return mib


def _print_times(row: str, name: str, times: list[float]) -> None:
    times = sorted(times)
    p95 = times[min(len(times) * 95 // 100, len(times) - 1)]
    print(f"{row:8} {name:16} p50 {median(times):5.1f} ms  p95 {p95:5.1f} ms  worst {times[-1]:5.1f} ms")


ROWS: dict[str, Callable[[str, str], object]] = {
    "paint": paint,
    "keys": keys,
    "job": job,
    "filters": filters,
    "idle": idle,
    "drain": drain,
}


def _made(path: str, pending: int, dead: int, completed: int) -> str:
    if not os.path.exists(path):
        fill(path, pending, dead, completed)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []], metavar="ROW")
    parser.add_argument("--stores", default=os.path.join(tempfile.gettempdir(), "queuectl-measured"))
    parser.add_argument("--jobs", type=int, default=1_000_000)
    chosen = parser.parse_args()
    os.makedirs(chosen.stores, exist_ok=True)
    tenth = chosen.jobs // 10
    rows = chosen.rows or list(ROWS)
    big = os.path.join(chosen.stores, "big.db")
    if rows != ["job"]:
        _made(big, chosen.jobs, tenth, tenth)
    empty = _made(os.path.join(chosen.stores, "none.db"), 0, 0, 0)
    for row in rows:
        ROWS[row](big, empty)


if __name__ == "__main__":
    main()
