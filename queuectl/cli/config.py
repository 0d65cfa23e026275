"""`queuectl config`: the settings, which are stored beside the jobs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from textwrap import fill

import click

from queuectl.cli.door import command as make_command
from queuectl.cli.door import group, on_terminal, open_queue
from queuectl.cli.init import initialise
from queuectl.cli.parameters import json_option
from queuectl.cli.printing import note, say, say_json
from queuectl.cli.table import say_table
from queuectl.core.keys import KEYS, canonical
from queuectl.core.units import quoted
from queuectl.errors import BadValue
from queuectl.queue.config import Setting

_IN = " " * 6


def _keys() -> str:
    """The keys, their defaults, ranges and meanings, as a block that Click does not wrap."""
    lines = [
        f"  {key.name:<18} {key.default:<8} {key.range}\n"
        + fill(key.meaning, 74, initial_indent=_IN, subsequent_indent=_IN)
        for key in KEYS
    ]
    return "\b\nKeys, their defaults and ranges:\n" + "\n".join(lines)


@group("queuectl config show", "queuectl config set max-retries 5", "queuectl config reset timeout", name="config")
def command() -> None:
    """Settings of this store. `-` and `_` in keys are alike."""


@make_command("queuectl config show", "queuectl config show --json", name="show")
@json_option
def show(as_json: bool) -> None:
    """Show every key, its value, where that comes from, and when a change takes effect."""
    settings = open_queue().config.show()
    if as_json:
        say_json({
            one.key.name: {
                "value": one.value, "default": one.key.default, "source": one.source, "applies": one.key.applies
            }
            for one in settings
        })  # fmt: skip
        return
    rows = [(one.key.name, one.value, one.key.default, one.source, f"applies {one.key.applies}") for one in settings]
    say_table(("KEY", "VALUE", "DEFAULT", "SOURCE", "A CHANGE"), rows, folded=True)


@make_command("queuectl config get max-retries", name="get")
@click.argument("key")
def get(key: str) -> None:
    """Print the bare value of a key."""
    say(open_queue().config.get(key))


@make_command("queuectl config set max-retries 5", "queuectl config set timeout 10m", name="set")
@click.argument("key")
@click.argument("value", required=False)
def set_(key: str, value: str | None) -> None:
    """Store a value; it is checked first, and nothing is changed if it is bad."""
    if value is None:
        name, _, meant = key.partition("=")
        hint = f"a space, not =: queuectl config set {name} {meant}" if meant else "queuectl config set KEY VALUE"
        raise BadValue(f"{quoted(key)} has no value", hint)
    setting = open_queue(create=True).config.set(key, value)
    if setting is None:
        say(f"{key}: not needed; ignored")
        return
    say(f"{setting.key.name} = {setting.value}")
    note(f"It applies {setting.key.applies}")
    if setting.key.name == "shell" and not os.access(setting.value, os.X_OK):
        note(f"There is no program {setting.value} here: pools of this host cannot start a command with it")


@make_command("queuectl config reset max-retries", "queuectl config reset", name="reset")
@click.argument("key", required=False)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
def reset(key: str | None, yes: bool) -> None:
    """Put a key back to its default; without a key all of them.

    Without a key you are asked if more than one is set, or give --yes.
    """
    queue = open_queue(create=True)
    names = {one.name for one in KEYS} if key is None else {canonical(key)}
    changing = [one for one in queue.config.show() if one.source == "store" and one.key.name in names]
    if len(changing) > 1 and not yes:
        _ask_to_reset(changing)
    queue.config.reset(key)
    say(f"{key or 'all keys'}: back to the default")
    for one in changing:
        note(f"{one.key.name} was {one.value} and is {one.key.default}")


def _ask_to_reset(changing: Sequence[Setting]) -> None:
    """Raises BadValue where nobody can answer, and if the answer is no."""
    what = ", ".join(f"{one.key.name} ({one.value})" for one in changing)
    if not (on_terminal(sys.stdin) and on_terminal(sys.stderr)):
        raise BadValue(f"{len(changing)} keys would be reset: {what}; nothing was changed", "--yes does it")
    if not click.confirm(f"{len(changing)} keys will be reset: {what}. Go on?", err=True):
        raise BadValue("nothing was changed", "answer y, or give --yes")


@make_command("queuectl config path", name="path")
def path() -> None:
    """Print where the store is."""
    say(open_queue().location)


@make_command("queuectl config init-db", name="init-db")
def init_db() -> None:
    """Make the store, or upgrade it."""
    initialise()


set_.help = f"{set_.help}\n\n{_keys()}"
for _command in (show, get, set_, reset, path, init_db):
    command.add_command(_command)
command.add_command(show, "list")
