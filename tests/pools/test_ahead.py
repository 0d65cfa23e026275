"""Jobs that last milliseconds are given to workers some at a time; nobody may notice but by the speed."""

import random
import signal
import time

import pytest

from queuectl.core.job import NewJob, State
from queuectl.core.lifecycle import Cancel
from queuectl.core.place import Place
from queuectl.core.selector import parse
from queuectl.store.gate import Gate
from queuectl.worker import descendants
from queuectl.worker.crew import AHEAD_S
from tests.patience import until

MANY = 1_500
SOME = 200
SOON_S = 8.0


@pytest.fixture
def brisk(stage):
    """A pool of two that is in the midst of many short jobs."""
    stage.pool = stage.start(workers=2)
    stage.until_workers(2)
    _add_short(stage, MANY)
    until(lambda: stage.queue.counts().of(State.COMPLETED) >= SOME, "some of them are done")
    until(lambda: stage.queue.counts().of(State.PROCESSING) > 2, "jobs that are ahead")
    return stage


def _add_short(stage, count):
    return stage.queue.jobs.add([NewJob(f"echo {n} >> proof", str(stage.folder)) for n in range(count)])


def _jobs(stage):
    return list(stage.queue.jobs.stream(parse("")))


def _counts(stage):
    counts = stage.queue.counts()
    return {state: counts.of(state) for state in State if counts.of(state)}


def _each_ran_once(stage, count):
    """Of the jobs so many ran, each once and in full, and the others did not begin."""
    jobs = _jobs(stage)
    assert all((job.runs, job.attempts) == (1, 1) for job in jobs if job.state is State.COMPLETED)
    assert all((job.runs, job.attempts, job.interruptions) == (0, 0, 0) for job in jobs if job.state is State.PENDING)
    assert len(stage.lines()) == len(set(stage.lines())) == count


def test_a_stop_gives_back_what_was_claimed_ahead(brisk):
    brisk.queue.pools.stop(timeout_s=20)
    assert brisk.pool.wait(20) == 0
    counts = _counts(brisk)
    assert set(counts) == {State.COMPLETED, State.PENDING}
    _each_ran_once(brisk, counts[State.COMPLETED])


def test_a_stop_by_force_ends_what_runs_and_counts_nothing_that_had_not_begun(brisk):
    brisk.queue.pools.stop(force=True, timeout_s=20)
    assert brisk.pool.wait(20) == 0
    assert set(_counts(brisk)) == {State.COMPLETED, State.PENDING}
    begun = [job for job in _jobs(brisk) if job.state is State.PENDING and job.runs]
    assert len(begun) <= 2
    assert all((job.attempts, job.interruptions) == (0, 0) for job in begun)


def test_jobs_behind_a_long_one_go_to_others(brisk):
    folder = str(brisk.folder)
    jobs = [NewJob("exec sleep 1000", folder, priority=1), *[NewJob("true", folder, priority=1)] * 50]
    long, *short = (added.id for added in brisk.queue.jobs.add(jobs))
    until(lambda: all(brisk.job(id).state is State.COMPLETED for id in short), "those behind it are done", SOON_S)
    until(lambda: brisk.queue.counts().of(State.COMPLETED) == MANY + len(short), "all but one are done")
    assert brisk.job(long).state is State.PROCESSING
    assert brisk.said().count(f" {long} started: ") == 1
    assert [worker.job for worker in brisk.queue.pools.workers() if worker.job] == [long]
    assert len(brisk.lines()) == MANY


def test_what_was_claimed_after_a_wait_for_the_store_has_its_time_from_then_on(brisk):
    gate = Gate(Place(brisk.queue.location).gate)

    def all_done():
        gate.enter()
        time.sleep(2 * AHEAD_S)  # as another writer would keep it
        gate.leave()
        return brisk.queue.counts().of(State.COMPLETED) == MANY

    until(all_done, "all are done")
    gate.close()
    claims = [job.fence for job in _jobs(brisk)]
    assert sum(claims) < 1.25 * MANY


def test_what_is_cancelled_while_short_jobs_run_does_not_run(brisk):
    """Some of them are claimed ahead in the moment of the cancel."""
    running = parse("state:processing")
    for _ in range(20):
        brisk.queue.jobs.change_matching(running, Cancel(), brisk.queue.jobs.bound())
    until(lambda: not brisk.queue.counts().of(State.PENDING), "all have ended")
    until(lambda: not brisk.queue.counts().of(State.PROCESSING), "all have ended")
    cancelled = [job for job in _jobs(brisk) if job.state is State.CANCELLED]
    assert cancelled
    unbegun = {str(job.number - 1) for job in cancelled if not job.runs}
    assert unbegun.isdisjoint(brisk.lines())
    assert all(job.runs == 1 for job in _jobs(brisk) if job.state is State.COMPLETED)


def test_a_pool_that_shall_be_smaller_is_so_while_jobs_wait(brisk):
    brisk.queue.pools.scale(1)
    brisk.until_workers(1)
    assert brisk.queue.counts().of(State.PENDING)
    until(lambda: brisk.queue.counts().of(State.COMPLETED) == MANY, "all are done")
    _each_ran_once(brisk, MANY)


def test_a_worker_that_dies_costs_one_job_an_attempt_at_most(brisk):
    """What it had reported is stored, what it had not begun is not charged."""
    worker = random.choice(brisk.queue.pools.workers())
    assert descendants.send(descendants.look_up(worker.pid), signal.SIGKILL)
    until(lambda: brisk.queue.counts().of(State.COMPLETED) == MANY, "all are done")
    jobs = _jobs(brisk)
    hit = [job for job in jobs if job.interruptions]
    assert len(hit) <= 1
    assert all((job.runs, job.attempts) == (1, 1) for job in jobs if job not in hit)
