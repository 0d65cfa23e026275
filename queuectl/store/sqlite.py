"""The store on SQLite as people's commands see it, on one connection.

A command needs one or two of its parts, so each is imported when it is first asked for: an
`enqueue` waits neither for the lifecycle nor for the filter language.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from queuectl.core.place import Place
from queuectl.store.connection import Database

if TYPE_CHECKING:
    from queuectl.store.adding import Adding
    from queuectl.store.book import Book
    from queuectl.store.changing import Changing
    from queuectl.store.config import ConfigRows
    from queuectl.store.panes import Panes
    from queuectl.store.reader import Reader


class PersonSide:
    """Store: every port but the dispatcher's."""

    def __init__(self, database: Database) -> None:
        self._db = database

    @cached_property
    def adder(self) -> Adding:
        from queuectl.store.adding import Adding

        return Adding(self._db)

    @cached_property
    def changer(self) -> Changing:
        from queuectl.store.changing import Changing

        return Changing(self._db)

    @cached_property
    def reader(self) -> Reader:
        from queuectl.store.reader import Reader

        return Reader(self._db)

    @cached_property
    def panes(self) -> Panes:
        from queuectl.store.panes import Panes

        return Panes(self._db)

    @cached_property
    def config(self) -> ConfigRows:
        from queuectl.store.config import ConfigRows

        return ConfigRows(self._db)

    @cached_property
    def book(self) -> Book:
        from queuectl.store.book import Book

        return Book(self._db)

    @property
    def place(self) -> Place:
        return self._db.place

    @property
    def id(self) -> str:
        return self._db.store_id()

    def close(self) -> None:
        self._db.close()
