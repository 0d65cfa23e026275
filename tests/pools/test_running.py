"""What a pool does with jobs when all goes well."""

from __future__ import annotations

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from queuectl.core.attempt import Outcome
from queuectl.core.job import State
from queuectl.core.lifecycle import Cancel
from queuectl.errors import Conflict
from queuectl.worker.verdict import AFTER_STOP_S
from tests.patience import DEADLINE_S, until
from tests.pools.conftest import Stage, alive

_LIBC_SIGNALS = 0b11 << 31
"""Signals 32 and 33 are the C library's own; its spawn ignores them in every child."""
BEGIN = "echo begin $$ >> proof; "


def test_500_jobs_over_three_pools_run_once_each(stage: Stage) -> None:
    ids = [stage.enqueue(f"echo {number} >> proof") for number in range(500)]
    for _ in range(3):
        stage.start("--drain", workers=2)
    assert [pool.wait(60) for pool in stage.pools] == [0, 0, 0]
    assert sorted(map(int, stage.lines())) == list(range(500))
    assert {stage.job(id).state for id in ids} == {State.COMPLETED}
    assert {stage.job(id).attempts for id in ids} == {1}


def test_a_failing_job_waits_for_its_backoff_and_is_dead_after_its_last_attempt(stage: Stage) -> None:
    stage.queue.config.set("backoff-base", "1")
    id = stage.enqueue("date +%s%N >> proof; echo out of luck; exit 7", max_retries=2)
    stage.start()
    assert stage.until_state(id, State.FAILED).attempts == 1
    job = stage.until_state(id, State.DEAD)
    assert (job.attempts, job.exit_code, job.error) == (2, 7, "exit 7 · out of luck")
    first, second = map(int, stage.lines())
    assert 1.0 <= (second - first) / 1e9 < 3.0
    assert [attempt.outcome for attempt in stage.queue.jobs.attempts(job)] == [Outcome.EXITED] * 2


def test_a_timeout_ends_everything_that_the_command_started(stage: Stage) -> None:
    stage.queue.config.set("kill-grace", "0.2s")
    command = "trap '' TERM; (setsid sleep 1000 & echo $! >> proof); sleep 1000 & echo $! >> proof; sleep 1000"
    id = stage.enqueue(command, timeout="0.5s", max_retries=1)
    stage.start()
    job = stage.until_state(id, State.DEAD)
    assert (job.signal, stage.queue.jobs.attempts(job)[0].outcome) == ("SIGKILL", Outcome.TIMED_OUT)
    assert not any(alive(int(pid)) for pid in stage.lines())


def test_a_command_sees_its_job_and_can_enqueue(stage: Stage) -> None:
    id = stage.enqueue(
        'echo "$QUEUECTL_JOB_ID $QUEUECTL_ATTEMPT $QUEUECTL_MAX_RETRIES $QUEUECTL_QUEUE $QUEUECTL_DB_PATH"'
    )
    stage.start("--drain").wait(DEADLINE_S)
    job = stage.job(id)
    printed = b"".join(stage.queue.jobs.output(job, stage.queue.jobs.attempts(job)[-1]))
    assert printed.decode() == f"{id} 1 3 default {stage.queue.location}\n"


def test_a_cancel_ends_a_command_that_ignores_sigterm(stage: Stage) -> None:
    stage.queue.config.set("kill-grace", "0.2s")
    id = stage.enqueue(f"trap '' TERM; {BEGIN} sleep 1000")
    stage.start()
    pid = int(stage.until_lines(1)[0].split()[1])
    stage.queue.jobs.change([id], Cancel())
    job = stage.until_state(id, State.CANCELLED)
    assert (job.attempts, job.signal, alive(pid)) == (0, "SIGKILL", False)


def test_a_pool_serves_the_queues_it_was_given_only(stage: Stage) -> None:
    other, mine = stage.enqueue("true", queue="other"), stage.enqueue("true", queue="mine")
    stage.start("--queue", "mine", "--drain").wait(DEADLINE_S)
    assert (stage.job(other).state, stage.job(mine).state) == (State.PENDING, State.COMPLETED)


def test_a_pool_is_scaled_up_and_down_while_it_works(stage: Stage) -> None:
    stage.start(workers=1)
    stage.until_workers(1)
    stage.queue.pools.scale(4)
    pids = stage.until_workers(4)
    stage.queue.pools.scale(2)
    stage.until_workers(2)
    until(lambda: sum(alive(pid) for pid in pids) == 2, "two workers gone")


def test_stop_from_another_terminal_drains_the_pool(stage: Stage) -> None:
    id = stage.enqueue(f"{BEGIN} sleep 0.3")
    pool = stage.start()
    stage.until_lines(1)
    assert stage.queue.pools.stop() == ["p1"]
    assert (pool.wait(DEADLINE_S), stage.job(id).state) == (0, State.COMPLETED)


def test_a_signal_to_the_pool_is_seen_by_who_looks_at_the_store(stage: Stage) -> None:
    stage.enqueue("echo begun >> proof; sleep 1000")
    pool = stage.start()
    stage.until_lines(1)
    pool.send_signal(signal.SIGTERM)
    until(lambda: stage.queue.status().pools[0].state == "stopping", "the pool says that it stops")
    with pytest.raises(Conflict, match="is stopping"):
        stage.queue.pools.scale(2)
    pool.send_signal(signal.SIGTERM)
    assert pool.wait(DEADLINE_S) == 130


def test_a_command_ended_with_a_second_stop_of_its_pool_is_interrupted(stage: Stage) -> None:
    ids = [stage.enqueue("echo $$ >> proof; exec sleep 1000") for _ in range(8)]
    pool = stage.start(workers=8)
    commands = [int(line) for line in stage.until_lines(8)]
    pool.send_signal(signal.SIGTERM)
    until(lambda: "stopping" in stage.said(), "the pool stops")
    time.sleep(AFTER_STOP_S + 0.1)
    for pid in (*commands, pool.pid):
        os.kill(pid, signal.SIGTERM)
    pool.wait(DEADLINE_S)
    jobs = [stage.job(id) for id in ids]
    assert {(job.state, job.attempts, job.interruptions) for job in jobs} == {(State.PENDING, 0, 0)}


def test_stop_does_not_wait_for_a_pool_that_took_the_name_of_one_it_stopped(stage: Stage) -> None:
    first = stage.start("--queue", "a")
    stage.until_workers(1)
    stage.start("--queue", "b")
    stage.until_workers(2)
    stage.enqueue(f"{BEGIN} until test -e go; do sleep 0.05; done", queue="b")
    stage.until_lines(1)
    with ThreadPoolExecutor(1) as threads:
        stopping = threads.submit(stage.door().pools.stop)
        assert first.wait(DEADLINE_S) == 0
        stage.start("--queue", "a")
        until(lambda: any(pool.name == "p1" and pool.workers for pool in stage.queue.pools.all()), "a new p1")
        (stage.folder / "go").touch()
        assert stopping.result(DEADLINE_S) == ["p1", "p2"]
    assert [pool.name for pool in stage.queue.pools.all()] == ["p1"]


def test_a_pool_leaves_nothing_but_the_store(stage: Stage) -> None:
    stage.enqueue("head -c 200000 /dev/zero")
    stage.enqueue("echo small")
    stage.start("--drain").wait(DEADLINE_S)
    companions = stage.folder / "queue.db.d"
    assert sorted(path.name for path in (companions / "pools").iterdir()) == []
    assert len(list((companions / "output").iterdir())) == 1


def test_no_command_inherits_the_pools_descriptors_or_signals(stage: Stage) -> None:
    id = stage.enqueue("ls -l /proc/self/fd | wc -l; grep -E 'SigIgn|SigBlk' /proc/self/status; cat; echo $-")
    stage.start("--drain").wait(DEADLINE_S)
    job = stage.job(id)
    printed = b"".join(stage.queue.jobs.output(job, stage.queue.jobs.attempts(job)[-1])).decode().split("\n")
    assert printed[0] == "5"  # a line of totals, 0, 1, 2 and the folder itself
    blocked, ignored = (int(line.split()[1], 16) for line in printed[1:3])
    assert (blocked, ignored & ~_LIBC_SIGNALS) == (0, 0)


def test_a_foreground_pool_in_a_job_is_refused(stage: Stage) -> None:
    id = stage.enqueue(f"{sys.executable} -m queuectl worker start", max_retries=1)
    stage.start()
    assert stage.until_state(id, State.DEAD).exit_code == 3
