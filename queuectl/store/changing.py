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
    Verb,
    before_all,
    check_deletable,
    refusal,
    transition,
)
from queuectl.core.records import Batch, Bound, Preview
from queuectl.core.selector import Condition
from queuectl.core.units import quoted
from queuectl.errors import Conflict, KeyTaken, NotFound, WrongState
from queuectl.store.connection import Database
from queuectl.store.listing import Listing
from queuectl.store.orders import ARRIVAL
from queuectl.store.rows import job_of, numbers_text
from queuectl.store.statements import SQLITE
from queuectl.store.undoing import undo
from queuectl.store.versions import write
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
    Delete: "fits_edit",
}


class Changing:
    """JobChanger on SQLite."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def change_named(
        self, ids: Sequence[str], asked: Asked, now: int, only: State | None = None, seen: Sequence[Job] = ()
    ) -> Batch:
        """Change all of them or none. Raises NotFound, WrongState, or Conflict for a unique_key that is live."""
        files: tuple[str, ...] = ()
        with self._db.writing():
            jobs = self._named(list(dict.fromkeys(ids)))
            _check_as_seen(jobs, only, seen)
            if isinstance(asked, Delete):
                files = self._delete(jobs)
            else:
                # All are judged before any is written, so that the first in order is the one that is named.
                after = self._judged(jobs, asked, now)
                for job, changed in zip(jobs, after, strict=True):
                    write(self._db, job, changed, now)
        self._told(asked)
        names = tuple(job.id for job in jobs)
        return Batch(len(jobs), len(jobs), (), None, files, names, _to_undo(jobs, asked))

    def change_matching(self, where: Condition, asked: Asked, bound: Bound, after: int, now: int) -> Batch:
        """Change the next BATCH jobs that match, by order of arrival from number `after` on (exclusive)."""
        listed = self._selected(where, bound)
        # Found without a lock, for it may have to look at every job; looked at again under it.
        found = [n for n, _ in self._first(listed, after, BATCH)]
        if not found:
            return Batch(0, 0, (), None)
        still = SQLITE["still_matching"].replace("{where}", listed.expression)
        with self._db.writing():
            rows = self._db.query(still, {**listed.parameters, "batch": numbers_text(found)})
            batch = self._taken(self._numbered([n for (n,) in rows]), asked, now)
        self._told(asked)
        return batch._replace(after=found[-1] if len(found) == BATCH else None)

    def change_fitting(self, ids: Sequence[str], states: frozenset[State], asked: Asked, now: int) -> Batch:
        """Change those of the ids that are there, in one of the states, and fit; the others are skipped."""
        with self._db.writing():
            rows = self._db.rows("jobs_named", {"ids": json.dumps(ids)})
            found = {job.id: job for job in map(job_of, rows)}
            jobs = [found[name] for name in ids if name in found]
            batch = self._taken([job for job in jobs if job.state in states], asked, now)
        self._told(asked)
        gone = tuple((name, f"{name} is gone") for name in ids if name not in found)
        moved = tuple((job.id, f"{job.id} is {job.state} now") for job in jobs if job.state not in states)
        return batch._replace(matched=len(ids), skipped=batch.skipped + moved + gone)

    def undo(self, before: Sequence[Job], now: int) -> Batch:
        """Put jobs back to what a change found; those that have moved since are skipped, with the reason."""
        batch = undo(self._db, before, now)
        self._db.check_place()
        poke(self._db.place)
        return batch

    def check_named(self, ids: Sequence[str], asked: Asked, now: int) -> None:
        """Raise NotFound, WrongState or Conflict as `change_named` does, and change nothing."""
        jobs = self._named(list(dict.fromkeys(ids)))
        if isinstance(asked, Delete):
            for job in jobs:
                check_deletable(job)
            return
        self._judged(jobs, asked, now)
        taken = self.keys_taken(jobs, asked)
        if taken:
            raise KeyTaken(next(job.id for job in jobs if job.id in taken))

    def keys_taken(self, jobs: Sequence[Job], asked: Asked) -> frozenset[str]:
        """Ids of those that the change would let wait again, but for another job with their unique_key."""
        if not _revives(asked):
            return frozenset()
        values = {"batch": numbers_text([job.number for job in jobs])}
        return frozenset(name for (name,) in self._db.rows("keys_taken", values))

    def preview(self, where: Condition, asked: Asked, most: int, bound: Bound) -> Preview:
        """How many match, how many of them a change fits, and the first `most` ids of these."""
        listed = self._selected(where, bound)
        fits = " AND ".join(SQLITE[name] for name in _fitting(asked)).replace("{where}", listed.expression)
        if isinstance(asked, Edit):
            listed.parameters |= {"max_retries": asked.changes.get("max_retries")}
        matched, fitting = self._db.query(listed.fitting(fits), listed.parameters)[0]
        listed.expression = f"{listed.expression} AND {fits}"
        return Preview(matched, fitting, tuple(name for _, name in self._first(listed, 0, most)))

    def _selected(self, where: Condition, bound: Bound) -> Listing:
        """As old as they were when it was asked."""
        listed = Listing(self._db, where, bound.as_of, "within_bound")
        listed.parameters |= bound._asdict()
        return listed

    def _first(self, listed: Listing, after: int, most: int) -> list[tuple[int, str]]:
        """Numbers and ids, in order of arrival from number `after` on (exclusive)."""
        values = {**listed.behind(ARRIVAL, {"number": after}), "most": most, "skip": 0}
        return [(n, name) for n, name in self._db.query(listed.page(ARRIVAL, most, SQLITE["columns_named"]), values)]

    def bound(self, now: int) -> Bound:
        return Bound(*self._db.rows("bound", {"now": now})[0])

    def _taken(self, jobs: Sequence[Job], asked: Asked, now: int) -> Batch:
        """Change those of the jobs that fit."""
        files = self._files(_deletable(jobs)) if isinstance(asked, Delete) else ()
        skipped = self._change(jobs, asked, now)
        changed = [job for job in jobs if job.id not in skipped]
        return Batch(
            matched=len(jobs),
            changed=len(changed),
            skipped=tuple(skipped.items()),
            after=None,
            files=files,
            ids=tuple(job.id for job in changed),
            before=_to_undo(changed, asked),
        )

    def _told(self, asked: Asked) -> None:
        """Before a person is told: that it is the store they know which was changed; then the pools."""
        self._db.check_place()
        if isinstance(asked, Retry | Release | Cancel | Edit):
            poke(self._db.place)

    def _judged(self, jobs: Sequence[Job], asked: Verb, now: int) -> list[Job]:
        """The jobs after a change that fits all of them. Raises WrongState, or Conflict as `before_all`."""
        if isinstance(asked, Retry):
            return [transition(job, asked.behind(k, now), now) for k, job in enumerate(jobs)]
        event = self._beside_others(asked, now) if isinstance(asked, Edit) else asked
        return [transition(job, event, now) for job in jobs]

    def _beside_others(self, edit: Edit, now: int) -> Edit:
        """Under the lock, so that two jobs that are to run next do not tie."""
        return before_all(edit, self._db.value("highest_waiting_priority"), now) if edit.next else edit

    def _edited(self, job: Job, edit: Edit, now: int) -> str:
        """Why the job could not be edited; empty if it was."""
        try:
            write(self._db, job, transition(job, edit, now), now)
        except Conflict as refused:
            return refused.message
        return ""

    def _change(self, jobs: Sequence[Job], asked: Asked, now: int) -> dict[str, str]:
        """Change those that it fits: ids of the others, with the reason."""
        if isinstance(asked, Edit):
            edit = self._beside_others(asked, now)
            return {job.id: reason for job in jobs if (reason := self._edited(job, edit, now))}
        values: dict[str, object] = {"batch": numbers_text([job.number for job in jobs]), "now": now}
        if isinstance(asked, Cancel):
            values["cancel_asked"] = 2 if asked.force else 1
        if isinstance(asked, Retry):
            values |= {"start": asked.start(now), "place": asked.place, "rate": asked.rate}
        changed = {n for statement in _STATEMENTS[type(asked)] for (n,) in self._db.rows(statement, values)}
        return {job.id: _reason(job, asked, now) for job in jobs if job.number not in changed}

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


def _fitting(asked: Asked) -> list[str]:
    """The statements' names of what a change takes."""
    keys = ["fits_key"] if _revives(asked) else []
    if not isinstance(asked, Edit):
        return [_FITS[type(asked)], *keys]
    moved = "fits_retry" if asked.retry else "fits_next" if asked.next else "fits_edit"
    if "max_retries" not in asked.changes:
        return [moved, *keys]
    return [moved, "fits_max_retries_anew" if asked.retry else "fits_max_retries", *keys]


def _revives(asked: Asked) -> bool:
    """Whether ended jobs wait again, of which only one with a unique_key can."""
    return isinstance(asked, Retry) or (isinstance(asked, Edit) and asked.retry)


def _check_as_seen(jobs: Sequence[Job], only: State | None, seen: Sequence[Job]) -> None:
    """Raise WrongState if one of them is not what a person took it for."""
    versions = {job.id: (job.number, job.version) for job in seen}
    for job in jobs:
        if only is not None and job.state is not only:
            raise WrongState(f"{job.id} is {job.state}, not {only}", f"queuectl show {job.id} tells more")
        present = (job.number, job.version)
        if versions.get(job.id, present) != present:
            raise WrongState(f"{job.id} has changed meanwhile and is {job.state}", "look at it again, and begin anew")


def _to_undo(jobs: Sequence[Job], asked: Asked) -> tuple[Job, ...]:
    """What an undoing of the change needs, if it can be undone."""
    return () if isinstance(asked, Delete) or len(jobs) > BATCH else tuple(jobs)


def _deletable(jobs: Sequence[Job]) -> list[int]:
    return [job.number for job in jobs if job.state is not State.PROCESSING]


def _reason(job: Job, asked: Asked, now: int) -> str:
    """Why a job that matched was passed over."""
    if isinstance(asked, Delete):
        return f"{job.id} is {job.state}; it cannot be deleted"
    if isinstance(asked, Retry) and job.state not in {State.PENDING, State.PROCESSING}:
        return KeyTaken(job.id).message
    return refusal(job, asked, now).message
