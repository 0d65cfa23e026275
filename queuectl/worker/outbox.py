"""Results on their way into the store."""

from __future__ import annotations

import time
from collections import deque

from queuectl.core.turn import Settlement
from queuectl.worker.verdict import BEFORE_STOP_S, Heard

_BATCH = 64


class Outbox:
    """Settlements that are not stored yet, in order; and reports that wait to see whether a stop follows."""

    def __init__(self) -> None:
        self._settlements: deque[Settlement] = deque()
        self._in_hand = 0
        self._held: deque[Heard] = deque()
        self.scratch: dict[tuple[int, int], str] = {}
        self.since: float | None = None  # since when, by the monotonic clock in seconds, settlements wait

    def put(self, settlement: Settlement) -> None:
        self._settlements.append(settlement)
        if self.since is None:
            self.since = time.monotonic()

    def hold(self, heard: Heard) -> None:
        self._held.append(heard)

    def release(self, now: float) -> list[Heard]:
        """Those that have waited long enough at `now` (monotonic clock, seconds)."""
        ripe = []
        while self._held and now >= self._held[0].at + BEFORE_STOP_S:
            ripe.append(self._held.popleft())
        return ripe

    def next_release(self) -> float | None:
        return self._held[0].at + BEFORE_STOP_S if self._held else None

    def batch(self) -> tuple[Settlement, ...]:
        """The oldest settlements; they stay until `stored`."""
        self._in_hand = min(len(self._settlements), _BATCH)
        return tuple(self._settlements[index] for index in range(self._in_hand))

    def stored(self) -> None:
        """What `batch` gave out is in the store, or was refused for good."""
        for _ in range(self._in_hand):
            self._settlements.popleft()
        self._in_hand = 0
        self.since = time.monotonic() if self._settlements else None

    def clear(self) -> None:
        """Give up: the store is gone for good."""
        self._settlements.clear()
        self._held.clear()
        self._in_hand = 0
        self.since = None

    @property
    def claims(self) -> frozenset[tuple[int, int]]:
        """Number and fence of the claims whose end waits here."""
        held = ((each.job.number, each.job.fence) for each in self._held)
        return frozenset((each.number, each.fence) for each in self._settlements).union(held)

    @property
    def waiting(self) -> bool:
        return bool(self._settlements)

    @property
    def empty(self) -> bool:
        return not self._settlements and not self._held
