"""What the system says of processes: time on a processor, how often they woke, memory."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from queuectl.worker import descendants


def family(pid: int) -> list[int]:
    """The process and all that it has started."""
    return [pid, *(process.pid for process in descendants.descendants([pid]))]


def cpu_s(pids: Iterable[int]) -> float:
    """Of all threads that live, to the nanosecond: ticks of 10 ms would say 0 of who idles."""
    return sum(int((task / "schedstat").read_text().split()[0]) for pid in pids for task in _tasks(pid)) / 1e9


def wakes(pid: int) -> int:
    """How often its threads went to wait for something, and so were woken."""
    return sum(_number(task / "status", "voluntary_ctxt_switches") for task in _tasks(pid))


def memory_mib(pids: Iterable[int]) -> float:
    """What the processes take together: their sum of PSS, if nobody else had Python in memory.

    Pages of files are counted once, as the process has them that has most: how many others map the
    same libraries is chance, and PSS would give most of a lone interpreter's away to them.
    """
    rolls = [(Path(f"/proc/{pid}/smaps_rollup"), Path(f"/proc/{pid}/status")) for pid in pids]
    own = sum(_number(roll, "Pss_Anon") + _number(roll, "Pss_Shmem") for roll, _ in rolls)
    return (own + max(_number(status, "RssFile") for _, status in rolls)) / 1024


def pss_mib(pids: Iterable[int]) -> float:
    """The same as the system shares it out just now, among all processes that there are."""
    return sum(_number(Path(f"/proc/{pid}/smaps_rollup"), "Pss") for pid in pids) / 1024


def _tasks(pid: int) -> Iterable[Path]:
    return Path(f"/proc/{pid}/task").iterdir()


def _number(file: Path, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", file.read_text(), re.MULTILINE)
    assert found, f"{file} does not tell {name}"
    return int(found[1])
