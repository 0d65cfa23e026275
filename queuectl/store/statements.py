"""Reads the `-- name: NAME — why` blocks of a .sql file, so that no SQL stands in Python."""

from __future__ import annotations

import os
from collections.abc import Mapping

_MARK = "-- name: "


def statements(file: str) -> Mapping[str, str]:
    """The statements of a file in this folder, by name.

    Raises ValueError for text before the first name, a name without a reason, and a name given twice.
    """
    path = os.path.join(os.path.dirname(__file__), file)
    with open(path, encoding="utf-8") as opened:
        before, *blocks = opened.read().split("\n" + _MARK)
    if any(line and not line.startswith("--") for line in before.splitlines()):
        raise ValueError(f"{file} does not begin with comments")
    found: dict[str, str] = {}
    for block in blocks:
        head, _, body = block.partition("\n")
        name, _, reason = head.partition(" — ")
        if not reason or name in found:
            raise ValueError(f"{file}: {head!r} has no reason, or its name is taken")
        found[name] = _stripped(body)
    return found


def _stripped(body: str) -> str:
    if "--" not in body:
        return body.strip().removesuffix(";")
    lines = [line for line in body.splitlines() if not line.lstrip().startswith("--")]
    return "\n".join(lines).strip().removesuffix(";")


SQLITE: Mapping[str, str] = statements("sqlite.sql")
