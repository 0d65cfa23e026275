"""Deeds that begin with a form: a new job, one like another, jobs edited, a setting changed."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from queuectl.core.job import ENDED, Added, Job
from queuectl.core.keys import canonical, canonical_text
from queuectl.core.lifecycle import Edit
from queuectl.core.views import RUNNING
from queuectl.errors import Conflict, NotFound, QueuectlError, WrongState
from queuectl.queue import Queue
from queuectl.queue.config import Setting
from queuectl.tui.commandline import line, set_key
from queuectl.tui.desk import DealtWith, Desk, EditLeft, Target
from queuectl.tui.forms.draft import Draft, clone_of
from queuectl.tui.forms.sheets import EditSheet, NewSheet, Sheet
from queuectl.tui.screens.prompt import Prompt

if TYPE_CHECKING:
    from queuectl.core.views import PoolView
    from queuectl.tui.screens.jobform import Filled

MOST_EDITED = 500
"""Jobs that one form may be for: as many as can be undone."""


async def new(desk: Desk, _: Target) -> None:
    """Add a job; what was typed into a form that was left stands there again."""
    settings, now = await desk.ask(lambda queue: (queue.config.settings(), queue.clock()))
    left = await _add(desk, NewSheet(Draft(), settings, _here(), now), desk.draft)
    desk.draft = None if left == Draft() else left


async def clone(desk: Desk, target: Target) -> None:
    """Add a job like another."""
    job = await _one(desk, target)
    settings, now = await desk.ask(lambda queue: (queue.config.settings(), queue.clock()))
    sheet = NewSheet(clone_of(job, settings), settings, _here(), now, f"New job like {job.id}")
    await _add(desk, sheet, None)


async def edit(desk: Desk, target: Target) -> None:
    """Edit waiting jobs; edit jobs that have ended, and run them again. A form that was left is gone on with."""
    jobs = await _several(desk, target)
    now = await desk.ask(lambda queue: queue.clock())
    sheet = EditSheet(jobs, _here(), now)

    async def send(filled: Filled) -> None:
        changed = await desk.ask(
            lambda queue: queue.jobs.change(sheet.ids, sheet.edit(filled.draft, queue.clock()), seen=jobs)
        )
        done, how = sheet.outcome(filled.draft)
        desk.note(sheet.line(filled.draft), f"{changed.changed:,} {done}{how}")
        desk.can_undo("edit", changed.before)
        desk.tell(f"{done.capitalize()} {_named(sheet.ids)}{how}{' · u undo' if changed.before else ''}")
        desk.app.post_message(DealtWith(target))

    seen = tuple((job.id, job.version) for job in jobs)
    draft = desk.edited.draft if desk.edited is not None and desk.edited.seen == seen else None
    filled = await _until_taken(desk, sheet, send, draft)
    if filled is not None and not filled.sent and sheet.touched(filled.draft):
        desk.edited = EditLeft(seen, filled.draft)
    elif draft is not None:
        desk.edited = None


async def edit_setting(desk: Desk, target: Target) -> None:
    """Change the setting that the target's only id names."""
    if not target.ids:
        return
    setting = await desk.ask(lambda queue: _setting(queue, target.ids[0]))
    key = setting.key

    def check(text: str) -> str:
        return set_key(key.name, canonical_text(key.name, text))

    text = await desk.answer(Prompt(f"Config: {key.name}", _about(setting), setting.value, check))
    if text is None:
        return
    try:
        stored = await desk.ask(lambda queue: queue.config.set(key.name, text))
    except QueuectlError as error:
        desk.note(check(text), error.message, failed=True)
        raise
    value = stored.value if stored else text
    desk.note(check(text), f"was {setting.value}")
    if key.name == "shell" and not os.access(value, os.X_OK):
        desk.tell(f"There is no program {value} here: pools of this host cannot start a command with it", "warning")
    else:
        desk.tell(f"{key.name} = {value} (was {setting.value}), {key.applies.partition(';')[0]}")


def _setting(queue: Queue, name: str) -> Setting:
    """Raises BadValue for an unknown key."""
    wanted = canonical(name)
    return next(one for one in queue.config.show() if one.key.name == wanted)


def _about(setting: Setting) -> str:
    """What a person should know before changing it."""
    key = setting.key
    source = "the default" if setting.source == "default" else f"set here; the default is {key.default}"
    return f"{key.meaning}\nrange    {key.range}\nnow      {setting.value} ({source})\napplies  {key.applies}"


async def _add(desk: Desk, sheet: NewSheet, draft: Draft | None) -> Draft | None:
    """Returns what was typed if the form was left, to be gone on with."""
    pools: Sequence[PoolView] = await desk.ask(lambda queue: queue.pools.all())

    async def send(filled: Filled) -> None:
        def add(queue: Queue) -> Added:
            jobs = [sheet.job(filled.draft, queue.clock())]
            return next(filter(None, queue.jobs.add(jobs)))  # None stands for what `skip_existing` skipped

        added = await desk.ask(add)
        outcome = f"Added {added.id}" if added.new else f"Already queued: {added.id}"
        desk.note(sheet.line(filled.draft), outcome)
        desk.tell(f"{outcome} · starting 1 worker …" if filled.start_worker else outcome)

    filled = await _until_taken(desk, sheet, send, draft, pools)
    if filled is not None and filled.start_worker:
        await _start_worker(desk, pools, filled.draft.text("queue"))
    return None if filled is None or filled.sent else filled.draft


async def _start_worker(desk: Desk, pools: Sequence[PoolView], queue_name: str) -> None:
    """One worker for the job; where others serve other queues, for that job's queue only."""
    others = any(pool.workers and pool.state == RUNNING for pool in pools)
    queues = (queue_name or "default",) if others else ()
    said = line("worker", "start", "--detach", *(word for name in queues for word in ("--queue", name)))
    try:
        pool = await desk.ask(lambda queue: queue.pools.start(1, queues))
    except QueuectlError as error:
        desk.note(said, error.message, failed=True)
        raise
    desk.note(said, f"started pool {pool}")
    desk.tell(f"Pool {pool} runs 1 worker")


async def _until_taken(
    desk: Desk,
    sheet: Sheet,
    send: Callable[[Filled], Awaitable[None]],
    draft: Draft | None = None,
    pools: Sequence[PoolView] | None = None,
) -> Filled | None:
    """Show the form again, with the reason, until what it holds is taken, or it is left; returns it as it was then."""
    from queuectl.tui.screens.jobform import JobForm  # TextArea takes 80 ms, and most sessions need no form

    refused: tuple[str, QueuectlError] | None = None
    while True:
        filled = await desk.answer(JobForm(sheet, draft, pools, refused))
        if filled is None or not filled.sent:
            return filled
        try:
            await send(filled)
        except QueuectlError as error:
            desk.note(sheet.line(filled.draft), error.message, failed=True)
            if desk.is_elsewhere:
                raise
            draft, refused = filled.draft, (_field_of(error, filled.draft), error)
        else:
            return filled


def _field_of(error: QueuectlError, draft: Draft) -> str:
    """The field that a store refuses: an id that is taken; "" if it is none of them."""
    taken = isinstance(error, Conflict) and not isinstance(error, WrongState) and not draft.is_blank("id")
    return "id" if taken else ""


async def _one(desk: Desk, target: Target) -> Job:
    """The job as it is now; of several, the first that was seen. Raises NotFound."""
    ids = target.ids[:1]
    if not ids:
        raise NotFound("there is no job under the cursor", "move to one")
    return await desk.ask(lambda queue: queue.jobs.get(ids[0]))


async def _several(desk: Desk, target: Target) -> list[Job]:
    """The jobs as they are now, which one form can be for. Raises Conflict if no form can be, and NotFound."""
    if target.where is not None or len(target.ids) > MOST_EDITED:
        hint = "queuectl list --quiet SELECTOR | xargs queuectl edit --priority high"
        raise Conflict(f"one form edits {MOST_EDITED} jobs at most, and each must be marked", hint)
    jobs = await desk.ask(lambda queue: _editable(queue, target.ids))
    if not jobs:
        raise NotFound("the job is gone" if len(target.ids) == 1 else "these jobs are gone")
    if len({job.state in ENDED for job in jobs}) > 1:
        hint = "ended ones are run again, waiting ones only changed: mark jobs of one kind"
        raise Conflict("waiting jobs and ended ones cannot be edited together", hint)
    return jobs


def _editable(queue: Queue, ids: Sequence[str]) -> list[Job]:
    """Those that are there. Raises WrongState if one of them cannot be edited."""
    jobs = sorted(queue.jobs.found(ids), key=lambda job: job.number)
    queue.jobs.check([job.id for job in jobs], Edit({}))
    return jobs


def _named(ids: Sequence[str]) -> str:
    return ids[0] if len(ids) == 1 else f"{len(ids):,} jobs"


def _here() -> str:
    """The directory that a relative one begins in, "" if it is gone."""
    try:
        return os.getcwd()
    except OSError:
        return ""
