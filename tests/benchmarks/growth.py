"""How figures grow with the jobs that wait, alone and with millions of others beside them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.benchmarks.claims import claim_ms
from tests.benchmarks.command_line import PROGRAM, environment
from tests.benchmarks.rows import said
from tests.benchmarks.run import Run
from tests.benchmarks.stores import store
from tests.benchmarks.turns import in_turns, process_s

ALONE, BESIDE = "alone", "beside"
Growth = dict[str, object]
"""`sizes`, `jobs` (what is a million), `lines`: by what is measured and ALONE or BESIDE, the figures at each size."""
_COMMANDS = {
    "enqueue one job": ("enqueue", "true"),
    "status": ("status",),
    "list --limit 50": ("list", "--limit", "50"),
}
_CLAIM = "claim and settle"
_FEWEST = 1_000


def measured(run: Run) -> Growth:
    """All stores and all measures in turns."""
    sizes = sorted({_FEWEST, max(run.jobs // 10, _FEWEST), run.jobs})
    measures: dict[tuple[str, str, int], Callable[[], float]] = {}
    for size in sizes:
        stores = {
            ALONE: store(run, size),
            BESIDE: store(run, size, completed=run.jobs, scheduled=run.jobs),
        }
        for kind, path in stores.items():
            measures[_CLAIM, kind, size] = lambda path=path: claim_ms(path)  # type: ignore[misc]
            for name, args in _COMMANDS.items():
                measures[name, kind, size] = lambda path=path, args=args: _command_ms(run, path, args)  # type: ignore[misc]
    named = {str(key): measure for key, measure in measures.items()}
    took = in_turns(named, run.rounds)
    lines = {
        name: {kind: [took[str((name, kind, size))] for size in sizes] for kind in (ALONE, BESIDE)}
        for name in (_CLAIM, *_COMMANDS)
    }
    return {"sizes": sizes, "jobs": run.jobs, "lines": lines}


def table(growth: Growth) -> str:
    """The medians, as Markdown."""
    sizes, lines = growth["sizes"], growth["lines"]
    assert isinstance(sizes, list)
    assert isinstance(lines, dict)
    head = "| waiting jobs | | " + " | ".join(f"{size:,}" for size in sizes) + " |"
    rule = "|---|---|" + "--:|" * len(sizes)
    body = [
        f"| {name} | {kind} | " + " | ".join(f"{said(median(figures))} ms" for figures in each[kind]) + " |"
        for name, each in lines.items()
        for kind in (ALONE, BESIDE)
    ]
    return "\n".join([head, rule, *body])


def _command_ms(run: Run, path: Path, args: tuple[str, ...]) -> float:
    """The whole process."""
    return process_s([*PROGRAM, "--db", str(path), *args], environment(run.folder), run.folder) * 1000
