"""The ids that a batch brings along: found out before anything is added, in eight bytes an id."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence

from queuectl.errors import Conflict

_ASKED_AT_ONCE = 500
_NAMED = 20


class GivenIds:
    """Finds ids that are given twice, or that `taken` says are taken (None: nobody minds)."""

    def __init__(self, taken: Callable[[Sequence[str]], list[str]] | None) -> None:
        self._taken = taken
        self._hashes = array("q")
        self._unasked: list[str] = []
        self._there: list[str] = []
        self._there_count = 0

    def see(self, id: str) -> None:
        self._hashes.append(hash(id))
        if self._taken is not None:
            self._unasked.append(id)
            if len(self._unasked) >= _ASKED_AT_ONCE:
                self._ask()

    def _ask(self) -> None:
        if self._taken is not None and self._unasked:
            there = self._taken(self._unasked)
            self._there_count += len(there)
            self._there.extend(there[: _NAMED - len(self._there)])
            self._unasked.clear()

    def check(self, again: Callable[[], Iterator[tuple[int, str]]]) -> None:
        """Raises Conflict for ids that are taken or given twice; `again` tells line and id of each once more."""
        self._ask()
        if self._there:
            raise _conflict([f"{name} is there already" for name in self._there], self._there_count)
        suspects, count = self._alike()
        if suspects and (twice := _confirmed(suspects, again())):
            raise _conflict(twice, count)

    def _alike(self) -> tuple[set[int], int]:
        """Hashes that came more than once, a few of them, and how often one came too many."""
        suspects: set[int] = set()
        count, before = 0, None
        for value in sorted(self._hashes):
            if value == before:
                count += 1
                if len(suspects) < _NAMED:
                    suspects.add(value)
            before = value
        return suspects, count


def _confirmed(suspects: set[int], given: Iterator[tuple[int, str]]) -> list[str]:
    lines: dict[str, int] = {}
    twice: list[str] = []
    for line, name in given:
        if hash(name) in suspects and len(twice) < _NAMED:
            if name in lines:
                twice.append(f"{name} is given twice, at {lines[name]} and {line}")
            else:
                lines[name] = line
    return twice


def _conflict(what: list[str], count: int) -> Conflict:
    more = f" and {count - len(what):,} more" if count > len(what) else ""
    hint = "--skip-existing adds the others" if "already" in what[0] else "give every job an id of its own, or none"
    return Conflict(f"{', '.join(what)}{more}; nothing was added", hint)
