"""How a pool says what became of a job."""

import pytest

from queuectl.core.job import State
from queuectl.worker import telling
from tests.core.examples import NOW, a_job, a_running_job


def test_a_start_names_job_and_command():
    assert telling.started(a_running_job()) == "j1 started: echo hello"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"state": State.COMPLETED, "duration_ms": 8000}, "j1 completed in 8.0s"),
        (
            {"state": State.FAILED, "error": "exit 1", "attempts": 1, "run_at": NOW + 2000},
            "j1 failed: exit 1; attempt 1 of 3, retry in 2s",
        ),
        (
            {"state": State.FAILED, "error": "exit 1", "attempts": 1, "run_at": NOW - 2000},
            "j1 failed: exit 1; attempt 1 of 3, retry in 0s",
        ),
        ({"state": State.DEAD, "error": "exit 1", "attempts": 3}, "j1 is dead after 3 of 3 attempts: exit 1"),
        ({"state": State.CANCELLED}, "j1 cancelled"),
        ({"state": State.PENDING}, "j1 given back"),
        ({"state": State.PENDING, "error": "p1/w3 was lost"}, "j1 given back: p1/w3 was lost"),
    ],
    ids=lambda value: str(value.get("state")) if isinstance(value, dict) else value,
)
def test_each_end_is_a_sentence(fields, sentence):
    assert telling.ended(a_job(**fields), NOW) == sentence
