"""Settings put back to their defaults."""

from __future__ import annotations

from queuectl.core.keys import canonical
from queuectl.queue import Queue
from queuectl.queue.config import Setting
from queuectl.tui.commandline import reset_key
from queuectl.tui.deeds.trial import tried
from queuectl.tui.desk import Desk, Target
from queuectl.tui.screens.confirm import Confirm, Question


async def reset(desk: Desk, target: Target) -> None:
    """Ask with both values, then forget what was set."""
    if not target.ids:
        return
    name = target.ids[0]
    line = reset_key(name)
    setting = await tried(desk, line, lambda queue: _setting(queue, name))
    if setting is None:
        return
    if setting.source == "default":
        desk.tell(f"{name} is {setting.value}, which is the default")
        return
    if not await desk.answer(Confirm(_question(setting, line))):
        return
    if await tried(desk, line, lambda queue: _put_back(queue, name)):
        desk.note(line, f"was {setting.value}")
        applies = setting.key.applies.partition(";")[0]
        desk.tell(f"{name}: back to {setting.key.default} (was {setting.value}), {applies}")


def _setting(queue: Queue, name: str) -> Setting:
    return next(one for one in queue.config.show() if one.key.name == canonical(name))


def _put_back(queue: Queue, name: str) -> bool:
    queue.config.reset(name)
    return True


def _question(setting: Setting, line: str) -> Question:
    key = setting.key
    rows = (
        ("Key", key.name),
        ("Now", setting.value),
        ("Default", key.default),
        ("Applies", key.applies),
        ("Same as", line),
    )
    return Question(f"Put {key.name} back to its default?", rows, f"Back to {key.default}")
