"""What happens when the app meets a fault of its own: it ends, says so in two lines, and keeps the rest in a file."""

from __future__ import annotations

import os
import platform
import tempfile
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import textual
from textual.app import App
from textual.worker import WorkerFailed

from queuectl.core.plain import plain
from queuectl.errors import QueuectlError

_LOG = "app-crash.log"
_MOST_OF_A_LINE = 200


def caught(app: App[Any], error: Exception) -> None:
    """The body of `App._handle_exception`: end the app and keep the error, without drawing a traceback.

    `terminal.run` raises it when the terminal is as it was; the first one counts.
    """
    if app._exception is None:
        app._exception = error
        app._exception_event.set()  # for `App.run_test`
    app._return_code = 1
    app._close_messages_no_wait()


def reported(error: Exception, folder: str | None) -> QueuectlError:
    """What a person is told of it.

    The traceback goes to a file (0600) in the folder, in the place of the one before; or, if there
    is none or it takes no files, in the temporary one.
    """
    if isinstance(error, WorkerFailed) and isinstance(error.error, Exception):
        error = error.error
    if isinstance(error, QueuectlError):
        return error
    what = next(iter(str(error).splitlines()), "")[:_MOST_OF_A_LINE]
    path = _keep(error, folder)
    where = f"it is in {path}" if path else "QUEUECTL_DEBUG=1 shows it"
    return QueuectlError(
        f"the app met a fault of its own: {type(error).__name__}: {what}", f"workers go on as before; {where}"
    )


def _keep(error: Exception, folder: str | None) -> str | None:
    text = plain(_told(error), one_line=False)
    if folder is not None:
        with suppress(OSError):
            named = os.path.join(folder, _LOG)
            os.replace(_written(text, folder), named)
            return named
    with suppress(OSError):
        return _written(text, tempfile.gettempdir())
    return None


def _written(text: str, folder: str) -> str:
    handle, path = tempfile.mkstemp(prefix="queuectl-", suffix=".log", dir=folder)
    with open(handle, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def _told(error: Exception) -> str:
    about = [
        datetime.now(UTC).isoformat(timespec="seconds"),
        f"queuectl {_version()}, Textual {textual.__version__}, Python {platform.python_version()}",
        platform.platform(),
        f"TERM {os.environ.get('TERM', '')}",
    ]
    return "\n".join([*about, "", *traceback.format_exception(error)])


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # too slow to be loaded at each start

    try:
        return version("queuectl")
    except PackageNotFoundError:
        return "from a checkout"
