"""The options that `enqueue` and `run` share, and the specs that they and the words come to."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import click

from queuectl.cli.printing import note
from queuectl.cli.specs import Specs, of_words
from queuectl.cli.words import EXACT, Words
from queuectl.core.fields import checked_name
from queuectl.errors import BadValue

Function = Callable[..., Any]
_OPTIONS: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (("--command", "-c"), {"metavar": "TEXT", "help": "The command, as an option."}),
    (("--file",), {"metavar": "PATH", "help": "JSON, JSON Lines or commands; the same as @PATH."}),
    (("--id",), {"metavar": "ID", "help": "1 to 128 letters, digits and . _ : @ -; made up if missing."}),
    (("--queue", "-q"), {"metavar": "Q", "help": "The queue (default)."}),
    (("--priority", "-p"), {"metavar": "P", "help": "low (-10), normal (0), high (10) or an integer; higher first."}),
    (("--max-retries",), {"metavar": "N", "help": "Attempts in all; 0 and 1 both mean one."}),
    (("--timeout",), {"metavar": "D", "help": "Stop an attempt after this: 90, 90s, 5m, 1h30m; none: never."}),
    (("--run-at",), {"metavar": "TIME", "help": "Not before: ISO 8601 (local without a zone), or HH:MM."}),
    (("--delay",), {"metavar": "D", "help": "Not before this has passed."}),
    (("--cwd",), {"metavar": "DIR", "help": "Where it runs; the present directory if missing."}),
    (("--env",), {"metavar": "NAME[=VALUE]", "multiple": True, "help": "For its environment; without = your value."}),
    (("--tag",), {"metavar": "T", "multiple": True, "help": "A word to find it by."}),
    (("--hold",), {"is_flag": True, "help": "Not before queuectl release."}),
    (("--unique-key",), {"metavar": "KEY", "help": "Adds nothing while a job with it waits or runs."}),
)


def takes_job(function: Function) -> Function:
    """Add words and options that describe a job."""
    for names, settings in reversed(_OPTIONS):
        function = click.option(*names, **settings)(function)
    return click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="SPEC...")(function)


def specs_of(given: dict[str, Any], now: int) -> Specs:
    """What the words and options ask for. Raises BadValue."""
    words = Words(given["words"], click.get_current_context().meta[EXACT])
    path, file = given["file"], words.file
    if path is not None and (words.texts or given["command"] is not None):
        raise BadValue("--file and a command are both given", "leave one of them out")
    options = _values(given)
    if path is not None or (file is not None and given["command"] is None):
        named = file is not None and words.texts[0] != "-" and not words.texts[0].startswith("@")
        from queuectl.cli.files import of_file  # most jobs come as words

        pieces = of_file(path if path is not None else file or "-", commands=not named)
        if "id" in options:
            raise BadValue("--id is for one job, and this is a file", "give the ids in the file")
        return Specs(pieces, options, now, here())
    texts = of_words(words, given["command"])
    if forgotten := words.forgotten_file:
        note(f"{forgotten} is a file that cannot be run; did you mean @{forgotten}?")
    if "id" in options and len(texts.words) > 1:
        raise BadValue("--id is for one job, and there are several", "give the ids in the objects")
    return Specs(texts, options, now, here())


def _values(given: dict[str, Any]) -> dict[str, object]:
    """The options as values of a job object."""
    values = {name: given[name] for name in ("queue", "priority", "max_retries", "timeout", "run_at", "delay", "cwd")}
    values |= {"id": given["id"], "unique_key": given["unique_key"], "hold": given["hold"] or None}
    values |= {"tags": list(given["tag"]) or None, "env": dict(map(variable, given["env"])) or None}
    if given["run_at"] is not None and given["delay"] is not None:
        raise BadValue("--run-at and --delay are both given", "leave one of them out")
    for name in ("id", "queue"):
        if values[name] is not None:
            checked_name(values[name], f"--{name}")
    return {name: value for name, value in values.items() if value is not None}


def variable(text: str) -> tuple[str, str]:
    """Name and value of one `--env`; a name alone takes the caller's value. Raises BadValue if there is none."""
    name, equals, value = text.partition("=")
    if equals:
        return name, value
    if name not in os.environ:
        raise BadValue(f"--env {text}: it is not set here", f"give a value: --env {text}=VALUE")
    return name, os.environ[name]


def here() -> str:
    """The caller's directory. Raises BadValue if it is gone."""
    try:
        return os.getcwd()
    except OSError:
        raise BadValue("the present directory is gone", "change to another, or give --cwd") from None
