"""What dead jobs died of, page by page."""

from __future__ import annotations

from queuectl.core.errorgroup import LOOKED_AT
from queuectl.core.records import Failure
from queuectl.core.selector import Condition
from queuectl.store.connection import Database
from queuectl.store.filters import compiled
from queuectl.store.statements import SQLITE

_LAST = {"state_since": 2**63 - 1, "number": 2**63 - 1}


def failures(database: Database, where: Condition, behind: Failure | None, limit: int, now: int) -> list[Failure]:
    """The next dead jobs that match, those that died last first, beginning behind one."""
    expression, parameters = compiled(where, now)
    place = _LAST if behind is None else {"state_since": behind.state_since, "number": behind.number}
    values = {**parameters, **place, "most": limit, "looked_at": LOOKED_AT}
    return [Failure(*row) for row in database.query(SQLITE["failures"].replace("{where}", expression), values)]
