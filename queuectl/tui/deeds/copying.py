"""What of a job goes to the clipboard, harmless to the terminal that it is pasted into."""

from __future__ import annotations

import json
import os

from queuectl.core.job import Job
from queuectl.core.plain import plain
from queuectl.core.units import say_size
from queuectl.core.views import job_view
from queuectl.queue import Queue
from queuectl.tui.commandline import word
from queuectl.tui.deeds.trial import tried
from queuectl.tui.desk import Desk, Target
from queuectl.tui.forms.draft import clone_of
from queuectl.tui.forms.sheets import NewSheet
from queuectl.tui.output.tail import tail
from queuectl.tui.report import failure_report, last_lines
from queuectl.tui.screens.copymenu import WORDS, Copied, CopyMenu

LINES = 200
REPORT_LINES = 40
MOST_BYTES = 64 * 1024
"""Of the output's end: most terminals take no more than some 70 KB."""


async def copy_id(desk: Desk, target: Target) -> None:
    """Copy the ids, a line each."""
    if not target.ids:
        desk.tell("All that match have no list of ids: mark jobs one by one", "warning")
        return
    desk.app.copy_to_clipboard("\n".join(target.ids))
    desk.tell(f"Copied {target.ids[0]}" if len(target.ids) == 1 else f"Copied {len(target.ids):,} ids")


async def copy_something(desk: Desk, target: Target) -> None:
    """Ask what of the job is wanted, and copy it."""
    if len(target.ids) != 1:
        desk.tell("One job at a time is copied: clear the marks with M", "warning")
        return
    id = target.ids[0]
    kind = await desk.answer(CopyMenu(id))
    if kind is None:
        return
    text = await tried(desk, "", lambda queue: text_of(queue, id, kind))
    if text is None:
        return
    if not text:
        desk.tell(f"{id} has printed nothing", "warning")
        return
    desk.app.copy_to_clipboard(text)
    desk.tell(f"Copied {WORDS[kind]} of {id} ({say_size(len(text.encode()))})")


def text_of(queue: Queue, id: str, kind: Copied) -> str:
    """What is copied; empty if there is nothing of that kind. Raises NotFound."""
    job = queue.jobs.get(id)
    match kind:
        case Copied.COMMAND:
            return _harmless_command(job.command)
        case Copied.LINE:
            return _adding(queue, job)
        case Copied.OUTPUT:
            return "\n".join(last_lines(tail(queue.jobs, job, queue.jobs.attempts(job), MOST_BYTES), LINES))
        case Copied.JSON:
            view = job_view(job, queue.waiting(job, queue.pools.all()), show_env=False)
            return plain(json.dumps(view, indent=2), one_line=False)
        case Copied.REPORT:
            attempts = queue.jobs.attempts(job)
            return failure_report(job, attempts, tail(queue.jobs, job, attempts, MOST_BYTES), REPORT_LINES)


def _harmless_command(command: str) -> str:
    """The command as it is; as one quoted word where it holds what could drive a terminal."""
    shown = command.replace("\t", " ")
    return command if plain(shown, one_line=False) == shown else word(command)


def _adding(queue: Queue, job: Job) -> str:
    """The line that adds the same job; of its environment the names only: each value is the caller's."""
    draft = clone_of(job, queue.config.settings())
    names = tuple(name.partition("=")[0] for name in draft.env)
    return NewSheet(draft, queue.config.settings(), os.sep, queue.clock()).line(draft._replace(env=names))
