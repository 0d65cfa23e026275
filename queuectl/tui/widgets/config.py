"""The pane of settings: what each is, where that comes from, and what the one under the cursor means."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from queuectl.queue.config import Setting
from queuectl.tui.panes import Pane
from queuectl.tui.widgets.shortlist import Cell, Line, ShortList
from queuectl.tui.widgets.workers import hint
from queuectl.tui.wording import age

_KEY, _SOURCE = 19, 13
_SOURCE_FROM = 38
_MEANING_FIRST_FROM = 60
_MINUTE_MS = 60_000
_STEP_MS = 10_000
"""Ages are told in minutes, so that they are not looked at more often."""


class ConfigPane(ShortList):
    """The settings; the cursor stands on one."""

    def __init__(self) -> None:
        super().__init__()
        self._settings: tuple[Setting, ...] = ()
        self._now = 0

    def show(self, settings: Sequence[Setting], now: int) -> None:
        """Show these at `now` (milliseconds UTC)."""
        if tuple(settings) != self._settings or now // _STEP_MS != self._now // _STEP_MS:
            self._settings, self._now = tuple(settings), now
            self.lay_out()

    @property
    def cursor(self) -> Setting | None:
        return next((setting for setting in self._settings if setting.key.name == self.cursor_key), None)

    def pointed(self) -> None:
        self.lay_out()

    def lay_out(self) -> None:
        columns = max(self.columns, 10)
        self.show_lines(tuple(self._line(setting, columns) for setting in self._settings), notes=self._below(columns))

    def _line(self, setting: Setting, columns: int) -> Line:
        wide = columns >= _SOURCE_FROM
        value = Cell(setting.value, max(columns - _KEY - _SOURCE * wide, 1), "" if setting.set_at is None else "title")
        cells = (Cell(setting.key.name, _KEY), value)
        return Line((*cells, Cell(source(setting, self._now), _SOURCE, "muted")) if wide else cells, setting.key.name)

    def _below(self, columns: int) -> tuple[Line, ...]:
        """What the key means, and what can be done: the first goes first where it fits on a line."""
        if self.cursor is None:
            return ()
        key = self.cursor.key
        told = [key.meaning, f"{key.range}; default {key.default}; applies {key.applies}"]
        meaning = [Line((Cell(text),)) for one in told for text in wrap(one, columns)]
        deeds = [] if self.read_only else [Line((Cell(hint(Pane.CONFIG, columns)),))]
        parts = (meaning, deeds) if columns >= _MEANING_FIRST_FROM else (deeds, meaning)
        return (Line(()), *parts[0], *parts[1])


def source(setting: Setting, now: int) -> str:
    """Where the value comes from: `default`, `set 2m ago`."""
    if setting.set_at is None:
        return "default" if setting.source == "default" else "set"
    ago = now - setting.set_at
    return "set just now" if ago < _MINUTE_MS else f"set {age(ago)} ago"
