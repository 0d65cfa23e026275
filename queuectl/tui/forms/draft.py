"""What stands in a job's form: texts as they were typed, and the values of a job object that they mean."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from queuectl.core.job import Job
from queuectl.core.settings import Settings
from queuectl.core.units import duration_text, quoted
from queuectl.errors import BadValue

NO_TIMEOUT = "none"


class Field(NamedTuple):
    """A field of the form: its key in a job object, and the option of `enqueue` and `edit` that says the same."""

    key: str
    label: str
    option: str


FIELDS: tuple[Field, ...] = (
    Field("command", "Command", "--command"),
    Field("priority", "Priority", "--priority"),
    Field("delay", "Delay", "--delay"),
    Field("max_retries", "Max retries", "--max-retries"),
    Field("timeout", "Timeout", "--timeout"),
    Field("cwd", "Directory", "--cwd"),
    Field("id", "Id", "--id"),
    Field("queue", "Queue", "--queue"),
    Field("tags", "Tags", "--tag"),
    Field("run_at", "Run at", "--run-at"),
    Field("unique_key", "Unique key", "--unique-key"),
    Field("env", "Env", "--env"),
)


class Draft(NamedTuple):
    """A form as it is filled in: the text of each field by key, the lines `NAME=value`, the box Hold."""

    texts: Mapping[str, str] = {}
    env: tuple[str, ...] = ()
    hold: bool = False

    def text(self, key: str) -> str:
        """What is in a field other than env, the command as it is and of others what counts."""
        text = self.texts.get(key, "")
        if key == "command":
            return text
        return os.path.expanduser(text) if key == "cwd" else text.strip()

    @property
    def variables(self) -> tuple[str, ...]:
        """The lines of env that say something."""
        return tuple(line for line in self.env if line.strip())

    def is_blank(self, key: str) -> bool:
        return not (self.variables if key == "env" else self.text(key).strip())

    def value(self, key: str) -> object:
        """The value of a job object that the field holds. Raises BadValue if it holds none."""
        if key == "env":
            return dict(map(_variable, self.variables))
        return self.text(key).replace(",", " ").split() if key == "tags" else self.text(key)

    def options(self, keys: Iterable[str]) -> Iterator[str]:
        """The words of the command line that say the same as these fields."""
        for key in keys:
            option = next(field.option for field in FIELDS if field.key == key)
            if key in {"env", "tags"}:
                several = self.variables if key == "env" else self.text(key).replace(",", " ").split()
                yield from (word for one in several or ("",) for word in (option, one))
            else:
                yield from (option, self.text(key))


def _variable(line: str) -> tuple[str, str]:
    name, equals, value = line.partition("=")
    if not equals:
        raise BadValue(f"{quoted(line)} has no value", f"NAME=value, a line each: {name.strip()}=…")
    return name, value


def clone_of(job: Job, settings: Settings) -> Draft:
    """A new job like this one: of what belongs to this one alone (id, unique key, time, hold) nothing, nor defaults."""
    texts = {
        "command": job.command,
        "priority": str(job.priority) if job.priority else "",
        "max_retries": "" if job.max_retries == settings.max_retries else str(job.max_retries),
        "timeout": "" if job.timeout_s == settings.timeout_s else _duration(job.timeout_s) or NO_TIMEOUT,
        "cwd": job.cwd,
        "queue": "" if job.queue == "default" else job.queue,
        "tags": " ".join(job.tags),
    }
    return Draft({key: text for key, text in texts.items() if text}, _lines(job))


def shared_by(jobs: Sequence[Job], now: int) -> Draft:
    """What these jobs have in common, to be edited; a field that differs among them is blank."""
    drafts = [_of(job, now) for job in jobs]
    first = drafts[0]
    texts = {key: text for key, text in first.texts.items() if all(one.texts[key] == text for one in drafts)}
    return Draft(texts, first.env if all(one.env == first.env for one in drafts) else ())


def _of(job: Job, now: int) -> Draft:
    texts = {
        "command": job.command,
        "priority": str(job.priority),
        "max_retries": str(job.max_retries),
        "timeout": _duration(job.timeout_s),
        "cwd": job.cwd,
        "queue": job.queue,
        "tags": " ".join(job.tags),
        "run_at": _moment(job.run_at) if job.run_at > now else "",
    }
    return Draft(texts, _lines(job))


def _lines(job: Job) -> tuple[str, ...]:
    return tuple(f"{name}={value}" for name, value in (job.env or {}).items())


def _duration(seconds: float | None) -> str:
    return "" if seconds is None else duration_text(seconds)


def _moment(ms: int) -> str:
    """Local time as a person writes it: `2026-11-22T15:02:31`."""
    return f"{datetime.fromtimestamp(ms // 1000, UTC).astimezone():%Y-%m-%dT%H:%M:%S}"
