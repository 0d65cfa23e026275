"""The orders of lists, and the places in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from queuectl.core.job import Job
from queuectl.errors import BadValue
from queuectl.store.filters import Span

_FIRST, _LAST = -(2**63), 2**63 - 1
_REVERSED = "_reversed"


class Order(NamedTuple):
    """The names of an order's blocks, a place before everything, what jobs are sorted by, and by which field first."""

    block: str
    before_all: Mapping[str, int]
    key: Callable[[Job], tuple[int, ...]]
    field: str
    falls: bool = False

    @property
    def kind(self) -> str:
        """The name of the blocks that serve both ways."""
        return self.block.removesuffix(_REVERSED)

    @property
    def opposite(self) -> str:
        """The name of the blocks of the other way round."""
        return self.kind if self.block.endswith(_REVERSED) else f"{self.kind}{_REVERSED}"

    def before(self, job: Job) -> dict[str, int]:
        """The place right before the job, whether it is there or not."""
        return self.behind(job) | {"number": job.number + (1 if self.block.endswith(_REVERSED) else -1)}

    def behind(self, job: Job) -> dict[str, int]:
        """The place right behind the job."""
        return {field: getattr(job, field) for field in self.before_all}

    def within(self, span: Span, place: Mapping[str, int]) -> dict[str, int]:
        """The place as parameters, or where jobs of the span begin if that is further on, and where they end."""
        begin, end = (span.high, span.low) if self.falls else span
        passed = place[self.field] <= begin if self.falls else place[self.field] >= begin
        return {**(place if passed else {**self.before_all, self.field: begin}), "end": end}


def _by_number(job: Job) -> tuple[int, ...]:
    return (job.number,)


def _by_priority(job: Job) -> tuple[int, ...]:
    return (-job.priority, job.run_at, job.number)


def _by_state_age(job: Job) -> tuple[int, ...]:
    return (job.state_since, job.number)


_TOP = {"priority": _LAST, "run_at": _FIRST, "number": _FIRST}
_BOTTOM = {"priority": _FIRST, "run_at": _LAST, "number": _LAST}
_OLDEST = {"state_since": _FIRST, "number": _FIRST}
_YOUNGEST = {"state_since": _LAST, "number": _LAST}

ARRIVAL = Order("arrival", {"number": _FIRST}, _by_number, "number")
ORDERS: Mapping[str, Order] = {
    "arrival": ARRIVAL,
    "-arrival": Order("arrival_reversed", {"number": _LAST}, _by_number, "number", falls=True),
    "priority": Order("priority", _TOP, _by_priority, "priority", falls=True),
    "-priority": Order("priority_reversed", _BOTTOM, _by_priority, "priority"),
    "state-age": Order("state_age", _OLDEST, _by_state_age, "state_since"),
    "-state-age": Order("state_age_reversed", _YOUNGEST, _by_state_age, "state_since", falls=True),
}


def order_named(name: str) -> Order:
    """Raises BadValue for an unknown order."""
    if name not in ORDERS:
        raise BadValue(f"unknown order {name!r}", f"orders are {', '.join(ORDERS)}")
    return ORDERS[name]


def reverse(name: str) -> str:
    """The name of the same order the other way round."""
    return name[1:] if name.startswith("-") else f"-{name}"
