"""One connection to a store's file: statements by name, transactions through the gate, errors translated."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, Any

import apsw

from queuectl.core.place import Place
from queuectl.errors import StoreBusy, StoreUnusable
from queuectl.store import checks
from queuectl.store.rows import Row
from queuectl.store.statements import SQLITE
from queuectl.store.trouble import MOVE_HINT, room, translated

if TYPE_CHECKING:
    from queuectl.store.gate import Gate

_SHORTEST_PAUSE_S = 0.001
_LONGEST_PAUSE_S = 0.02
_JOURNAL_LIMIT_BYTES = 64 * 2**20
# A turn writes about 15 pages: with SQLite's own 1,000 every 70th waits for the disk, and the drain halves. Who adds
# a million jobs writes some hundred pages at a time, and would wait for it each time.
_CHECKPOINT_PAGES = 4_000
_CACHE_KIB = 8_192
# Some tenths of a millisecond; each look waits for Python's lock, which the screen may hold for 5 ms.
_STEPS_BETWEEN_LOOKS = 10_000
# Of statements longer than 16 KiB apsw keeps none prepared, and a new job has 80 bytes of one.
_ROWS_AT_ONCE = 100

Values = Mapping[str, Any] | Sequence[Any]
Identity = tuple[int, int]
"""Which file a path led to when it was opened: device and inode."""
Found = tuple[list[Row], bool]
"""The first rows that a statement gives, and whether there may be more: it was cut short."""


class Role(StrEnum):
    """Who uses a connection: it decides how long to wait for a lock, and what a commit survives."""

    PERSON = "person"
    DISPATCHER = "dispatcher"
    VIEWER = "viewer"


PATIENCE_S = {Role.PERSON: 10.0, Role.DISPATCHER: 2.0, Role.VIEWER: 0.25}
"""How long each waits for a lock, in seconds; a dispatcher and a viewer try again by themselves."""


def identity_of(path: str) -> Identity:
    """Raises OSError if nothing is there."""
    found = os.stat(path)
    return found.st_dev, found.st_ino


class Database:
    """A connection with its place, its gate and its patience; `identity` is None for one in memory."""

    def __init__(self, connection: apsw.Connection, place: Place, identity: Identity | None, role: Role) -> None:
        self.place = place
        self.identity = identity
        self.role = role
        self.patience_s = PATIENCE_S[role]
        self._connection = connection
        self._gate: Gate | None = None
        self._deadline = 0.0
        connection.set_busy_handler(self._wait)
        with self._translating():
            self._configure()

    def _configure(self) -> None:
        # NORMAL: a result may be lost by a power cut, and its job runs once more; FULL: what a person did stays.
        self._connection.pragma("synchronous", "NORMAL" if self.role is Role.DISPATCHER else "FULL")
        # Without it SQLite plans a statement anew whenever a value beside a partial index is bound: 50 µs a claim.
        self._connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        self._connection.pragma("journal_size_limit", _JOURNAL_LIMIT_BYTES)
        self._connection.pragma("temp_store", "MEMORY")
        self._connection.create_scalar_function("error_group", _error_group, 2, deterministic=True)
        self._connection.wal_autocheckpoint(_CHECKPOINT_PAGES)
        if self.role is Role.DISPATCHER:
            self._connection.pragma("cache_size", -_CACHE_KIB)
        if self.role is Role.VIEWER:
            self._connection.pragma("query_only", True)

    def _wait(self, times: int) -> bool:
        """SQLite's busy handler, in Python so that Ctrl+C is heard between the pauses."""
        now = time.monotonic()
        if times == 0:
            self._deadline = now + self.patience_s
        pause_s = min(_SHORTEST_PAUSE_S * (times + 1), _LONGEST_PAUSE_S)
        if now + pause_s > self._deadline:
            return False
        time.sleep(pause_s)
        return True

    def rows(self, name: str, values: Values = ()) -> list[Row]:
        """All rows that a statement gives."""
        return self.query(SQLITE[name], values)

    def row(self, name: str, values: Values = ()) -> Row | None:
        """The first row that a statement gives."""
        found = self.query(SQLITE[name], values)
        return found[0] if found else None

    def value(self, name: str, values: Values = ()) -> Any:
        """The first value of the first row; None if there is no row."""
        found = self.row(name, values)
        return None if found is None else found[0]

    def change(self, name: str, values: Values = ()) -> int:
        """How many rows a statement changed, not counting what triggers did."""
        self.query(SQLITE[name], values)
        return self._connection.changes()

    def insert(self, name: str, rows: Sequence[Row]) -> None:
        """Rows for an INSERT that ends with the VALUES of one; many at once take half as long as one by one."""
        head, word, values = SQLITE[name].rpartition("VALUES ")
        for first in range(0, len(rows), _ROWS_AT_ONCE):
            some = rows[first : first + _ROWS_AT_ONCE]
            self.query(head + word + ", ".join([values] * len(some)), tuple(chain.from_iterable(some)))

    def query(self, sql: str, values: Values = ()) -> list[Row]:
        """The rows of a statement that was put together from blocks."""
        try:
            return self._connection.execute(sql, values).fetchall()
        except (apsw.Error, UnicodeEncodeError) as error:
            raise self._translated(error) from error

    def query_until(self, sql: str, values: Values, stop: Callable[[], bool]) -> Found:
        """The rows found until `stop` says so; it is asked every now and then while SQLite looks for them."""
        rows: list[Row] = []
        self._connection.set_progress_handler(stop, _STEPS_BETWEEN_LOOKS)
        try:
            for row in self._connection.execute(sql, values):
                rows.append(row)  # noqa: PERF402 - what was found before the cut must not be lost
        except apsw.InterruptError:
            return rows, True
        except (apsw.Error, UnicodeEncodeError) as error:
            raise self._translated(error) from error
        finally:
            self._connection.set_progress_handler(None)
        return rows, False

    def data_version(self) -> int:
        """A number that changes with every commit of another connection."""
        with self._translating():
            return int(self._connection.pragma("data_version"))

    def store_id(self) -> str:
        """What tells this store from every other one, copies of it included."""
        return str(self.value("identity"))

    def schema_version(self) -> int:
        with self._translating():
            return int(self._connection.pragma("user_version"))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction that writes: all of it or, if anything is raised, nothing."""
        try:
            self._enter()
            with self._transaction("begin"):
                yield
        finally:
            if self._gate is not None:
                self._gate.leave()

    def _enter(self) -> None:
        if self._gate is None and self.identity is not None:
            from queuectl.store.gate import Gate  # who only looks needs none

            self._gate = Gate(self.place.gate)
        if self._gate is not None and not self._gate.enter(self.patience_s) and not self.patience_s:
            raise StoreBusy("another process writes to the store", "try again")  # who does not wait pushes past nobody

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Several reads of one moment; keep it short, the -wal cannot shrink meanwhile."""
        with self._transaction("begin_reading"):
            yield

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        self.query(SQLITE[begin])
        try:
            # A newer program may have upgraded the file while it was open here.
            checks.check_version(self.place.store, self.schema_version())
            yield
            self.query(SQLITE["commit"])
        except BaseException:
            if self._connection.in_transaction:
                self.query(SQLITE["rollback"])
            raise

    def check_place(self) -> None:
        """Raise StoreUnusable if the path no longer leads to the file that is open: what is written here is lost."""
        if not self._in_place():
            raise StoreUnusable(
                f"the store {self.place.store} was replaced or removed while it was in use",
                "nothing was written to what is there now; run the command again",
            )

    def _in_place(self) -> bool:
        try:
            return self.identity in {None, identity_of(self.place.store)}
        except OSError:
            return self.identity is None

    def size_bytes(self) -> int:
        """What the store's file and its -wal take on the disk."""
        return 0 if self.identity is None else _size(self.place.store) + self.wal_bytes()

    def free_bytes(self) -> int:
        """What the store's disk has room for."""
        return room(self.place.store)

    def wal_bytes(self) -> int:
        return _size(self.place.store + "-wal")

    def checkpoint(self) -> None:
        """Move the -wal into the file, and cut it off if nobody reads it just now."""
        try:
            with self.without_waiting():
                self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except (apsw.BusyError, apsw.LockedError):
            return
        except apsw.Error as error:
            raise self._translated(error) from error

    @contextmanager
    def without_waiting(self) -> Iterator[None]:
        """Within it a lock that somebody else has is an error at once."""
        patience_s, self.patience_s = self.patience_s, 0.0
        try:
            yield
        finally:
            self.patience_s = patience_s

    def close(self) -> None:
        if self._gate is not None:
            self._gate.close()
        with self._translating():
            if not self._in_place():  # the -wal that SQLite would delete by its name may be another store's
                self._connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            self._connection.close()

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except apsw.Error as error:
            raise self._translated(error) from error

    def _translated(self, error: Exception) -> Exception:
        if isinstance(error, apsw.ConstraintError | apsw.MismatchError):
            return Refused(str(error), MOVE_HINT)
        return translated(error, self.place.store, self.patience_s)


class Refused(StoreUnusable):
    """A row that the schema's checks do not let in."""


def _error_group(*command_and_error: Any) -> str:
    from queuectl.core.errorgroup import group_key  # only a filter by groups needs it

    return group_key(*command_and_error)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
