"""What a pool is started with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from queuectl.core.place import Place

if TYPE_CHECKING:
    from queuectl.core.ports import PoolStore


class Ears(Protocol):
    """Hears pokes: readable when somebody committed something that could run."""

    def fileno(self) -> int: ...

    def drain(self) -> bool: ...

    def close(self) -> None: ...


class PoolPlan(NamedTuple):
    """A pool to be: `open_store(name)` opens the store and the pool's ears; only the dispatcher calls it.

    `queues` is empty for all. With `drain` the pool ends when nothing is left that will run. On
    `ready_fd` the pool says, as one line of JSON, that its workers stand, or why not; it then logs
    into a file.
    """

    place: Place
    workers: int
    queues: tuple[str, ...]
    drain: bool
    open_store: Callable[[str], tuple[PoolStore, Ears]]
    ready_fd: int | None = None
