"""The workers of a pool as its dispatcher sees them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator

from queuectl.core.attempt import Outcome
from queuectl.core.job import Job
from queuectl.core.pool import WorkerRecord
from queuectl.worker.channel import Channel
from queuectl.worker.loop import Loop
from queuectl.worker.messages import Assignment, End, Hired, Recall, Report, Why
from queuectl.worker.poolfile import LINES

_LATE_S = 5.0
"""How much later than a worker the dispatcher enforces a limit, in seconds."""
_HUNG_S = 30.0
"""So many seconds after it should have given back what it did not begin, a worker counts as hung."""
_MOST_AHEAD = 16
_AHEAD_MS = 30
"""A worker is given what it should have begun after so long."""
# Of jobs that wait for the processor some take 1 ms and some 30: with the latest one alone as a measure, a quarter
# to a third of the claims went back.
_WEIGHT = 0.1
_AT_ONCE = 64
"""With so many claims in a turn none is made ahead: the first of them would wait for the last one."""
_SHORTEST_S = 0.001
"""No command takes less, in seconds."""
AHEAD_S = 0.05
"""What it has not begun so long after the commit of its claim goes back, in seconds."""


class Given:
    """A job that a worker has.

    `overdue_at` (monotonic clock, seconds) is when it should have reported at the latest;
    `past_limit` is set when that has passed and it was the job's time limit. `ends_asked` is 1 once
    the job was asked to end, 2 without grace; `said` is set once people were told that it began.
    """

    def __init__(self, job: Job, overdue_at: float | None) -> None:
        self.job, self.overdue_at = job, overdue_at
        self.past_limit = self.said = False
        self.ends_asked = 0

    def is_late(self, now: float) -> bool:
        """Whether it should have been reported by `now` (monotonic clock, seconds).

        Who looks much later than that was stopped itself, and most likely the worker with it, which gets some time.
        """
        if self.overdue_at is None or now < self.overdue_at:
            return False
        if now < self.overdue_at + _LATE_S:
            return True
        self.overdue_at = now + _LATE_S
        return False


class Hand:
    """One worker. `given`, by number and fence, are the job that it runs and those behind it.

    `ahead` is how many may be behind it, `reserved` how many claims for it are under way; `hung`
    once it did not answer in time; `gone` once its socket is closed, until the keeper has seen to
    what it left.
    """

    def __init__(self, slot: int, pid: int, start_ticks: int, hired_at: int, channel: Channel) -> None:
        self.slot, self.pid, self.start_ticks, self.hired_at, self.channel = slot, pid, start_ticks, hired_at, channel
        self.given: dict[tuple[int, int], Given] = {}
        self.ahead = self.reserved = self._lines = 0
        self._usual_ms = 0.0  # weighted mean of what its jobs took, the latest ones most; 0 before the first
        self.hung = self.gone = False

    @property
    def free(self) -> bool:
        return not self.has and not self.gone

    @property
    def has(self) -> int:
        """How many jobs it has, or will have in a moment."""
        return len(self.given) + self.reserved

    def may_have(self, ahead: bool) -> int:
        """How many jobs it can have at a time, those behind the one that it runs only if `ahead`."""
        return 0 if self.gone else 1 + (self.ahead if ahead else 0)

    @property
    def slack_s(self) -> float:
        """How long, in seconds, it does not need another job; without an end if it cannot have one.

        Half of what it was given is left then, if none takes less than half of the usual time, so
        that it does not wait while the next ones are claimed.
        """
        if self.gone or (self.given and not self.ahead):
            return math.inf
        return len(self.given) // 2 * max(_SHORTEST_S, self._usual_ms / 2000)

    @property
    def label(self) -> str:
        return f"w{self.slot}"

    def learn(self, report: Report) -> None:
        """Set `ahead` anew: what comes back unbegun, most often because another one takes longer, ends it for now."""
        self.ahead = 0
        result = report.result
        if result is None or result.outcome is not Outcome.EXITED:
            return
        took_ms = max(1, result.duration_ms)
        self._usual_ms += (took_ms - self._usual_ms) * (_WEIGHT if self._usual_ms else 1)
        self.ahead = min(_MOST_AHEAD, int(_AHEAD_MS / self._usual_ms))

    def next_begins(self) -> None:
        """What is first of what it has may run as long as it likes, if it has no limit."""
        first = next(iter(self.given.values()), None)
        if first is not None and first.job.timeout_s is None and not first.ends_asked:
            first.overdue_at = None

    def next_line(self) -> int:
        """The line of the pool's file for the next job: the one that was used longest ago."""
        self._lines += 1
        return self._lines % LINES


class Crew:
    """All workers by their slot; `p1/w3` is the worker in slot 3 of pool p1."""

    def __init__(self, pool: str, loop: Loop, on_report: Callable[[Hand, Given, Report], None]) -> None:
        self._pool, self._loop, self._on_report = pool, loop, on_report
        self.hands: dict[int, Hand] = {}

    def hire(self, hired: Hired, channel: Channel, now_ms: int) -> None:
        hand = Hand(hired.slot, hired.pid, hired.start_ticks, now_ms, channel)
        self.hands[hired.slot] = hand
        self._loop.watch(channel.fileno(), lambda: self._hear(hand))

    def assign(self, hand: Hand, job: Job, assignment: Assignment) -> None:
        overdue_at = assignment.begin_before + _HUNG_S if hand.given else None
        if assignment.timeout_s is not None:
            overdue_at = time.monotonic() + assignment.timeout_s + assignment.kill_grace_s + _LATE_S
        hand.given[job.number, job.fence] = Given(job, overdue_at)
        hand.channel.put(assignment)

    def deliver(self) -> None:
        """Send what was assigned."""
        for hand in self.hands.values():
            if hand.channel.unsent and not hand.gone:
                self._loop.flush(hand.channel)

    def end(self, hand: Hand, job: Job, why: Why, grace_s: float) -> None:
        """Have its command ended; asking again without a grace shortens it, anything else is ignored."""
        strength = 1 if grace_s > 0 else 2
        given = hand.given.get((job.number, job.fence))
        if given is None or hand.gone or given.ends_asked >= strength:
            return
        given.ends_asked = strength
        given.overdue_at = time.monotonic() + grace_s + _LATE_S
        self._loop.send(hand.channel, End(job.number, job.fence, why, grace_s))

    def recall(self) -> None:
        """Let nothing begin that has not."""
        for hand in self.hands.values():
            if len(hand.given) > 1 and not hand.gone:
                self._loop.send(hand.channel, Recall())

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
        found = []
        for hand in self.hands.values():
            late = [each for each in hand.given.values() if each.is_late(now)]
            if late and not hand.hung:
                hand.hung = True
                found.append(hand)
                for given in late:
                    given.past_limit = not given.ends_asked
        return found

    def next_overdue(self) -> float | None:
        waited_for = (hand for hand in self.hands.values() if not hand.hung)
        moments = (given.overdue_at for hand in waited_for for given in hand.given.values())
        return min((moment for moment in moments if moment is not None), default=None)

    def name(self, hand: Hand) -> str:
        return f"{self._pool}/{hand.label}"

    def free(self) -> list[Hand]:
        return [hand for hand in self.hands.values() if hand.free]

    def has_place(self, ahead: bool) -> bool:
        """Whether any worker can take on another job, `ahead` also one behind those that it has."""
        return any(hand.has < hand.may_have(ahead) for hand in self.hands.values())

    def places(self, ahead: bool) -> list[Hand]:
        """A worker for each job to be claimed now: first those without any, then those with the fewest."""
        found = [hand for hand in self.hands.values() if hand.has < hand.may_have(False)]
        for depth in range(1, _MOST_AHEAD + 1):
            if not ahead or len(found) >= _AT_ONCE:
                break
            found += [hand for hand in self.hands.values() if hand.has <= depth < hand.may_have(True)]
        return found

    @property
    def slack_s(self) -> float:
        """How long, in seconds, nobody needs another job."""
        return min((hand.slack_s for hand in self.hands.values()), default=0.0)

    def busy(self) -> Iterator[tuple[Hand, Job]]:
        """All jobs that workers have, each with its worker."""
        for hand in self.hands.values():
            for given in list(hand.given.values()):
                yield hand, given.job

    @property
    def idle(self) -> bool:
        return all(not hand.given and not hand.reserved for hand in self.hands.values())

    def records(self) -> list[WorkerRecord]:
        return [
            WorkerRecord(self._pool, hand.label, hand.pid, hand.start_ticks, hand.hired_at)
            for hand in self.hands.values()
        ]

    def _hear(self, hand: Hand) -> None:
        try:
            for message in hand.channel.receive():
                if isinstance(message, Report) and (message.number, message.fence) in hand.given:
                    hand.learn(message)
                    given = hand.given.pop((message.number, message.fence))
                    hand.next_begins()
                    self._on_report(hand, given, message)
        except EOFError:
            hand.gone = True
            self._loop.forget(hand.channel.fileno())
            hand.channel.close()
