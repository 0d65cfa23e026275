"""The panes of the app: their digits, their jobs, the order of these, and what an empty one says."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from queuectl.core.job import State
from queuectl.core.selector import Condition, Either, Term


class Pane(StrEnum):
    """A place that can have the focus; the value is its name in CSS and in `actions`."""

    PENDING = "pending"
    PROCESSING = "processing"
    DLQ = "dlq"
    WORKERS = "workers"
    CONFIG = "config"
    DONE = "done"
    METRICS = "metrics"
    DETAIL = "detail"


DIGITS: dict[str, Pane] = {
    "1": Pane.PENDING,
    "2": Pane.PROCESSING,
    "3": Pane.DLQ,
    "4": Pane.WORKERS,
    "5": Pane.CONFIG,
    "6": Pane.DONE,
    "7": Pane.METRICS,
    "0": Pane.DETAIL,
}
TITLES: dict[Pane, str] = {
    Pane.PENDING: "Pending",
    Pane.PROCESSING: "Processing",
    Pane.DLQ: "DLQ",
    Pane.WORKERS: "Workers",
    Pane.CONFIG: "Config",
    Pane.DONE: "Done",
    Pane.METRICS: "Metrics",
    Pane.DETAIL: "Detail",
}


class Listed(NamedTuple):
    """A pane that lists jobs: those in `states`, in `order` unless a person wants another one."""

    states: tuple[State, ...]
    order: str

    @property
    def where(self) -> Condition:
        terms = tuple(Term("state", ":", state.value) for state in self.states)
        return terms[0] if len(terms) == 1 else Either(terms)


LISTS: dict[Pane, Listed] = {
    Pane.PENDING: Listed((State.PENDING, State.FAILED), "priority"),
    Pane.PROCESSING: Listed((State.PROCESSING,), "state-age"),
    Pane.DLQ: Listed((State.DEAD,), "-state-age"),
    Pane.DONE: Listed((State.COMPLETED, State.CANCELLED), "-state-age"),
}
ORDERS = ("arrival", "priority", "state-age")
"""What `s` goes through: the orders that have an index; `S` puts `-` before one or takes it away."""


def pane_of(state: State) -> Pane:
    """The pane that lists jobs of this state."""
    return next(pane for pane, listed in LISTS.items() if state in listed.states)
