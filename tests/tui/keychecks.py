"""What each action of the registry must bring about when its key is pressed, in each place where it means something."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from textual.command import CommandPalette

from queuectl.core.job import WAITING, Job, State
from queuectl.queue.clock import utc_ms
from queuectl.tui.actions import ACTIONS, BY_NAME, GROUPS, JOB
from queuectl.tui.panes import LISTS, Pane
from queuectl.tui.screens import aims
from queuectl.tui.screens.commandlog import CommandLog
from queuectl.tui.screens.copymenu import CopyMenu
from queuectl.tui.screens.help import HelpScreen
from queuectl.tui.screens.job import JobScreen
from queuectl.tui.screens.jobform import JobForm
from queuectl.tui.screens.main import MainScreen
from queuectl.tui.screens.metrics import MetricsScreen
from queuectl.tui.screens.prompt import Prompt
from tests.tui.flow import Flow

Check = Callable[[Flow, str, str], Awaitable[None]]
CHECKS: dict[str, Check] = {}
"""By the name of an action: presses the key in the scope, and sees what comes of it."""


def of(*names: str) -> Callable[[Check], Check]:
    def keep(check: Check) -> Check:
        CHECKS.update(dict.fromkeys(names, check))
        return check

    return keep


def states_for(name: str, scope: str) -> list[State]:
    """The states in which a job of the scope can be that the action is for."""
    states = BY_NAME[name].states or frozenset(State)
    listed = LISTS[Pane(scope)].states if scope in LISTS else (State.DEAD,) if scope == GROUPS else tuple(State)
    return [state for state in listed if state in states]


async def at_job(one: Flow, name: str, scope: str) -> Job:
    """Under the cursor one that the action is for."""
    job = await one.at(scope, states_for(name, scope)[-1])
    return job or next(iter(one.stock.jobs()))


# Jobs


@of("queue.retry")
async def _retry(one: Flow, scope: str, key: str) -> None:
    for state in states_for("queue.retry", scope):
        job = await one.at(scope, state) or one.stock.jobs()[0]
        await one.press(key)
        if scope == GROUPS:
            await one.yes()
        await one.until_job(job, lambda now: now.run_at <= utc_ms(), f"{state} to be retried")
        assert one.state(job) in WAITING


@of("queue.retry-with")
async def _retry_with(one: Flow, scope: str, key: str) -> None:
    job = await at_job(one, "queue.retry-with", scope)
    await one.press(key)
    await one.is_at(Prompt)
    await one.type("5h")
    await one.press("enter")
    if scope == GROUPS:
        await one.yes()
    await one.until(lambda: one.queue.jobs.get(job.id).run_at > utc_ms() + 4 * 3_600_000, "a retry in five hours")


@of("queue.edit")
async def _edit(one: Flow, scope: str, key: str) -> None:
    job = await at_job(one, "queue.edit", scope)
    await one.press(key)
    await one.is_at(JobForm)
    await one.type("time")
    await one.press("ctrl+s")
    await one.until(lambda: "time" in one.queue.jobs.get(job.id).command, "the command to be edited")


@of("queue.cancel", "queue.kill")
async def _cancel(one: Flow, scope: str, key: str) -> None:
    for state in states_for("queue.kill" if key == "K" else "queue.cancel", scope):
        job = await one.at(scope, state, number=1)
        await one.press(key)
        if state is State.PROCESSING:
            await one.yes()
            await one.until_job(job, lambda now: now.cancel_asked == (2 if key == "K" else 1), "a stop to be asked for")
        else:
            await one.until_job(job, lambda now: now.state is State.CANCELLED, "the job to be cancelled")


@of("queue.delete")
async def _delete(one: Flow, scope: str, key: str) -> None:
    job = await at_job(one, "queue.delete", scope)
    await one.press(key)
    await one.yes()
    await one.until(lambda: not [*one.queue.jobs.found([job.id])], "the job to be gone")


@of("queue.new")
async def _new(one: Flow, scope: str, key: str) -> None:
    await one.at(scope, number=0 if scope != Pane.DETAIL else 1)
    await one.press(key)
    await one.is_at(JobForm)
    await one.type("uptime")
    await one.press("ctrl+s")
    await one.until(lambda: "uptime" in [job.command for job in one.stock.jobs()], "the new job")


@of("queue.clone")
async def _clone(one: Flow, scope: str, key: str) -> None:
    job = await at_job(one, "queue.clone", scope)
    before = len(one.stock.jobs())
    await one.press(key)
    await one.is_at(JobForm)
    await one.press("ctrl+s")
    await one.until(lambda: len(one.stock.jobs()) == before + 1, "one more job")
    assert one.stock.jobs()[-1].command == job.command


@of("queue.next")
async def _next(one: Flow, scope: str, key: str) -> None:
    job = await at_job(one, "queue.next", scope)
    await one.press(key)
    await one.until(lambda: one.queue.jobs.get(job.id).priority > job.priority, "the job to be first")


@of("queue.hold")
async def _hold(one: Flow, scope: str, key: str) -> None:
    job = await at_job(one, "queue.hold", scope)
    await one.press(key)
    await one.until(lambda: one.queue.jobs.get(job.id).held, "the job to be held")
    await one.until(lambda: one.seen().held, "the screen to show it")
    await one.press(key)
    await one.until(lambda: not one.queue.jobs.get(job.id).held, "the job to be released")


@of("queue.undo")
async def _undo(one: Flow, scope: str, key: str) -> None:
    job = await one.at(Pane.PENDING, State.PENDING, number=1)
    await one.press("x")
    await one.until(lambda: one.state(job) is State.CANCELLED, "the job to be cancelled")
    await one.go(scope)
    await one.press(key)
    await one.until(lambda: one.state(job) is State.PENDING, "the job to be back")


@of("queue.copy")
async def _copy(one: Flow, scope: str, key: str) -> None:
    job = await at_job(one, "queue.copy", scope)
    await one.press(key)
    await one.until(lambda: one.app.clipboard == job.id, "the id on the clipboard")


@of("queue.copy-menu")
async def _copy_menu(one: Flow, scope: str, key: str) -> None:
    job = await at_job(one, "queue.copy-menu", scope)
    await one.press(key)
    await one.is_at(CopyMenu)
    await one.press("enter")
    await one.until(lambda: one.app.clipboard == job.command, "the command on the clipboard")


@of("queue.pager")
async def _pager(one: Flow, scope: str, key: str) -> None:
    """Without a terminal it can but say so; `test_pager` has one."""
    await at_job(one, "queue.pager", scope)
    await one.press(key)
    await one.until(lambda: "no terminal" in one.text or "no pager was opened" in one.text, "the pager to be tried")


@of("queue.open")
async def _open(one: Flow, scope: str, key: str) -> None:
    job = await at_job(one, "queue.open", scope)
    await one.press(key)
    await one.is_at(JobScreen)
    assert one.app.screen.job_id == job.id


# Selecting


@of("queue.mark", "queue.mark-up", "queue.mark-down", "queue.mark-range")
async def _mark(one: Flow, scope: str, key: str) -> None:
    await at_job(one, "queue.mark", scope)
    await one.press("j", key, "j")
    assert len(one.main.jobs.marks) == (1 if key == "space" else 2)
    await one.says(f"{len(one.main.jobs.marks)} marked")


@of("queue.mark-all")
async def _mark_all(one: Flow, scope: str, key: str) -> None:
    await at_job(one, "queue.mark-all", scope)
    await one.press(key)
    await one.says("all matching marked")
    assert aims.target(one.main).where is not None


@of("queue.unmark")
async def _unmark(one: Flow, scope: str, key: str) -> None:
    await at_job(one, "queue.mark", scope)
    await one.press("space", "space", key)
    assert not one.main.jobs.marks


@of("dlq.groups")
async def _groups(one: Flow, scope: str, key: str) -> None:
    await one.at(scope)
    await one.press(key)
    assert one.main.grid.grouped is (scope == Pane.DLQ)


@of("dlq.open-group")
async def _open_group(one: Flow, scope: str, key: str) -> None:
    await one.at(scope)
    group = one.main.grid.groups.cursor
    await one.press(key)
    await one.says("3 of 3")
    assert one.main.lens.text == f"group:{group.key}"


@of("view.filter")
async def _filter(one: Flow, scope: str, key: str) -> None:
    await at_job(one, "queue.mark" if scope != GROUPS else "queue.retry", scope)
    await one.press(key)
    await one.type("no/such")
    await one.says("match no/such" if scope != GROUPS else "matches no/such")
    await one.press("enter")
    assert one.main.scope == scope


@of("filter.keep", "filter.clear")
async def _filtering(one: Flow, scope: str, key: str) -> None:
    """Told by the footer while one types, as all other keys are text then."""
    await one.at(Pane.DLQ)
    await one.press("slash")
    await one.type("words r")
    await one.says("Enter Keep  Esc Clear")
    await one.press(key)
    assert one.main.scope == Pane.DLQ
    assert one.main.lens.text == ("words r" if key == "enter" else "")
    await one.says("r Retry")


@of("view.sort", "view.sort-reverse")
async def _sort(one: Flow, scope: str, key: str) -> None:
    await at_job(one, "queue.mark", scope)
    before = one.main.lens.order
    said = re.search("sort: .*[↑↓]", one.text)[0]
    await one.press(key)
    assert one.main.lens.order != before
    await one.until(lambda: said not in one.text and "sort: " in one.text, "the order to be told")
    await one.until(lambda: one.main.jobs.cursor is not None, "the list in its new order")


# Config


@of("config.edit")
async def _edit_setting(one: Flow, scope: str, key: str) -> None:
    await one.at(scope)
    one.queue.config.set("max-retries", "3")
    await one.press("g", key)
    await one.is_at(Prompt)
    await one.press("backspace", "7", "enter")
    await one.until(lambda: one.queue.config.get("max-retries") == "7", "the setting")


@of("config.reset")
async def _reset_setting(one: Flow, scope: str, key: str) -> None:
    await one.at(scope)
    one.queue.config.set("max-retries", "9")
    one.app.feed.refresh()
    await one.press("g")
    await one.until(lambda: one.main.grid.config_pane.cursor.value == "9", "the setting on the screen")
    await one.press(key)
    await one.yes()
    await one.until(lambda: one.queue.config.get("max-retries") == "3", "the default")


# The job's screen


@of("output.follow", "output.wrap")
async def _toggle(one: Flow, scope: str, key: str) -> None:
    await one.at(scope)
    await one.says("200 lines")
    view = one.app.screen.log_view
    before = (view.follow, view.wrap)
    await one.press(key)
    assert (view.follow, view.wrap) != before


@of("output.search", "output.next", "output.previous")
async def _search(one: Flow, scope: str, key: str) -> None:
    await one.at(scope)
    await one.says("200 lines")
    await one.press("slash")
    await one.type("words")
    await one.press("enter")
    await one.says("of 200")
    if key != "slash":
        said = one.text.split("match ")[1].split()[0]
        await one.press(key)
        await one.until(lambda: f"match {said} " not in one.text, "another match")


@of("output.older", "output.newer")
async def _attempt(one: Flow, scope: str, key: str) -> None:
    job = await one.at(Pane.DLQ, State.DEAD, number=1)
    await one.press("r")
    await one.until(lambda: one.state(job) is State.PENDING, "the job to wait again")
    one.stock.settle(one.stock.claim(1), output=b"again\n")
    await one.press("3")
    await one.shows(Pane.DLQ, [job.id])
    await one.press("enter")
    await one.says("Output #2")
    await one.press("left_square_bracket")
    await one.says("Output #1")
    if key == "right_square_bracket":
        await one.press(key)
        await one.says("Output #2")


@of("job.part", "job.part-back")
async def _part(one: Flow, scope: str, key: str) -> None:
    await one.at(scope)
    await one.press(key)
    assert one.app.screen.part != "output"


@of("job.close")
async def _close(one: Flow, scope: str, key: str) -> None:
    await one.at(scope)
    await one.press(key)
    await one.is_at(MainScreen)


# Moving about


def _place(one: Flow) -> object:
    """Where the cursor or the view is."""
    if one.scope == JOB:
        view = one.app.screen.log_view
        return (view.scroll_offset.y, view.follow)
    if one.scope == Pane.DETAIL:
        return one.main.grid.detail.scroll_offset.y
    shown = one.main.grid.widget(one.main.pane)
    return shown.rows.cursor if one.scope in (*LISTS, GROUPS) else shown.cursor_key


_FORTH = ("move.down", "move.bottom", "move.half-down", "move.page-down")
_BACK = ("move.up", "move.top", "move.half-up", "move.page-up")


@of(*_FORTH, *_BACK)
async def _move(one: Flow, scope: str, key: str) -> None:
    await one.be_at_many_rows(scope)
    forth = key in {key for name in _FORTH for key in BY_NAME[name].keys}
    await one.press("g" if forth else "G")
    await one.pilot.pause()
    before = _place(one)
    await one.press(key)
    await one.until(lambda: _place(one) != before, f"{key} to move")


@of(*(action.name for action in ACTIONS if action.name.startswith("focus.")))
async def _focus(one: Flow, scope: str, key: str) -> None:
    await one.be_at(scope)
    name = next(action.name for action in ACTIONS if key in action.keys and scope in action.scopes)
    verb = name.partition(".")[2]
    before = one.main.pane
    if key == "0" or before == verb:
        await one.press("1" if before != Pane.PENDING else "2")
    await one.press(key)
    if verb == Pane.METRICS:
        await one.is_at(MetricsScreen)
        await one.press("3")
        await one.is_at(MainScreen)
        assert one.main.pane is Pane.DLQ
    elif verb in set(Pane):
        assert one.main.pane == verb
    else:
        assert one.main.pane is not before
    assert one.main.focused is one.main.grid.widget(one.main.pane)


@of("view.zoom-in", "view.zoom-out")
async def _zoom(one: Flow, scope: str, key: str) -> None:
    await one.be_at(scope)
    await one.pilot.resize_terminal(120, 40)
    if key == "underscore":
        await one.press("plus")
    before = one.main.arrangement()
    await one.press(key)
    assert one.main.arrangement() != before


@of("view.back")
async def _back(one: Flow, scope: str, key: str) -> None:
    await one.be_at(scope)
    if scope == JOB:
        await one.press(key)
        await one.is_at(MainScreen)
    elif scope == Pane.DETAIL:
        await one.press(key)
        assert one.main.pane is Pane.DLQ
    else:
        await one.pilot.resize_terminal(120, 40)
        await one.press("plus")
        assert one.main.zoom
        await one.press(*[key] * (2 if scope == GROUPS else 1))
        assert not one.main.zoom


# The app


@of("app.palette", "app.log", "app.help")
async def _other_screen(one: Flow, scope: str, key: str) -> None:
    await one.be_at(scope)
    await one.press(key)
    screens = {"colon": CommandPalette, "ctrl+p": CommandPalette, "at": CommandLog, "question_mark": HelpScreen}
    await one.is_at(screens[key])
    await one.press("escape")
    await one.is_at(JobScreen if scope == JOB else MainScreen)


@of("view.freeze")
async def _freeze(one: Flow, scope: str, key: str) -> None:
    await one.be_at(scope)
    await one.press(key)
    await one.says("FROZEN")
    await one.press(key)
    await one.until(lambda: "FROZEN" not in one.text, "the picture to go on")


@of("view.refresh")
async def _refresh(one: Flow, scope: str, key: str) -> None:
    await one.be_at(scope)
    before = one.app.picture
    await one.press(key)
    await one.until(lambda: one.app.picture is not before, "a new picture")


@of("view.redraw")
async def _redraw(one: Flow, scope: str, key: str) -> None:
    await one.be_at(scope)
    before = one.repainted
    await one.press(key)
    await one.until(lambda: one.repainted > before, "the whole screen to be painted")


@of("app.quit", "app.quit-anywhere")
async def _quit(one: Flow, scope: str, key: str) -> None:
    await one.be_at(scope)
    before = one.quits
    await one.press(key)
    await one.until(lambda: one.quits == before + 1, "the app to be left")


# All of it


@of("pool.add", "pool.scale", "pool.stop", "pool.kill", "pool.open")
async def _pools(one: Flow, scope: str, key: str) -> None:
    """A real pool, in `test_the_keys_of_workers`."""


@of("metrics.hours")
async def _hours(one: Flow, scope: str, key: str) -> None:
    """In `test_metrics`, with all keys of its scope."""
