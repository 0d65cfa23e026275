"""From a location to a connection: checks first, in an order that leaves a refused file as it was."""

from __future__ import annotations

import os

import apsw

from queuectl.core.place import Place
from queuectl.errors import BadValue, StoreUnusable
from queuectl.store import checks, remains
from queuectl.store.connection import Database, Identity, Role, identity_of
from queuectl.store.migrations import VERSION, migrate
from queuectl.store.statements import SQLITE
from queuectl.store.trouble import translated

_ATTEMPTS = 3


def place_of(location: str) -> Place:
    """Where a location leads, links resolved. Raises BadValue for what is no path and no `sqlite:///path`."""
    path = location.removeprefix("sqlite:///")
    scheme, separator, _ = path.partition("://")
    if separator and scheme.isalnum():
        if scheme in {"postgresql", "postgres"}:
            raise BadValue("stores in Postgres come later", "name a file: --db PATH")
        raise BadValue(f"{location} is no location of a store", "use a path or sqlite:///path")
    if not path or "\0" in path or path.startswith((":memory:", "file:")):
        raise BadValue(f"{location!r} is no location of a store", "use a path or sqlite:///path")
    return Place(os.path.realpath(os.path.expanduser(path)))


def opened(place: Place, role: Role, create: bool, must_exist: bool = False) -> Database:
    """A connection to the store; a missing one is made, or without `create` is an empty one in memory.

    Raises StoreUnusable, with everything left as it was, for a file that cannot or must not be
    used, and for a missing one that `must_exist`.
    """
    checks.check_library(apsw.sqlite_lib_version())
    try:
        for _ in range(_ATTEMPTS):
            database = _opened_once(place, role, create, must_exist)
            if database is not None:
                return database
    except (apsw.Error, OSError, UnicodeEncodeError) as error:
        raise translated(error, place.store, 0) from error
    raise translated(apsw.CantOpenError("it is being replaced all the time"), place.store, 0)


def _opened_once(place: Place, role: Role, create: bool, must_exist: bool) -> Database | None:
    """None if the file changed while it was being opened."""
    folder = os.path.dirname(place.store)
    if create and not os.path.isdir(folder):
        from queuectl.store import creation  # most stores are there

        creation.make_folder(folder)
    if os.path.exists(place.store):
        checks.check_file(place.store)
    if os.path.isdir(folder):
        checks.check_disk(folder)
    if checks.is_new(place):
        if must_exist:
            raise StoreUnusable(f"there is no store at {place.store}", "queuectl init makes one")
        if not create:
            return in_memory(place, role)
        from queuectl.store import creation  # as above

        creation.create(place)
    remains.check(place)
    checks.check_content(place.store)
    if create:
        checks.ensure_folders(place)
    if role is Role.VIEWER:
        checks.check_visible(place.store)
    return _connected(place, role)


def _connected(place: Place, role: Role) -> Database | None:
    identity = identity_of(place.store)
    flags = apsw.SQLITE_OPEN_READONLY if role is Role.VIEWER else apsw.SQLITE_OPEN_READWRITE
    connection = apsw.Connection(place.store, flags=flags)
    try:
        if identity_of(place.store) != identity:
            connection.close()
            return None
        database = Database(connection, place, identity, role)
        _upgrade(database, connection)
        if role is not Role.VIEWER:
            remains.note(place, identity)
            _adopt(database, identity)
    except BaseException:
        connection.close()
        raise
    return database


def _upgrade(database: Database, connection: apsw.Connection) -> None:
    version = database.schema_version()
    checks.check_version(database.place.store, version)
    if version == VERSION:
        return
    if database.role is Role.VIEWER:
        raise StoreUnusable(
            f"the store {database.place.store} was made by an older queuectl",
            "queuectl without --read-only upgrades it",
        )
    with database.writing():
        # Again, now that nobody else can change it.
        migrate(connection, database.schema_version())
    # The first look at a file reads no -wal: the version must stand in the file itself.
    database.checkpoint()


def _adopt(database: Database, identity: Identity) -> None:
    """A copy is a store of its own: it must not take the original's pools and processes for its own."""
    if _known(database) == identity:
        return
    from queuectl.store.creation import new_id  # for copies only

    with database.writing():
        if _known(database) == identity:
            return
        device, inode = identity
        database.change("identity_change", {"store_id": new_id(), "device": device, "inode": inode})
        for statement in ("copied_pools_forget", "copied_workers_forget", "copied_claims_orphan"):
            database.change(statement)


def _known(database: Database) -> Identity:
    _, device, inode = database.rows("identity")[0]
    return device, inode


def in_memory(place: Place, role: Role) -> Database:
    """An empty store that is nowhere: what reading commands see where there is no file."""
    from queuectl.store.creation import new_id  # most stores are there

    connection = apsw.Connection(":memory:")
    migrate(connection, 0)
    connection.execute(SQLITE["identity_make"], {"store_id": new_id(), "device": 0, "inode": 0})
    return Database(connection, place, None, role)
