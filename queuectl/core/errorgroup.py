"""Which dead jobs died of the same: by the first word of the command and by the error without its numbers.

Imported only where groups are asked for: nothing else needs hashes or compiled patterns.
"""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from queuectl.core.records import Failure

LOOKED_AT = 1_000
"""Characters of a command or an error that are looked at."""
_KEY_LENGTH = 6

# What differs from run to run: names below /tmp, UUIDs, addresses, hexadecimal ids (with a digit: no word is one),
# and numbers, with what joins them in times, versions and IP addresses.
_CHANGING = re.compile(
    r"""(?x) (?<=/tmp/)[^\s'"]+
    | (?<![0-9A-Za-z])(?=[0-9a-fA-F])(?:
        [0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b
        | 0[xX][0-9a-fA-F]+\b
        | (?=[a-fA-F]*[0-9])[0-9a-fA-F]{6,}\b)
    | [0-9]+(?:[.,:][0-9]+)*"""
)
_REMEMBERED = 2_000
"""Errors and keys; of 100,000 dead jobs many have the same."""


class Group(NamedTuple):
    """Dead jobs that are alike; `key` names them in the filter language, `error` has N for what differs."""

    key: str
    command: str
    error: str
    size: int
    newest_id: str

    def view(self) -> dict[str, object]:
        return {
            "group": self.key,
            "command": self.command,
            "error": self.error,
            "count": self.size,
            "newest_id": self.newest_id,
        }


def group_key(command: str, error: str | None) -> str:
    """The key of the group to which a job of this command and error belongs: six small letters and digits."""
    return _key(*_alike(command, error))


def _alike(command: str, error: str | None) -> tuple[str, str]:
    word = command[:LOOKED_AT].split(None, 1)
    return word[0] if word else "", _without_numbers((error or "")[:LOOKED_AT])


@lru_cache(_REMEMBERED)
def _without_numbers(error: str) -> str:
    return _CHANGING.sub("N", error)


@lru_cache(_REMEMBERED)
def _key(word: str, error: str) -> str:
    digest = blake2b(f"{word}\n{error}".encode(), digest_size=5).digest()
    return b32encode(digest)[:_KEY_LENGTH].decode().lower()


class Grouping:
    """Dead jobs put together as they come in, those that died last first; it can be looked at in between."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._newest: dict[tuple[str, str], str] = {}

    def add(self, failures: Iterable[Failure]) -> None:
        for failure in failures:
            alike = _alike(failure.command, failure.error)
            self._counts[alike] = self._counts.get(alike, 0) + 1
            self._newest.setdefault(alike, failure.id)

    def groups(self) -> list[Group]:
        """Most jobs first; of as many, the one that a job joined last."""
        found = [Group(_key(*alike), *alike, n, self._newest[alike]) for alike, n in self._counts.items()]
        return sorted(found, key=lambda group: -group.size)
