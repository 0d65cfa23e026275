"""Runs an app as `queuectl.tui.run` and the command line run theirs."""

from __future__ import annotations

import os
from types import MethodType

from textual.app import App

from queuectl.cli.complaint import complain
from queuectl.tui import crash, terminal


def run(app: App[None], folder: str) -> int:
    app._handle_exception = MethodType(crash.caught, app)
    try:
        return terminal.run(app)
    except Exception as error:
        if os.environ.get("QUEUECTL_DEBUG"):
            raise
        return complain(crash.reported(error, folder))
