"""The workers of a pool as its dispatcher sees them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from queuectl.core.job import Job
from queuectl.core.pool import WorkerRecord
from queuectl.worker.channel import Channel
from queuectl.worker.loop import Loop
from queuectl.worker.messages import Assignment, End, Hired, Report, Why

_LATE_S = 5.0
"""How much later than a worker the dispatcher enforces a limit, in seconds."""


@dataclass(slots=True)
class Hand:
    """One worker. `job` is what it runs; `reserved` while a claim for it is under way.

    `overdue_at` (monotonic clock, seconds) is when it should have reported at the latest, and
    `past_limit` says whether that was its job's time limit; `ends_asked` is 1 once its job was
    asked to end, 2 without grace; `gone` once its socket is closed, until the keeper has seen to
    what it left.
    """

    slot: int
    pid: int
    start_ticks: int
    hired_at: int
    channel: Channel
    job: Job | None = None
    reserved: bool = False
    overdue_at: float | None = None
    past_limit: bool = False
    ends_asked: int = 0
    gone: bool = False

    @property
    def free(self) -> bool:
        return self.job is None and not self.reserved and not self.gone

    @property
    def label(self) -> str:
        return f"w{self.slot}"


class Crew:
    """All workers by their slot; `p1/w3` is the worker in slot 3 of pool p1."""

    def __init__(self, pool: str, loop: Loop, on_report: Callable[[Job, Report], None]) -> None:
        self._pool, self._loop, self._on_report = pool, loop, on_report
        self.hands: dict[int, Hand] = {}

    def hire(self, hired: Hired, channel: Channel, now_ms: int) -> None:
        hand = Hand(hired.slot, hired.pid, hired.start_ticks, now_ms, channel)
        self.hands[hired.slot] = hand
        self._loop.watch(channel.fileno(), lambda: self._hear(hand))

    def assign(self, hand: Hand, job: Job, assignment: Assignment) -> None:
        hand.job, hand.ends_asked, hand.past_limit, hand.overdue_at = job, 0, True, None
        if assignment.timeout_s is not None:
            hand.overdue_at = time.monotonic() + assignment.timeout_s + assignment.kill_grace_s + _LATE_S
        self._loop.send(hand.channel, assignment)

    def end(self, hand: Hand, why: Why, grace_s: float) -> None:
        """Have its command ended; asking again without a grace shortens it, anything else is ignored."""
        strength = 1 if grace_s > 0 else 2
        if hand.job is None or hand.gone or hand.ends_asked >= strength:
            return
        hand.ends_asked, hand.past_limit = strength, False
        hand.overdue_at = time.monotonic() + grace_s + _LATE_S
        self._loop.send(hand.channel, End(why, grace_s))

    def dismiss(self, hand: Hand) -> None:
        """Let a free worker go: it ends when its socket is closed."""
        self._loop.forget(hand.channel.fileno())
        hand.channel.close()
        del self.hands[hand.slot]

    def lose(self, slot: int) -> Hand | None:
        """The worker is dead; a report that it sent before counts. Returns it if there was one."""
        hand = self.hands.get(slot)
        if hand is None:
            return None
        if not hand.gone:
            self._hear(hand)
            self._loop.forget(hand.channel.fileno())
            hand.channel.close()
        del self.hands[slot]
        return hand

    def overdue(self, now: float) -> list[Hand]:
        """Those that should have reported by now; each is named once."""
        late = [hand for hand in self.hands.values() if hand.overdue_at is not None and now >= hand.overdue_at]
        for hand in late:
            hand.overdue_at = None
        return late

    def next_overdue(self) -> float | None:
        return min((hand.overdue_at for hand in self.hands.values() if hand.overdue_at is not None), default=None)

    def name(self, hand: Hand) -> str:
        return f"{self._pool}/{hand.label}"

    def free(self) -> list[Hand]:
        return [hand for hand in self.hands.values() if hand.free]

    def busy(self) -> Iterator[tuple[Hand, Job]]:
        for hand in list(self.hands.values()):
            if hand.job is not None:
                yield hand, hand.job

    @property
    def idle(self) -> bool:
        return all(hand.job is None and not hand.reserved for hand in self.hands.values())

    def records(self) -> list[WorkerRecord]:
        return [
            WorkerRecord(self._pool, hand.label, hand.pid, hand.start_ticks, hand.hired_at)
            for hand in self.hands.values()
        ]

    def _hear(self, hand: Hand) -> None:
        try:
            for message in hand.channel.receive():
                if isinstance(message, Report) and hand.job is not None:
                    job, hand.job, hand.overdue_at = hand.job, None, None
                    self._on_report(job, message)
        except EOFError:
            hand.gone = True
            self._loop.forget(hand.channel.fileno())
            hand.channel.close()
