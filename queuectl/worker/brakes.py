"""Why a pool does not claim for a while, and when it tries again."""

from __future__ import annotations

from collections.abc import Callable

_LONGEST_PAUSE_S = 30.0
_STORE_PAUSE_S = 0.2


class Brakes:
    """Pauses of 1, 2, 4 … 30 s while the host lacks something, short ones while the store cannot be written.

    `until` is when the next try may be made (monotonic clock, seconds). `say` hears each new
    reason, and an empty one when all works again.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._said = ""
        self._pause_s = self._host_until = 0.0
        self._reasons = {"host": "", "store": ""}
        self.until = 0.0

    def host_lacks(self, what: str, now: float) -> None:
        """No process, memory or file was to be had."""
        if now >= self._host_until:
            self._pause_s = min(_LONGEST_PAUSE_S, max(1.0, 2 * self._pause_s))
            self._host_until = now + self._pause_s
            self.until = max(self.until, self._host_until)
        self._because("host", f"{what}; trying again in {self._pause_s:g} s")

    def host_provides(self) -> None:
        self._pause_s = 0.0
        self._because("host", "")

    def store_refused(self, why: str, now: float) -> None:
        self.until = max(self.until, now + _STORE_PAUSE_S)
        self._because("store", f"{why}; results wait until it can be written")

    def store_accepted(self) -> None:
        self._because("store", "")

    def _because(self, who: str, reason: str) -> None:
        self._reasons[who] = reason
        said = "; ".join(filter(None, self._reasons.values()))
        if said != self._said:
            self._said = said
            self._say(said)
