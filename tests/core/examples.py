"""Jobs to test with."""

from typing import Any

from queuectl.core.job import Job, State

NOW = 1_795_356_000_000
"""2026-11-22T14:00:00Z."""


def a_job(**fields: Any) -> Job:
    """A pending job that became due a minute ago, but for the fields that are named."""
    given: dict[str, Any] = {
        "number": 1,
        "id": "j1",
        "command": "echo hello",
        "state": State.PENDING,
        "queue": "default",
        "priority": 0,
        "attempts": 0,
        "max_retries": 3,
        "interruptions": 0,
        "run_at": NOW - 60_000,
        "created_at": NOW - 60_000,
        "updated_at": NOW - 60_000,
        "state_since": NOW - 60_000,
        "cwd": "/home/me",
    }
    return Job(**{**given, **fields})


def a_running_job(**fields: Any) -> Job:
    given: dict[str, Any] = {
        "state": State.PROCESSING,
        "pool": "p1",
        "worker": "p1/w3",
        "worker_pid": 99,
        "host": "here",
        "fence": 1,
        "started_at": NOW - 1000,
    }
    return a_job(**{**given, **fields})
