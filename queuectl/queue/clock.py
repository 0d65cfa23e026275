"""The wall clock, as an argument that a test can replace."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Hands out milliseconds UTC."""


def utc_ms() -> int:
    """The host's wall clock."""
    return time.time_ns() // 1_000_000
