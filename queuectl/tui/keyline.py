"""Keys in a row: each is handed on when what the one before it set in motion is done.

Textual hands a burst of keys (a slow line, a macro, fast fingers) to whatever has the focus when it
comes: of `/err` the letters would be commands, for the filter takes the focus only a moment later.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from textual.app import App
from textual.events import Key
from textual.message_pump import MessagePump

_ROUNDS = 3
"""A key makes a widget say something, which makes a screen do something, which may move the focus."""
LONGEST_S = 3.0
"""A key waits no longer for the one before it, for a dialog or a list: nothing that hangs may take the keyboard."""


class KeyLine:
    """Takes keys as they come, and gives them to `hand_on` one by one."""

    def __init__(self, app: App[Any], hand_on: Callable[[Key], Awaitable[None]], longest_s: float = LONGEST_S) -> None:
        self._app = app
        self._hand_on = hand_on
        self._longest_s = longest_s
        self._line: deque[Key] = deque()
        self._number = 0
        self._going = False
        self._holds: set[object] = set()
        self._let_go: Callable[[], None] | None = None
        self._watch: asyncio.TimerHandle | None = None

    async def take(self, key: Key) -> None:
        self._line.append(key)
        if self._going:
            return
        if self._holds:
            self._begin()
        else:
            await self._next()

    def hold(self) -> Callable[[], None]:
        """What keys are meant for is on its way, a dialog or the rows of a list: until what is returned is called."""
        hold = object()
        self._holds.add(hold)
        return lambda: self._release(hold)

    def wait(self, waiting: bool) -> None:
        """Hold keys while it is so; if that took too long, no more until it was not so for once."""
        if waiting and self._let_go is None:
            self._let_go = self.hold()
        elif not waiting and self._let_go is not None:
            self._let_go()
            self._let_go = None

    def _release(self, hold: object) -> None:
        if hold in self._holds:
            self._holds.remove(hold)
            self._round(self._number, _ROUNDS)

    async def _next(self) -> None:
        self._going = bool(self._line)
        if self._going:
            self._begin()
            await self._hand_on(self._line.popleft())
            self._round(self._number, _ROUNDS)

    def _begin(self) -> None:
        """Whatever it is that is waited for, it is not waited for too long."""
        self._going = True
        self._number += 1
        self._watch = asyncio.get_running_loop().call_later(self._longest_s, self._go_on, self._number)

    def _go_on(self, number: int) -> None:
        if number == self._number and self._going:
            self._holds.clear()
            self._number += 1
            if self._watch is not None:
                self._watch.cancel()
            self._app.call_later(self._next)

    def _round(self, number: int, left: int) -> None:
        """Once through the queues of all that may handle the key, from the focus up to the app."""
        if number != self._number or not self._going or not self._app.is_running:
            return
        if left:
            widget = self._app.focused or self._app.screen
            self._hop((*widget.ancestors_with_self, self._app), number, left)
        elif not self._holds:
            self._go_on(number)

    def _hop(self, pumps: Sequence[MessagePump], number: int, left: int) -> None:
        for place, pump in enumerate(pumps):
            if pump.call_later(self._hop, pumps[place + 1 :], number, left):
                return
        self._round(number, left - 1)
