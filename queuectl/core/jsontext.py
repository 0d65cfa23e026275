"""From text to JSON values, more strictly than `json` alone; jobs that are plain commands do without."""

from __future__ import annotations

import json
import re
from typing import NoReturn

from queuectl.core import units
from queuectl.core.intake import JSON_HINT, at
from queuectl.errors import BadValue


def parse_object(text: str, source: str = "") -> object:
    r"""The JSON value that the text is, without duplicate keys, NaN or Infinity.

    Text that does not parse and holds `\"` is read again with one level of backslash escaping
    undone, as PowerShell hands it over. Raises BadValue, naming `source`, for anything else.
    """
    try:
        value, end = _DECODER.raw_decode(text)
    except BadValue as error:
        raise at(source, error) from None
    except (ValueError, RecursionError):
        end = -1
    if end == len(text):  # a million lines are
        return value
    try:
        return _decoded(text)
    except BadValue as error:
        raise at(source, error) from None


def _decoded(text: str) -> object:
    try:
        return _DECODER.decode(text)
    except RecursionError:
        raise BadValue("the JSON is nested too deeply", JSON_HINT) from None
    except json.JSONDecodeError as error:
        if '\\"' in text:
            unescaped = re.sub(r'\\(["\\])', r"\1", text)
            if unescaped != text:
                return _unescaped(unescaped, error)
        raise _broken(error) from None
    except ValueError:  # more digits than Python converts
        raise BadValue("a number in the JSON is too large", JSON_HINT) from None


def _unescaped(text: str, first: json.JSONDecodeError) -> object:
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise _broken(first) from None


def _broken(error: json.JSONDecodeError) -> BadValue:
    where = f"column {error.colno}" if error.lineno == 1 else f"line {error.lineno}, column {error.colno}"
    return BadValue(f"this is not valid JSON: {error.msg} at {where}", JSON_HINT)


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadValue(f"key {units.quoted(_first_twice(pairs))} is there twice", "leave one of them out")
    return found


def _first_twice(pairs: list[tuple[str, object]]) -> str:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            return key
        seen.add(key)
    return ""


def _refuse_constant(name: str) -> NoReturn:
    raise BadValue(f"{name} is not a number that a job can have", "use a finite number")


_DECODER = json.JSONDecoder(object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant)
