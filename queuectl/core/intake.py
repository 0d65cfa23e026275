"""From what is asked for, in JSON or by options, to a checked NewJob or to checked changes of a job.

Everything here comes from outside and is refused with BadValue unless it is exactly what the
command line's contract allows. A million of these are read at once, so what is common is cheap.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from queuectl.core import fields, units
from queuectl.core.job import NewJob
from queuectl.errors import BadValue

ALIASES = {
    "max-retries": "max_retries",
    "maxRetries": "max_retries",
    "retries": "max_retries",
    "next_run": "run_at",
    "runAt": "run_at",
    "scheduled_at": "run_at",
    "available_at": "run_at",
    "timeout_seconds": "timeout",
}
_MEANT = {
    "cmd": "command",
    "shell": "command",
    "script": "command",
    "run": "command",
    "name": "id",
    "job_id": "id",
    "dir": "cwd",
    "directory": "cwd",
    "environment": "env",
    "held": "hold",
}
"""What other queues call a key; these are not taken, only understood."""
KEYS = (*fields.READERS, "run_at", "delay", "cwd")
_KNOWN = frozenset(KEYS)
EDITABLE = ("command", "queue", "priority", "max_retries", "timeout", "run_at", "cwd", "env", "tags")
IGNORED = frozenset({"state", "attempts", "created_at", "updated_at"})

JSON_HINT = 'for example: {"command": "echo hello"}'


def ignored_keys(spec: Mapping[str, object]) -> list[str]:
    """Those keys of a job object that are accepted but mean nothing for a new job."""
    return [key for key in spec if key in IGNORED]


def by_name(spec: object) -> dict[str, object]:
    """The object with every key under its own name, ignored keys and nulls left out.

    Raises BadValue if it is no object, for an unknown key (with the nearest known one) and for
    a key that is given under two names.
    """
    if not isinstance(spec, dict):
        raise BadValue(f"a job is a JSON object, not {fields.kind(spec)}", JSON_HINT)
    if _KNOWN.issuperset(spec) and None not in spec.values():
        return dict(spec)
    named: dict[str, object] = {}
    for key, value in spec.items():
        name = ALIASES.get(key, key)
        if name not in _KNOWN:
            if key in IGNORED:
                continue
            raise _unknown(key)
        if name in named:
            raise BadValue(f"{name} is given twice, as {units.quoted(key)} too", "leave one of them out")
        if value is not None:
            named[name] = value
    return named


def _unknown(key: object) -> BadValue:
    near = _MEANT.get(str(key).lower()) or units.nearest(str(key), (*KEYS, *ALIASES))
    hint = f"did you mean {near}?" if near else f"keys are {', '.join(KEYS)}"
    return BadValue(f"unknown key {units.quoted(str(key))}", hint)


def new_job(spec: object, now: int, cwd: str, source: str = "") -> NewJob:
    """The job that an object asks for, checked.

    `now` is milliseconds UTC; `cwd` is the caller's directory, absolute. Values may be as JSON
    has them, or texts as options have them (`"5m"`, `"high"`). Raises BadValue, beginning with
    `source` (such as `line 12`) if there is one.
    """
    try:
        named = by_name(spec)
        timed = "run_at" in named or "delay" in named
        run_at = _run_at(named.pop("run_at", None), named.pop("delay", None), now) if timed else None
        directory = fields.cwd(named.pop("cwd", None), cwd)
        return NewJob(cwd=directory, run_at=run_at, **_checked(named))
    except BadValue as error:
        raise at(source, error) from None


def _checked(named: Mapping[str, object]) -> dict[str, Any]:
    if "command" not in named:
        raise BadValue("a job needs a command", JSON_HINT)
    checked = {}
    for key, value in named.items():
        field, read = fields.READERS[key]
        checked[field] = read(value)
    return checked


def _run_at(run_at: object, delay: object, now: int) -> int | None:
    if run_at is not None and delay is not None:
        raise BadValue("run_at and delay are both given", "leave one of them out")
    if run_at is not None:
        return fields.run_at(run_at, now)
    return None if delay is None else now + fields.delay_ms(delay)


def changes(spec: Mapping[str, object], now: int, cwd: str) -> dict[str, Any]:
    """The fields of a Job that an edit asks for, checked; keys and values as for `new_job`.

    A timeout of None or `none` takes it away; an id, a unique_key, a delay and a hold are not
    edited. `cwd` is where a relative directory begins. Raises BadValue.
    """
    changed: dict[str, Any] = {}
    for key, value in spec.items():
        if key not in EDITABLE:
            raise BadValue(f"{units.quoted(key)} cannot be edited", f"what can be: {', '.join(EDITABLE)}")
        if key == "timeout":
            changed["timeout_s"] = None if value is None else fields.timeout(value) or None
        elif key == "run_at":
            changed[key] = fields.run_at(value, now)
        elif key == "cwd":
            changed[key] = fields.cwd(value, cwd)
        else:
            field, read = fields.READERS[key]
            changed[field] = read(value)
    return changed


def at(source: str, error: BadValue) -> BadValue:
    """The error with the name of the line or item that it is about, if that has one."""
    return BadValue(f"{source}: {error.message}", error.hint) if source else error
