"""The registry held to its word: each key, in each place where it means something, does what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from queuectl.errors import NotFound
from queuectl.tui.actions import ACTIONS, FILTER, JOB, MAIN, Action
from queuectl.tui.panes import LISTS, Pane
from tests.tui.flow import a_pool_of_elsewhere, flow
from tests.tui.keychecks import CHECKS, states_for
from tests.tui.screen import piloted


def test_each_action_has_a_check():
    assert sorted(CHECKS) == sorted(action.name for action in ACTIONS)


EVERYWHERE = ("app.", "focus.", "view.freeze", "view.refresh", "view.redraw")
"""What does the same in every pane, by the same lines, is tried in one of each kind."""
IN_EACH_LIST = ("queue.mark", "queue.unmark", "queue.copy", "queue.pager", "queue.open", "view.", "move.")
"""What does the same in every list."""
OF_EACH_KIND = {Pane.DLQ, Pane.CONFIG, JOB}


def actions_in(scope: str) -> list[Action]:
    alike = () if scope in OF_EACH_KIND else EVERYWHERE + (IN_EACH_LIST if scope in LISTS else ())
    tried = [one for one in ACTIONS if not one.name.startswith(alike)]
    return [action for action in tried if scope in action.scopes and states_for(action.name, scope)]


@pytest.mark.parametrize("scope", sorted(MAIN | {JOB, FILTER}))
@piloted
async def test_each_key_does_what_it_says(tmp_path: Path, scope: str) -> None:
    async with flow(tmp_path) as one:
        with a_pool_of_elsewhere(tmp_path / "queue.db"):
            for action in actions_in(scope):
                for key in action.keys:
                    try:
                        await CHECKS[action.name](one, scope, key)
                    except (AssertionError, NotFound, TypeError, AttributeError) as error:
                        raise AssertionError(f"{action.name} by {key} in {scope}: {error}") from error
