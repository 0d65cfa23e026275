"""The orders of lists: each is read along an index, one part for each state that can match, and merged."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from queuectl.core.job import Job, State
from queuectl.core.selector import All, Condition, Either, Term
from queuectl.errors import BadValue
from queuectl.store.filters import Parameters, compiled, possible_states
from queuectl.store.statements import SQLITE

if TYPE_CHECKING:
    from queuectl.core.records import Counts

_FIRST, _LAST = -(2**63), 2**63 - 1
_FEW = 5_000
"""Jobs of a queue that are sooner found by the queue and sorted than met on the way along an order of all jobs."""


class Order(NamedTuple):
    """The blocks of an order, a place before everything, and what its jobs are sorted by."""

    block: str
    before_all: Mapping[str, int]
    key: Callable[[Job], tuple[int, ...]]
    step: int

    def before(self, job: Job) -> dict[str, int]:
        """The place right before the job, whether it is there or not."""
        return self.behind(job) | {"number": job.number - self.step}

    def behind(self, job: Job) -> dict[str, int]:
        """The place right behind the job."""
        return {field: getattr(job, field) for field in self.before_all}


def _by_number(job: Job) -> tuple[int, ...]:
    return (job.number,)


def _by_priority(job: Job) -> tuple[int, ...]:
    return (-job.priority, job.run_at, job.number)


def _by_state_age(job: Job) -> tuple[int, ...]:
    return (job.state_since, job.number)


_TOP = {"priority": _LAST, "run_at": _FIRST, "number": _FIRST}
_BOTTOM = {"priority": _FIRST, "run_at": _LAST, "number": _LAST}

ORDERS: Mapping[str, Order] = {
    "arrival": Order("arrival", {"number": _FIRST}, _by_number, 1),
    "-arrival": Order("arrival_reversed", {"number": _LAST}, _by_number, -1),
    "priority": Order("priority", _TOP, _by_priority, 1),
    "-priority": Order("priority_reversed", _BOTTOM, _by_priority, -1),
    "state-age": Order("state_age", {"state_since": _FIRST, "number": _FIRST}, _by_state_age, 1),
    "-state-age": Order("state_age_reversed", {"state_since": _LAST, "number": _LAST}, _by_state_age, -1),
}


def order_named(name: str) -> Order:
    """Raises BadValue for an unknown order."""
    if name not in ORDERS:
        raise BadValue(f"unknown order {name!r}", f"orders are {', '.join(ORDERS)}")
    return ORDERS[name]


def reverse(name: str) -> str:
    """The name of the same order the other way round."""
    return name[1:] if name.startswith("-") else f"-{name}"


class Listing(NamedTuple):
    """A condition on jobs, as SQL too. With `by`, the index of that name leaves few jobs, which are sorted."""

    where: Condition
    expression: str
    parameters: Parameters
    by: str | None

    def page(self, order: Order) -> str:
        """The statement for whole rows behind a place."""
        return self._merged(order, "*")

    def far_page(self, order: Order) -> str:
        """The same for rows far behind a place: only an index is read on the way. They come in no order."""
        columns = SQLITE[f"columns_{order.block.removesuffix('_reversed')}"]
        return SQLITE["page_far"].replace("{page}", self._merged(order, columns))

    def newer(self, order: Order) -> str:
        """The statement for a row each of what came lately and stands before a job."""
        part = SQLITE["newer_part"].replace("{before}", SQLITE[f"before_{order.block}"])
        return f"{self._parts(part)} {SQLITE['newer_most']}".replace("{where}", self.expression)

    def count_between(self) -> str:
        """The statement that counts what matches between two numbers."""
        states = ", ".join(f"'{state}'" for state in listed_states(self.where))
        counting = self._indexed(SQLITE["count_between"])
        return counting.replace("{states}", states).replace("{where}", self.expression)

    def _merged(self, order: Order, columns: str) -> str:
        if order.block.startswith("arrival") and len(listed_states(self.where)) == len(State):
            parts = SQLITE[f"every_{order.block}"]  # the table itself is in that order
        else:
            parts = self._parts(SQLITE[f"page_{order.block}"])
        statement = f"{parts} {SQLITE[f'order_{order.block}']}"
        return statement.replace("{columns}", columns).replace("{where}", self.expression)

    def _parts(self, part: str) -> str:
        states = listed_states(self.where)
        return f" {SQLITE['union']} ".join(self._indexed(part).replace("{state}", f"'{state}'") for state in states)

    def _indexed(self, statement: str) -> str:
        return re.sub(r"INDEXED BY \w+", f"INDEXED BY {self.by}", statement) if self.by else statement


def listing(where: Condition, counts: Callable[[], Counts], now: int) -> Listing:
    """How to look for what matches; `counts` is asked whether a queue is a small one, if one is named."""
    expression, parameters = compiled(where, now)
    return Listing(where, expression, parameters, _short_way(where, counts))


def _short_way(where: Condition, counts: Callable[[], Counts]) -> str | None:
    if _asked(where, "id"):
        return "sqlite_autoindex_jobs_1"  # of the constraint that ids are unique
    queues = _asked(where, "queue")
    if not queues:
        return None
    by_queue = counts().by_queue
    few = sum(sum(by_queue.get(queue, {}).values()) for queue in queues) <= _FEW
    return "jobs_by_queue" if few else None


def _asked(where: Condition, field: str) -> frozenset[str]:
    """The values of which every match must have one, as far as an outer part of the condition says so."""
    match where:
        case Term(name, _, str(value)) if name == field and value.isprintable():
            return frozenset({value})
        case Either((Term(), *_) as parts):
            each = [_asked(part, field) if isinstance(part, Term) else frozenset[str]() for part in parts]
            return frozenset().union(*each) if all(each) else frozenset()
        case All(parts):
            return next((values for part in parts if (values := _asked(part, field))), frozenset())
    return frozenset()


def listed_states(where: Condition) -> list[State]:
    """The states that can match; an impossible condition still needs one to be a statement."""
    return possible_states(where) or [State.PENDING]
