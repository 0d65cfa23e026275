"""The store on SQLite as people's commands see it: every port but the dispatcher's, on one connection."""

from __future__ import annotations

from queuectl.core.place import Place
from queuectl.store.book import Book, ConfigRows
from queuectl.store.changing import Changing
from queuectl.store.connection import Database
from queuectl.store.reader import Reader


class PersonSide(Changing, Reader, ConfigRows, Book):
    """JobWriter, JobReader, ConfigStore and PoolBook."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._db = database

    @property
    def place(self) -> Place:
        return self._db.place

    @property
    def id(self) -> str:
        return self._db.store_id()
