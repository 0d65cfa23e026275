"""A dispatcher's turn: settle what has ended and claim for every free worker, in one transaction."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from queuectl.core.attempt import Attempt, Outcome, Result, with_result, without_result
from queuectl.core.job import Job, State
from queuectl.core.lifecycle import Claim, Fail, Succeed, transition
from queuectl.core.turn import Settlement, Turn, Turned
from queuectl.errors import BadValue
from queuectl.store.attemptrows import attempt_of
from queuectl.store.connection import Database, Refused
from queuectl.store.rows import is_ready, job_of, numbers_text
from queuectl.store.wakeup import poke

BATCH = 1_000
"""How many jobs become claimable, or stop being so, in one transaction."""
RATE_BUCKET_MS = 10_000

_UNSTORABLE = (Refused, BadValue, TypeError, ValueError, OverflowError)
_SAID_INSTEAD = "the result of this attempt could not be stored as it was"


class _Tally(NamedTuple):
    """How many jobs of a turn ended in each state, and what each worker did."""

    states: Counter[State]
    done: Counter[str]
    failed: Counter[str]

    def add(self, settlement: Settlement, running: Job, job: Job) -> None:
        if job.state in _RATED:
            self.states[job.state] += 1
        if isinstance(settlement.event, Succeed):
            self.done[running.worker or ""] += 1
        elif isinstance(settlement.event, Fail):
            self.failed[running.worker or ""] += 1


class Turns:
    """The part of PoolStore that moves jobs."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._latest_now: int | None = None

    def turn(self, turn: Turn, now: int) -> Turned:
        """Settle and claim at once; a settlement that cannot be stored is set right on its own."""
        self._db.check_place()
        try:
            with self._db.writing():
                settled = self._settle_all(turn.settlements, now)
                claimed, next_due = self._claim(turn, now)
        except _UNSTORABLE:
            if not turn.settlements:
                raise
            settled = tuple(self._settle_alone(settlement, now) for settlement in turn.settlements)
            with self._db.writing():
                claimed, next_due = self._claim(turn, now)
        if any(job is not None and job.state is State.PENDING for job in settled):
            poke(self._db.place, besides=turn.pool, only_work=True)
        return Turned(settled, tuple(claimed), next_due)

    def _settle_alone(self, settlement: Settlement, now: int) -> Job | None:
        """In a transaction of its own, with a plain sentence in place of what cannot be stored."""
        try:
            with self._db.writing():
                (job,) = self._settle_all([settlement], now)
        except _UNSTORABLE:
            if settlement.result is None:
                raise
            plain = settlement._replace(result=_plain(settlement.result, now))
            with self._db.writing():
                (job,) = self._settle_all([plain], now)
        return job

    def _settle_all(self, settlements: Sequence[Settlement], now: int) -> tuple[Job | None, ...]:
        tally = _Tally(Counter(), Counter(), Counter())
        settled = tuple(self._settle(settlement, now, tally) for settlement in settlements)
        self._count(tally, now)
        return settled

    def _settle(self, settlement: Settlement, now: int, tally: _Tally) -> Job | None:
        row = self._db.row("claimed", {"number": settlement.number, "fence": settlement.fence})
        if row is None:
            return None
        running = job_of(row)
        result = settlement.result
        job = transition(running, settlement.event, now)
        job = with_result(job, result) if result is not None else without_result(job, self._latest(job.number))
        later = job.run_at != running.run_at
        self._db.change("settle_later" if later else "settle", {**job._asdict(), "ready": is_ready(job, now)})
        if result is not None:
            self._remember(running, job, result)
            tally.add(settlement, running, job)
        return job

    def _latest(self, number: int) -> Attempt | None:
        rows = self._db.rows("attempts", {"number": number})
        return attempt_of(rows[-1]) if rows else None

    def _remember(self, running: Job, job: Job, result: Result) -> None:
        self._db.change(
            "attempt_add",
            {
                "job": job.number,
                "n": job.runs,
                "worker": running.worker,
                "host": running.host,
                "started_at": result.started_at,
                "finished_at": result.finished_at,
                "duration_ms": result.duration_ms,
                "outcome": result.outcome,
                "exit_code": result.exit_code,
                "signal": result.signal,
                "error": result.error,
                "cpu_ms": None if result.cpu_s is None else round(result.cpu_s * 1000),
                "max_rss_bytes": result.max_rss_bytes,
                "output_bytes": result.output_bytes,
                "output_file": result.output_file,
                "output": result.output,
            },
        )

    def _count(self, tally: _Tally, now: int) -> None:
        if tally.states:
            bucket = now - now % RATE_BUCKET_MS
            self._db.change("rate_add", {"bucket": bucket, **{each.value: tally.states[each] for each in _RATED}})
        for worker in tally.done.keys() | tally.failed.keys():
            pool, _, name = worker.partition("/")
            counts = {"done": tally.done[worker], "failed": tally.failed[worker]}
            self._db.change("worker_count", {"pool": pool, "name": name, **counts})

    def _claim(self, turn: Turn, now: int) -> tuple[list[Job], int | None]:
        stepped_back = self._latest_now is not None and now < self._latest_now
        if not stepped_back or self.demote(now) < BATCH:
            self._latest_now = now
        next_due = self.promote(turn.queues, now)
        if not turn.free:
            return [], next_due
        claimed = []
        due = self._claimable(turn.queues, now, len(turn.free))
        for (worker, pid), waiting in zip(turn.free, due, strict=False):
            job = transition(waiting, Claim(turn.pool, worker, pid, turn.host), now)
            if self._db.change("claim", job._asdict()) == 1:
                claimed.append(job)
        # A short claim has seen all that is ready: what is left of it has run_at ahead of the clock.
        if len(claimed) < len(turn.free) and self._any_ready(turn.queues) and self.demote(now):
            next_due = self.next_due(turn.queues)
        return claimed, next_due

    def _claimable(self, queues: Sequence[str], now: int, most: int) -> Iterator[Job]:
        """In order of claims; several queues are merged."""
        if not queues:
            return map(job_of, self._db.rows("claimable", {"now": now, "most": most}))
        each = [
            [job_of(row) for row in self._db.rows("claimable_in_queue", {"queue": queue, "now": now, "most": most})]
            for queue in dict.fromkeys(queues)
        ]
        return heapq.merge(*each, key=lambda job: (-job.priority, job.run_at, job.number))

    def _any_ready(self, queues: Sequence[str]) -> bool:
        if not queues:
            return self._db.row("any_ready") is not None
        return any(self._db.row("any_ready_in_queue", {"queue": queue}) for queue in queues)

    def promote(self, queues: Sequence[str], now: int) -> int | None:
        """Let in what has become due, BATCH jobs a queue at most; when the next one will be (or was)."""
        due = self.next_due(queues)
        if due is None or due > now:
            return due
        if queues:
            for queue in dict.fromkeys(queues):
                self._db.change("promote_in_queue", {"queue": queue, "now": now, "most": BATCH})
        else:
            self._db.change("promote", {"now": now, "most": BATCH})
        return self.next_due(queues)

    def next_due(self, queues: Sequence[str]) -> int | None:
        """`run_at` of the first job that is not let in yet."""
        if not queues:
            due: int | None = self._db.value("scheduled_first")
            return due
        each = [self._db.value("scheduled_first_in_queue", {"queue": queue}) for queue in queues]
        return min((due for due in each if due is not None), default=None)

    def demote(self, now: int) -> int:
        """Shut out again what is not due by a clock that was set back, BATCH jobs at most; how many there were."""
        ahead = self._db.rows("ahead", {"now": now, "most": BATCH})
        if not ahead:
            return 0
        return self._db.change("demote", {"now": now, "batch": numbers_text(number for (number,) in ahead)})


_RATED = (State.COMPLETED, State.FAILED, State.DEAD)


def _plain(result: Result, now: int) -> Result:
    """What can always be stored of a result."""
    return Result(
        outcome=Outcome(result.outcome),
        started_at=_whole(result.started_at, now),
        finished_at=_whole(result.finished_at, now),
        duration_ms=_whole(result.duration_ms, 0),
        exit_code=None if result.exit_code is None else _whole(result.exit_code, -1),
        error=_SAID_INSTEAD,
    )


def _whole(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) and abs(value) < 2**53 else otherwise
