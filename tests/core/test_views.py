import json

import pytest

from queuectl.core.attempt import Attempt, Outcome
from queuectl.core.job import State
from queuectl.core.records import Counts
from queuectl.core.views import (
    PoolView,
    Status,
    WorkerView,
    attempt_view,
    attempts_column,
    attempts_words,
    job_view,
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
        "n worker host started_at finished_at duration outcome exit_code signal error cpu_s max_rss_bytes output_bytes"
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
    assert status(pools=()).warning == "3 jobs wait and no worker is running"
    stopping = PoolView(name="p1", queues=(), workers=4, busy=1, state="stopping")
    one = Counts({"default": {State.FAILED: 1}})
    assert status(pools=(stopping,), counts=one).warning == "1 job waits and no worker is running"
    assert status(pools=(), counts=Counts({})).warning is None


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
    assert attempts_words(failed) == "attempt 2 of 3"
    assert attempts_words(a_job(state=State.DEAD, attempts=3)) == "attempt 3 of 3"
    assert attempts_column(a_job(max_retries=0)) == "0/1"
