"""The only place that speaks SQL: what a location means, and who may do what with the store behind it.

Locations are paths or `sqlite:///path`. Errors: BadValue for a location that means nothing;
StoreUnusable, with every file left as it was, for one that cannot or must not be used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from queuectl.core.place import Place
from queuectl.store.connection import Role
from queuectl.store.opening import opened, place_of

if TYPE_CHECKING:
    from queuectl.store.sqlite import PersonSide
    from queuectl.store.upkeep import PoolSide
    from queuectl.store.wakeup import Ears

__all__ = ["Role", "ears", "open_pool_store", "open_store", "place_of"]


def open_store(
    location: str,
    *,
    create: bool,
    role: Role = Role.PERSON,
    must_exist: bool = False,
    patience_s: float | None = None,
) -> PersonSide:
    """The store for people's commands; a missing one is made, or without `create` is empty and nowhere.

    Raises StoreUnusable if it is missing and `must_exist`, as a viewer's must; a viewer's must not
    need an upgrade either. `patience_s` is how many seconds to wait for a lock (None: as the role does).
    """
    from queuectl.store.sqlite import PersonSide

    database = opened(place_of(location), role, create, must_exist or role is Role.VIEWER)
    if patience_s is not None:
        database.patience_s = patience_s
    return PersonSide(database)


def open_pool_store(location: str) -> PoolSide:
    """The store for one dispatcher; open it after the fork. Raises StoreUnusable if it is not there (any more)."""
    from queuectl.store.upkeep import PoolSide

    return PoolSide(opened(place_of(location), Role.DISPATCHER, create=False, must_exist=True))


def ears(place: Place, name: str) -> Ears:
    """What a pool hears pokes with; open them after the fork."""
    from queuectl.store.wakeup import Ears

    return Ears(place, name)
