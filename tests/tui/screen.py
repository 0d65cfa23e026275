"""Reading the screen of an app as text, and running tests that drive one."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterator
from functools import wraps
from typing import Any, ParamSpec

from textual.app import App

P = ParamSpec("P")


def screen_lines(app: App[Any]) -> list[str]:
    """The lines of the screen that is on top, as a terminal shows them."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


def screen_text(app: App[Any]) -> str:
    """The same as one text."""
    return "\n".join(screen_lines(app))


def sizes(count: int, least: tuple[int, int] = (20, 5)) -> Iterator[tuple[int, int]]:
    """So many sizes of a terminal, always the same: the least, a huge one, and such as are quickly painted."""
    chance = random.Random(7)
    yield least
    yield 250, 80
    for _ in range(count - 2):
        yield chance.randint(least[0], 140), chance.randint(least[1], 45)


def piloted(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run an async test in an event loop of its own."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run
