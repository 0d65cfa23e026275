"""New jobs: numbers, made ids, unique keys, defaults from the configuration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from queuectl.core.job import Added, NewJob
from queuectl.core.settings import Settings
from queuectl.errors import BadValue, Conflict
from queuectl.store.connection import Database
from queuectl.store.rows import Row, env_text, json_text, milliseconds_of, numbers_text, tags_text
from queuectl.store.wakeup import poke

MOST_JOBS = 10_000
MOST_NAMED = 20


class Adding:
    """JobAdder on SQLite."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, jobs: Sequence[NewJob], now: int, skip_existing: bool = False) -> list[Added | None]:
        """Add all or none in one transaction. Raises Conflict for ids that are there, BadValue above 10,000 jobs."""
        if len(jobs) > MOST_JOBS:
            raise BadValue(f"{len(jobs):,} jobs are too many for one transaction", f"add {MOST_JOBS:,} at most")
        with self._db.writing():
            added, rows = self._sorted_out(jobs, now, skip_existing)
            if rows:
                self._db.insert("add", rows)
        self._db.check_place()
        if any(not job.held for job in jobs) and rows:
            poke(self._db.place, only_work=True)
        return added

    def taken_ids(self, ids: Sequence[str]) -> list[str]:
        """Those of the ids that are in the store."""
        return [taken for (taken,) in self._db.rows("taken_ids", {"ids": json_text(ids)})]

    def _sorted_out(
        self, jobs: Sequence[NewJob], now: int, skip_existing: bool
    ) -> tuple[list[Added | None], list[Row]]:
        """What is said of each job, and the rows of those that are new."""
        settings = Settings.of({key: text for key, text, _ in self._db.rows("config")})
        given = [job.id for job in jobs if job.id is not None]
        taken = set(self.taken_ids(given)) if given else set()
        numbers = self._free_numbers(len(jobs), set(given))
        live = self._live_keys(jobs)
        added: list[Added | None] = []
        rows: list[Row] = []
        clashes: list[str] = []
        for job in jobs:
            if job.unique_key is not None and job.unique_key in live:
                added.append(Added(live[job.unique_key], new=False))
            elif job.id is not None and job.id in taken:
                added.append(None)
                clashes.append(job.id)
            else:
                number = next(numbers)
                name = job.id or f"j{number}"
                taken.add(name)
                if job.unique_key is not None:
                    live[job.unique_key] = name
                rows.append(_row(job, number, name, settings, now))
                added.append(Added(name, new=True))
        if clashes and not skip_existing:
            raise _conflict(clashes)
        return added, rows

    def _live_keys(self, jobs: Sequence[NewJob]) -> dict[str, str]:
        keys = [job.unique_key for job in jobs if job.unique_key is not None]
        return dict(self._db.rows("live_keys", {"keys": json_text(keys)})) if keys else {}

    def _free_numbers(self, window: int, given: set[str]) -> Iterator[int]:
        """Numbers that were never used, without those whose made id a person took first."""
        number = (self._db.value("last_number") or 0) + 1
        while True:
            candidates = range(number, number + window)
            passed = {n for (n,) in self._db.rows("made_ids_taken", {"batch": numbers_text(candidates)})}
            yield from (n for n in candidates if n not in passed and f"j{n}" not in given)
            number += window


def _row(job: NewJob, number: int, id: str, settings: Settings, now: int) -> Row:
    run_at = now if job.run_at is None else job.run_at
    return (
        number,
        id,
        job.queue,
        job.priority,
        run_at,
        run_at <= now and not job.held,
        job.held,
        settings.max_retries if job.max_retries is None else job.max_retries,
        now,
        now,
        now,
        milliseconds_of(settings.timeout_s if job.timeout_s is None else job.timeout_s or None),
        job.unique_key,
        tags_text(job.tags),
        env_text(job.env),
        job.cwd,
        job.command,
    )


def _conflict(ids: Sequence[str]) -> Conflict:
    named = ", ".join(ids[:MOST_NAMED])
    more = f" and {len(ids) - MOST_NAMED} more" if len(ids) > MOST_NAMED else ""
    verb = "is" if len(ids) == 1 else "are"
    return Conflict(f"{named}{more} {verb} there already; nothing was added", "choose another id, or leave it out")
