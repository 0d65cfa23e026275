"""How long a failed job waits before its next attempt."""

from __future__ import annotations

from typing import NamedTuple


class RetryPolicy(NamedTuple):
    """Exponential backoff: base to the power of the failed attempts, in seconds, up to a cap.

    `base` is at least 1, `cap_s` is in seconds and finite, `jitter` lies in 0 … 1.
    """

    base: float
    cap_s: float
    jitter: float

    def delay_s(self, attempts: int, chance: float) -> float:
        """Seconds until the next attempt; `attempts` counts the one that just failed, so base 2 gives 2, 4, 8.

        The formula is queuectl's own promise: base ** attempts, capped, and then drawn uniformly
        from [(1 - jitter) * delay, delay]. `chance` in [0, 1) is the draw; at 0 the whole delay
        is waited for. No number of attempts overflows.
        """
        try:
            delay = min(float(self.base) ** attempts, self.cap_s)
        except OverflowError:
            delay = self.cap_s
        return delay * (1 - self.jitter * chance)
