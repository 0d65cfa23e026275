"""What everybody who looks needs: pages, single jobs, history, counts. No cursor stays open."""

from __future__ import annotations

from queuectl.core.attempt import Attempt
from queuectl.core.job import Job, State
from queuectl.core.records import Counts, Gauges
from queuectl.core.selector import Condition
from queuectl.errors import BadValue, NotFound
from queuectl.store.attemptrows import attempt_of
from queuectl.store.connection import Database
from queuectl.store.filters import compiled, possible_states
from queuectl.store.rows import job_of
from queuectl.store.statements import SQLITE

_FIRST, _LAST = -(2**63), 2**63 - 1
_MINUTE_MS = 60_000

_ORDERS = {
    "arrival": ("page_arrival", {"number": _FIRST}),
    "-arrival": ("page_arrival_reversed", {"number": _LAST}),
    "priority": ("page_priority", {"priority": _LAST, "run_at": _LAST, "number": _LAST}),
    "-priority": ("page_priority_reversed", {"priority": _FIRST, "run_at": _FIRST, "number": _FIRST}),
    "state-age": ("page_state_age", {"state_since": _FIRST, "number": _FIRST}),
    "-state-age": ("page_state_age_reversed", {"state_since": _LAST, "number": _LAST}),
}
"""The statement of each order, and a place before the first page."""


class Reader:
    """JobReader on SQLite."""

    _seen: int | None = None

    def __init__(self, database: Database) -> None:
        self._db = database

    def page(self, where: Condition, order: str, after: Job | None, limit: int, now: int) -> list[Job]:
        """The next jobs that match, beginning behind `after`. Raises BadValue for an unknown order."""
        if order not in _ORDERS:
            raise BadValue(f"unknown order {order!r}", f"orders are {', '.join(_ORDERS)}")
        name, place = _ORDERS[order]
        if after is not None:
            place = {field: getattr(after, field) for field in place}
        expression, parameters = compiled(where, now)
        sql = _merged(name, where) if f"{name}_order" in SQLITE else SQLITE[name]
        rows = self._db.query(sql.replace("{where}", expression), {**parameters, **place, "most": limit})
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
        expression, parameters = compiled(where, now)
        return int(self._db.query(SQLITE["count"].replace("{where}", expression), parameters)[0][0])

    def attempts(self, number: int) -> list[Attempt]:
        """The job's ended attempts, oldest first."""
        return [attempt_of(row) for row in self._db.rows("attempts", {"number": number})]

    def output(self, number: int, n: int) -> bytes:
        """What was kept in the store of the attempt's output; empty where a file holds it."""
        output: bytes | None = self._db.value("output", {"number": number, "n": n})
        return output or b""

    def counts(self) -> Counts:
        by_queue: dict[str, dict[State, int]] = {}
        for queue, state, n in self._db.rows("counts"):
            by_queue.setdefault(queue, {})[State(state)] = n
        return Counts(by_queue)

    def gauges(self, now: int) -> Gauges:
        """What `status` shows besides the counts; index lookups only."""
        with self._db.reading():
            # Without a pool nobody lets in what is due: it waits among the scheduled.
            waiting = [since for name in ("oldest_ready", "scheduled_first") if (since := self._db.value(name))]
            return Gauges(
                oldest_waiting_since=min((since for since in waiting if since <= now), default=None),
                next_due=self._db.value("scheduled_next", {"now": now}),
                finished_last_minute=self._db.value("finished_since", {"since": now - _MINUTE_MS}),
                size_bytes=self._db.size_bytes(),
                schema=self._db.schema_version(),
            )

    def changed(self) -> bool:
        """Whether any other connection has committed since this was last asked; cheap."""
        self._db.check_place()
        before, self._seen = self._seen, self._db.data_version()
        return before != self._seen


def _merged(name: str, where: Condition) -> str:
    """One part for each state that can match: an index gives each part in order, and SQLite merges them."""
    # An impossible condition still needs one part to be a statement.
    states = possible_states(where) or [State.PENDING]
    parts = [SQLITE[name].replace("{state}", f"'{state.value}'") for state in states]
    return f" {SQLITE['union']} ".join(parts) + " " + SQLITE[f"{name}_order"]
