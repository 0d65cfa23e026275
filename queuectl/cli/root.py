"""The commands by name, imported only when they are called, and `run`, which calls one."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import click

from queuectl.cli.door import Family, db_option, on_terminal

SECTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "Add": {
        "enqueue": ("enqueue", "Add jobs: a command, JSON, or a file of either."),
        "run": ("run", "Add one job, follow its output, exit with its code."),
    },
    "Look": {
        "status": ("status", "Counts, workers, pools, queues."),
        "list": ("list", "Jobs in order of arrival."),
        "show": ("show", "One job, why it waits, its attempts."),
        "logs": ("logs", "What a job printed."),
        "wait": ("wait", "Wait until jobs have ended."),
        "tui": ("tui", "The full-screen app."),
        "dashboard": ("tui", "The same as tui."),
    },
    "Change": {
        "retry": ("retry", "Run jobs again, or at once."),
        "cancel": ("cancel", "Stop jobs, waiting or running."),
        "edit": ("edit", "Change a job's command, priority, time …"),
        "hold": ("hold", "Keep waiting jobs from being run."),
        "release": ("release", "Let held jobs run."),
        "delete": ("delete", "Remove jobs with their attempts and output."),
        "purge": ("purge", "Remove old completed and cancelled jobs."),
        "dlq": ("dlq", "Dead jobs: list, groups, show, retry, purge."),
    },
    "Run": {
        "worker": ("worker", "Pools of workers: start, stop, scale, list."),
        "config": ("config", "Settings: show, get, set, reset."),
        "init": ("init", "Make the store, or upgrade it."),
        "init-db": ("init", "The same as init."),
        "demo": ("demo", "Jobs of every kind in a temporary store, to see how it goes."),
    },
}
COMMANDS = {name: entry for section in SECTIONS.values() for name, entry in section.items()}


MEANT = {
    **dict.fromkeys(("add", "submit", "push", "queue", "new"), "enqueue"),
    **dict.fromkeys(("ls", "jobs", "ps"), "list"),
    **dict.fromkeys(("help", "usage"), "--help"),
    **dict.fromkeys(("kill", "stop"), "cancel"),
    **dict.fromkeys(("rm", "remove"), "delete"),
    **dict.fromkeys(("start", "work", "workers"), "worker start"),
    "log": "logs", "tail": "logs", "info": "show", "version": "--version", "dead": "dlq list",
}  # fmt: skip
"""Words of other programs, and what they are called here."""


class Root(Family):
    """Finds commands in COMMANDS, and lists them without importing any."""

    meant = MEANT

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - Click's signature
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"queuectl.cli.{COMMANDS[cmd_name][0]}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - Click's signature
        for section, commands in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl([(name, text) for name, (_, text) in commands.items()])


def _say_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from queuectl.core.version import __version__  # Click's own option would have it loaded by every command

        click.echo(f"queuectl {__version__}")
        ctx.exit()


@click.group(
    cls=Root,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""Examples:

    \b
    queuectl enqueue 'echo hello'
    queuectl worker start --count 2
    queuectl status""",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_say_version,
    help="Show the version and exit.",
)
@click.pass_context
def root(ctx: click.Context) -> None:
    """A queue of shell commands that survives everything.

    Jobs are run by workers that `queuectl worker start` starts. Jobs that fail are run again
    after a growing delay, and end in the dead letter queue (dlq) when their attempts are used
    up. The store is one file: --db, QUEUECTL_DB_PATH, QUEUECTL_DB, or ~/.queuectl/queue.db.

    With no command it opens the full-screen app on a terminal, and shows the status elsewhere.
    Errors exit with 1 (failed), 2 (wrong usage), 3 (conflict), 4 (the store cannot be used), 124
    (timed out), 130 (interrupted).
    """
    if ctx.invoked_subcommand is None:
        from queuectl.cli import status, tui

        ctx.invoke(status.command if tui.obstacle() else tui.command)


root.params.append(db_option())


def run(args: Sequence[str]) -> int:
    """Run one command; returns its exit code. Errors are the caller's to tell."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace", line_buffering=stream is sys.stderr or on_terminal(stream))
    try:
        with root.make_context("queuectl", list(args)) as ctx:
            code = root.invoke(ctx)
    except click.exceptions.Exit as ended:
        code = ended.exit_code
    sys.stdout.flush()  # here, where what goes wrong can still be told
    return code if isinstance(code, int) else 0
