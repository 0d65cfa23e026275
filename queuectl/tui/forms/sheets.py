"""The two kinds of a job's form: a new job, and jobs that are there. They know no widget."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Protocol

from queuectl.core.intake import EDITABLE, changes, new_job
from queuectl.core.job import ENDED, Job, NewJob
from queuectl.core.lifecycle import Edit
from queuectl.core.settings import Settings
from queuectl.core.units import duration_text, iso
from queuectl.errors import BadValue
from queuectl.tui.commandline import line
from queuectl.tui.forms.draft import FIELDS, NO_TIMEOUT, Draft, shared_by
from queuectl.tui.wording import from_home


class Sheet(Protocol):
    """What a form asks for, and what is wrong with it."""

    title: str
    verb: str
    keys: tuple[str, ...]
    can_hold: bool
    old_command: str | None

    @property
    def start(self) -> Draft:
        """What stands in the form at first."""

    @property
    def placeholders(self) -> Mapping[str, str]:
        """By key, what an empty field means."""

    def problems(self, draft: Draft) -> dict[str, BadValue]:
        """By key, what is wrong with what is filled in, "" for all of it; while there is any it cannot be sent."""

    def line(self, draft: Draft) -> str:
        """The command line that does the same, "" as long as there is none."""


class NewSheet:
    """A job to be added: `start` is what the form begins with, `cwd` where the person is ("" if that is gone)."""

    verb = "add it"
    keys = tuple(field.key for field in FIELDS)
    can_hold = True
    old_command: str | None = None

    def __init__(self, start: Draft, settings: Settings, cwd: str, now: int, title: str = "New job") -> None:
        self.start = start
        self.title = title
        self._settings, self._cwd, self._now = settings, cwd, now

    @property
    def placeholders(self) -> Mapping[str, str]:
        timeout = self._settings.timeout_s
        return {
            "priority": "0",
            "delay": "0s",
            "max_retries": str(self._settings.max_retries),
            "timeout": NO_TIMEOUT if timeout is None else duration_text(timeout),
            "cwd": from_home(self._cwd, os.path.expanduser("~")),
            "id": "(made for you)",
            "queue": "default",
            "tags": "words to find it by",
            "run_at": "14:30, or a date",
            "unique_key": "none",
        }

    def job(self, draft: Draft, now: int) -> NewJob:
        """The job that is asked for at `now` (milliseconds UTC). Raises BadValue."""
        spec = {key: draft.value(key) for key in self.keys if not draft.is_blank(key)}
        return new_job({**spec, "hold": draft.hold}, now, self._cwd)

    def problems(self, draft: Draft) -> dict[str, BadValue]:
        found = {}
        for key in self.keys:
            alone = Draft({"command": "true", key: draft.texts.get(key, "")}, draft.env if key == "env" else ())
            try:
                if key == "command" or not draft.is_blank(key):
                    self.job(alone, self._now)
            except BadValue as error:
                found[key] = _no_example(error) if key == "command" else error
        if not self._cwd and draft.is_blank("cwd"):
            found["cwd"] = BadValue("the present directory is gone", "name another")
        if not draft.is_blank("run_at") and not draft.is_blank("delay"):
            found["run_at"] = BadValue("a delay and a time are both given", "leave one of them out")
        return found

    def line(self, draft: Draft) -> str:
        if draft.is_blank("command"):
            return ""
        given = [key for key in self.keys if key != "command" and not draft.is_blank(key)]
        return line("enqueue", *draft.options(given), *["--hold"] * draft.hold, "--", draft.text("command"))


class EditSheet:
    """Jobs to be edited, all waiting or all ended; those that have ended are run again too."""

    can_hold = False
    keys = tuple(field.key for field in FIELDS if field.key in EDITABLE)

    def __init__(self, jobs: Sequence[Job], cwd: str, now: int) -> None:
        self.ids = tuple(job.id for job in jobs)
        self.retry = jobs[0].state in ENDED
        self.verb = "edit and retry" if self.retry else "save"
        who = self.ids[0] if len(jobs) == 1 else f"{len(jobs)} jobs"
        self.title = f"Edit {'and retry ' if self.retry else ''}{who}"
        self.old_command = jobs[0].command if len(jobs) == 1 else None
        self._jobs, self._cwd, self._now = jobs, cwd, now

    @cached_property
    def start(self) -> Draft:
        return shared_by(self._jobs, self._now)

    @property
    def placeholders(self) -> Mapping[str, str]:
        told = {"timeout": NO_TIMEOUT, "run_at": "as soon as a worker is free", "tags": "none", "env": "none"}
        if len(self._jobs) == 1:
            return told
        return {key: "as they are" for key in self.keys if self.start.is_blank(key)}

    def touched(self, draft: Draft) -> list[str]:
        """The fields that a person has changed."""
        now = {**draft.texts, "env": draft.env}
        then = {**self.start.texts, "env": self.start.env}
        return [key for key in self.keys if (now.get(key) or "") != (then.get(key) or "")]

    def _filled(self, draft: Draft, now: int) -> Draft:
        """What an emptied field means is written out."""
        plain = {"priority": "0", "queue": "default", "timeout": NO_TIMEOUT, "run_at": iso(now)}
        empty = {key: text for key, text in plain.items() if draft.is_blank(key)}
        return draft._replace(texts={**draft.texts, **empty})

    def edit(self, draft: Draft, now: int) -> Edit:
        """What is asked for at `now` (milliseconds UTC). Raises BadValue."""
        filled = self._filled(draft, now)
        return Edit(changes({key: filled.value(key) for key in self.touched(draft)}, now, self._cwd), self.retry)

    def outcome(self, draft: Draft) -> tuple[str, str]:
        """What was done to the jobs once it is sent, before and behind their names."""
        if not self.retry:
            return "edited", ""
        return ("edited and retried", "") if self.touched(draft) else ("retried", ", unchanged")

    def problems(self, draft: Draft) -> dict[str, BadValue]:
        found: dict[str, BadValue] = {}
        filled, touched = self._filled(draft, self._now), self.touched(draft)
        if not touched and not self.retry:
            found[""] = BadValue("nothing is changed yet", "change a field, or leave with esc")
        for key in touched:
            try:
                changes({key: filled.value(key)}, self._now, self._cwd)
            except BadValue as error:
                found[key] = _no_example(error) if key == "command" else error
        return found

    def line(self, draft: Draft) -> str:
        touched = self.touched(draft)
        if not touched:
            return line("retry", *self.ids) if self.retry else ""
        options = self._filled(draft, self._now).options(touched)
        return line("edit", *self.ids, *options, *["--retry"] * self.retry)


def _no_example(error: BadValue) -> BadValue:
    """The hints of a command show JSON, which is not what a form takes."""
    return BadValue(error.message) if "{" in error.hint else error
