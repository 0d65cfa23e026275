"""The last line: the keys that mean something where the focus is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from textual import events
from textual.content import Content
from textual.style import Style

from queuectl.tui.actions import ALWAYS, Action, key_name
from queuectl.tui.widgets.oneline import OneLine, fitted, spread

Keys = Sequence[tuple[Action, bool]]


_BESIDE_TITLES = 7
"""So many keys that work are worth more than the titles of those at the right."""


def footer_line(actions: Keys, columns: int) -> Content:
    """The actions in so many columns: greyed ones (False) go first, then the last; those of `ALWAYS` stay."""
    return fitted(_forms(actions, columns), columns)


_kept_line = lru_cache(64)(footer_line)  # one goes from pane to pane and back


def _forms(actions: Keys, columns: int) -> Iterator[Content]:
    keys = [shown for shown in actions if shown[0].name not in ALWAYS]
    always = [shown for shown in actions if shown[0].name in ALWAYS]
    right = _joined([_entry(*shown) for shown in always])
    enough = min(_BESIDE_TITLES, sum(enabled for _, enabled in keys))
    for fewer in _fewer(keys):
        if sum(enabled for _, enabled in fewer) >= enough:
            yield spread(_left(fewer), right, columns)
    right = _joined([_entry(action, enabled, action.name == "queue.undo") for action, enabled in always], " ")
    for fewer in _fewer(keys):
        yield spread(_left(fewer), right, columns)
    yield Content.assemble(" ", right)


def _fewer(keys: Keys) -> Iterator[Keys]:
    """All of them, then always one less, in the order that they have."""
    yield keys
    for gone in [shown for enabled in (False, True) for shown in reversed(keys) if shown[1] is enabled]:
        keys = [shown for shown in keys if shown is not gone]
        yield keys


def _left(keys: Keys) -> Content:
    return Content.assemble(" ", _joined([_entry(*shown) for shown in keys], end=""))


def _joined(keys: list[Content], between: str = "  ", end: str = " ") -> Content:
    return Content.assemble(Content(between).join(keys), end)


def _entry(action: Action, enabled: bool, titled: bool = True) -> Content:
    key = (key_name(action.keys[0]), "bold $text-primary" if enabled else "dim")
    title = (f" {action.short or action.title}", "" if enabled else "dim")
    entry = Content.assemble(key, title if titled else "")
    return entry.stylize(Style.from_meta({"action": action.name})) if enabled else entry


class KeyFooter(OneLine):
    """Keys to press, or to click on."""

    def __init__(self) -> None:
        super().__init__()
        self._actions: tuple[tuple[Action, bool], ...] = ()

    def show(self, actions: Keys) -> None:
        """Each action, and whether it can be done now."""
        if self._actions != tuple(actions):
            self._actions = tuple(actions)
            self.redraw()

    def line(self, columns: int) -> Content:
        return _kept_line(self._actions, columns) if self._actions else Content()

    async def on_click(self, event: events.Click) -> None:
        name = event.style.meta.get("action")
        if name is not None:
            await self.screen.run_action(f"do({name!r})")
