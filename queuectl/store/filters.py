"""Compiles a condition of the filter language to SQL: named blocks joined by AND, OR, NOT; values are parameters.

And what it says of a job's state, queue, priority or time, by which an index can find it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from queuectl.core.job import State
from queuectl.core.selector import CONTAINED, All, Condition, Either, Not, Term, milliseconds
from queuectl.store.statements import SQLITE

Parameters = dict[str, object]

_OPPOSITE = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_LEAST, _MOST = -(2**63), 2**63 - 1


class Span(NamedTuple):
    """Whole numbers from one to another, both included; none if `low` is the larger one."""

    low: int
    high: int


EVERYWHERE = Span(_LEAST, _MOST)


def compiled(condition: Condition, now: int) -> tuple[str, Parameters]:
    """The condition as an SQL expression over `jobs`, and its parameters; their names begin with `f`."""
    parameters: Parameters = {}
    return _expression(condition, parameters, now), parameters


def possible_states(condition: Condition) -> list[State]:
    """The states that jobs can be in for the condition to hold, as far as one of its outer parts says so."""
    return [state for state in State if _allows(condition, state)]


def _allows(condition: Condition, state: State) -> bool:
    match condition:
        case Term("state", ":", value):
            return value == state.value
        case Not(Term("state", ":", value)):
            return value != state.value
        case All(parts):
            return all(_allows(part, state) for part in parts)
        case Either(parts):
            return any(_allows(part, state) for part in parts)
    return True


def fields(condition: Condition) -> frozenset[str]:
    """What it asks for anywhere; of other fields it says nothing."""
    if isinstance(condition, Term):
        return frozenset({condition.field})
    if isinstance(condition, Not):
        return fields(condition.part)
    return frozenset().union(*map(fields, condition.parts))


def asked(condition: Condition, field: str) -> frozenset[str]:
    """The texts of which every match must have one in a field, as far as an outer part of the condition says so."""
    match condition:
        case Term(name, _, str(value)) if name == field and value.isprintable():
            return frozenset({value})
        case Either((Term(), *_) as parts):
            each = [asked(part, field) if isinstance(part, Term) else frozenset[str]() for part in parts]
            return frozenset().union(*each) if all(each) else frozenset()
        case All(parts):
            return next((values for part in parts if (values := asked(part, field))), frozenset())
    return frozenset()


def priorities(condition: Condition) -> Span:
    """Between which every match has its priority."""
    return _span(condition, "prio", 0)


def moments(condition: Condition, now: int) -> Span:
    """Between which every match came into its state."""
    return _span(condition, "age", now)


def _span(condition: Condition, field: str, now: int) -> Span:
    match condition:
        case Term(name, op) if name == field:
            return _compared(*_comparison(condition, now)) if op in _OPPOSITE else EVERYWHERE
        case All(parts):
            each = [_span(part, field, now) for part in parts]
            return Span(max((low for low, _ in each), default=_LEAST), min((high for _, high in each), default=_MOST))
        case Either((_, *_) as parts):
            each = [_span(part, field, now) for part in parts]
            return Span(min(low for low, _ in each), max(high for _, high in each))
    return EVERYWHERE


def _compared(op: str, value: int) -> Span:
    low = {"<": _LEAST, "<=": _LEAST, ">": value + 1}.get(op, value)
    return Span(low, {">": _MOST, ">=": _MOST, "<": value - 1}.get(op, value))


def _comparison(term: Term, now: int) -> tuple[str, int]:
    """What is compared of a number: of an age the moment that it began, so that an index can answer."""
    if term.field != "age":
        return term.op, int(term.value)
    return _OPPOSITE[term.op], now - milliseconds(float(term.value))


def _expression(condition: Condition, parameters: Parameters, now: int) -> str:
    match condition:
        case Term():
            return f"({_term(condition, parameters, now)})"
        case Not(part):
            return f"(NOT {_expression(part, parameters, now)})"
        case All(parts):
            return _joined([_expression(part, parameters, now) for part in parts], " AND ", "term_everything")
        case Either(parts):
            return _joined([_expression(part, parameters, now) for part in parts], " OR ", "term_nothing")


def _joined(parts: Sequence[str], word: str, neutral: str) -> str:
    """Joined as a balanced tree: SQLite takes expressions that are 1,000 deep at most."""
    if not parts:
        return SQLITE[neutral]
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return f"({_joined(parts[:middle], word, neutral)}{word}{_joined(parts[middle:], word, neutral)})"


def _term(term: Term, parameters: Parameters, now: int) -> str:
    if term.field == "state":
        return _state(str(term.value))
    op, value = (term.op, _text(term)) if isinstance(term.value, str) else _number(term, now)
    if value is None:
        return SQLITE["term_nothing"]
    name = f"f{len(parameters)}"
    parameters[name] = value
    return SQLITE[f"term_{term.field}"].replace(":value", f":{name}").replace("{op}", op)


def _state(name: str) -> str:
    """Not a parameter: SQLite would not know which index has it."""
    if name == State.PROCESSING:
        return SQLITE["term_running"]
    return SQLITE["term_state"].replace("{state}", f"'{State(name)}'")


def _number(term: Term, now: int) -> tuple[str, int]:
    if term.op not in _OPPOSITE:
        raise ValueError(term)
    return _comparison(term, now)


def _text(term: Term) -> str | None:
    """What is bound for the term's value; None if nothing can have it: SQLite's texts are valid UTF-8."""
    value = str(term.value)
    if any("\ud800" <= character <= "\udfff" for character in value):
        return None
    return _contained(value) if term.field in CONTAINED else value


def _contained(text: str) -> str:
    for special in "\\%_":
        text = text.replace(special, "\\" + special)
    return f"%{text}%"
