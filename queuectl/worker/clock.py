"""Time and chance: the clock on the wall, as the store counts it; what must never jump uses `time.monotonic`."""

from __future__ import annotations

import os
import time


def wall_ms() -> int:
    """Milliseconds UTC."""
    return time.time_ns() // 1_000_000


def chance() -> float:
    """From 0 to 1, for jitter. Python's `random` would load a library of ciphers into every pool."""
    return int.from_bytes(os.urandom(4), "big") / 2**32
