"""The smallest Click program that inserts one row through apsw: the least that an `enqueue` could take."""

from __future__ import annotations

import os

import apsw
import click


@click.command()
@click.argument("command")
def main(command: str) -> None:
    """Add a command to a table of a file that is there."""
    apsw.Connection(os.environ["SMALLEST_DB"]).execute("INSERT INTO jobs (command) VALUES (?)", (command,))


if __name__ == "__main__":
    main()
