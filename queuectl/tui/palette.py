"""The palette: every action that can be done now, the panes, and the themes, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widgets.option_list import Option

from queuectl.core.plain import plain
from queuectl.tui.actions import ACTIONS, key_name
from queuectl.tui.themes import OWN
from queuectl.tui.widgets.options import is_laid_out

_LEFT_OUT = ("move.", "app.palette", "app.quit-anywhere")
"""Whoever is in the palette wants none of these by name."""
_OWN_FIRST = 1_000.0
_IN_HELP = 0.01
"""What says it in its help only comes behind what is called so."""


class Command(NamedTuple):
    """What the palette can do: `title` is what it finds, `keys` what does the same without it.

    What matches as well comes before others if it has a `bonus`.
    """

    title: str
    keys: str
    help: str
    run: Callable[[], object]
    bonus: float = 0.0

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
            score = max(matcher.match(command.title), matcher.match(command.help) * _IN_HELP)
            if score > 0:
                title = command.shown(matcher.highlight(command.title))
                yield Hit(score + command.bonus, title, command.run, command.title, command.help)

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
            told = f"Use these colours until the app ends. TEXTUAL_THEME={name} keeps them."
            yield Command(f"Theme {name}", "", told, partial(self._use, name), _OWN_FIRST if name in OWN else 0.0)

    def _use(self, name: str) -> None:
        self.app.theme = name


class Palette(CommandPalette):
    """Textual's palette, which outlives keys that come before its list is laid out, and says at once what it lacks."""

    def _action_command_list(self, action: str) -> None:
        if is_laid_out(self.query_one(CommandList)) or not action.startswith("page"):
            super()._action_command_list(action)

    def _start_no_matches_countdown(self, search_value: str) -> None:
        """Without Textual's countdown: an empty box says nothing."""
        if search_value:
            said = Content(f"Nothing that can be done now matches {plain(search_value)}")
            self.query_one(CommandList).add_option(Option(said, id=self._NO_MATCHES, disabled=True))
        self._list_visible = bool(search_value)
