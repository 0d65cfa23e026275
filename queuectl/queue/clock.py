"""Clocks, as arguments that a test can replace."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Hands out milliseconds UTC."""

Stopwatch = Callable[[], float]
"""Hands out seconds since some moment, by a clock that nobody sets."""


def utc_ms() -> int:
    """The host's wall clock."""
    return time.time_ns() // 1_000_000
