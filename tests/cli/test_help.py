from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from queuectl import __version__
from queuectl.cli.root import COMMANDS, root
from tests.cli.conftest import ROOT, Program


def every_command() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(root)
    for name in COMMANDS:
        found = root.get_command(context, name)
        assert found is not None
        yield name, found
        if isinstance(found, click.Group):
            for inner in found.commands.values():
                yield f"{name} {inner.name}", inner


@pytest.mark.parametrize(("name", "command"), [pytest.param(*one, id=one[0]) for one in every_command()])
def test_every_command_has_a_help_text_with_an_example_and_takes_db(name: str, command: click.Command) -> None:
    assert command.help
    assert command.epilog is not None
    assert "    queuectl " in command.epilog
    assert "--db" in [option for param in command.params for option in param.opts]


def test_the_table_names_every_module_that_has_a_command() -> None:
    named = {module for module, _ in COMMANDS.values()}
    having = {
        path.stem for path in (ROOT / "queuectl" / "cli").glob("*.py") if "\ndef command(" in path.read_text()
    } - {"door"}
    assert named == having


def test_help_is_printed_for_both_options_everywhere(program: Program) -> None:
    for words in (["--help"], ["-h"], ["worker", "-h"], ["worker", "start", "--help"], ["enqueue", "-h"]):
        answer = program.ok(*words)
        assert answer.out.startswith("Usage: queuectl")
        assert "Examples:" in answer.out


def test_help_says_first_what_surprises(program: Program) -> None:
    assert "yours is not stored" in program.ok("enqueue", "--help").out.split("\n\n")[1].replace("\n", " ")
    assert "in the foreground" in program.ok("worker", "start", "--help").out.split("\n\n")[1].replace("\n", " ")
    assert "quotes that your shell took away are lost" in _words(program.ok("enqueue", "--help").out)
    assert "no standard input" in _words(program.ok("run", "--help").out)
    for name in ("list", "wait", "retry", "cancel", "purge"):
        said = _words(program.ok(name, "--help").out)
        assert "The same option twice means either" in said, name
        assert "Ages count from when a job entered its present state" in said, name
    assert "3s to 1d" in program.ok("config", "set", "--help").out


def _words(text: str) -> str:
    return " ".join(text.split())


def test_the_version_is_that_of_the_package(program: Program) -> None:
    assert program.ok("--version").out == f"queuectl {__version__}\n"
    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text()


def test_a_group_without_a_command_shows_its_help_and_fails(program: Program) -> None:
    answer = program("dlq", code=2)
    assert answer.out == ""
    assert answer.err.startswith("Usage: queuectl dlq")


def test_without_a_command_the_status_is_printed(program: Program) -> None:
    assert "Active workers: 0" in program.ok().out
