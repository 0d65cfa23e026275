"""Textual's bindings, made from the registry of actions."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding

from queuectl.tui.actions import ACTIONS, FILTERING


def bindings_for(scopes: Iterable[str]) -> list[Binding]:
    """A binding for each key of each action that means something in one of the scopes.

    Which of several actions on one key applies is the screen's to say, in `check_action`.
    """
    wanted = frozenset(scopes)
    return [
        Binding(key, f"do('{action.name}')", action.title, show=False, tooltip=action.help, id=action.name)
        for action in ACTIONS
        if wanted & action.scopes
        for key in action.keys
    ]


def refusals() -> list[Binding]:
    """For each key what says why it does nothing, where it does nothing: they come behind those of `bindings_for`."""
    keys = dict.fromkeys(key for action in ACTIONS if action.name not in FILTERING for key in action.keys)
    return [Binding(key, f"refuse('{key}')", show=False) for key in keys]
