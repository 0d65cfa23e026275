"""The command line: `main` runs it and is the only place that turns errors into sentences and exit codes."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NoReturn

INTERRUPTED = 130
_OBJECTS_BEFORE_A_SEARCH = 100_000
"""Loading makes tens of thousands of objects and no garbage: to look for some 30 times takes 5 % of a command."""


def main(args: Sequence[str] | None = None, module: str = "root") -> NoReturn:
    """Run the command line, or the `run` of another module of this package, and exit."""
    gc.set_threshold(_OBJECTS_BEFORE_A_SEARCH)
    _open_closed_streams()
    try:
        code = _run(sys.argv[1:] if args is None else args, module)
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted\n")
        code = INTERRUPTED
    except BrokenPipeError:
        code = 0
    _let_go_of_output()
    gc.freeze()  # Python searches all that was loaded for garbage three times as it ends: a tenth of a command's time
    sys.exit(code)


def _open_closed_streams() -> None:
    """Whoever starts us with a standard stream closed hears nothing there, and no file of ours may get its number."""
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            nothing = os.open(os.devnull, os.O_RDWR)
            if nothing != descriptor:
                os.dup2(nothing, descriptor)
                os.close(nothing)
            setattr(sys, name, os.fdopen(descriptor, "w" if descriptor else "r", encoding="utf-8", closefd=False))


def _run(args: Sequence[str], module: str) -> int:
    try:
        # Inside, so that Ctrl+C while it loads prints no traceback.
        run: Callable[[Sequence[str]], int] = import_module(f"queuectl.cli.{module}").run
        return run(args)
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as error:
        if os.environ.get("QUEUECTL_DEBUG"):
            raise
        from queuectl.cli.complaint import complain

        return complain(error)


def _let_go_of_output() -> None:
    """What cannot be written now (a closed pipe, a full disk) must not be tried again while Python ends."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
