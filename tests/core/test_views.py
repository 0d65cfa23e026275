import json

import pytest

from queuectl.core.attempt import Attempt, Outcome
from queuectl.core.job import State, attempts_column
from queuectl.core.records import Counts
from queuectl.core.views import (
    PoolView,
    Status,
    WorkerView,
    attempt_view,
    attempts_words,
    job_view,
    left_out,
    stranded,
    stuck,
    waiting,
)
from tests.core.examples import NOW, a_job, a_running_job

POOL = PoolView(name="p1", queues=(), workers=4, busy=1, state="running", host="here", pid=7, started_at=NOW)


def status(**fields: object) -> Status:
    given = {
        "location": "/q.db",
        "size_bytes": 4096,
        "schema": 1,
        "counts": Counts({"media": {State.DEAD: 2}, "default": {State.PENDING: 3, State.COMPLETED: 5}}),
        "pools": (POOL,),
        "oldest_waiting_s": 1.5,
        "next_due": NOW,
        "finished_per_minute": 9,
    }
    return Status(**{**given, **fields})


def test_a_job_has_the_keys_of_the_contract_in_their_order() -> None:
    keys = (
        "id command state queue priority attempts max_retries interruptions run_at created_at updated_at started_at"
        " finished_at duration exit_code signal error worker worker_pid host timeout cwd env tags unique_key held"
        " waiting"
    )
    assert list(job_view(a_job(), None, show_env=False)) == keys.split()


def test_a_job_is_shown_as_json_has_it() -> None:
    job = a_running_job(command="a\x1b", timeout_s=1.5, duration_ms=250, tags=("x",), exit_code=3)
    view = json.loads(json.dumps(job_view(job, "sentence", show_env=False)))
    assert view["command"] == "a\x1b"
    assert view["state"] == "processing"
    assert view["started_at"] == "2026-11-22T13:59:59.000Z"
    assert view["finished_at"] is None
    assert (view["duration"], view["timeout"], view["exit_code"]) == (0.25, 1.5, 3)
    assert (view["tags"], view["held"], view["waiting"]) == (["x"], False, "sentence")


def test_values_of_the_environment_are_shown_only_when_asked_for() -> None:
    job = a_job(env={"TOKEN": "secret"})
    assert job_view(job, None, show_env=False)["env"] == {"TOKEN": None}
    assert job_view(job, None, show_env=True)["env"] == {"TOKEN": "secret"}
    assert job_view(a_job(), None, show_env=True)["env"] is None


def test_an_attempt_has_the_keys_of_the_contract_in_their_order() -> None:
    attempt = Attempt(
        1, "p1/w3", "here", NOW, NOW + 250, 250, Outcome.TIMED_OUT, None, "TERM", "e", 0.1, 4096, 7, "file", None
    )
    view = attempt_view(attempt)
    keys = (
        "n worker host started_at finished_at duration outcome exit_code signal error cpu_s max_rss_bytes output_bytes "
        "command"
    )
    assert list(view) == keys.split()
    assert view["outcome"] == "timed-out"
    assert view["duration"] == 0.25


def test_a_status_has_the_keys_of_the_contract() -> None:
    view = json.loads(json.dumps(status().view()))
    assert view == {
        "store": {"location": "/q.db", "size_bytes": 4096, "schema": 1},
        "jobs": {"pending": 3, "processing": 0, "completed": 5, "failed": 0, "dead": 2, "cancelled": 0, "total": 10},
        "workers": {"active": 4, "busy": 1},
        "pools": [
            {
                "name": "p1",
                "host": "here",
                "pid": 7,
                "workers": 4,
                "busy": 1,
                "started_at": "2026-11-22T14:00:00.000Z",
                "state": "running",
                "reason": None,
                "queues": [],
            }
        ],
        "queues": [
            {"name": "default", "pending": 3, "processing": 0, "failed": 0, "dead": 0},
            {"name": "media", "pending": 0, "processing": 0, "failed": 0, "dead": 2},
        ],
        "oldest_waiting_s": 1.5,
        "next_due": "2026-11-22T14:00:00.000Z",
        "finished_per_minute": 9,
    }


def test_a_worker_has_the_keys_of_the_contract() -> None:
    view = WorkerView("p1/w3", "p1", "here", 9, "busy", "j1", NOW, 5, 1).view()
    assert list(view) == ["name", "pool", "host", "pid", "state", "job", "started_at", "done", "failed"]


def test_jobs_without_workers_are_warned_about() -> None:
    assert status().warning is None
    assert status(pools=()).warning == "jobs are due and no worker is running"
    assert status(pools=(), oldest_waiting_s=None).warning is None
    stopping = PoolView(name="p1", queues=(), workers=4, busy=1, state="stopping")
    assert status(pools=(stopping,)).warning == "jobs are due and no worker is running"


def test_jobs_that_a_lost_pool_left_are_warned_about_until_another_one_runs() -> None:
    lost = PoolView(name="p1", queues=(), workers=0, busy=0, state="lost")
    left = Counts({"default": {State.PROCESSING: 2}})
    assert status(pools=(lost,), counts=left).warning == "2 jobs were left processing by a pool that is gone"
    assert status(pools=(lost, POOL), counts=left).warning is None
    stopping = PoolView(name="p2", queues=(), workers=1, busy=1, state="stopping")
    assert status(pools=(stopping,), counts=left, oldest_waiting_s=None).warning is None


def test_a_job_in_a_lost_pool_says_who_takes_it_back() -> None:
    lost, other = POOL._replace(state="lost", workers=0), POOL._replace(name="p2")
    job = a_running_job()
    assert stranded(job, [POOL]) is None
    assert stranded(job, [lost]) == "its pool p1 is gone; queuectl worker start takes it back"
    assert stranded(job, [lost, other]) == "its pool p1 is gone; p2 takes it back"
    assert stranded(a_job(), []) is None


def test_a_job_that_will_not_end_by_itself_says_why() -> None:
    elsewhere = POOL._replace(queues=("media",))
    nobody = "no worker is running; start one in another terminal: queuectl worker start"
    assert stuck(a_job(), [POOL], NOW) is None
    assert stuck(a_job(run_at=NOW + 9), [POOL], NOW) is None
    assert stuck(a_job(run_at=NOW + 9), [], NOW) == nobody
    assert "no worker serves queue 'default'" in str(stuck(a_job(), [elsewhere], NOW))
    assert stuck(a_job(held=True), [POOL], NOW) == "held; queuectl release j1 lets it run"
    assert "is gone" in str(stuck(a_running_job(), [], NOW))


@pytest.mark.parametrize(
    ("fields", "pools", "sentence"),
    [
        ({}, [], "no worker is running"),
        ({}, [PoolView("p1", (), 4, 0, "stopping")], "no worker is running"),
        ({}, [PoolView("p1", (), 0, 0, "running")], "no worker is running"),
        ({"queue": "media"}, [PoolView("p1", ("a",), 4, 0, "running")], "no worker serves queue 'media'"),
        ({"queue": "a"}, [PoolView("p1", ("a",), 4, 4, "running")], "for a free worker (4 of 4 busy)"),
        ({}, [POOL], "about to start"),
        ({"held": True, "run_at": NOW + 1}, [POOL], "held; queuectl release j1 lets it run"),
        ({"run_at": NOW + 7_500_000}, [POOL], "until 2026-11-22T16:05:00.000Z (in 2h 05m)"),
        ({"state": State.FAILED, "attempts": 1, "run_at": NOW + 12_000}, [POOL], "retry in 12s"),
        ({"state": State.FAILED, "attempts": 1}, [POOL], "about to start"),
        ({"state": State.COMPLETED}, [], None),
        ({"state": State.PROCESSING, "pool": "p1"}, [], None),
        ({"state": State.DEAD}, [], None),
    ],
)
def test_a_job_says_why_it_waits(fields: dict[str, object], pools: list[PoolView], sentence: str | None) -> None:
    assert waiting(a_job(**fields), pools, NOW) == sentence


def test_attempts_are_counted_in_a_column_and_in_words() -> None:
    failed = a_job(state=State.FAILED, attempts=1)
    assert attempts_column(failed) == "1/3"
    assert attempts_words(failed) == "1 of 3 attempts made"
    assert attempts_words(a_running_job(attempts=1, runs=1)) == "attempt 2 of 3"
    assert attempts_words(a_running_job(runs=3)) == "attempt 1 of 3 (4 in its life)"
    assert attempts_words(a_job(state=State.DEAD, attempts=3, runs=6)) == "3 of 3 attempts made (6 in its life)"
    assert attempts_column(a_job(max_retries=0)) == "0/1"


def test_queues_that_no_worker_serves_are_left_out_unless_nobody_works_at_all() -> None:
    counts = Counts({"media": {State.DEAD: 2}, "mail": {State.FAILED: 1}, "default": {State.PENDING: 3}})
    media = POOL._replace(queues=("media",))
    assert left_out(counts, [media]) == ["mail", "default"]
    assert left_out(counts, [media, POOL._replace(queues=("mail",))]) == ["default"]
    assert left_out(counts, [media, POOL]) == []
    assert left_out(counts, [media._replace(workers=0)]) == []


def test_status_warns_of_what_is_due_and_nobody_serves() -> None:
    assert status(unserved=("mail", "default")).warning == "jobs are due that no worker serves, in mail, default"


def test_a_store_is_full_when_its_disk_has_no_room_for_a_change() -> None:
    assert not status().is_full
    assert not status(free_bytes=2**20).is_full
    assert status(free_bytes=4096).is_full
