"""How a pane of jobs is looked at: its filter and its order, and what a deed on all that match is for."""

from __future__ import annotations

from queuectl.core.job import Job
from queuectl.core.selector import EVERYTHING, All, Condition, parse
from queuectl.errors import BadValue
from queuectl.tui.desk import Target
from queuectl.tui.panes import LISTS, ORDERS, Pane
from queuectl.tui.picture import ListWant


class Lens:
    """One pane's filter and order. `problem` says what is wrong with what is typed; the last good filter stays."""

    def __init__(self, pane: Pane) -> None:
        self.pane = pane
        self.text = ""
        self.problem = ""
        self.order = LISTS[pane].order
        self.opened_from: str | None = None
        """What was filtered for where the group of jobs was opened that is shown now; None if it is none."""
        self._wanted: Condition = EVERYTHING

    @property
    def filtered(self) -> bool:
        return self._wanted != EVERYTHING

    @property
    def where(self) -> Condition:
        """The pane's states, and the filter."""
        states = LISTS[self.pane].where
        return All((states, self._wanted)) if self.filtered else states

    def type(self, text: str) -> bool:
        """Take a filter as it is typed; whether other jobs are picked now."""
        before = self._wanted
        try:
            self._wanted = parse(text)
        except BadValue as error:
            self.problem = f"{error.message}: {error.hint}" if error.hint else error.message
            return False
        self.text, self.problem = text.strip(), ""
        if self._wanted != before:
            self.opened_from = None
        return self._wanted != before

    def next_order(self) -> None:
        name = self.order.removeprefix("-")
        self.order = ORDERS[(ORDERS.index(name) + 1) % len(ORDERS)]

    def reverse(self) -> None:
        self.order = self.order.removeprefix("-") if self.order.startswith("-") else f"-{self.order}"

    def want(self, top: Job | None, index: int, height: int, since: int) -> ListWant:
        return ListWant(self.where, self.filtered, self.order, top, index, height, since)

    def all_matching(self) -> Target:
        return Target(self.pane, where=self.where, filter=self.text if self.filtered else "")


def order_words(order: str) -> str:
    """An order as people say it: `priority↓`, `arrival↑`, `age in state↓`."""
    name = order.removeprefix("-")
    words = {"arrival": "arrival", "priority": "priority", "state-age": "age in state"}[name]
    up = {"arrival": not order.startswith("-"), "priority": order.startswith("-"), "state-age": order.startswith("-")}
    return f"{words}{'↑' if up[name] else '↓'}"
