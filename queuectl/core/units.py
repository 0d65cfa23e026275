"""Durations, sizes, counts, times and priorities: from what a person writes, and back to what a person reads.

Every reader raises BadValue, with examples as the hint, for a text that does not say such a thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from queuectl.errors import BadValue

SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
BYTES = {
    "": 1,
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "k": 2**10,
    "m": 2**20,
    "g": 2**30,
    "t": 2**40,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}
PRIORITIES = {"low": -10, "normal": 0, "high": 10}
PRIORITY_LIMIT = 1_000_000
MAX_RETRIES_LIMIT = 1_000_000
LONGEST_S = 100 * 365 * 86_400
"""A hundred years: longer durations are mistakes, and every sum with them stays far from overflowing."""
SLOWEST_RATE, FASTEST_RATE = 1 / 86_400, 1_000_000
"""How many a second."""
LARGEST_BYTES = 2**50
EARLIEST_MS = 0
LATEST_MS = 253_402_300_799_999
"""The end of the year 9999, the last that ISO 8601 and datetime can say."""

# Patterns stay texts: `re` compiles each when it is first needed, and most commands need none.
_DURATION = r"(?:[0-9]{1,13}(?:\.[0-9]{1,9})?(?:ms|[smhdw]) ?)+"
_DURATION_PART = r"([0-9]+(?:\.[0-9]+)?)(ms|[smhdw])"
_PLAIN_NUMBER = r"[0-9]{1,13}(?:\.[0-9]{1,9})?"
_SIZE = r"([0-9]{1,16}(?:\.[0-9]{1,9})?) ?([a-z]{0,3})"
_INTEGER = r"[+-]?[0-9]{1,19}"
_CLOCK = r"([0-9]{1,2}):([0-9]{2})"
_ISO = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)

DURATION_HINT = "for example: 90, 90s, 5m, 1h30m, 1.5h, 2d, 1w"
RATE_HINT = "for example: 10/s, 30/min, 100/h, 0.5"
SIZE_HINT = "for example: 1000, 512KiB, 10MiB, 2GiB"
TIME_HINT = "for example: 2027-03-01T14:30, 2027-03-01T13:30:00Z, or 14:30 for the next half past two"
PRIORITY_HINT = "low, normal, high, or an integer from -1,000,000 to 1,000,000"


def quoted(text: str) -> str:
    """A text from outside as it may stand in a message: on one line, harmless, and not long."""
    return ascii(text if len(text) <= 60 else text[:59] + "…") if not text.isprintable() else repr(text[:60])


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is spelt most alike, if any is."""
    from difflib import get_close_matches  # 2 ms, and only mistakes need it

    return next(iter(get_close_matches(word[:60].lower(), list(known), n=1, cutoff=0.5)), None)


def seconds(text: str) -> float:
    """A duration in seconds, to the millisecond, from 0 to LONGEST_S; a bare number is seconds."""
    given = text.strip().lower()
    if re.fullmatch(_PLAIN_NUMBER, given):
        total = float(given)
    elif len(given) <= 100 and re.fullmatch(_DURATION, given):
        total = sum(float(number) * SECONDS[unit] for number, unit in re.findall(_DURATION_PART, given))
    else:
        raise BadValue(f"{quoted(text)} is not a duration", DURATION_HINT)
    if total > LONGEST_S:
        raise BadValue(f"{quoted(text)} is longer than a hundred years", DURATION_HINT)
    return round(total, 3)


def rate(text: str) -> float:
    """How many a second: `10/s`, `30/min`, `100/h`; a number alone counts by the second."""
    number, slash, unit = (part.strip() for part in text.lower().partition("/"))
    length = SECONDS.get({"min": "m"}.get(unit, unit)) if slash else 1
    if not re.fullmatch(_PLAIN_NUMBER, number) or length is None:
        raise BadValue(f"{quoted(text)} is not a rate", RATE_HINT)
    per_second = float(number) / length
    if not SLOWEST_RATE <= per_second <= FASTEST_RATE:
        raise BadValue(f"a rate must be from 1/d to {FASTEST_RATE:,}/s, not {quoted(text)}", RATE_HINT)
    return per_second


def size_bytes(text: str) -> int:
    """A size in bytes, from 0 to LARGEST_BYTES; MB is a million bytes, MiB and M are 1,048,576."""
    found = re.fullmatch(_SIZE, text.strip().lower())
    if found is None or found[2] not in BYTES:
        raise BadValue(f"{quoted(text)} is not a size", SIZE_HINT)
    total = round(float(found[1]) * BYTES[found[2]])
    if total > LARGEST_BYTES:
        raise BadValue(f"{quoted(text)} is more than 1,024 TiB", SIZE_HINT)
    return total


def integer(text: str, name: str, lowest: int, highest: int) -> int:
    """An integer within its range, both ends included; `name` is what the message calls it."""
    given = text.strip()
    if not re.fullmatch(_INTEGER, given):
        raise BadValue(f"{name} must be an integer, not {quoted(text)}", f"from {lowest:,} to {highest:,}")
    within(int(given), name, lowest, highest)
    return int(given)


def within(number: float, name: str, lowest: int, highest: int) -> None:
    """Raise BadValue unless the number lies in the range, as NaN and infinity never do."""
    if not lowest <= number <= highest:
        raise BadValue(f"{name} must be from {lowest:,} to {highest:,}", "use a number in that range")


def priority(text: str) -> int:
    """`low` (-10), `normal` (0), `high` (10), or an integer within ± PRIORITY_LIMIT."""
    word = text.strip().lower()
    if word in PRIORITIES:
        return PRIORITIES[word]
    if not re.fullmatch(_INTEGER, word):
        raise BadValue(f"{quoted(text)} is not a priority", PRIORITY_HINT)
    within(int(word), "priority", -PRIORITY_LIMIT, PRIORITY_LIMIT)
    return int(word)


def moment(text: str, now: int) -> int:
    """A time in milliseconds UTC: ISO 8601 (local if it names no zone), or `HH:MM`, its next occurrence after `now`."""
    given = text.strip().upper()
    try:
        if found := re.fullmatch(_CLOCK, given):
            return _next_clock(int(found[1]), int(found[2]), now)
        if re.fullmatch(_ISO, given):
            return _checked(round(datetime.fromisoformat(given).astimezone(UTC).timestamp() * 1000))
    except (ValueError, OverflowError):
        pass
    raise BadValue(f"{quoted(text)} is not a time", TIME_HINT)


def _next_clock(hour: int, minute: int, now: int) -> int:
    """Local time: today if it is still to come, else tomorrow, whatever the days' lengths."""
    today = datetime.fromtimestamp(now / 1000, UTC).astimezone().replace(tzinfo=None)
    at = today.replace(hour=hour, minute=minute, second=0, microsecond=0)
    ms = round(at.timestamp() * 1000)
    return _checked(ms if ms > now else round((at + timedelta(days=1)).timestamp() * 1000))


def _checked(ms: int) -> int:
    if not EARLIEST_MS <= ms <= LATEST_MS:
        raise ValueError
    return ms


def iso(ms: int) -> str:
    """Milliseconds UTC as `2026-11-22T14:02:31.123Z`."""
    whole, rest = divmod(min(max(ms, EARLIEST_MS), LATEST_MS), 1000)
    return f"{datetime.fromtimestamp(whole, UTC).isoformat()[:19]}.{rest:03d}Z"


def local_time(ms: int) -> datetime:
    """Milliseconds UTC as local time, to the second; what no date can say is the nearest that one can."""
    return datetime.fromtimestamp(min(max(ms, EARLIEST_MS), LATEST_MS) // 1000, UTC).astimezone()


def local(ms: int) -> str:
    """Milliseconds UTC as local time with its zone: `2026-11-22 15:02:31 CET`."""
    return f"{local_time(ms):%Y-%m-%d %H:%M:%S %Z}"


def say_duration(seconds_: float) -> str:
    """A duration as a person reads it, its two largest units: `0.4s`, `8s`, `2m 05s`, `2h 11m`, `3d 4h`."""
    if 0 < seconds_ < 1:
        return f"{max(seconds_, 0.1):.1f}s" if seconds_ < 0.95 else "1s"
    whole = round(max(seconds_, 0))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    if whole < 86_400:
        return f"{whole // 3600}h {whole % 3600 // 60:02d}m"
    return f"{whole // 86_400:,}d {whole % 86_400 // 3600}h"


def say_size(size: int) -> str:
    """A size as a person reads it: `512 B`, `1.5 KiB`, `10 MiB`."""
    amount, unit = float(size), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if amount < 1024:
            break
        amount, unit = amount / 1024, larger
    digits = f"{amount:.1f}".removesuffix(".0") if amount < 100 else f"{amount:.0f}"
    return f"{digits} {unit}"


def say_took(ms: int) -> str:
    """How long an attempt took: `2 ms`, `1.5s`, `2m 05s`."""
    if ms < 1000:
        return f"{ms} ms"
    return f"{ms / 1000:.1f}s" if ms < 10_000 else say_duration(ms / 1000)


def times(count: int) -> str:
    """`1 time`, `2 times`."""
    return f"{count} time{'s' * (count != 1)}"


def duration_text(seconds_: float) -> str:
    """A duration as it is stored and read back exactly: `1h`, `90s`, `1500ms`."""
    ms = round(seconds_ * 1000)
    for unit, length in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if ms and ms % length == 0:
            return f"{ms // length}{unit}"
    return f"{ms}ms" if ms else "0s"


def size_text(size: int) -> str:
    """A size as it is stored and read back exactly: `10MiB`, `1000`."""
    for unit, length in (("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if size and size % length == 0:
            return f"{size // length}{unit}"
    return str(size)
