"""What is said on standard error when something goes wrong: one sentence and one hint."""

from __future__ import annotations

import errno
import sys

import click

from queuectl.core.plain import plain
from queuectl.errors import QueuectlError

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def complain(error: Exception) -> int:
    """Say what went wrong; returns the exit code."""
    if isinstance(error, QueuectlError):
        return _told(error.message, error.hint, error.exit_code)
    if isinstance(error, click.Abort):
        raise KeyboardInterrupt from error
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        sys.stderr.write(error.format_message() + "\n")
        return error.exit_code
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else "queuectl"
        return _told(error.format_message(), f"{path} --help", error.exit_code)
    if isinstance(error, click.ClickException):
        return _told(error.format_message(), "", error.exit_code)
    if isinstance(error, OSError) and error.errno in _NO_ROOM and error.filename is None:
        return _told(f"the output cannot be written: {error.strerror}", "make room where it goes, or print less", 1)
    return _told(f"{type(error).__name__}: {error}", "QUEUECTL_DEBUG=1 shows where it happened", 1)


def _told(message: str, hint: str, exit_code: int) -> int:
    sys.stderr.write(f"Error: {plain(message)}\n")
    if hint:
        sys.stderr.write(f"Hint: {plain(hint)}\n")
    return exit_code
