"""Waiting for what real processes do."""

from __future__ import annotations

import time
from collections.abc import Callable

DEADLINE_S = 30.0


def until(condition: Callable[[], bool], what: str, within_s: float = DEADLINE_S) -> None:
    """Wait until it holds; fails, saying what was waited for, after the time."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {within_s:g} s for {what}"
        time.sleep(0.01)
