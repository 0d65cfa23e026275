"""Rows of the store as the core's dataclasses, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from queuectl.core.job import WAITING, Attempt, Job, Outcome, State
from queuectl.core.ports import PoolRecord, WorkerRecord

Row = tuple[Any, ...]

# fmt: off
JOB_COLUMNS = (
    "number", "id", "state", "queue", "priority", "run_at", "ready", "held", "cancel_asked", "attempts", "max_retries",
    "interruptions", "runs", "fence", "version", "state_since", "created_at", "updated_at", "pool", "worker",
    "worker_pid", "host", "started_at", "finished_at", "duration_ms", "exit_code", "signal", "error", "timeout_ms",
    "unique_key", "tags", "env", "cwd", "command",
)
# fmt: on
"""The columns of `jobs` in the order of the schema, under the names of Job's fields where they are these."""

_STATES = {state.value: state for state in State}


def job_of(row: Row) -> Job:
    """The job of a row of `jobs`; past the constructor, as `changed` and for its reason."""
    fields: dict[str, Any] = dict(zip(JOB_COLUMNS, row, strict=True))
    timeout_ms = fields.pop("timeout_ms")
    del fields["ready"]
    fields["state"] = _STATES[fields["state"]]
    fields["held"] = fields["held"] == 1
    fields["timeout_s"] = None if timeout_ms is None else timeout_ms / 1000
    fields["tags"] = tuple(json.loads(fields["tags"])) if fields["tags"] else ()
    fields["env"] = json.loads(fields["env"]) if fields["env"] else None
    job = object.__new__(Job)
    job.__dict__.update(fields)
    return job


def parameters_of(job: Job, now: int) -> dict[str, Any]:
    """The job's fields as parameters of a statement."""
    return {
        **job.__dict__,
        "ready": is_ready(job, now),
        "timeout_ms": milliseconds_of(job.timeout_s),
        "tags_json": tags_text(job.tags),
        "env_json": env_text(job.env),
    }


def is_ready(job: Job, now: int) -> bool:
    """Whether a worker may take it as soon as one is free."""
    return job.run_at <= now and not job.held and job.state in WAITING


def milliseconds_of(seconds: float | None) -> int | None:
    """At least one: a timeout of nothing cannot be stored."""
    return None if seconds is None else max(1, round(seconds * 1000))


def tags_text(tags: tuple[str, ...]) -> str | None:
    """A JSON array; None for no tags, which most jobs have."""
    return json.dumps(tags, ensure_ascii=False) if tags else None


def env_text(env: Mapping[str, str] | None) -> str | None:
    """A JSON object; None for no names."""
    return json.dumps(dict(env), ensure_ascii=False) if env else None


def pool_of(row: Row) -> PoolRecord:
    """The pool of a row of `pools`."""
    fields: Row = (*row[:8], tuple(json.loads(row[8])), *row[9:])
    return PoolRecord(*fields)


def worker_of(row: Row) -> WorkerRecord:
    """The worker of a row of `workers`."""
    return WorkerRecord(*row)


def attempt_of(row: Row) -> Attempt:
    """The attempt of a row that the statement `attempts` gives."""
    fields: Row = (*row[:6], Outcome(row[6]), *row[7:])
    return Attempt(*fields)
