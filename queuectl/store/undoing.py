"""Jobs put back to what a person's change found."""

from __future__ import annotations

from collections.abc import Sequence

from queuectl.core.job import Job
from queuectl.core.lifecycle import undone
from queuectl.core.records import Batch
from queuectl.errors import Conflict
from queuectl.store.connection import Database
from queuectl.store.rows import job_of, numbers_text
from queuectl.store.versions import write


def undo(database: Database, before: Sequence[Job], now: int) -> Batch:
    """Put back all that have not moved since, in one transaction; the others are skipped with the reason."""
    skipped: list[tuple[str, str]] = []
    with database.writing():
        rows = database.rows("jobs_numbered", {"batch": numbers_text(job.number for job in before)})
        present = {job.number: job for job in map(job_of, rows)}
        for job in before:
            try:
                _put_back(database, present.get(job.number), job, now)
            except Conflict as refusal:
                skipped.append((job.id, refusal.message))
    left = {name for name, _ in skipped}
    ids = tuple(job.id for job in before if job.id not in left)
    return Batch(len(before), len(ids), tuple(skipped), None, ids=ids)


def _put_back(database: Database, present: Job | None, before: Job, now: int) -> None:
    if present is None:
        raise Conflict(f"{before.id} is gone")
    write(database, present, undone(present, before, now), now)
