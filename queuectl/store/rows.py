"""Rows of the store as the core's values, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from queuectl.core.job import WAITING, Job, State

Row = tuple[Any, ...]

_STATES = {state.value: state for state in State}


def job_of(row: Row) -> Job:
    """The job of a row of `jobs`, its columns in the order of the schema."""
    # Taken apart by place, not by name: every claim and every settlement waits for it.
    (
        number, id_, state, queue, priority, run_at, _, held, cancel_asked, attempts, max_retries,
        interruptions, runs, fence, version, state_since, created_at, updated_at, pool, worker,
        worker_pid, host, started_at, finished_at, duration_ms, exit_code, signal, error, timeout_ms,
        unique_key, tags, env, cwd, command,
    ) = row  # fmt: skip
    return Job(
        number, id_, command, _STATES[state], queue, priority, attempts, max_retries,
        interruptions, run_at, created_at, updated_at, state_since, cwd,
        None if timeout_ms is None else timeout_ms / 1000,
        json_value(env) if env else None,
        tuple(json_value(tags)) if tags else (),
        unique_key, held == 1, cancel_asked, runs, fence, version, pool, worker, worker_pid, host,
        started_at, finished_at, duration_ms, exit_code, signal, error,
    )  # fmt: skip


def parameters_of(job: Job, now: int) -> dict[str, Any]:
    """The job's fields as parameters of a statement."""
    return {
        **job._asdict(),
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
    return json_text(tags, stored=True) if tags else None


def env_text(env: Mapping[str, str] | None) -> str | None:
    """A JSON object; None for no names."""
    return json_text(dict(env), stored=True) if env else None


def json_text(value: object, *, stored: bool = False) -> str:
    """The value as a parameter that SQL can take apart, or in the form in which it is stored."""
    import json  # most jobs have neither tags nor an environment, and need not wait 3 ms for it

    return json.dumps(value, ensure_ascii=not stored)


def json_value(text: str) -> Any:
    """What `json_text` was given."""
    import json  # as above

    return json.loads(text)


def numbers_text(numbers: Iterable[int]) -> str:
    """Numbers as a JSON array: one parameter for any many of them."""
    return f"[{','.join(map(str, numbers))}]"
