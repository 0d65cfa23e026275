"""Times as they are shown: local and short on a terminal, ISO 8601 UTC in a pipe."""

from __future__ import annotations

import sys

from queuectl.cli.door import on_terminal
from queuectl.core.units import iso, local_time


def say_moment(ms: int) -> str:
    """Milliseconds UTC in full: `2026-11-22 15:02:31` local time, to a pipe `2026-11-22T14:02:31.123Z`."""
    return f"{local_time(ms):%Y-%m-%d %H:%M:%S}" if on_terminal(sys.stdout) else iso(ms)


def say_short_moment(ms: int, now: int) -> str:
    """As narrow as it can be: `15:02:31` today, `11-22 15:02` this year, `2026-11-22` before; to a pipe as above."""
    if not on_terminal(sys.stdout):
        return iso(ms)
    at, today = local_time(ms), local_time(now)
    if at.date() == today.date():
        return f"{at:%H:%M:%S}"
    return f"{at:%m-%d %H:%M}" if at.year == today.year else f"{at:%Y-%m-%d}"
