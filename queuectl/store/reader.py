"""What everybody who looks needs: pages, single jobs, history, counts. No cursor stays open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from queuectl.core.job import Job, State
from queuectl.errors import NotFound
from queuectl.store.connection import Database
from queuectl.store.rows import job_of

if TYPE_CHECKING:
    from queuectl.core.attempt import Attempt
    from queuectl.core.records import Counts, Failure, Gauges
    from queuectl.core.selector import Condition

_LAST = 2**63 - 1
_MINUTE_MS = 60_000


class Reader:
    """JobReader on SQLite."""

    _seen: int | None = None

    def __init__(self, database: Database) -> None:
        self._db = database

    def page(self, where: Condition, order: str, after: Job | None, limit: int, now: int) -> list[Job]:
        """The next jobs that match, beginning behind `after`. Raises BadValue for an unknown order."""
        from queuectl.store.listing import Listing  # counts need neither these nor the filter language
        from queuectl.store.orders import order_named

        along = order_named(order)
        place = along.before_all if after is None else along.behind(after)
        listed = Listing(self._db, where, now)
        values = {**listed.behind(along, place), "most": limit, "skip": 0}
        rows = self._db.query(listed.page(along, limit), values)
        return [job_of(row) for row in rows]

    def get(self, id: str) -> Job:
        """Raises NotFound, naming ids that are spelt alike."""
        row = self._db.row("job", {"id": id}) if id.isascii() else None
        if row is None:
            raise NotFound(f"there is no job {id[:128]!r}", self._near(id))
        return job_of(row)

    def _near(self, id: str) -> str:
        prefix = id[: max(2, len(id) - 2)]
        near = [found for (found,) in self._db.rows("ids_near", {"prefix": prefix})] if id.isascii() else []
        return f"did you mean {', '.join(near)}?" if near else "`queuectl list` shows the jobs"

    def newest(self) -> Job | None:
        row = self._db.row("newest")
        return None if row is None else job_of(row)

    def count(self, where: Condition, now: int) -> int:
        from queuectl.core.panes import counted  # with much that only the app needs

        known = counted(where, self.counts())
        if known is not None:
            return known
        from queuectl.store.listing import Listing  # as above

        listed = Listing(self._db, where, now)
        values = {**listed.parameters, "after": 0, "last": _LAST}
        return int(self._db.query(listed.counting(at_once=True), values)[0][0])

    def failures(self, where: Condition, behind: Failure | None, limit: int, now: int) -> list[Failure]:
        """The next dead jobs that match, those that died last first, beginning behind one."""
        from queuectl.store.failures import failures  # with hashes and patterns that nothing else needs

        return failures(self._db, where, behind, limit, now)

    def attempts(self, number: int) -> list[Attempt]:
        """The job's ended attempts, oldest first."""
        from queuectl.store.attemptrows import attempt_of  # most commands show none

        return [attempt_of(row) for row in self._db.rows("attempts", {"number": number})]

    def output(self, number: int, n: int) -> bytes:
        """What was kept in the store of the attempt's output; empty where a file holds it."""
        output: bytes | None = self._db.value("output", {"number": number, "n": n})
        return output or b""

    def counts(self) -> Counts:
        from queuectl.core.records import Counts  # nor these

        by_queue: dict[str, dict[State, int]] = {}
        for queue, state, n in self._db.rows("counts"):
            by_queue.setdefault(queue, {})[State(state)] = n
        return Counts(by_queue)

    def gauges(self, now: int) -> Gauges:
        """What `status` shows besides the counts; index lookups only."""
        from queuectl.core.records import Gauges  # as above

        with self._db.reading():
            # Without a pool nobody lets in what is due: it waits among the scheduled.
            waiting = [since for name in ("oldest_ready", "scheduled_first") if (since := self._db.value(name))]
            return Gauges(
                oldest_waiting_since=min((since for since in waiting if since <= now), default=None),
                next_due=self._db.value("scheduled_next", {"now": now}),
                finished_last_minute=self._db.value("finished_since", {"since": now - _MINUTE_MS}),
                size_bytes=self._db.size_bytes(),
                free_bytes=self._db.free_bytes(),
                schema=self._db.schema_version(),
            )

    def changed(self) -> bool:
        """Whether any other connection has committed since this was last asked; cheap."""
        self._db.check_place()
        before, self._seen = self._seen, self._db.data_version()
        return before != self._seen
