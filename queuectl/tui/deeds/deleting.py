"""Removing jobs for good."""

from __future__ import annotations

from functools import partial

from queuectl.core.job import State
from queuectl.core.lifecycle import Delete
from queuectl.tui.commandline import on_dead_jobs, on_jobs
from queuectl.tui.deeds.bulk import change
from queuectl.tui.deeds.errand import Errand
from queuectl.tui.desk import Desk, Target
from queuectl.tui.panes import Pane

MOST_UNTYPED = 100
"""Of more jobs than these the number must be typed."""


async def delete(desk: Desk, target: Target) -> None:
    """Ask, always; then remove them."""
    errand = Errand(
        Delete(),
        frozenset(State) - {State.PROCESSING},
        verb="Delete",
        doing="Deleting",
        done="deleted",
        will=lambda number: f"remove {number:,} job{'s' * (number > 1)} for good, with attempts and output",
        twin=partial(on_dead_jobs, "purge") if target.pane is Pane.DLQ else partial(on_jobs, ("delete",)),
        notes=(("Undo", "none: what is deleted cannot be brought back"),),
        unasked=0,
        typed_above=MOST_UNTYPED,
    )
    await change(desk, target, errand)
