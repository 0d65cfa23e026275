"""What becomes of jobs when processes die or hang."""

from __future__ import annotations

import os
import shutil
import signal
import time

from queuectl.core.attempt import Outcome
from queuectl.core.job import State
from queuectl.store import open_store
from queuectl.worker import descendants
from tests.patience import DEADLINE_S, until
from tests.pools.conftest import Stage, alive, children

LONG = "echo begin $$ >> proof; sleep 1000; echo end >> proof"


def begun(stage: Stage, times: int) -> int:
    """The pid of the command that began last."""
    return int(stage.until_lines(times)[times - 1].split()[1])


def test_a_killed_worker_costs_one_interruption_and_its_command_its_life(stage: Stage) -> None:
    id = stage.enqueue(LONG)
    stage.start(workers=2)
    first = begun(stage, 1)
    victim = stage.job(id).worker_pid
    assert victim is not None
    os.kill(victim, signal.SIGKILL)
    since = time.monotonic()
    second = begun(stage, 2)
    assert time.monotonic() - since < 2.0
    assert (alive(first), alive(second)) == (False, True)
    job = stage.job(id)
    assert (job.state, job.interruptions, job.attempts) == (State.PROCESSING, 1, 0)
    assert [attempt.outcome for attempt in stage.queue.jobs.attempts(job)] == [Outcome.INTERRUPTED]


def test_a_killed_dispatcher_is_replaced_and_its_jobs_run_again(stage: Stage) -> None:
    id = stage.enqueue(LONG)
    pool = stage.start()
    first = begun(stage, 1)
    workers = [worker.pid for worker in stage.queue.pools.workers()]
    (dispatcher,) = [pid for pid in children(pool.pid) if pid not in workers]
    os.kill(dispatcher, signal.SIGKILL)
    second = begun(stage, 2)
    assert (alive(first), alive(second), pool.poll()) == (False, True, None)
    assert stage.job(id).interruptions == 1


def test_a_killed_keeper_takes_all_of_its_pool_with_it(stage: Stage) -> None:
    id = stage.enqueue(LONG)
    pool = stage.start(workers=2)
    first = begun(stage, 1)
    family = [process.pid for process in descendants.descendants([pool.pid])]
    pool.kill()
    until(lambda: not any(map(alive, family)), "the pool's processes and the command to be gone", within_s=2.0)
    stage.start()
    second = begun(stage, 2)
    job = stage.job(id)
    assert (alive(first), alive(second), job.interruptions) == (False, True, 1)


def test_what_a_wholly_killed_pool_left_is_killed_before_the_job_runs_again(stage: Stage) -> None:
    id = stage.enqueue("(setsid sleep 1000 & echo stray $! >> strays); " + LONG)
    pool = stage.start(workers=2)
    first = begun(stage, 1)
    command = {first, *(process.pid for process in descendants.descendants([first]))}
    doomed = [process for process in descendants.descendants([pool.pid]) if process.pid not in command]
    stray = int((stage.folder / "strays").read_text().split()[1])
    for process in [each for each in doomed if each.pid != stray]:
        descendants.send(process, signal.SIGSTOP)
    pool.send_signal(signal.SIGSTOP)
    for process in [each for each in doomed if each.pid != stray]:
        descendants.send(process, signal.SIGKILL)
    pool.kill()
    assert alive(first)
    assert alive(stray)
    stage.start()
    second = begun(stage, 2)
    assert (alive(first), alive(stray), alive(second)) == (False, False, True)
    assert stage.job(id).interruptions == 1


def test_a_pool_that_hung_past_its_lease_cannot_write_its_result(stage: Stage) -> None:
    stage.queue.config.set("lease", "3s")
    id = stage.enqueue("echo begin $$ >> proof; test -e go || sleep 1000")
    pool = stage.start()
    first = begun(stage, 1)
    hung = [process for process in descendants.descendants([pool.pid]) if process.pid != first]
    pool.send_signal(signal.SIGSTOP)
    for process in hung:
        descendants.send(process, signal.SIGSTOP)
    (stage.folder / "go").touch()
    stage.start()
    job = stage.until_state(id, State.COMPLETED)
    assert (len(stage.lines()), job.interruptions, alive(first)) == (2, 1, False)
    for process in hung:
        descendants.send(process, signal.SIGCONT)
    pool.send_signal(signal.SIGCONT)
    stage.enqueue("true", queue="other")
    after = stage.job(id)
    assert (after.state, after.version) == (State.COMPLETED, job.version)


def test_a_job_that_kills_its_workers_is_dead_after_six_interruptions(stage: Stage) -> None:
    id = stage.enqueue("kill -9 $PPID; sleep 1000")
    stage.start()
    job = stage.until_state(id, State.DEAD, within_s=60)
    assert (job.interruptions, job.attempts, job.error) == (6, 0, "interrupted 6 times")


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


def test_a_number_that_belongs_to_a_stranger_now_is_not_signalled() -> None:
    stranger = os.posix_spawn("/bin/sleep", ["sleep", "1000"], os.environ)
    process = descendants.look_up(stranger)
    assert process is not None
    recorded = descendants.Process(stranger, process.parent, "S", process.start_ticks - 1)
    assert not descendants.send(recorded, signal.SIGKILL)
    assert alive(stranger)
    assert descendants.send(process, signal.SIGKILL)
    os.waitpid(stranger, 0)


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
