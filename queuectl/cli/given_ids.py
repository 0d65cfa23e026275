"""The ids that a batch brings along: found out before anything is added, in eight bytes an id."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from queuectl.core.job import NewJob
from queuectl.errors import Conflict

_ASKED_AT_ONCE = 500
_NAMED = 20


class GivenIds:
    """Finds ids that are given more than once, or that `taken` says are taken (None: nobody minds)."""

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

    def check_taken(self) -> None:
        """Raises Conflict if any is taken."""
        self._ask()
        if self._there:
            more = f" and {self._there_count - len(self._there):,} more" if self._there_count > len(self._there) else ""
            named = ", ".join(f"{name} is there already" for name in self._there)
            hint = (
                "--skip-existing adds the others"
                if len(self._hashes) > 1
                else "choose another id, or --skip-existing passes over it"
            )
            raise Conflict(f"{named}{more}; nothing was added", hint)

    def repeats(self, again: Callable[[], Iterator[tuple[str, str]]]) -> Repeats:
        """What is given more than once; `again` tells place and id of each once more."""
        suspects: set[int] = set()
        before = None
        for value in sorted(self._hashes):
            if value == before:
                suspects.add(value)
            before = value
        return _confirmed(suspects, again()) if suspects else NO_REPEATS


class Repeats(NamedTuple):
    """Ids that are given more than once: `named` says it of 20 at most, `too_many` counts all but the first of each."""

    hashes: frozenset[int]
    named: tuple[str, ...]
    too_many: int

    def conflict(self) -> Conflict:
        more = f" and {self.too_many - len(self.named):,} more" if self.too_many > len(self.named) else ""
        hint = "give every job an id of its own, or none; --skip-bad takes the first of each"
        return Conflict(f"{', '.join(self.named)}{more}; nothing was added", hint)

    def first_of_each(self) -> Callable[[NewJob], bool]:
        """Whether a job is the first of its id, asked in the order in which they are given."""
        seen: set[str] = set()

        def first(job: NewJob) -> bool:
            if job.id is None or hash(job.id) not in self.hashes:
                return True
            known = job.id in seen
            seen.add(job.id)
            return not known

        return first


NO_REPEATS = Repeats(frozenset(), (), 0)


def _confirmed(suspects: set[int], given: Iterator[tuple[str, str]]) -> Repeats:
    places: dict[str, str] = {}
    named: list[str] = []
    count = 0
    for place, name in given:
        if hash(name) not in suspects:
            continue
        if name not in places:
            places[name] = place
            continue
        count += 1
        if len(named) < _NAMED:
            named.append(f"{name} is given twice, at {places[name]} and {place}")
    return Repeats(frozenset(suspects), tuple(named), count)
