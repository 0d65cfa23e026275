"""Faults 18 and 20: clocks that are set, machines that sleep."""

from __future__ import annotations

import os
import runpy
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from queuectl.core.job import State
from queuectl.worker import descendants
from tests.faults.harness import GATED, Ground
from tests.patience import until
from tests.pools.conftest import ROOT

_LEASE_S = 3
_HOUR_S = 3600
_SET = """import os, time
def _ahead_ns():
    with open(os.environ["CLOCK_AHEAD"]) as file:
        return int(file.read()) * 10**9
def _shifted(clock, unit):
    return lambda: clock() + _ahead_ns() // unit
time.time, time.time_ns = _shifted(time.time, 10**9), _shifted(time.time_ns, 1)
"""
"""What every process of a test loads first: the clock on the wall, which somebody sets, and no other."""


class Clock:
    """The clock on the wall, of this process and of those that have `variables`."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._ahead = folder / "ahead"
        (folder / "sitecustomize.py").write_text(_SET)
        self.variables = {"CLOCK_AHEAD": str(self._ahead), "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}
        self.set(0)
        patch.setenv("CLOCK_AHEAD", str(self._ahead))
        patch.setattr(time, "time", time.time)  # so that both are put back
        patch.setattr(time, "time_ns", time.time_ns)
        runpy.run_path(str(folder / "sitecustomize.py"))

    def set(self, seconds: int) -> None:
        """So far ahead of the true time, or behind it."""
        new = self._ahead.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(self._ahead)


@pytest.fixture
def clock(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    with monkeypatch.context() as patch:
        yield Clock(tmp_path_factory.mktemp("clock"), patch)


def until_beats(ground: Ground, count: int) -> None:
    """Every pool has given so many more signs of life, and has looked at the others as often."""
    before = ground.beats()
    until(lambda: all(beat >= before.get(name, 0) + count for name, beat in ground.beats().items()), "signs of life")


@pytest.mark.parametrize("jump_s", [_HOUR_S, -_HOUR_S], ids=["forward", "back"])
def test_18_the_clock_is_set_while_a_job_runs(ground: Ground, clock: Clock, jump_s: int) -> None:
    """Nobody takes it from its pool, no limit strikes, and how long it took is told as it was."""
    ground.queue.config.set("lease", f"{_LEASE_S}s")
    id = ground.add("until test -e go; do echo; sleep 0.05; done; echo printed", timeout="10m")
    for _ in range(2):
        ground.start(more=clock.variables)
    until(lambda: len(ground.beats()) == 2, "both pools")
    begun = ground.begun(id)
    until_beats(ground, 2)  # each has looked at the other before
    clock.set(jump_s)
    ground.start(more=clock.variables)
    until(lambda: len(ground.beats()) == 3, "the third pool")
    until_beats(ground, _LEASE_S + 2)  # three in a lease
    (ground.folder / "go").touch()
    job = ground.until_state(id, State.COMPLETED)
    (run,) = ground.runs()
    assert run.end is not None
    took_ms = (run.end - run.begin) * 1000
    assert took_ms - 100 <= job.duration_ms <= took_ms + 1000
    assert job.finished_at - job.started_at == pytest.approx(jump_s * 1000 + job.duration_ms, abs=50), "it was not set"
    assert (run.pid, job.attempts, job.interruptions) == (begun.pid, 1, 0)
    assert b"".join(ground.queue.jobs.output(job, ground.queue.jobs.attempts(job)[0])).strip() == b"printed"
    later = ground.until_state(ground.add("true"), State.COMPLETED)
    assert later.started_at == pytest.approx(job.finished_at, abs=10_000)


def test_18_a_worker_dies_after_the_clock_was_set_back(ground: Ground, clock: Clock) -> None:
    """Its job was due once, and runs again within 2 s."""
    ground.queue.config.set("lease", f"{_LEASE_S}s")
    id = ground.add("sleep 1000")
    ground.start(more=clock.variables)
    ground.begun(id)
    clock.set(-_HOUR_S)
    until_beats(ground, 1)
    os.kill(ground.worker_of(id), signal.SIGKILL)
    since = time.monotonic()
    ground.begun(id, 2)
    assert time.monotonic() - since < 2.0
    assert (ground.job(id).attempts, ground.job(id).interruptions) == (0, 1)


def test_18_the_clock_is_set_while_a_job_waits_for_its_backoff(ground: Ground, clock: Clock) -> None:
    """It waits for a time of the clock: set back, it goes on waiting; once the clock has come there, it runs."""
    ground.queue.config.set("lease", f"{_LEASE_S}s")
    ground.queue.config.set("backoff-base", "1000")
    id = ground.add("test -e go || exit 1")
    ground.start(more=clock.variables)
    failed = ground.until_state(id, State.FAILED)
    (ground.folder / "go").touch()
    for ahead_s in (-_HOUR_S, 0, 900):
        clock.set(ahead_s)
        until_beats(ground, 2)
        assert ground.job(id) == failed
    clock.set(_HOUR_S)
    since = time.monotonic()
    job = ground.until_state(id, State.COMPLETED)
    assert time.monotonic() - since < _LEASE_S / 3 + 2
    assert (job.attempts, job.interruptions, job.run_at) == (2, 0, failed.run_at)
    assert failed.run_at - failed.finished_at == pytest.approx(1_000_000, abs=1000)
    assert job.started_at - failed.finished_at > (_HOUR_S - 10) * 1000


def test_20_a_machine_asleep_past_the_lease(ground: Ground) -> None:
    """When it wakes, every pool still has its jobs: time in which nobody could look does not count."""
    ground.queue.config.set("lease", f"{_LEASE_S}s")
    ids = [ground.add(GATED) for _ in range(2)]
    for _ in ids:
        ground.start()
    begun = [ground.begun(id) for id in ids]
    everything = [each for pool in ground.pools for each in descendants.descendants([pool.pid])]
    for pool in ground.pools:
        pool.send_signal(signal.SIGSTOP)
    ground.hit(signal.SIGSTOP, *everything)
    time.sleep(_LEASE_S + 1)  # asleep
    ground.hit(signal.SIGCONT, *everything)
    for pool in ground.pools:
        pool.send_signal(signal.SIGCONT)
    before = ground.beats()
    until(lambda: all(beat > before[name] + 1 for name, beat in ground.beats().items()), "signs of life of both")
    (ground.folder / "go").touch()
    for id in ids:
        ground.until_state(id, State.COMPLETED)
    assert [run.pid for run in ground.runs()] == [run.pid for run in begun]
    assert {ground.job(id).interruptions for id in ids} == {0}
