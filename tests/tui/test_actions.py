"""The registry of actions: what a key means where."""

from __future__ import annotations

import itertools

import pytest

from queuectl.core.job import State
from queuectl.tui.actions import ACTIONS, BY_NAME, EVERYWHERE, allowed, footer
from queuectl.tui.bindings import bindings_for
from queuectl.tui.panes import Pane
from tests.core.examples import a_job, a_running_job

SCOPES = sorted(EVERYWHERE)
NEVER = {"ctrl+i", "ctrl+m", "ctrl+h", "ctrl+left_square_bracket", "ctrl+z", "ctrl+s", "ctrl+b", "ctrl+a"}


@pytest.mark.parametrize("scope", SCOPES)
def test_no_key_means_two_things_in_one_pane(scope: str) -> None:
    keys = [key for action in ACTIONS if scope in action.scopes for key in action.keys]
    assert sorted(keys) == sorted(set(keys))


def test_names_are_stable_and_told_once() -> None:
    assert len(BY_NAME) == len(ACTIONS)
    for action in ACTIONS:
        assert action.title
        assert action.help.endswith("."), action.name


def test_keys_that_terminals_and_multiplexers_keep_are_not_used() -> None:
    assert not NEVER & {key for action in ACTIONS for key in action.keys}
    assert not [key for action in ACTIONS for key in action.keys if key.startswith("alt+")]


def test_moving_is_never_shadowed() -> None:
    moves = {key for action in ACTIONS if action.name.startswith("move.") for key in action.keys}
    others = {key for action in ACTIONS if not action.name.startswith("move.") for key in action.keys}
    assert not moves & others
    assert {"j", "k", "g", "G", "ctrl+d", "ctrl+u"} <= moves


def test_what_changes_anything_is_grey_in_a_read_only_app() -> None:
    job = a_job(state=State.DEAD, attempts=3)
    for action, scope in itertools.product(ACTIONS, SCOPES):
        if action.changes and allowed(action, scope, job, True, read_only=False) is not False:
            assert allowed(action, scope, job, True, read_only=True) is None


def test_an_action_for_another_state_is_grey_unless_jobs_are_marked() -> None:
    retry, waiting = BY_NAME["queue.retry"], a_job()
    assert allowed(retry, Pane.PENDING, waiting, False, read_only=False) is None
    assert allowed(retry, Pane.PENDING, None, False, read_only=False) is None
    assert allowed(retry, Pane.PENDING, waiting, True, read_only=False) is True
    assert allowed(retry, Pane.PENDING, a_job(state=State.FAILED, attempts=1), False, read_only=False) is True
    assert allowed(retry, Pane.WORKERS, waiting, True, read_only=False) is False


def test_what_no_job_of_a_pane_can_need_is_hidden_there() -> None:
    assert allowed(BY_NAME["queue.retry"], Pane.PROCESSING, a_running_job(), True, read_only=False) is False
    assert allowed(BY_NAME["queue.cancel"], Pane.DLQ, None, True, read_only=False) is False
    assert allowed(BY_NAME["queue.kill"], Pane.PENDING, a_job(), True, read_only=False) is False


def test_every_action_that_changes_jobs_has_a_twin_on_the_command_line_but_undo() -> None:
    assert [action.name for action in ACTIONS if action.changes and not action.twin] == ["queue.undo"]


@pytest.mark.parametrize("scope", SCOPES)
def test_the_footer_ends_with_help_and_the_way_out(scope: str) -> None:
    assert [action.title for action in footer(scope)][-2:] in (["Help", "Quit"], ["Help", "Back"])


def test_undo_is_in_the_footer_only_while_it_can_be_done() -> None:
    assert "Undo" not in [action.title for action in footer(Pane.DLQ)]
    assert [action.title for action in footer(Pane.DLQ, undo=True)][-3:] == ["Undo", "Help", "Quit"]


def test_bindings_are_one_a_key() -> None:
    bound = bindings_for([Pane.DLQ])
    keys = [key for action in ACTIONS if Pane.DLQ in action.scopes for key in action.keys]
    assert [binding.key for binding in bound] == keys
    assert {binding.action for binding in bound if binding.key == "r"} == {"do('queue.retry')"}
