"""A dispatcher's turns with the store: what has ended is settled, and each free worker gets a job."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from queuectl.core.job import Job, State
from queuectl.core.turn import Look, Turn, Turned
from queuectl.worker import telling
from queuectl.worker.assignments import assignment
from queuectl.worker.brakes import Brakes
from queuectl.worker.clerk import Clerk
from queuectl.worker.clock import chance, wall_ms
from queuectl.worker.crew import AHEAD_S, Crew, Given, Hand
from queuectl.worker.events import Events
from queuectl.worker.messages import Gone, Report, Why
from queuectl.worker.outbox import Outbox
from queuectl.worker.outputfile import OutputFiles
from queuectl.worker.poolfile import PoolFile
from queuectl.worker.standing import Standing
from queuectl.worker.verdict import Heard, not_begun, of_lost_worker, settlement, unknown_claim

if TYPE_CHECKING:
    from queuectl.core.ports import PoolStore


_GATHER_S = 0.016
"""A result waits for others at most so long before a turn is asked for."""
_LISTEN_S = 0.03
"""While a turn is under way and reports come, they are heard so often, in seconds: no worker can be given more."""
_BRISK_S = 1.0
"""Reports come if the latest one is not older, in seconds."""


class Turns:
    """One turn at a time; what ends meanwhile goes with the next."""

    def __init__(
        self,
        standing: Standing,
        file: PoolFile,
        crew: Crew,
        outbox: Outbox,
        clerk: Clerk,
        brakes: Brakes,
        events: Events,
    ) -> None:
        self._standing, self._file, self._crew, self._outbox = standing, file, crew, outbox
        self._clerk, self._brakes, self._events = clerk, brakes, events
        self._files = OutputFiles(clerk.place)
        self._ids: dict[tuple[int, int], str] = {}  # of the claims that were handed out
        self._heard_at = self._committed_at = 0.0
        self.under_way = False
        self.work_may_wait = True

    def expect_work(self) -> None:
        """Somebody may have added work, or some may have become due."""
        self.work_may_wait = True

    def due(self) -> bool:
        """Whether there is anything to do with the store."""
        if self.under_way or self.gather_s() > 0:
            return False
        return self._outbox.waiting or (self.work_may_wait and self._may_claim and self._crew.has_place(self._ahead))

    def gather_s(self) -> float:
        """For how long, in seconds, results may gather, so that one commit does for several: no worker waits for it."""
        now, slack_s = time.monotonic(), self._crew.slack_s
        if self.under_way and now <= self._heard_at + _BRISK_S:
            return _LISTEN_S
        if math.isinf(slack_s) or now > self._heard_at + AHEAD_S:  # no reports come that could gather
            return 0.0
        waited_s = 0.0 if self._outbox.since is None else now - self._outbox.since
        return min(slack_s, _GATHER_S - waited_s)

    @property
    def _may_claim(self) -> bool:
        return self._standing.stop is None and time.monotonic() >= self._brakes.claim_from

    @property
    def _ahead(self) -> bool:
        """Not while a worker is to be let go: one that has jobs ahead is never free."""
        return len(self._crew.hands) <= self._standing.record.wanted

    def take(self, then: Callable[[object], None]) -> None:
        """Ask for a turn; `then` gets Turned, or the error that kept it from being taken."""
        free = self._crew.places(self._ahead) if self._may_claim else []
        for hand in free:
            hand.reserved += 1
        self.under_way, self.work_may_wait = True, self.work_may_wait and not free
        record, asked_at = self._standing.record, time.monotonic()
        workers = tuple((self._crew.name(hand), hand.pid) for hand in free)
        turn = Turn(record.name, record.host, record.queues, self._outbox.batch(), workers)

        def taken(answer: object) -> None:
            self._taken(answer, turn, free, asked_at)
            then(answer)

        self._clerk.ask_at_once(self._of(turn), taken)

    def heard(self, hand: Hand, given: Given, report: Report) -> None:
        """A worker reported; some results wait a moment, in case the whole pool is being stopped."""
        job, self._heard_at = given.job, time.monotonic()
        if report.result is not None:
            self._say_begun(hand, given)
        if report.scratch:
            self._outbox.scratch[(job.number, job.fence)] = report.scratch
        heard = Heard(job, report, self._heard_at)
        if heard.may_be_a_stop and not self._standing.forced:
            self._outbox.hold(heard)
        else:
            self.settle(heard)

    def lost(self, hand: Hand, gone: Gone) -> None:
        """The worker is dead, and all that it had started: what it had is settled by what the pool's file says."""
        claims = [(given.job.number, given.job.fence) for given in hand.given.values()]
        begun, left = self._file.begun(), self._files.left(claims)
        for given in hand.given.values():
            settled = of_lost_worker(
                given.job,
                self._standing.settings,
                f"{self._crew.name(hand)} was lost ({gone.how})",
                wall_ms(),
                chance(),
                begun=(given.job.number, given.job.fence) in begun,
                timed_out=gone.killed and given.past_limit,
                charged=self._standing.stop is None,
                left=left.get(given.job.number),
            )
            self._outbox.put(settled)

    def settle(self, heard: Heard) -> None:
        standing = self._standing
        settled = settlement(heard, standing.settings, chance(), standing.stop_asked_at)
        if settled is not None:
            self._outbox.put(settled)
        else:
            self._forget(heard.job.number, heard.job.fence, stored=False)

    def _forget(self, number: int, fence: int, stored: bool) -> str:
        """What was only there to be followed goes once its result is stored; returns the job's name for messages.

        Whoever took the claim over may have named that file as what is left of the attempt.
        """
        scratch = self._outbox.scratch.pop((number, fence), None)
        if scratch and stored:
            self._files.remove([scratch])
        return self._ids.pop((number, fence), f"job number {number}")

    def mind_claims(self, look: Look, is_rescued: Callable[[int, int], bool]) -> None:
        """End what was cancelled or lost; give back what the store says we hold and nobody here knows of."""
        settings, known = self._standing.settings, set()
        for hand, job in self._crew.busy():
            known.add(job.number)
            fence, cancel_asked = look.claims.get(job.number, (0, 0))
            if fence != job.fence:
                self._crew.end(hand, job, Why.LOST, 0)
            elif cancel_asked:
                self._crew.end(hand, job, Why.CANCEL, settings.kill_grace_s if cancel_asked == 1 else 0)
        if self.under_way:
            return
        on_their_way = self._outbox.claims
        for number, (fence, _) in look.claims.items():
            if number not in known and (number, fence) not in on_their_way and not is_rescued(number, fence):
                self._outbox.put(unknown_claim(number, fence, settings))

    def _of(self, turn: Turn) -> Callable[[PoolStore], Turned]:
        def take(store: PoolStore) -> Turned:
            turned = store.turn(turn, wall_ms())
            self._committed_at = time.monotonic()
            self._clerk.expect(turned.next_due)
            return turned

        return take

    def _taken(self, answer: object, turn: Turn, free: list[Hand], asked_at: float) -> None:
        self.under_way = False
        for hand in free:
            hand.reserved -= 1
        if not isinstance(answer, Turned):
            self.work_may_wait = True
            return
        self._outbox.stored()
        # Without a free worker nothing was claimed, and of what we give back nobody tells us.
        given_back = any(job is not None and job.state is State.PENDING for job in answer.settled)
        self.work_may_wait |= len(answer.claimed) == len(free) if free else given_back
        self._hand_out(answer.claimed, {self._crew.name(hand): hand for hand in free}, asked_at)
        self._tell(turn, answer)  # later: the workers need not wait for it

    def _hand_out(self, claimed: Iterable[Job], hands: Mapping[str, Hand], asked_at: float) -> None:
        unsettled = self._outbox.claims
        for job in claimed:
            self._assign(hands[job.worker or ""], job, asked_at, unsettled)
        self._crew.deliver()

    def _line_for(self, hand: Hand, unsettled: frozenset[tuple[int, int]]) -> int:
        """Where its next job is noted; it writes over the mark of one that it ended, which may not be stored yet."""
        line = hand.next_line()
        mark = self._file.begun_at(hand.slot, line)
        if mark in unsettled:
            self._file.remember(*mark)
        return line

    def _assign(self, hand: Hand, job: Job, asked_at: float, unsettled: frozenset[tuple[int, int]]) -> None:
        """Hand the job out, unless the worker is gone or the pool was told to stop meanwhile."""
        settings = self._standing.settings
        if self._standing.stop is not None or hand.gone or self._crew.hands.get(hand.slot) is not hand:
            self._outbox.put(not_begun(job, settings))
            return
        # A pool may be stopped at any moment: for its lease it counts from before the claim.
        begin_before = asked_at + settings.lease_s / 2
        if hand.given:
            begin_before = min(begin_before, self._committed_at + AHEAD_S)
        line = self._line_for(hand, unsettled)
        task = assignment(job, line, settings, self._clerk.place.store, self._clerk.store_id, begin_before)
        self._ids[(job.number, job.fence)] = job.id
        self._crew.assign(hand, job, task)

    def say_begun(self) -> None:
        """Called when all reports are heard: what is first of what a worker has is what it runs."""
        for hand in self._crew.hands.values():
            first = next(iter(hand.given.values()), None)
            if first is not None and self._standing.stop is None:
                self._say_begun(hand, first)

    def _say_begun(self, hand: Hand, given: Given) -> None:
        if not given.said:
            given.said = True
            self._events.note(f"{hand.label} {telling.started(given.job)}")

    def _tell(self, turn: Turn, turned: Turned) -> None:
        for asked, job in zip(turn.settlements, turned.settled, strict=True):
            name = self._forget(asked.number, asked.fence, stored=job is not None)
            if job is None:
                self._events.note(f"a result of {name} was refused: its claim had been lost")
            elif asked.result is not None or job.state is not State.PENDING:
                self._events.note(telling.ended(job, wall_ms()))
