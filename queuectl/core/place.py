"""Where the things beside a store's file lie. Names only: nothing here looks at a disk."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """The absolute path of a store's file, links resolved, and of its companions in `<store>.d`."""

    store: str

    @property
    def folder(self) -> str:
        return self.store + ".d"

    @property
    def gate(self) -> str:
        """The file that writers lock before they begin."""
        return self.folder + "/gate"

    @property
    def pools(self) -> str:
        """A file a pool (its lock), a FIFO a pool (its pokes), a log a detached pool."""
        return self.folder + "/pools"

    @property
    def output(self) -> str:
        """Output that is too large for the store, or still being written."""
        return self.folder + "/output"

    def pool(self, name: str) -> str:
        return f"{self.pools}/{name}"

    def fifo(self, name: str) -> str:
        return f"{self.pools}/{name}.fifo"

    def log(self, name: str) -> str:
        return f"{self.pools}/{name}.log"
