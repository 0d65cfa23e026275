"""The dead jobs by what they died of."""

from __future__ import annotations

from textual.message import Message

from queuectl.core.errorgroup import Group
from queuectl.tui.widgets.rowlist import RowList
from queuectl.tui.widgets.rows import Rows
from queuectl.tui.widgets.tables import GROUPS


class GroupList(RowList[Group]):
    """One row for each error, with how many died of it; all of them are known."""

    class Said(Message):
        """What the list says of the group under its cursor, None if it has none."""

        def __init__(self, list: GroupList, group: Group | None) -> None:
            super().__init__()
            self.list = list
            self.group = group

        @property
        def control(self) -> GroupList:
            return self.list

    class Pointed(Said):
        """The cursor is on another group."""

    class Opened(Said):
        """A group was clicked twice."""

    def __init__(self) -> None:
        super().__init__(GROUPS, Rows(lambda group: group.key))
        self._pointed: str | None = None

    @property
    def cursor(self) -> Group | None:
        """The group under the cursor."""
        return self.rows.pointed

    def show(self, groups: tuple[Group, ...]) -> None:
        """All groups, in their order."""
        self.rows.take(groups, 0, len(groups), ends=True, loose=not self.has_focus)
        self.show_at(0)

    def forget(self) -> None:
        """Nothing is known any more: there is another filter."""
        self._pointed = None
        super().forget()

    def settled(self) -> None:
        pointed = None if self.cursor is None else self.cursor.key
        if pointed != self._pointed:
            self._pointed = pointed
            self.post_message(self.Pointed(self, self.cursor))

    def opened(self) -> None:
        self.post_message(self.Opened(self, self.cursor))
