"""What people do to jobs that are there: by name, all or none; by a condition, in short batches."""

from __future__ import annotations

import json
from collections.abc import Sequence

from queuectl.core.job import Job, State
from queuectl.core.lifecycle import (
    Asked,
    Cancel,
    Delete,
    Edit,
    Hold,
    Release,
    Retry,
    check_deletable,
    refusal,
    transition,
)
from queuectl.core.records import Batch, Bound, Preview
from queuectl.core.selector import Condition
from queuectl.core.units import quoted
from queuectl.errors import Conflict, NotFound, WrongState
from queuectl.store.connection import Database, Refused
from queuectl.store.filters import compiled
from queuectl.store.rows import job_of, numbers_text, parameters_of
from queuectl.store.statements import SQLITE
from queuectl.store.wakeup import poke

BATCH = 500
"""Jobs changed in one transaction: some milliseconds."""
MOST_NAMED = 20

_STATEMENTS: dict[type[Asked], tuple[str, ...]] = {
    Retry: ("retry",),
    Cancel: ("cancel", "cancel_running"),
    Hold: ("hold",),
    Release: ("release",),
    Delete: ("delete",),
}
_FITS: dict[type[Asked], str] = {
    Retry: "fits_retry",
    Cancel: "fits_cancel",
    Hold: "fits_hold",
    Release: "fits_release",
    Edit: "fits_edit",
    Delete: "fits_edit",
}


class Changing:
    """JobChanger on SQLite."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def change_named(self, ids: Sequence[str], asked: Asked, now: int, only: State | None = None) -> Batch:
        """Change all of them or none. Raises NotFound, WrongState, or Conflict for a unique_key that is live."""
        with self._db.writing():
            jobs = self._named(list(dict.fromkeys(ids)))
            for job in jobs:
                if only is not None and job.state is not only:
                    raise WrongState(f"{job.id} is {job.state}, not {only}", f"queuectl show {job.id} tells more")
            files: tuple[str, ...] = ()
            if isinstance(asked, Delete):
                files = self._delete(jobs)
            else:
                after = [transition(job, asked, now) for job in jobs]
                for job, changed in zip(jobs, after, strict=True):
                    self._write(job, changed, now)
        self._told(asked)
        return Batch(len(jobs), len(jobs), (), None, files, tuple(job.id for job in jobs))

    def change_matching(self, where: Condition, asked: Asked, bound: Bound, after: int, now: int) -> Batch:
        """Change the next BATCH jobs that match, by order of arrival from number `after` on (exclusive)."""
        expression, parameters = compiled(where, now)
        parameters |= {"as_of": bound.as_of}
        selection = {**parameters, "after": after, "last_number": bound.last_number, "most": BATCH}
        # Found without a lock, for it may have to look at every job; looked at again under it.
        found = [n for (n,) in self._db.query(SQLITE["matching"].replace("{where}", expression), selection)]
        if not found:
            return Batch(0, 0, (), None)
        still = SQLITE["still_matching"].replace("{where}", expression)
        with self._db.writing():
            rows = self._db.query(still, {**parameters, "batch": numbers_text(found)})
            numbers = [n for (n,) in rows]
            before = self._numbered(numbers)
            files = self._files(_deletable(before)) if isinstance(asked, Delete) else ()
            changed = self._change(before, asked, now)
        self._told(asked)
        skipped = tuple((job.id, _reason(job, asked, now)) for job in before if job.number not in changed)
        ids = tuple(job.id for job in before if job.number in changed)
        return Batch(len(before), len(changed), skipped, found[-1] if len(found) == BATCH else None, files, ids)

    def check_named(self, ids: Sequence[str], asked: Asked, now: int) -> None:
        """Raise NotFound or WrongState as `change_named` does, and change nothing."""
        for job in self._named(list(dict.fromkeys(ids))):
            if isinstance(asked, Delete):
                check_deletable(job)
            else:
                transition(job, asked, now)

    def preview(self, where: Condition, asked: Asked, most: int, now: int) -> Preview:
        """How many match, how many of them a change fits, and the first `most` ids of these."""
        expression, parameters = compiled(where, now)
        fits = f"({expression}) AND {SQLITE[_FITS[type(asked)]]}"
        matched, fitting = (
            int(self._db.query(SQLITE["count"].replace("{where}", one), parameters)[0][0]) for one in (expression, fits)
        )
        first = self._db.query(SQLITE["first_ids"].replace("{where}", fits), {**parameters, "most": most})
        return Preview(matched, fitting, tuple(name for (name,) in first))

    def bound(self, now: int) -> Bound:
        return Bound(*self._db.rows("bound", {"now": now})[0])

    def highest_waiting_priority(self) -> int | None:
        priority: int | None = self._db.value("highest_waiting_priority")
        return priority

    def _told(self, asked: Asked) -> None:
        """Before a person is told: that it is the store they know which was changed; then the pools."""
        self._db.check_place()
        if isinstance(asked, Retry | Release | Cancel | Edit):
            poke(self._db.place)

    def _change(self, jobs: Sequence[Job], asked: Asked, now: int) -> set[int]:
        """The numbers of those that could be changed."""
        if isinstance(asked, Edit):
            return {job.number for job in jobs if self._edited(job, asked, now)}
        values = {"batch": numbers_text([job.number for job in jobs]), "now": now}
        if isinstance(asked, Cancel):
            values["cancel_asked"] = 2 if asked.force else 1
        return {n for statement in _STATEMENTS[type(asked)] for (n,) in self._db.rows(statement, values)}

    def _edited(self, job: Job, asked: Edit, now: int) -> bool:
        try:
            after = transition(job, asked, now)
        except WrongState:
            return False
        self._write(job, after, now)
        return True

    def _write(self, before: Job, after: Job, now: int) -> None:
        try:
            self._db.change("change", parameters_of(after, now))
        except Refused as error:
            if before.unique_key is None:
                raise
            raise Conflict(
                f"{before.id} has the unique key of another job that is still to end",
                "wait for that one to end, or cancel it",
            ) from error
        if after.command != before.command:
            self._db.change("command_keep", {"command": before.command, "number": before.number})

    def _delete(self, jobs: Sequence[Job]) -> tuple[str, ...]:
        for job in jobs:
            check_deletable(job)
        numbers = [job.number for job in jobs]
        files = self._files(numbers)
        self._db.rows("delete", {"batch": numbers_text(numbers)})
        return files

    def _files(self, numbers: Sequence[int]) -> tuple[str, ...]:
        return tuple(name for (name,) in self._db.rows("files_of", {"batch": numbers_text(numbers)}))

    def _numbered(self, numbers: Sequence[int]) -> list[Job]:
        return [job_of(row) for row in self._db.rows("jobs_numbered", {"batch": numbers_text(numbers)})]

    def _named(self, ids: Sequence[str]) -> list[Job]:
        """The jobs of the ids, in their order. Raises NotFound if any is not there, naming up to 20."""
        rows = self._db.rows("jobs_named", {"ids": json.dumps(ids)})
        found = {job.id: job for job in map(job_of, rows)}
        missing = [name for name in ids if name not in found]
        if missing:
            more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
            raise NotFound(
                f"there is no job {', '.join(map(quoted, missing[:MOST_NAMED]))}{more}",
                "`queuectl list` shows the jobs; nothing was changed",
            )
        return [found[name] for name in ids]


def _deletable(jobs: Sequence[Job]) -> list[int]:
    return [job.number for job in jobs if job.state is not State.PROCESSING]


def _reason(job: Job, asked: Asked, now: int) -> str:
    """Why a job that matched was passed over."""
    if isinstance(asked, Delete):
        return f"{job.id} is {job.state}; it cannot be deleted"
    if isinstance(asked, Retry) and job.state not in {State.PENDING, State.PROCESSING}:
        return f"{job.id} has the unique key of another job that is still to end"
    return refusal(job, asked, now).message
