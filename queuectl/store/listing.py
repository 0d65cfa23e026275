"""How a list is read: along an index that has its order, or from another one that finds few jobs, which are sorted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from queuectl.core.job import WAITING, State
from queuectl.core.selector import Condition
from queuectl.store.connection import Database
from queuectl.store.filters import EVERYWHERE, asked, compiled, fields, moments, possible_states, priorities
from queuectl.store.orders import ARRIVAL, Order
from queuectl.store.statements import SQLITE

_LOOKS = 10
"""Entries of an index that are looked at in a tenth of the time that it takes to read a row for the page."""
_ROWS = 100
"""As many rows as a page has, where there is none."""
_OF_QUEUE = {
    "arrival": (frozenset(State), ("from_queue",)),
    "priority": (WAITING, ("from_queue_ready", "from_queue_later")),
    "state_age": (frozenset({State.DEAD}), ("from_queue_dead",)),
}
"""By the kind of an order: which states' jobs are found by their queue in that order, and where."""


class Listing:
    """What a condition picks, as statements that list and count it."""

    def __init__(self, database: Database, where: Condition, now: int, more: str | None = None) -> None:
        """`more` is the name of a block that every match must fulfil besides."""
        self.where = where
        # An impossible condition still needs a state to be a statement.
        self.states = possible_states(where) or [State.PENDING]
        self._db = database
        self.expression, self.parameters = compiled(where, now)
        if more is not None:
            self.expression = f"{SQLITE[more]} AND {self.expression}"
        named = fields(where)
        self._ids = sorted(asked(where, "id")) if "id" in named else []
        self._queues = sorted(asked(where, "queue")) if "queue" in named else []
        self._spans = {
            "priority": priorities(where) if "prio" in named else EVERYWHERE,
            "state_since": moments(where, now) if "age" in named else EVERYWHERE,
        }
        self.parameters |= _numbered("id", self._ids) | _numbered("queue", self._queues)
        self.parameters["lowest"], self.parameters["highest"] = self._spans["priority"]
        self.parameters["earliest"], self.parameters["latest"] = self._spans["state_since"]

    def behind(self, order: Order, place: Mapping[str, int]) -> dict[str, object]:
        """The parameters of a page behind a place, but for how long it is."""
        return {**self.parameters, **order.within(self._spans.get(order.field, EVERYWHERE), place)}

    def page(self, order: Order, most: int, columns: str = "*") -> str:
        """The statement for the first `most` rows behind a place."""
        sources = self.few(order, most)
        part = SQLITE["page_few"] if sources else SQLITE[f"page_{order.block}"]
        part = part.replace("{behind}", SQLITE[f"before_{order.opposite}"])
        parts = self._union(part.replace("{columns}", columns), sources or self._along(order, most))
        return f"{parts} {SQLITE[f'order_{order.block}']}"

    def far_page(self, order: Order, most: int) -> str:
        """The same for rows far behind a place: only an index is read on the way. They come in no order."""
        return SQLITE["page_far"].replace("{page}", self.page(order, most, SQLITE[f"columns_{order.kind}"]))

    def newer(self, order: Order) -> str:
        """The statement for a row each of what came lately and stands before a job."""
        part = SQLITE["newer_part"].replace("{before}", SQLITE[f"before_{order.block}"])
        return f"{self._union(part, self._by_states('state_age'))} {SQLITE['newer_most']}"

    def counting(self, *, at_once: bool = False) -> str:
        """The statement that counts what is between two numbers, of which there are many pairs if not `at_once`."""
        parts = self._union(SQLITE["count_part"], self._anyhow(at_once=at_once))
        return SQLITE["count_parts"].replace("{parts}", parts)

    def fitting(self, fits: str) -> str:
        """The statement that counts all, and those of them that a change fits."""
        parts = self._union(SQLITE["fitting_part"].replace("{fits}", fits), self._anyhow(at_once=True))
        return SQLITE["fitting_parts"].replace("{parts}", parts)

    def _union(self, part: str, sources: Sequence[str]) -> str:
        parts = (part.replace("{source}", source) for source in sources)
        return f" {SQLITE['union']} ".join(parts).replace("{where}", self.expression)

    def _along(self, order: Order, most: int) -> Sequence[str]:
        """Where jobs are found in that order."""
        if of_queue := self._along_queue(order, most):
            return of_queue
        if order.kind == "arrival" and len(self.states) == len(State):
            return [SQLITE["from_table"]]
        return self._by_states(order.kind)

    def _anyhow(self, *, at_once: bool) -> Sequence[str]:
        """Where jobs are found in whatever order."""
        if few := self.few(ARRIVAL, _ROWS):
            return few
        if len(self._queues) == 1 and sum(self._in_queues.values()) <= self._in_states:
            return [SQLITE["from_queue"]]
        bounded = self._bounded(ARRIVAL)
        if bounded and at_once:
            return self._by_states(bounded[0], "few")
        return self._along(ARRIVAL, _ROWS)

    def _by_states(self, kind: str, prefix: str = "from") -> list[str]:
        return [
            SQLITE["from_running"] if state is State.PROCESSING else _of(f"{prefix}_{kind}", state)
            for state in self.states
        ]

    def _along_queue(self, order: Order, most: int) -> Sequence[str]:
        """Where jobs of the one queue that is asked for are found in that order; empty if no index is good at it."""
        there, sources = _OF_QUEUE[order.kind]
        if len(self._queues) != 1 or not there.issuperset(self.states):
            return []
        # Those in other states may all stand in front.
        in_front = sum(n for state, n in self._in_queues.items() if state in there and state not in self.states)
        return [SQLITE[source] for source in sources] if in_front <= self._walk(most) else []

    def few(self, order: Order, most: int) -> Sequence[str]:
        """Where so few jobs are found, and all matches among them, that to sort them is less than to walk by others."""
        if self._ids:
            return [_among("few_ids", _numbered("id", self._ids))]
        if self._queues and sum(self._in_queues.values()) <= min(_LOOKS * most, self._walk(most)):
            return [] if self._along_queue(order, most) else [_among("few_queues", _numbered("queue", self._queues))]
        for name in self._bounded(order):
            sources = self._by_states(name, "few")
            enough = min(_LOOKS * most, round((most * int(self._db.value("last_job"))) ** 0.5))
            if self._found(sources, enough) < enough:
                return sources
        return []

    def _bounded(self, order: Order) -> list[str]:
        """The fields that matches have between two values, but for the one that the order goes by."""
        return [name for name, span in self._spans.items() if span != EVERYWHERE and name != order.field]

    def _walk(self, most: int) -> int:
        """How many jobs are met along an index of the states until there are enough of the queues."""
        matches = sum(n for state, n in self._in_queues.items() if state in self.states)
        return most * self._in_states // max(matches, 1)

    def _found(self, sources: Sequence[str], most: int) -> int:
        """How many jobs are there, `most` of each at most."""
        values = {**self.parameters, "most": most}
        return sum(
            int(self._db.query(SQLITE["how_many"].replace("{source}", source), values)[0][0]) for source in sources
        )

    @cached_property
    def _in_queues(self) -> dict[str, int]:
        """How many jobs of the queues there are in each state, but for what runs."""
        found: dict[str, int] = {}
        for queue in self._queues:
            for state, n in self._db.rows("counts_of_queue", {"queue": queue}):
                found[state] = found.get(state, 0) + n
        return found

    @cached_property
    def _in_states(self) -> int:
        """How many jobs are in the states, but for what runs."""
        states = ", ".join(f"'{state}'" for state in self.states)
        return int(self._db.query(SQLITE["jobs_in_states"].replace("{states}", states))[0][0])


def _numbered(field: str, names: Sequence[str]) -> dict[str, object]:
    """As parameters; the only queue is `queue0`."""
    return {f"{field}{k}": name for k, name in enumerate(names)}


def _among(source: str, names: Iterable[str]) -> str:
    return SQLITE[source].replace("{names}", ", ".join(f":{name}" for name in names))


def _of(source: str, state: State) -> str:
    return SQLITE[source].replace("{state}", f"'{state}'")
