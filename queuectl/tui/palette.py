"""The palette: every action that can be done now, the panes, and the themes, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from queuectl.tui.actions import ACTIONS, key_name

_LEFT_OUT = ("move.", "app.palette", "app.quit-anywhere")
"""Whoever is in the palette wants none of these by name."""


class Command(NamedTuple):
    """What the palette can do: `title` is what it finds, `keys` what does the same without it."""

    title: str
    keys: str
    help: str
    run: Callable[[], object]

    def shown(self, title: Content) -> Content:
        return Content.assemble(title, "  ", (self.keys, "dim")) if self.keys else title


class ActionProvider(Provider):
    """What `check_action` of the screen allows; greyed actions are left out."""

    async def discover(self) -> Hits:
        for command in self._actions():
            yield DiscoveryHit(command.shown(Content(command.title)), command.run, command.title, command.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in (*self._actions(), *self._themes()):
            score = matcher.match(command.title)
            if score > 0:
                title = command.shown(matcher.highlight(command.title))
                yield Hit(score, title, command.run, command.title, command.help)

    def _actions(self) -> Iterator[Command]:
        for action in ACTIONS:
            if action.name.startswith(_LEFT_OUT) or not self.screen.check_action("do", (action.name,)):
                continue
            title = f"Go to {action.title}" if action.name.startswith("focus.") else action.title
            run = partial(self.screen.run_action, f"do({action.name!r})")
            yield Command(title, " ".join(map(key_name, action.keys)), action.help, run)

    def _themes(self) -> Iterator[Command]:
        for name, theme in sorted(self.app.available_themes.items()):
            if theme.ansi and self.app.no_color:
                continue  # Textual 8.2 turns the terminal's own colours into black on black then
            yield Command(f"Theme {name}", "", "Use these colours until the app ends.", partial(self._use, name))

    def _use(self, name: str) -> None:
        self.app.theme = name
