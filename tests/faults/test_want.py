"""Fault 16: no process, no memory or no file is to be had, or a command cannot be started at all."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from queuectl.core.attempt import Outcome
from queuectl.core.job import Job, State
from tests.cli.conftest import Program
from tests.faults.harness import Ground
from tests.patience import until

_MOST = 20
"""Processes of one user."""


def somebody() -> list[str]:
    """Before a program: it is counted as another user's, and has none of root's powers."""
    if os.geteuid() != 0:
        pytest.skip("only root can start processes that are counted as another user's")
    return ["setpriv", "--ruid", str(20_000 + os.getpid() % 40_000), "--inh-caps=-all", "--bounding-set=-all"]


@contextmanager
def crowd() -> Iterator[None]:
    """As many processes of that user as it may have."""
    script = f"for each in $(seq {_MOST}); do sleep 1000 & done; echo; wait"
    with subprocess.Popen([*somebody(), "sh", "-c", script], stdout=subprocess.PIPE, start_new_session=True) as shell:
        assert shell.stdout is not None
        shell.stdout.readline()
        try:
            yield
        finally:
            os.killpg(shell.pid, signal.SIGKILL)


def reason(program: Program) -> str:
    """Why the pool does not work, by what a person is told."""
    (pool,) = program.ok("status", "--json").json["pools"]
    said = str(pool["reason"] or "")
    assert " ".join(said.split()) in " ".join(program.ok("status").out.split()) or not said
    return said


def runs_at_last(ground: Ground, id: str) -> Job:
    job = ground.until_state(id, State.COMPLETED)
    assert (job.attempts, job.interruptions, job.runs) == (1, 0, 1)
    assert [attempt.outcome for attempt in ground.queue.jobs.attempts(job)] == [Outcome.EXITED]
    return job


def until_given_back(ground: Ground, program: Program, why: str) -> str:
    """A job that cannot be started is tried three times, after growing pauses, and none of them counts."""
    id = ground.enqueue("echo hello")
    for pause_s in (1, 2, 4):
        said = f"{why}; trying again in {pause_s} s"
        until(lambda said=said: said in ground.said(), said)
    job = ground.until_state(id, State.PENDING)
    assert reason(program) == said
    assert (job.attempts, job.interruptions, job.runs) == (0, 0, 0)
    return id


def test_16_no_process_to_be_had(ground: Ground, program: Program) -> None:
    """The job is given back uncounted, the pool pauses for 1, 2, 4 … s and says why; then the job runs."""
    ground.start(before=[*somebody(), "prlimit", f"--nproc={_MOST}"])
    ground.until_workers(1)
    with crowd():
        id = until_given_back(ground, program, "cannot start /bin/sh: Resource temporarily unavailable")
    runs_at_last(ground, id)
    assert reason(program) == ""


@pytest.mark.parametrize(
    ("limit", "least", "why"),
    [
        (resource.RLIMIT_NOFILE, 3, "no descriptor for a command: Too many open files"),
        (resource.RLIMIT_AS, 4096, "cannot start /bin/sh: Cannot allocate memory"),
    ],
    ids=["file", "memory"],
)
def test_16_no_file_or_memory_to_be_had(ground: Ground, program: Program, limit: int, least: int, why: str) -> None:
    """The same."""
    ground.start()
    (worker,) = ground.until_workers(1)
    before = resource.prlimit(worker, limit)
    resource.prlimit(worker, limit, (least, before[1]))
    id = until_given_back(ground, program, why)
    resource.prlimit(worker, limit, before)
    runs_at_last(ground, id)
    assert reason(program) == ""


@pytest.mark.parametrize(
    ("shell", "folder", "error"),
    [
        ("no such shell", ".", "cannot start {0}/no such shell: No such file or directory"),
        ("queue.db", ".", "cannot start {0}/queue.db: Permission denied"),
        ("/bin/sh", "no such folder", "cannot enter {0}/no such folder: No such file or directory"),
        ("/bin/sh", "queue.db", "cannot enter {0}/queue.db: Not a directory"),
    ],
)
def test_16_what_cannot_be_started(ground: Ground, program: Program, shell: str, folder: str, error: str) -> None:
    """It is not the host that lacks something: a failed attempt, the last of them makes the job dead; no pause."""
    ground.queue.config.set("shell", str(ground.folder / shell))
    ground.queue.config.set("backoff-base", "1")
    id = ground.enqueue("true", cwd=str(ground.folder / folder), max_retries=2)
    ground.start()
    job = ground.until_state(id, State.DEAD)
    assert (job.attempts, job.interruptions, job.error) == (2, 0, error.format(ground.folder))
    assert [attempt.outcome for attempt in ground.queue.jobs.attempts(job)] == [Outcome.NOT_STARTED] * 2
    assert reason(program) == ""
