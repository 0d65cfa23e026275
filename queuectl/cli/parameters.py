"""Kinds of option values: the core reads them, so that they mean the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from queuectl.core import units
from queuectl.errors import BadValue

F = TypeVar("F", bound=Callable[..., Any])


class Read(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.5 on
    """A value that a reader of the core makes of a text, or refuses with BadValue."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ARG002 - Click's signature
        if not isinstance(value, str):
            return value
        try:
            return self._read(value)
        except BadValue as error:
            option = max(param.opts, key=len) if param else self.name
            raise BadValue(f"{option}: {error.message}", error.hint) from None


DURATION = Read("duration", units.seconds)
RATE = Read("rate", units.rate)
WORKERS = click.IntRange(1, 256)


def json_option(function: F) -> F:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON value.")(function)


def quiet_option(function: F) -> F:
    """`--quiet`."""
    return click.option("--quiet", is_flag=True, help="The ids only, one a line.")(function)
