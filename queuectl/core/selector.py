"""The filter language: parsed once, used by the command line's options, the app's filter bar and SQL.

`state:dead cmd:ffmpeg err:resolve exit:137 prio>5 age<2h -word "quoted words"`: all parts must
hold; the same field given twice means either; `-` before a part means that it must not hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from queuectl.core.job import Job, State
from queuectl.core.units import duration_text, integer, nearest, seconds
from queuectl.errors import BadValue


class Term(NamedTuple):
    """One comparison. `op` is `:` for texts and one of `= < <= > >=` for numbers.

    Texts (str): `word` (in id or command), `cmd`, `err` are contained, without regard to the
    case of ASCII letters; `id`, `state`, `queue`, `tag`, `group` (see `queuectl.core.errorgroup`)
    are equal; `worker` is `p1`, `w3` or `p1/w3`. Numbers: `exit`, `prio`, `tries` (int), `age`
    (float, seconds since the job entered its present state). What a job does not have matches
    nothing.
    """

    field: str
    op: str
    value: str | int | float


class All(NamedTuple):
    """Every part holds; no parts: every job."""

    parts: tuple[Condition, ...]


class Either(NamedTuple):
    """At least one part holds."""

    parts: tuple[Condition, ...]


class Not(NamedTuple):
    """The part does not hold."""

    part: Condition


Condition = Term | All | Either | Not
EVERYTHING = All(())

CONTAINED = ("word", "cmd", "err")
TEXTS = ("cmd", "err", "id", "state", "queue", "tag", "worker", "group")
NUMBERS = ("exit", "prio", "tries", "age")
_MEANT = {"error": "err", "command": "cmd", "attempts": "tries", "priority": "prio", "status": "state", "code": "exit"}
"""What jobs call a field of theirs elsewhere; these are not taken, only understood."""
LONGEST = 4_000
"""Characters of a filter; SQLite's LIKE takes patterns of 50,000 bytes."""
MOST_TERMS = 200
"""Terms of a filter; SQLite takes expressions 1,000 deep."""

# Patterns stay texts: `re` compiles each when it is first needed, and most commands need none.
_PART = r"""(?xs)\s*(?P<minus>-(?=\S))?
    (?:(?P<field>[A-Za-z]+)(?P<op>:(?!//)|[<>]=?|=))?
    (?:"(?P<quoted>(?:[^"\\]|\\.)*)"(?=\s|$)|(?P<plain>[^\s"]*)(?=\s|$))"""
_UNUSABLE = "[\x00\ud800-\udfff]"
_BARE = r"[A-Za-z0-9_./@%+][A-Za-z0-9_./@%+-]*"
_TO_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_EXAMPLE = 'for example: state:dead cmd:ffmpeg exit:137 prio>5 age<2h -word "quoted words"'


def parse(text: str) -> Condition:
    """What a filter says; empty text is EVERYTHING.

    Raises BadValue for an unknown field, a value that its field cannot have, quotes that do not
    fit, and filters longer than LONGEST characters or MOST_TERMS terms.
    """
    if len(text) > LONGEST:
        raise BadValue(f"the filter has more than {LONGEST:,} characters", "use a shorter one")
    parts = list(_parts(text))
    if len(parts) > MOST_TERMS:
        raise BadValue(f"the filter has more than {MOST_TERMS} parts", "use a shorter one")
    return All(tuple(_grouped(parts))) if parts else EVERYTHING


def _parts(text: str) -> Iterator[Condition]:
    part = re.compile(_PART)
    position, end = 0, len(text.rstrip())
    while position < end:
        found = part.match(text, position, end)
        if found is None or found.end() == position:
            raise BadValue(
                f"the quotes do not fit in the filter: {text[position:].strip()[:40]!r}",
                'quotes go around a whole word or value: cmd:"two words"; write \\" for one inside',
            )
        position = found.end()
        yield Not(_term(found)) if found["minus"] else _term(found)


def _term(found: re.Match[str]) -> Term:
    value = found["plain"] if found["quoted"] is None else re.sub(r'\\(["\\])', r"\1", found["quoted"])
    if found["field"] is None:
        return term("word", ":", value)
    return term(found["field"].lower(), found["op"], value)


def term(field: str, op: str, value: str) -> Term:
    """A checked term from texts. Raises BadValue if no job could ever be asked for that."""
    if field != "word" and field not in TEXTS and field not in NUMBERS:
        near = _MEANT.get(field) or nearest(field, (*TEXTS, *NUMBERS))
        hint = f"did you mean {near}?" if near else f"fields are {', '.join((*TEXTS, *NUMBERS))}."
        raise BadValue(f"unknown field {field[:40]!r}", f"{hint} Quotes make it a word to look for")
    if not value:
        raise BadValue(f"{'a part' if field == 'word' else field} of the filter is empty", _EXAMPLE)
    if re.search(_UNUSABLE, value):
        raise BadValue("the filter holds a character that no job can hold", "leave it out")
    if field in NUMBERS:
        return _number(field, op, value)
    if op != ":":
        raise BadValue(f"{field} is a text and cannot be compared with {op}", f"write {field}:{value}")
    return Term(field, ":", state_named(value) if field == "state" else value)


def _number(field: str, op: str, value: str) -> Term:
    if field == "age":
        if op in {":", "="}:
            raise BadValue("an age is never hit exactly", f"write age<{value} or age>{value}")
        return Term(field, op, seconds(value))
    return Term(field, "=" if op == ":" else op, integer(value, field, -(10**9), 10**9))


def state_named(text: str) -> str:
    """One of the six states, whatever its case. Raises BadValue for another, with the nearest."""
    name, states = text.lower(), [state.value for state in State]
    if name in states:
        return name
    if "," in name:
        raise BadValue(f"{text[:40]!r} is more than one state", "repeat it: --state pending --state failed")
    near = nearest(name, states)
    raise BadValue(
        f"unknown state {text[:40]!r}",
        f"did you mean {near}?" if near else f"states are {', '.join(states)}",
    )


def _grouped(parts: Iterable[Condition]) -> list[Condition]:
    """The parts with all that ask one field for one of several values put together."""
    places: dict[str | Condition, list[Condition]] = {}
    for part in parts:
        place: str | Condition = part
        if isinstance(part, Term) and part.op in {":", "="} and part.field != "word":
            place = part.field
        places.setdefault(place, []).append(part)
    return [_either(alike) for alike in places.values()]


def _either(parts: Sequence[Condition]) -> Condition:
    different = tuple(dict.fromkeys(parts))
    return different[0] if len(different) == 1 else Either(different)


def from_options(
    *,
    states: Sequence[str] = (),
    queues: Sequence[str] = (),
    tags: Sequence[str] = (),
    matches: Sequence[str] = (),
    errors: Sequence[str] = (),
    older_than_s: Sequence[float] = (),
    newer_than_s: Sequence[float] = (),
    filters: Sequence[str] = (),
    everything: bool = False,
) -> Condition | None:
    """What the options of the command line say; None if nothing was given and not `everything`.

    The same option twice means either, different ones mean both. Raises BadValue as `parse`
    does, and for a blank filter: `--filter "$UNSET"` must not take every job.
    """
    if any(not text.strip() for text in filters):
        raise BadValue("the filter is empty", "--all takes every job")
    asked: list[list[Condition]] = [
        [term("state", ":", value) for value in states],
        [term("queue", ":", value) for value in queues],
        [term("tag", ":", value) for value in tags],
        [term("word", ":", value) for value in matches],
        [term("err", ":", value) for value in errors],
        [Term("age", ">", value) for value in older_than_s],
        [Term("age", "<", value) for value in newer_than_s],
        [parse(text) for text in filters],
    ]
    if sum(map(len, asked)) > MOST_TERMS or sum(map(len, (*matches, *errors))) > LONGEST:
        raise BadValue("too much is asked for at once", "use fewer or shorter options")
    parts = tuple(_either(alike) for alike in asked if alike)
    return All(parts) if parts or everything else None


def unparse(condition: Condition) -> str:
    """Text that parses to the same condition, unless it is longer than LONGEST; ValueError for what has no words."""
    match condition:
        case All(parts):
            return " ".join(map(unparse, parts))
        case Either(parts) if all(isinstance(part, Term) for part in parts):
            return " ".join(map(unparse, parts))
        case Not(Term() as part):
            return "-" + unparse(part)
        case Term("word", _, value):
            return _quoted(str(value))
        case Term("age", op, value):
            return f"age{op}{duration_text(float(value))}"
        case Term(field, op, int() as number):
            return f"{field}{op}{number}"
        case Term(field, op, value):
            return f"{field}{op}{_quoted(str(value))}"
    raise ValueError(condition)


def _quoted(text: str) -> str:
    if re.fullmatch(_BARE, text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def matches(condition: Condition, job: Job, now: int) -> bool:
    """Whether the job is one of those that the condition picks at `now` (milliseconds UTC)."""
    match condition:
        case All(parts):
            return all(matches(part, job, now) for part in parts)
        case Either(parts):
            return any(matches(part, job, now) for part in parts)
        case Not(part):
            return not matches(part, job, now)
        case Term(field, ":", value):
            return _text_holds(field, str(value), job)
        case Term(field, op, value):
            return _number_holds(field, op, float(value), job, now)


def _text_holds(field: str, value: str, job: Job) -> bool:
    match field:
        case "word":
            return _contains(job.id, value) or _contains(job.command, value)
        case "cmd":
            return _contains(job.command, value)
        case "err":
            return job.error is not None and _contains(job.error, value)
        case "worker":
            return job.worker is not None and value in {job.worker, *job.worker.split("/", 1)}
        case "tag":
            return value in job.tags
        case "group":
            from queuectl.core.errorgroup import group_key  # hashes and patterns that no other field needs

            return value == group_key(job.command, job.error)
    return value == {"id": job.id, "state": job.state.value, "queue": job.queue}[field]


def _contains(text: str, value: str) -> bool:
    """Only ASCII letters are alike in both cases, as they are for SQLite's LIKE."""
    return value.translate(_TO_LOWER) in text.translate(_TO_LOWER)


def _number_holds(field: str, op: str, value: float, job: Job, now: int) -> bool:
    if field == "age":
        return _compare(now - job.state_since, op, milliseconds(value))
    number = {"exit": job.exit_code, "prio": job.priority, "tries": job.attempts}[field]
    return number is not None and _compare(number, op, value)


def milliseconds(value: float) -> int:
    """An age in seconds as it is compared: in whole milliseconds."""
    return round(value * 1000)


def _compare(number: int, op: str, value: float) -> bool:
    match op:
        case "<":
            return number < value
        case "<=":
            return number <= value
        case ">":
            return number > value
        case ">=":
            return number >= value
    return number == value
