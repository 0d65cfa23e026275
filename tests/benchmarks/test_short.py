"""What guards against becoming slow: ratios only, within one run and with room for a busy machine.

The budgets themselves are measured by `python -m tests.benchmarks`; here a figure may be half as bad again.
Who is over it is measured once more before it is called slow: another program may have had the processors.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from queuectl.core.selector import EVERYTHING
from queuectl.wiring import connect
from tests.benchmarks.claims import claim_ms
from tests.benchmarks.command_line import PROGRAM, SMALLEST, environment, make_smallest
from tests.benchmarks.drains import drain_s, xargs_s
from tests.benchmarks.looks import look_ms
from tests.benchmarks.run import Run
from tests.benchmarks.stores import store
from tests.benchmarks.turns import in_turns, process_s

_TRIES = 3
_JOBS, _FEW = 20_000, 1_000


@pytest.fixture
def run(tmp_path: Path) -> Run:
    (tmp_path / "stores").mkdir()
    return Run(tmp_path, tmp_path / "stores", jobs=_JOBS, rounds=3, short=True)


def least(measures: dict[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """The best of each: what is slow for a while makes figures larger, and nothing makes them smaller."""
    return {name: min(each) for name, each in in_turns(measures, rounds).items()}


def soon(ratio: Callable[[], float], most: float) -> None:
    """The ratio is at most so much, at one of a few tries."""
    seen: list[float] = []
    while len(seen) < _TRIES:
        seen.append(round(ratio(), 2))
        if seen[-1] <= most:
            return
    pytest.fail(f"ratios {seen}, all above {most}")


def test_1_a_command_takes_little_more_than_the_smallest_program(run: Run) -> None:
    folder = run.fresh()
    make_smallest(folder)
    env = environment(folder)

    def ratio() -> float:
        took = least(
            {
                "ours": lambda: process_s([*PROGRAM, "enqueue", "true"], env, folder),
                "theirs": lambda: process_s(SMALLEST, env, folder),
            },
            4,
        )
        return took["ours"] / took["theirs"]

    soon(ratio, 1.3 * 1.25)


def test_3_a_drain_keeps_up_with_xargs(run: Run) -> None:
    def ratio() -> float:
        took = least({"ours": lambda: drain_s(run, 150, 2), "xargs": lambda: xargs_s(run, 150, 2)}, 2)
        return took["ours"] / took["xargs"]

    soon(ratio, 1.5 / 0.6)


@pytest.mark.parametrize(
    "beside", [{"waiting": _JOBS}, {"completed": _JOBS}, {"scheduled": _JOBS}], ids=["waiting", "finished", "scheduled"]
)
def test_9_a_claim_takes_as_long_with_many_jobs(run: Run, beside: dict[str, int]) -> None:
    many, few = store(run, **{"waiting": _FEW, **beside}), store(run, _FEW)

    def ratio() -> float:
        took = least({"many": lambda: claim_ms(many), "few": lambda: claim_ms(few)}, 3)
        return took["many"] / took["few"]

    soon(ratio, 1.25 * 1.4)


def test_10_a_look_takes_as_long_with_many_jobs(run: Run) -> None:
    """What a command reads, without its start, beside which nothing would be seen to grow."""
    many, few = (connect(str(store(run, count, count // 10, count // 10)), viewer=True) for count in (_JOBS, 100))
    looks = {
        "status": lambda queue: queue.status(),
        "list": lambda queue: list(queue.jobs.newest(EVERYTHING, 50)),
        "app": lambda queue: queue.panes.top(EVERYTHING, "arrival", 50),
    }
    for look in looks.values():

        def ratio(look: Callable[[object], object] = look) -> float:
            took = least({"many": lambda: look_ms(look, many), "few": lambda: look_ms(look, few)}, 5)
            return took["many"] / took["few"]

        soon(ratio, 1.3 * 1.5)
    many.close()
    few.close()
