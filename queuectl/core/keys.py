"""Every configuration key: what it means, its unit, range and default, its other names, when a change applies."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from queuectl.core.units import (
    DURATION_HINT,
    LONGEST_S,
    MAX_RETRIES_LIMIT,
    SIZE_HINT,
    duration_text,
    integer,
    nearest,
    quoted,
    seconds,
    size_bytes,
    size_text,
)
from queuectl.errors import BadValue

NONE = "none"
DAY_S = 86_400.0

_FLOAT = r"[0-9]{1,12}(?:\.[0-9]{1,12})?"


class Key(NamedTuple):
    """One key of the configuration.

    `read` checks a text and gives the value of `field` in Settings, or raises BadValue; `say`
    gives the text that is stored and shown. `applies` says when a change takes effect.
    """

    name: str
    field: str
    default: str
    range: str
    meaning: str
    applies: str
    read: Callable[[str], Any]
    say: Callable[[Any], str]
    aliases: tuple[str, ...] = ()


def _whole(name: str, lowest: int, highest: int) -> Callable[[str], int]:
    return lambda text: integer(text, name, lowest, highest)


def _number(name: str, lowest: float, highest: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        given = text.strip()
        if re.fullmatch(_FLOAT, given) and lowest <= float(given) <= highest:
            return float(given)
        raise BadValue(f"{name} must be a number from {lowest:g} to {highest:g}, not {quoted(text)}", "such as 1.5")

    return read


def _duration(name: str, lowest: float, highest: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        length = seconds(text)
        if lowest <= length <= highest:
            return length
        longest = "100 years" if highest == LONGEST_S else duration_text(highest)
        raise BadValue(f"{name} must be from {duration_text(lowest)} to {longest}", DURATION_HINT)

    return read


def _or_none(read: Callable[[str], float]) -> Callable[[str], float | None]:
    def read_or_none(text: str) -> float | None:
        if text.strip().lower() == NONE:
            return None
        try:
            return read(text)
        except BadValue as error:
            raise BadValue(error.message, f"{error.hint}; or {NONE}") from None

    return read_or_none


def _size(name: str, lowest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        size = size_bytes(text)
        if size >= lowest:
            return size
        raise BadValue(f"{name} must be at least {size_text(lowest)}", SIZE_HINT)

    return read


def _program(text: str) -> str:
    given = text.strip()
    if given.startswith("/") and given.isprintable() and len(given) <= 1024:
        return given
    raise BadValue(f"shell must be an absolute path, not {quoted(text)}", "for example: /bin/sh or /bin/bash")


def _say_number(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def _say_duration(length: float | None) -> str:
    return NONE if length is None else duration_text(length)


_TO_NEW_JOBS = "to jobs enqueued from now on; those already there keep theirs"
_NEXT_FAILURE = "from the next failed attempt on"
_NEXT_ATTEMPT = "from the next attempt on"
_NEXT_LOOK = "in every running pool within a second"

KEYS: tuple[Key, ...] = (
    Key(
        "max-retries",
        "max_retries",
        "3",
        "0 to 1,000,000",
        "attempts in all before a job is dead; 0 and 1 both mean one",
        _TO_NEW_JOBS,
        _whole("max-retries", 0, MAX_RETRIES_LIMIT),
        str,
        ("default-max-retries",),
    ),
    Key(
        "backoff-base",
        "backoff_base",
        "2",
        "1 to 1000",
        "a failed job waits base ** attempts seconds",
        _NEXT_FAILURE,
        _number("backoff-base", 1, 1000),
        _say_number,
        ("base", "base-backoff"),
    ),
    Key(
        "backoff-max",
        "backoff_max_s",
        "1h",
        "0s to 100 years",
        "no backoff is longer than this",
        _NEXT_FAILURE,
        _duration("backoff-max", 0, LONGEST_S),
        _say_duration,
    ),
    Key(
        "backoff-jitter",
        "backoff_jitter",
        "0",
        "0 to 1",
        "the part of a backoff that is left to chance",
        _NEXT_FAILURE,
        _number("backoff-jitter", 0, 1),
        _say_number,
    ),
    Key(
        "timeout",
        "timeout_s",
        NONE,
        "1ms to 100 years, or none",
        "an attempt that takes longer is stopped and has failed",
        _TO_NEW_JOBS,
        _or_none(_duration("timeout", 0.001, LONGEST_S)),
        _say_duration,
        ("job-timeout", "default-timeout"),
    ),
    Key(
        "kill-grace",
        "kill_grace_s",
        "10s",
        "0s to 1d",
        "a command that is stopped has this long between SIGTERM and SIGKILL",
        _NEXT_LOOK,
        _duration("kill-grace", 0, DAY_S),
        _say_duration,
    ),
    Key(
        "lease",
        "lease_s",
        "30s",
        "3s to 1d",
        "a pool that gives no sign of life for so long loses its jobs; a third of it is the sign's interval",
        _NEXT_LOOK,
        _duration("lease", 3, DAY_S),
        _say_duration,
        ("lease-seconds", "stale-threshold", "lock-timeout-seconds"),
    ),
    Key(
        "max-interruptions",
        "max_interruptions",
        "5",
        "0 to 1,000,000",
        "a job that lost its worker more often than this is dead",
        "from the next interruption on",
        _whole("max-interruptions", 0, MAX_RETRIES_LIMIT),
        str,
    ),
    Key(
        "log-limit",
        "log_limit_bytes",
        "10MiB",
        "4KiB to 1024TiB",
        "what is kept of one attempt's output: its beginning and its end",
        _NEXT_ATTEMPT,
        _size("log-limit", 4096),
        size_text,
    ),
    Key(
        "output-total",
        "output_total_bytes",
        "2GiB",
        "0 to 1024TiB",
        "what all output files together may take; those of completed jobs go first",
        _NEXT_LOOK,
        _size("output-total", 0),
        size_text,
    ),
    Key(
        "keep-completed",
        "keep_completed_s",
        "7d",
        "0s to 100 years, or none",
        "a pool deletes jobs that completed longer ago than this; none: never",
        _NEXT_LOOK,
        _or_none(_duration("keep-completed", 0, LONGEST_S)),
        _say_duration,
    ),
    Key(
        "shell",
        "shell",
        "/bin/sh",
        "an absolute path",
        "what runs the commands, with -c",
        _NEXT_ATTEMPT,
        _program,
        str,
    ),
)
BY_NAME = {key.name: key for key in KEYS}
ALIASES = {alias: key.name for key in KEYS for alias in key.aliases}
IGNORED = ("poll-interval", "worker-poll-interval", "heartbeat-interval")
"""Keys that other queues need: checked to be durations, answered "not needed; ignored"."""


def canonical(key: str) -> str:
    """The key's own name, `-` and `_` and letter case alike, aliases resolved; it may be one of IGNORED.

    Raises BadValue for an unknown key, with the nearest known one.
    """
    name = key.strip().lower().replace("_", "-")
    name = ALIASES.get(name, name)
    if name in BY_NAME or name in IGNORED:
        return name
    near = nearest(name, (*BY_NAME, *ALIASES))
    raise BadValue(
        f"unknown key {quoted(key)}",
        f"did you mean {near}?" if near else "`queuectl config show` lists all keys",
    )


def canonical_text(key: str, text: str) -> str:
    """The value as it is stored, checked and normalised. Raises BadValue for an unknown key or a bad value."""
    name = canonical(key)
    if name in IGNORED:
        return duration_text(seconds(text))
    return BY_NAME[name].say(BY_NAME[name].read(text))
