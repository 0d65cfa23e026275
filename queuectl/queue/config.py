"""What people and programs ask of the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from queuectl.core.keys import BY_NAME, IGNORED, KEYS, Key, canonical, canonical_text
from queuectl.core.settings import Settings
from queuectl.queue.clock import Clock

if TYPE_CHECKING:
    from queuectl.core.ports import Store


class Setting(NamedTuple):
    """A key as it is now: `value` is its canonical text, `source` is `default` or `store`.

    `set_at` is when it was set, in milliseconds UTC; None for a default.
    """

    key: Key
    value: str
    source: str
    set_at: int | None = None


class Config:
    """Keys may be written with `-` or `_`, and by their aliases."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def settings(self) -> Settings:
        return self._store.config.settings()

    def show(self) -> list[Setting]:
        """All keys, in the order in which they are documented."""
        stored = self._store.config.stored()
        return [
            Setting(key, stored[key.name][0], "store", stored[key.name][1])
            if key.name in stored
            else Setting(key, key.default, "default")
            for key in KEYS
        ]

    def get(self, key: str) -> str:
        """The key's canonical text. Raises BadValue for an unknown key."""
        name = canonical(key)
        stored = self._store.config.stored().get(name)
        return stored[0] if stored else BY_NAME[name].default if name in BY_NAME else ""

    def set(self, key: str, text: str) -> Setting | None:
        """Check and store a value; None if the key is one that queuectl accepts but does not need.

        Raises BadValue for an unknown key or a value out of its range; nothing is changed then.
        """
        name, value = canonical(key), canonical_text(key, text)
        if name in IGNORED:
            return None
        now = self._clock()
        self._store.config.put(name, value, now)
        return Setting(BY_NAME[name], value, "store", now)

    def reset(self, key: str | None = None) -> None:
        """Back to the default; None: all keys. Raises BadValue for an unknown key."""
        self._store.config.remove(None if key is None else canonical(key))
