"""Answers that take long, worked out a little at a time, so that nothing waits for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

REST = 10
"""An answer is worked out again only after so many times as long as it took: a tenth of a core at most."""


class Stepwise(Generic[T]):
    """One answer: what is known so far, then all of it; the last whole one stays shown while it is redone.

    `begin` gives the steps, each with what is known by then. Set `stale` when the store has changed.
    """

    def __init__(self, begin: Callable[[], Iterator[T]], nothing: T) -> None:
        self.answer = nothing
        self.stale = True
        self._begin = begin
        self._steps: Iterator[T] | None = None
        self._latest = nothing
        self._whole = False
        self._began = self._rest_until = 0.0

    @property
    def going(self) -> bool:
        return self._steps is not None

    def step(self) -> bool:
        """Go on, or begin anew what is stale once it has rested; whether anything was done."""
        if self._steps is None:
            now = time.monotonic()
            if not self.stale or now < self._rest_until:
                return False
            self.stale, self._began, self._steps = False, now, self._begin()
        try:
            self._latest = next(self._steps)
        except StopIteration:
            self._end()
        if not self._whole:
            self.answer = self._latest
        return True

    def _end(self) -> None:
        now = time.monotonic()
        self._steps, self._whole, self.answer = None, True, self._latest
        self._rest_until = now + REST * (now - self._began)
