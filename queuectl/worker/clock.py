"""The clock on the wall, as the store's times are counted; what must never jump uses `time.monotonic`."""

from __future__ import annotations

import time


def wall_ms() -> int:
    """Milliseconds UTC."""
    return time.time_ns() // 1_000_000
