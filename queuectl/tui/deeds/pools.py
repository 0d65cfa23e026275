"""Pools of workers: started, scaled, stopped, killed. They go on when the app is closed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from queuectl.core.units import integer
from queuectl.core.views import RUNNING, PoolView
from queuectl.errors import BadValue, Conflict
from queuectl.queue import Queue
from queuectl.tui.commandline import scale_pool, start_pool, stop_pool
from queuectl.tui.deeds.trial import tried
from queuectl.tui.desk import Desk, Target
from queuectl.tui.panes import Pane
from queuectl.tui.screens.confirm import Confirm, Question
from queuectl.tui.screens.prompt import Prompt

MOST_WORKERS = 256
GONE = "gone"
"""What a pool is that was on the screen, and has ended since."""


async def add(desk: Desk, target: Target) -> None:
    """Start a pool of one worker if none runs; else give the one under the cursor a worker more."""
    async with desk.turn:
        found = await desk.ask(lambda queue: _pool(queue, target))
        if not found:
            await _start(desk, 1)
        elif found[0].wanted < MOST_WORKERS:
            await _scale(desk, found[0], found[0].wanted + 1)
        else:
            desk.tell(f"{found[0].name} has {MOST_WORKERS} workers, which is the most", "warning")


async def scale(desk: Desk, target: Target) -> None:
    """Ask how many workers there shall be."""
    found = await desk.ask(lambda queue: _pool(queue, target))
    if not found:
        count = await _number(desk, "Start a pool", 1, start_pool)
        if count is not None:
            await _start(desk, count)
        return
    pool = found[0]
    wanted = await _number(desk, f"Workers of {pool.name}", pool.wanted, lambda count: scale_pool(pool.name, count))
    if wanted is not None:
        await _scale(desk, pool, wanted)


async def stop(desk: Desk, target: Target) -> None:
    """Let the commands finish, then end the pool."""
    await _stop(desk, target, force=False)


async def kill(desk: Desk, target: Target) -> None:
    """End the pool and its commands now."""
    await _stop(desk, target, force=True)


def _pool(queue: Queue, target: Target) -> list[PoolView]:
    """The pool that the target names, or the only one that takes jobs; none if there is none.

    Raises Conflict if the one that is named takes none, and BadValue if one of several was to be named.
    """
    pools = queue.pools.all()
    running = [pool for pool in pools if pool.state == RUNNING]
    named = [name for name in target.ids if target.pane is Pane.WORKERS]
    if named:
        return [pool for pool in running if pool.name in named] or _refuse(named[0], pools)
    if len(running) > 1:
        raise BadValue("several pools are running", "move the cursor to one of their workers first")
    return running


def _refuse(name: str, pools: Sequence[PoolView]) -> list[PoolView]:
    """Nothing is done to another pool than the one that is meant; none, if no other runs."""
    if not any(pool.state == RUNNING for pool in pools):
        return []
    state = next((pool.state for pool in pools if pool.name == name), GONE)
    raise Conflict(f"{name} is {state}", "move the cursor to a pool that runs")


async def _number(desk: Desk, title: str, value: int, twin: Callable[[int], str]) -> int | None:
    text = await desk.answer(Prompt(title, f"1 to {MOST_WORKERS} workers", str(value), lambda text: twin(_count(text))))
    return None if text is None else _count(text)


def _count(text: str) -> int:
    return integer(text, "the number of workers", 1, MOST_WORKERS)


async def _start(desk: Desk, count: int) -> None:
    workers = f"{count} worker{'s' * (count > 1)}"
    desk.tell(f"Starting {workers} …")
    name = await tried(desk, start_pool(count), lambda queue: queue.pools.start(count))
    if name is not None:
        desk.note(start_pool(count), f"started pool {name}")
        desk.tell(f"Pool {name} runs {workers}")


async def _scale(desk: Desk, pool: PoolView, wanted: int) -> None:
    line = scale_pool(pool.name, wanted)
    if await tried(desk, line, lambda queue: queue.pools.scale(wanted, pool.name)) is not None:
        outcome = f"{pool.name}: {pool.wanted} → {wanted} workers"
        desk.note(line, outcome)
        desk.tell(outcome)


async def _stop(desk: Desk, target: Target, force: bool) -> None:
    found = await desk.ask(lambda queue: _stoppable(queue, target))
    if not found:
        desk.tell("No pool is running", "warning")
        return
    pool, line = found[0], stop_pool(found[0].name, force)
    if not await desk.answer(Confirm(_question(pool, line, force))):
        return
    if await tried(desk, line, lambda queue: queue.pools.ask_stop(pool.name, force=force)) is None:
        return
    when = "" if not pool.busy else " now" if force else " when its commands have finished"
    outcome = f"{pool.name} was told to end{when}"
    desk.note(line, outcome)
    desk.tell(outcome)


def _stoppable(queue: Queue, target: Target) -> list[PoolView]:
    """As `_pool`, but one that is stopping may be asked again, and killed."""
    named = [pool for pool in queue.pools.all() if pool.workers and pool.name in target.ids]
    return named if named and target.pane is Pane.WORKERS else _pool(queue, target)


def _question(pool: PoolView, line: str, force: bool) -> Question:
    will = "end now"
    if pool.busy:
        commands = f"{pool.busy} command{'s' * (pool.busy != 1)}"
        killing = f"end {commands} now; their jobs go back and no attempt is charged"
        will = killing if force else f"let {commands} finish, take no more, then end"
    rows = (
        ("Pool", f"{pool.name}, {pool.workers} of {pool.wanted} workers, on {pool.host}"),
        ("Will", will),
        ("Same as", line),
    )
    verb = f"{'Kill' if force else 'Stop'} {pool.name}"
    return Question(f"{verb}?", rows, verb)
