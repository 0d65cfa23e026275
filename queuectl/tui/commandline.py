"""The command lines that do what the app does: each can be pasted into a shell as it stands."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from queuectl.core.job import State
from queuectl.core.plain import plain
from queuectl.core.selector import All, Condition, Either, Term, parse, unparse


class Picks(NamedTuple):
    """Jobs as a command line picks them: by name, or all that match `where`."""

    ids: tuple[str, ...] = ()
    where: Condition | None = None

    def words(self) -> tuple[str, ...]:
        """The selector. ValueError for a condition that options cannot say."""
        return self.ids if self.where is None else (*_options(self.where), "--yes")


def line(*words: str) -> str:
    """The words behind `queuectl`, each quoted so that a shell takes it as it is."""
    return " ".join(("queuectl", *map(word, words)))


def word(text: str) -> str:
    """One word of a shell. What a terminal must not get stands there as an escape that bash, zsh and ksh undo."""
    if plain(text, one_line=False) == text:
        return shlex.quote(text)
    return "$'" + "".join(map(_escaped, text)) + "'"


def _escaped(character: str) -> str:
    if character in "'\\":
        return "\\" + character
    if plain(character) == character:
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))


def on_jobs(verb: Sequence[str], picks: Picks, options: Sequence[str] = ()) -> str:
    """`queuectl VERB OPTIONS SELECTOR`; empty if no selector says the same."""
    try:
        return line(*verb, *options, *picks.words())
    except ValueError:
        return ""


def on_dead_jobs(verb: str, picks: Picks, options: Sequence[str] = ()) -> str:
    """The same with `queuectl dlq VERB`, which takes no others."""
    if picks.where is None:
        return on_jobs(("dlq", verb), picks, options)
    parts = tuple(part for part in _flat(picks.where) if part != Term("state", ":", State.DEAD.value))
    return on_jobs(("dlq", verb), Picks(where=All(parts)), options)


def start_pool(count: int) -> str:
    """In the background, as the app does it."""
    return line("worker", "start", "--detach", "--count", str(count))


def scale_pool(pool: str, count: int) -> str:
    """The pool by name, for there may be several."""
    return line("worker", "scale", str(count), pool)


def stop_pool(pool: str, force: bool) -> str:
    """The command waits until the pool is gone; the app does not."""
    return line("worker", "stop", pool, *["--force"] * force)


def set_key(key: str, value: str) -> str:
    """The value as it was typed."""
    return line("config", "set", key, value)


def reset_key(key: str) -> str:
    """One key: without it all would be reset."""
    return line("config", "reset", key)


def _options(where: Condition) -> Iterator[str]:
    """States as options of their own, for a pane has two where a filter can say one; the rest as one filter."""
    parts = list(_flat(where))
    allowed = [set(_states(part)) for part in parts if _states(part)]
    rest = [part for part in parts if not _states(part)]
    if allowed and not set.intersection(*allowed):
        raise ValueError(where)
    for state in State:
        if allowed and all(state.value in states for states in allowed):
            yield from ("--state", state.value)
    if rest:
        yield from ("--filter", _filter(rest))
    elif not allowed:
        yield "--all"


def _filter(parts: Sequence[Condition]) -> str:
    text = unparse(All(tuple(parts)))
    if set(_flat(parse(text))) != set(parts):  # two parts on one field would be taken for either
        raise ValueError(text)
    return text


def _flat(condition: Condition) -> Iterator[Condition]:
    """The parts that must all hold, those of nested ones too."""
    if isinstance(condition, All):
        for part in condition.parts:
            yield from _flat(part)
    else:
        yield condition


def _states(condition: Condition) -> tuple[str, ...]:
    """The states that the condition allows, if it asks for nothing else."""
    parts = condition.parts if isinstance(condition, Either) else (condition,)
    named = tuple(str(part.value) for part in parts if isinstance(part, Term) and part.field == "state")
    return named if len(named) == len(parts) else ()
