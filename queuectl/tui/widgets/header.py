"""The first line: which store, how it does, and how old the picture is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from textual.content import Content

from queuectl.core.plain import plain, width
from queuectl.core.views import LOST, Status
from queuectl.tui.picture import Picture, Trouble
from queuectl.tui.widgets.oneline import DOT, STYLES, OneLine, fitted, spread

STALE_S = 10.0
"""From this age on, in seconds, a picture is not taken for the present one."""
_NAME = "queuectl"
_SHORTEST_PATH = 12


class Health(NamedTuple):
    """How the queue does, in a word with its sign; `severity` is ok, muted, warning or error."""

    word: str
    severity: str


def health(picture: Picture | None, trouble: Trouble | None, age_s: float, frozen: bool = False) -> Health:
    """The one word that matters most; `age_s` is how long ago the store was last looked at, in seconds."""
    if trouble is not None:
        return Health("! BUSY", "warning") if trouble.passing else Health("✗ UNUSABLE", "error")
    if picture is None:
        return Health("… READING", "muted")
    if frozen:
        return Health("‖ FROZEN", "warning")
    return Health("! STALE", "error") if age_s >= STALE_S else _of_status(picture.status)


def _of_status(status: Status) -> Health:
    if status.is_full:
        return Health("! FULL", "warning")
    if status.warning is not None:
        return Health("! STALLED", "warning")
    if any(pool.reason or pool.state == LOST for pool in status.pools):
        return Health("! DEGRADED", "warning")
    return Health("✓ OK", "ok")


class Facts(NamedTuple):
    """All that the header may say. `clock` is like `14:02:31`; `busy_s` is how long the store has been busy."""

    picture: Picture | None = None
    trouble: Trouble | None = None
    location: str = ""
    age_s: float = 0.0
    clock: str = ""
    frozen: bool = False
    read_only: bool = False
    busy_s: float = 0.0


def header_line(facts: Facts, columns: int) -> Content:
    """The header in so many columns: the word, the workers and the age are what goes last."""
    return fitted(_forms(facts, columns), columns)


def _forms(facts: Facts, columns: int) -> Iterator[Content]:
    word = _word(facts)
    store, workers, age = _store(facts), _workers(facts), _age(facts)
    marker = (" READ-ONLY ", "bold reverse") if facts.read_only else ""
    name = Content.assemble(" ", (_NAME, "bold"), " ", marker)
    path = plain(facts.location)
    full = _joined(word, store, workers, _age(facts, "updated "), facts.clock)
    yield spread(Content.assemble(name, " ", (path, "dim")), full, columns)
    short = _joined(
        word, store.removeprefix("store ") if facts.trouble is None else store, workers, age, facts.clock[:5]
    )
    for head in (name, Content.assemble(marker)) if marker else (name,):
        room = columns - head.cell_length - short.cell_length - 2
        if room >= _SHORTEST_PATH:
            yield spread(Content.assemble(head, " ", (_tail_of(path, room), "dim")), short, columns)
    yield spread(name, short, columns)
    less = (Content.assemble(marker or "", " ", _joined(*parts)) for parts in _less(facts, word, workers, age))
    yield from less


def _less(facts: Facts, word: Content, workers: str, age: Content) -> Iterator[tuple[Content | str, ...]]:
    yield word, workers, age, facts.clock[:5]
    yield word, workers, age
    yield word, workers.removesuffix(" workers"), age
    yield word, workers.removesuffix(" workers")
    yield (word,)


def _joined(*parts: Content | str) -> Content:
    said = [Content(part) if isinstance(part, str) else part for part in parts]
    return Content.assemble(Content(DOT).join(part for part in said if part), " ")


def _tail_of(path: str, columns: int) -> str:
    """The end of a path, where its own name is."""
    if width(path) <= columns:
        return path
    tail = path[-columns + 1 :]
    while width(tail) >= columns:
        tail = tail[1:]
    return f"…{tail}"


def _word(facts: Facts) -> Content:
    now = health(facts.picture, facts.trouble, facts.age_s, facts.frozen)
    return Content.styled(now.word, STYLES[now.severity])


def _store(facts: Facts) -> str:
    if facts.trouble is not None:
        return f"store busy {facts.busy_s:.1f} s" if facts.trouble.passing else ""
    return "" if facts.picture is None else f"store {max(facts.picture.latency_ms, 1):.0f} ms"


def _workers(facts: Facts) -> str:
    """Workers that are up, of those that shall be."""
    if facts.picture is None:
        return ""
    pools = facts.picture.status.pools
    return f"{sum(pool.workers for pool in pools)}/{sum(pool.wanted for pool in pools)} workers"


def _age(facts: Facts, verb: str = "") -> Content:
    """Bold from the moment on when the picture may be wrong."""
    if facts.picture is None:
        return Content()
    if facts.age_s >= STALE_S:
        return Content.styled(f"data {_old(facts.age_s)} old", "bold")
    text = f"{verb}{facts.age_s:.1f} s ago"
    return Content(text) if facts.trouble is None else Content.styled(text, "bold")


def _old(age_s: float) -> str:
    return f"{age_s:.0f} s" if age_s < 120 else f"{age_s // 60:.0f} min"


class Header(OneLine):
    """The line at the top; it says first what a person must know before believing the rest."""

    def __init__(self, read_only: bool = False) -> None:
        super().__init__()
        self._facts = Facts(read_only=read_only)
        self._beat: object = None

    def show(
        self,
        picture: Picture | None,
        trouble: Trouble | None,
        location: str,
        age_s: float,
        clock: str,
        frozen: bool = False,
        busy_s: float = 0.0,
    ) -> None:
        """`age_s` is how long ago the store was last looked at with success, `busy_s` for how long it was in vain."""
        facts = Facts(picture, trouble, location, age_s, clock, frozen, self._facts.read_only, busy_s)
        beat = (_word(facts).plain, _workers(facts), location, clock, int(age_s), int(busy_s))
        if beat != self._beat:  # what changes all the time is painted once a second
            self._beat, self._facts = beat, facts
            self.redraw()

    def line(self, columns: int) -> Content:
        return header_line(self._facts, columns)
