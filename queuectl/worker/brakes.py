"""Why a pool does not claim for a while, and when it tries again."""

from __future__ import annotations

from collections.abc import Callable

_LONGEST_PAUSE_S = 30.0
_STORE_PAUSE_S = 0.2


class Brakes:
    """Pauses of 1, 2, 4 … 30 s while the host lacks something, short ones while the store cannot be written.

    `claim_from` is when jobs may be claimed again, `store_from` when the store may be tried again
    (monotonic clock, seconds). `say` hears each new reason, and an empty one when all works again.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._said = ""
        self._pause_s = 0.0
        self._reasons = {"host": "", "store": ""}
        self.claim_from = self.store_from = 0.0

    def host_lacks(self, what: str, now: float) -> None:
        """No process, memory or file was to be had."""
        if now >= self.claim_from:
            self._pause_s = min(_LONGEST_PAUSE_S, max(1.0, 2 * self._pause_s))
            self.claim_from = now + self._pause_s
        self._because("host", f"{what}; trying again in {self._pause_s:g} s")

    def host_provides(self) -> None:
        self._pause_s = 0.0
        self._because("host", "")

    def store_refused(self, why: str, now: float) -> None:
        self.store_from = now + _STORE_PAUSE_S
        self._because("store", f"{why}; results wait until it can be written")

    def store_accepted(self) -> None:
        self._because("store", "")

    def next_try(self, now: float) -> float | None:
        """The soonest moment after `now` at which something may be tried again."""
        return min((moment for moment in (self.claim_from, self.store_from) if moment > now), default=None)

    def _because(self, who: str, reason: str) -> None:
        self._reasons[who] = reason
        said = "; ".join(filter(None, self._reasons.values()))
        if said != self._said:
            self._said = said
            self._say(said)
