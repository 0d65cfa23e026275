"""How soon a process of the pool that died is replaced."""

from __future__ import annotations

_NEAR_S = 10.0
_PATIENCE = 5
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 5.0


class Restarts:
    """At once; from the fifth death within 10 s without a finished job, after growing pauses of 5 s at most."""

    def __init__(self) -> None:
        self._deaths = 0
        self._expected_by = 0.0

    def progress(self) -> None:
        """A job was finished: whatever kills workers does not kill all of them."""
        self._deaths = 0

    def pause_s(self, now: float) -> float:
        """How long to wait after a death at `now` (seconds of a monotonic clock)."""
        self._deaths = self._deaths + 1 if now <= self._expected_by else 1
        beyond = self._deaths - _PATIENCE
        pause = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** min(beyond, 10)) if beyond >= 0 else 0.0
        self._expected_by = now + pause + _NEAR_S
        return pause
