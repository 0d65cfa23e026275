"""The configuration as it is stored."""

from __future__ import annotations

from collections.abc import Mapping

from queuectl.core.settings import Settings
from queuectl.store.connection import Database
from queuectl.store.wakeup import poke


class ConfigRows:
    """ConfigStore on SQLite."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def settings(self) -> Settings:
        return Settings.of({key: text for key, (text, _) in self.stored().items()})

    def stored(self) -> Mapping[str, tuple[str, int]]:
        """Text and time of change (milliseconds UTC) of each key that was set."""
        return {key: (text, changed_at) for key, text, changed_at in self._db.rows("config")}

    def put(self, key: str, text: str, now: int) -> None:
        with self._db.writing():
            self._db.change("config_put", {"key": key, "text": text, "now": now})
        self._db.check_place()
        poke(self._db.place)

    def remove(self, key: str | None) -> None:
        """Back to the default; None: all of them."""
        with self._db.writing():
            if key is None:
                self._db.change("config_clear")
            else:
                self._db.change("config_remove", {"key": key})
        self._db.check_place()
        poke(self._db.place)
