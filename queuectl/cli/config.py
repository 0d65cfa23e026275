"""`queuectl config`: the settings, which are stored beside the jobs."""

from __future__ import annotations

import click

from queuectl.cli.door import command as make_command
from queuectl.cli.door import group, open_queue
from queuectl.cli.init import initialise
from queuectl.cli.parameters import json_option
from queuectl.cli.printing import note, say, say_json
from queuectl.cli.table import say_table
from queuectl.core.keys import KEYS


def _keys() -> str:
    """The keys, their defaults and ranges, as a block that Click does not wrap."""
    lines = [f"  {key.name:<18} {key.default:<8} {key.range}" for key in KEYS]
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
    say_table(("KEY", "VALUE", "DEFAULT", "SOURCE", "A CHANGE"), rows)


@make_command("queuectl config get max-retries", name="get")
@click.argument("key")
def get(key: str) -> None:
    """Print the bare value of a key."""
    say(open_queue().config.get(key))


@make_command("queuectl config set max-retries 5", "queuectl config set timeout 10m", name="set")
@click.argument("key")
@click.argument("value")
def set_(key: str, value: str) -> None:
    """Store a value; it is checked first, and nothing is changed if it is bad."""
    setting = open_queue(create=True).config.set(key, value)
    if setting is None:
        say(f"{key}: not needed; ignored")
        return
    say(f"{setting.key.name} = {setting.value}")
    note(f"It applies {setting.key.applies}")


@make_command("queuectl config reset max-retries", "queuectl config reset", name="reset")
@click.argument("key", required=False)
def reset(key: str | None) -> None:
    """Put a key back to its default; without a key all of them."""
    open_queue(create=True).config.reset(key)
    say(f"{key or 'all keys'}: back to the default")


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
