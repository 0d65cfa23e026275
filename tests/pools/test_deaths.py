"""What pools do about workers that die or hang, beside what the fault matrix tries."""

from __future__ import annotations

import os
import shutil
import signal

import pytest

from queuectl.cli.follow import follow
from queuectl.core.attempt import Outcome
from queuectl.core.job import State
from queuectl.core.lifecycle import Cancel, Delete
from queuectl.store import open_store
from queuectl.worker.clerk import LOOK_S
from tests.patience import DEADLINE_S, until
from tests.pools.conftest import Stage, alive, children

SOON_S = 5.0
LONG = "echo begin $$ >> proof; sleep 1000; echo end >> proof"


def begun(stage: Stage, times: int) -> int:
    """The pid of the command that began last."""
    return int(stage.until_lines(times)[times - 1].split()[1])


def test_a_job_that_kills_its_workers_is_dead_after_six_interruptions(stage: Stage) -> None:
    id = stage.enqueue("kill -9 $PPID; sleep 1000")
    stage.start()
    job = stage.until_state(id, State.DEAD, within_s=60)
    assert (job.interruptions, job.attempts, job.error) == (6, 0, "interrupted 6 times")


def test_what_a_pool_gives_back_while_it_has_no_worker_is_run_by_the_next_one(stage: Stage) -> None:
    stage.start()
    stage.until_workers(1)
    stage.until_state(stage.enqueue("true"), State.COMPLETED)  # from now on it may have jobs ahead
    # It dies after a look that has seen the last of what others committed.
    id = stage.enqueue(f"[ -e once ] && exit; touch once; sleep {1.5 * LOOK_S}; kill -9 $PPID; sleep 1000")
    stage.until_state(id, State.COMPLETED, within_s=SOON_S)


@pytest.mark.parametrize("victim", ["worker", "dispatcher"])
def test_what_a_lost_attempt_had_printed_can_be_read_until_the_job_is_deleted(stage: Stage, victim: str) -> None:
    id = stage.enqueue("echo printed $QUEUECTL_ATTEMPT; " + LONG)
    pool = stage.start()
    stage.until_lines(1)
    until(lambda: stage.queue.jobs.printed(stage.job(id)) > 0, "its output is written down")
    worker = stage.job(id).worker_pid
    assert worker is not None
    (dispatcher,) = set(children(pool.pid)) - {worker}
    os.kill(worker if victim == "worker" else dispatcher, signal.SIGKILL)
    stage.until_lines(2)
    attempt = stage.queue.jobs.attempts(stage.job(id))[0]
    assert (attempt.outcome, attempt.output_bytes) == (Outcome.INTERRUPTED, len("printed 1\n"))
    assert b"".join(stage.queue.jobs.output(stage.job(id), attempt)) == b"printed 1\n"
    stage.queue.jobs.change([id], Cancel(force=True))
    stage.until_state(id, State.CANCELLED)
    stage.queue.jobs.change([id], Delete())
    output = stage.folder / "queue.db.d" / "output"  # what was there to be followed goes after the result is stored
    until(lambda: os.listdir(output) == [], "no output to be left")


def test_who_follows_a_job_reads_what_a_lost_attempt_printed_once(stage: Stage) -> None:
    id = stage.enqueue("echo printed; [ -e once ] || { touch once; sleep 1000; }")
    pool = stage.start()
    told: list[str] = []
    printed = follow(stage.queue, id, told.append)
    assert next(printed) == b"printed\n"
    worker = stage.job(id).worker_pid
    assert worker is not None
    (dispatcher,) = set(children(pool.pid)) - {worker}
    os.kill(dispatcher, signal.SIGKILL)
    assert b"".join(printed) == b"printed\n"
    assert "was interrupted" in told[0]


def test_the_first_signs_of_life_come_within_a_short_lease(stage: Stage) -> None:
    stage.queue.config.set("lease", "3s")
    stage.start()
    stage.until_workers(1)
    store = open_store(stage.queue.location, create=False)
    until(lambda: store.book.pools()[0].beat >= 2, "signs of life", within_s=5)
    store.close()


def test_a_pool_that_hangs_says_so_in_status(stage: Stage) -> None:
    stage.queue.config.set("lease", "3s")
    pool = stage.start()
    (worker,) = stage.until_workers(1)
    (dispatcher,) = set(children(pool.pid)) - {worker}
    os.kill(dispatcher, signal.SIGSTOP)
    until(lambda: "no sign of life for" in stage.queue.status().pools[0].reason, "a reason in the status")
    os.kill(dispatcher, signal.SIGCONT)
    until(lambda: not stage.queue.status().pools[0].reason, "no reason any more")


def test_a_pool_whose_store_is_replaced_stops_and_says_so(stage: Stage) -> None:
    stage.enqueue(LONG)
    pool = stage.start()
    first = begun(stage, 1)
    stage.queue.config.set("kill-grace", "0s")
    os.rename(stage.queue.location, stage.folder / "elsewhere.db")
    assert pool.wait(DEADLINE_S) == 4
    assert not alive(first)
    assert "replaced or removed" in stage.said()
    os.rename(stage.folder / "elsewhere.db", stage.queue.location)


def test_a_worker_that_does_not_answer_is_killed_five_seconds_after_the_time_limit(stage: Stage) -> None:
    stage.queue.config.set("kill-grace", "0s")
    id = stage.enqueue(LONG, timeout="0.5s", max_retries=1)
    stage.start()
    command = begun(stage, 1)
    worker = stage.job(id).worker_pid
    assert worker is not None
    os.kill(worker, signal.SIGSTOP)
    job = stage.until_state(id, State.DEAD)
    assert stage.queue.jobs.attempts(job)[0].outcome is Outcome.TIMED_OUT
    assert not alive(command)


def test_a_pool_whose_workers_die_at_once_says_so_in_status(stage: Stage) -> None:
    stage.queue.config.set("max-interruptions", "100")
    stage.enqueue("kill -9 $PPID; sleep 1000")
    stage.start()
    until(
        lambda: any("again and again" in pool.reason for pool in stage.queue.status().pools), "a reason in the status"
    )


def test_a_pool_whose_output_folder_is_removed_goes_on(stage: Stage) -> None:
    stage.queue.config.set("lease", "3s")
    first = stage.enqueue("head -c 200000 /dev/zero")
    stage.start()
    stage.until_state(first, State.COMPLETED)
    shutil.rmtree(stage.folder / "queue.db.d" / "output")
    store = open_store(stage.queue.location, create=False)
    beat = store.book.pools()[0].beat
    until(lambda: store.book.pools()[0].beat >= beat + 2, "two signs of life")
    store.close()
    job = stage.until_state(stage.enqueue("head -c 200000 /dev/zero; echo end"), State.COMPLETED)
    printed = b"".join(stage.queue.jobs.output(job, stage.queue.jobs.attempts(job)[-1]))
    assert b"could not be written" in printed
    assert printed.endswith(b"end\n")
