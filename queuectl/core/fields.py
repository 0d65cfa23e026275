"""What each key of a job object may hold: one reader a key, from a value of JSON or a text to what is stored.

Every reader raises BadValue for a value from outside that is not exactly what is allowed.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from queuectl.core import units
from queuectl.errors import BadValue

LONGEST_TEXT = 131_071
"""Bytes of a command or a `NAME=value`: Linux starts no program with a longer argument."""
LONGEST_PATH = 4_095
MOST_TAGS = 32
LONGEST_UNIQUE_KEY = 200
RESERVED = "QUEUECTL_"

LONGEST_NAME = 128
_NAME = rf"[A-Za-z0-9][A-Za-z0-9._:@-]{{0,{LONGEST_NAME - 1}}}"
_VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"
_VARIABLE_HINT = "letters, digits and _ only, not beginning with a digit"
_NAME_HINT = f"1 to {LONGEST_NAME} letters, digits and . _ : @ -, beginning with a letter or digit"


def kind(value: object) -> str:
    """What JSON calls a value of this type."""
    kinds = {type(None): "null", bool: "true or false", str: "a text", dict: "an object", list: "an array"}
    return kinds.get(type(value), "a number" if isinstance(value, int | float) else "something else")


def _text(value: object, name: str, longest: int) -> str:
    """A text that a program can be started with."""
    if not isinstance(value, str):
        raise BadValue(f"{name} must be a text, not {kind(value)}", "put it in quotes")
    if "\0" in value:
        raise BadValue(f"{name} holds a NUL character", "no program can be started with one; leave it out")
    try:
        size = len(value) if value.isascii() else len(value.encode())
    except UnicodeEncodeError:
        raise BadValue(f"{name} is not valid UTF-8", "leave out the characters that are not") from None
    if size > longest:
        raise BadValue(f"{name} has {size:,} bytes and may have {longest:,}", "put what is long into a file")
    return value


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Compiled when it is first needed; `re` looks for what it has compiled for longer than a name takes."""
    return re.compile(text)


def command(value: object) -> str:
    """What the shell is given: not blank, UTF-8 without NUL, LONGEST_TEXT bytes at most."""
    command = _text(value, "command", LONGEST_TEXT)
    if not command or command.isspace():
        raise BadValue("the command is blank", 'for example: {"command": "echo hello"}')
    return command


def checked_name(value: object, what: str) -> str:
    """An id, queue or tag (`what` is for the message): letters, digits and `._:@-`, 128 at most.

    The first is a letter or a digit.
    """
    if isinstance(value, str) and _pattern(_NAME).fullmatch(value):
        return value
    shown = units.quoted(value) if isinstance(value, str) else kind(value)
    if isinstance(value, str) and len(value) > LONGEST_NAME:
        raise BadValue(f"{shown} has {len(value):,} characters and cannot be {what}", _NAME_HINT)
    raise BadValue(f"{shown} cannot be {what}", _NAME_HINT)


def _integer(value: object, name: str, lowest: int, highest: int) -> int:
    if type(value) is int and lowest <= value <= highest:  # nearly all are
        return value
    if isinstance(value, str):
        return units.integer(value, name, lowest, highest)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadValue(f"{name} must be an integer, not {kind(value)}", f"from {lowest:,} to {highest:,}")
    units.within(value, name, lowest, highest)  # before int(): infinity and NaN are no integers
    if value != int(value):
        raise BadValue(f"{name} must be an integer, not {value:g}", f"from {lowest:,} to {highest:,}")
    return int(value)


def priority(value: object) -> int:
    """Within ± PRIORITY_LIMIT, higher first; also `low`, `normal`, `high`."""
    if isinstance(value, str):
        return units.priority(value)
    return _integer(value, "priority", -units.PRIORITY_LIMIT, units.PRIORITY_LIMIT)


def max_retries(value: object) -> int:
    """Attempts in all, 0 to MAX_RETRIES_LIMIT; 3.0 and '3' are taken for 3."""
    return _integer(value, "max_retries", 0, units.MAX_RETRIES_LIMIT)


def _seconds(value: object, name: str) -> float:
    if isinstance(value, str):
        return units.seconds(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadValue(f"{name} must be a duration, not {kind(value)}", units.DURATION_HINT)
    units.within(value, f"{name} in seconds", 0, units.LONGEST_S)
    return round(float(value), 3)


def timeout(value: object) -> float:
    """Seconds, more than 0; 0.0 for `none`, which is no limit."""
    if isinstance(value, str) and value.strip().lower() == "none":
        return 0.0
    length = _seconds(value, "timeout")
    if length <= 0:
        raise BadValue("timeout must be more than 0", "none: no limit")
    return length


def run_at(value: object, now: int) -> int:
    """Milliseconds UTC, from a text or from seconds since 1970."""
    if isinstance(value, str):
        return units.moment(value, now)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadValue(f"run_at must be a time, not {kind(value)}", units.TIME_HINT)
    units.within(value, "run_at in seconds since 1970", 0, units.LATEST_MS // 1000)
    return round(value * 1000)


def delay_ms(value: object) -> int:
    """Milliseconds from now."""
    return round(_seconds(value, "delay") * 1000)


def cwd(value: object, caller: str) -> str:
    """An absolute path; None is the caller's directory, a relative one begins there. Nothing is looked up."""
    if value is None:
        return caller if caller.isascii() else _text(caller, "cwd", LONGEST_PATH)
    path = _text(value, "cwd", LONGEST_PATH)
    if not path:
        raise BadValue("cwd is empty", "leave it out for the directory that you are in")
    joined = posixpath.join(caller, path)
    # `link/..` is not the directory that holds the link, so only what is plain is tidied
    return joined if ".." in joined.split("/") else posixpath.normpath(joined)


def env(value: object) -> dict[str, str]:
    """Variables of the command, without names that queuectl sets itself."""
    if not isinstance(value, dict):
        raise BadValue(f"env must be an object, not {kind(value)}", 'for example: {"env": {"LANG": "C"}}')
    return {_variable(name): _env_value(name, text) for name, text in value.items()}


def _variable(name: object) -> str:
    if not isinstance(name, str) or not re.fullmatch(_VARIABLE, name):
        raise BadValue(f"{units.quoted(str(name))} cannot be an environment variable", _VARIABLE_HINT)
    if name.startswith(RESERVED):
        raise BadValue(f"{units.quoted(name)} is a name that queuectl sets itself", f"no name begins with {RESERVED}")
    return name


def _env_value(name: str, value: object) -> str:
    return _text(value, f"env {name}", LONGEST_TEXT - 1 - len(name))


def tags(value: object) -> tuple[str, ...]:
    """Up to MOST_TAGS different ones."""
    if not isinstance(value, list | tuple):
        raise BadValue(f"tags must be an array, not {kind(value)}", 'for example: {"tags": ["video"]}')
    tags = tuple(dict.fromkeys(checked_name(tag, "a tag") for tag in value))
    if len(tags) > MOST_TAGS:
        raise BadValue(f"a job may have {MOST_TAGS} tags, not {len(tags):,}", "leave some out")
    return tags


def hold(value: object) -> bool:
    """True or false and nothing that resembles them."""
    if isinstance(value, bool):
        return value
    raise BadValue(f"hold must be true or false, not {kind(value)}", 'for example: {"hold": true}')


def unique_key(value: object) -> str:
    """Up to LONGEST_UNIQUE_KEY printable characters."""
    key = _text(value, "unique_key", LONGEST_TEXT)
    if 0 < len(key) <= LONGEST_UNIQUE_KEY and key.isprintable():
        return key
    raise BadValue(
        f"{units.quoted(key)} cannot be a unique_key", "1 to 200 characters, none of them a control character"
    )


READERS: dict[str, tuple[str, Callable[[object], Any]]] = {
    "id": ("id", lambda value: checked_name(value, "an id")),
    "command": ("command", command),
    "queue": ("queue", lambda value: checked_name(value, "a queue")),
    "priority": ("priority", priority),
    "max_retries": ("max_retries", max_retries),
    "timeout": ("timeout_s", timeout),
    "env": ("env", env),
    "tags": ("tags", tags),
    "hold": ("held", hold),
    "unique_key": ("unique_key", unique_key),
}
"""By key: the field of a NewJob and its reader; `run_at`, `delay` and `cwd` need to know more."""
