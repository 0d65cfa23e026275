"""The table, the JSON file, and what the machine was."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Sequence
from pathlib import Path

import apsw

from tests.benchmarks.rows import NONE, Row
from tests.benchmarks.run import Run

_HEAD = ("#", "what", "median", "spread", "beside", "its median", "its spread", "ratio", "budget", "")
_FIGURES = {2, 3, 5, 6, 7}


VERDICTS = ("met", "lost", "ahead", "behind", "left out")
LEGEND = """\
`beside` is what was measured in turns with it in the same run, or the limit that it has; figures are medians with the
lowest and the highest. A ratio is ours to its. `met` and `lost` are of the budget, which is one of the ratio if it says
×; where there is none, `ahead` and `behind` are of what stands beside."""


def table(rows: Sequence[Row]) -> str:
    """As Markdown that can be read as it stands."""
    lines = [_HEAD, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    rule = "|" + "|".join("-" * (w + 1) + (":" if n in _FIGURES else "-") for n, w in enumerate(widths)) + "|"
    head, *body = (_line(line, widths) for line in lines)
    notes = [f"{row.number} {row.what}: {row.note}" for row in rows if row.note]
    return "\n".join([head, rule, *body, "", LEGEND, *([""] if notes else []), *notes])


def summary(rows: Sequence[Row]) -> str:
    """A line for each budget: how many of its rows are met, and the one that is nearest to its limit, or over it."""
    lines = []
    for number in dict.fromkeys(row.number for row in rows):
        own = [row for row in rows if row.number == number]
        counts = {word: sum(row.verdict == word for row in own) for word in VERDICTS}
        words = ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "no budget"
        judged = [(row.used, row) for row in own if row.used is not None]
        used, tightest = max(judged, key=lambda each: each[0], default=(None, None))
        if tightest is not None:
            beside = f" beside {tightest.beside}" if tightest.beside else ""
            words += f"; {used:.0%} of the budget is used by: {tightest.what}{beside}"
        lines.append(f"{number:>2}: {words}")
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (c.rjust(w) if n in _FIGURES else c.ljust(w) for n, (c, w) in enumerate(zip(cells, widths, strict=True)))
    return f"| {' | '.join(padded)} |"


def machine(folder: Path) -> dict[str, object]:
    """What the figures depend on besides the program; `folder` is where the stores were."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": _first(Path("/proc/cpuinfo"), "model name"),
        "memory": _first(Path("/proc/meminfo"), "MemTotal"),
        "kernel": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": platform.python_version(),
        "sqlite": apsw.sqlite_lib_version(),
        "file_system": file_system(folder),
        "fdatasync_ms": round(_fdatasync_ms(folder), 3),
        "load": os.getloadavg()[0],
    }


def machine_line(facts: dict[str, object]) -> str:
    return (
        f"{facts['cores']} cores of {facts['cpu']}, {facts['kernel']}, Python {facts['python']}, "
        f"SQLite {facts['sqlite']}, {facts['file_system']} (fdatasync {facts['fdatasync_ms']} ms), "
        f"load at the start {facts['load']:.1f}"
    )


def write_json(path: Path, run: Run, facts: dict[str, object], rows: Sequence[Row], growth: object) -> None:
    """Written anew after each row, so that a run that is cut short leaves what it has measured."""
    content = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": facts,
        "million": run.jobs,
        "rounds": run.rounds,
        "rows": [row.record() for row in rows],
        "growth": growth,
    }
    beside = path.with_name(path.name + ".new")
    beside.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    beside.replace(path)


def file_system(folder: Path) -> str:
    """The type of what is mounted there, by the longest mount point that leads to it."""
    found = (0, NONE)
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        point = before.split()[4]
        if Path(os.path.realpath(folder)).is_relative_to(point):
            found = max(found, (len(point), after.split()[0]), key=lambda mount: mount[0])
    return found[1]


def _first(file: Path, name: str) -> str:
    lines = (line.partition(":") for line in file.read_text().splitlines())
    return next((value.strip() for key, _, value in lines if key.strip() == name), NONE)


def _fdatasync_ms(folder: Path) -> float:
    """The median of twenty, a page each."""
    times = []
    probe = folder / "fdatasync"
    with probe.open("wb", buffering=0) as file:
        for _ in range(20):
            file.write(b"x" * 4096)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - began) * 1000)
    probe.unlink()
    return sorted(times)[len(times) // 2]
