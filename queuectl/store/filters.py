"""Compiles a condition of the filter language to SQL: named blocks joined by AND, OR, NOT; values are parameters."""

from __future__ import annotations

from collections.abc import Sequence

from queuectl.core.job import State
from queuectl.core.selector import CONTAINED, All, Condition, Either, Not, Term, milliseconds
from queuectl.store.statements import SQLITE

Parameters = dict[str, object]

_OPERATORS = frozenset({"=", "<", "<=", ">", ">="})


def compiled(condition: Condition, now: int) -> tuple[str, Parameters]:
    """The condition as an SQL expression over `jobs`, and its parameters; they begin with `f`, besides `now`."""
    parameters: Parameters = {"now": now}
    return _expression(condition, parameters), parameters


def possible_states(condition: Condition) -> list[State]:
    """The states that jobs can be in for the condition to hold, as far as one of its outer parts says so."""
    return [state for state in State if _allows(condition, state)]


def _allows(condition: Condition, state: State) -> bool:
    match condition:
        case Term("state", ":", value):
            return value == state.value
        case All(parts):
            return all(_allows(part, state) for part in parts)
        case Either(parts):
            return any(_allows(part, state) for part in parts)
    return True


def _expression(condition: Condition, parameters: Parameters) -> str:
    match condition:
        case Term():
            return _term(condition, parameters)
        case Not(part):
            return f"(NOT {_expression(part, parameters)})"
        case All(parts):
            return _joined([_expression(part, parameters) for part in parts], " AND ", "term_everything")
        case Either(parts):
            return _joined([_expression(part, parameters) for part in parts], " OR ", "term_nothing")


def _joined(parts: Sequence[str], word: str, neutral: str) -> str:
    """Joined as a balanced tree: SQLite takes expressions that are 1,000 deep at most."""
    if not parts:
        return SQLITE[neutral]
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return f"({_joined(parts[:middle], word, neutral)}{word}{_joined(parts[middle:], word, neutral)})"


def _term(term: Term, parameters: Parameters) -> str:
    value = _value(term)
    if value is None:
        return SQLITE["term_nothing"]
    name = f"f{len(parameters)}"
    parameters[name] = value
    block = SQLITE[f"term_{term.field}"].replace(":value", f":{name}")
    if "{op}" in block:
        if term.op not in _OPERATORS:
            raise ValueError(term)
        block = block.replace("{op}", term.op)
    return f"({block})"


def _value(term: Term) -> object:
    """What is bound for the term's value; None if nothing can have it: SQLite's texts are valid UTF-8."""
    if not isinstance(term.value, str):
        return milliseconds(term.value) if term.field == "age" else term.value
    if any("\ud800" <= character <= "\udfff" for character in term.value):
        return None
    return _contained(term.value) if term.field in CONTAINED else term.value


def _contained(text: str) -> str:
    for special in "\\%_":
        text = text.replace(special, "\\" + special)
    return f"%{text}%"
