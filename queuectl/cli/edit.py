"""`queuectl edit`."""

from __future__ import annotations

from typing import Any

import click

from queuectl.cli.change import Manner, change
from queuectl.cli.door import command as make_command
from queuectl.cli.door import open_queue
from queuectl.cli.job_options import here, variable
from queuectl.cli.parameters import json_option, quiet_option
from queuectl.cli.selectors import Function, Selection
from queuectl.core.intake import changes
from queuectl.core.lifecycle import Edit
from queuectl.errors import BadValue

_OPTIONS: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (("--command", "-c"), {"metavar": "TEXT", "help": "Another command; attempts made keep the one they ran."}),
    (("--queue", "-q"), {"metavar": "Q", "help": "Another queue."}),
    (("--priority", "-p"), {"metavar": "P", "help": "low (-10), normal (0), high (10) or an integer; higher first."}),
    (("--max-retries",), {"metavar": "N", "help": "Attempts in all; more than a waiting job has made."}),
    (("--timeout",), {"metavar": "D", "help": "Stop an attempt after this: 90, 90s, 5m, 1h30m; none: never."}),
    (("--run-at",), {"metavar": "TIME", "help": "Not before: ISO 8601 (local without a zone), or HH:MM."}),
    (("--cwd",), {"metavar": "DIR", "help": "Where it runs."}),
    (("--env",), {"metavar": "NAME[=VALUE]", "multiple": True, "help": "In place of all it had; '' for none."}),
    (("--tag",), {"metavar": "T", "multiple": True, "help": "In place of all it had; '' for none."}),
)


def _takes_fields(function: Function) -> Function:
    for names, settings in reversed(_OPTIONS):
        function = click.option(*names, **settings)(function)
    return function


@make_command(
    "queuectl edit job-1 --priority high --timeout none",
    "queuectl edit job-1 --next",
    "queuectl edit job-1 --command 'curl -fsS https://example.org/feed' --retry",
    name="edit",
)
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@_takes_fields
@click.option("--next", "next_", is_flag=True, help="Before all that waits: a priority above theirs, due now.")
@click.option("--retry", is_flag=True, help="And run it again, as queuectl retry does, in one step.")
@click.option("--dry-run", is_flag=True, help="Only say how many, and the first ids.")
@json_option
@quiet_option
def command(
    ids: tuple[str, ...], next_: bool, retry: bool, dry_run: bool, as_json: bool, quiet: bool, **given: Any
) -> None:
    """Change fields of jobs, of all that are named or of none. A running job cannot be edited.

    A job stays in its state, unless --retry runs it again too: a dead, cancelled or completed job
    then has all its attempts before it. What is not named stays as it is.
    """
    queue = open_queue(create=True)
    edit = Edit(changes(_values(given), queue.clock(), here()), retry, next_)
    _check(edit)
    done = "edited and retried" if retry else "edited"
    selection = Selection(tuple(dict.fromkeys(ids)), None)
    change(queue, selection, edit, done, Manner(dry_run, True, as_json, quiet))


def _values(given: dict[str, Any]) -> dict[str, object]:
    """The options as values of a job object; one empty --env or --tag is an empty object or array."""
    values = {name: value for name, value in given.items() if value is not None and name not in {"env", "tag"}}
    if given["env"]:
        values["env"] = {} if given["env"] == ("",) else dict(map(variable, given["env"]))
    if given["tag"]:
        values["tags"] = [] if given["tag"] == ("",) else list(given["tag"])
    return values


def _check(edit: Edit) -> None:
    if edit.next and {"priority", "run_at"}.intersection(edit.changes):
        raise BadValue("--next decides priority and time itself", "leave out --priority and --run-at, or --next")
    if not edit.changes and not edit.next:
        hint = "queuectl retry runs jobs again" if edit.retry else "name what is to change, such as --priority high"
        raise BadValue("nothing is to be changed", hint)
