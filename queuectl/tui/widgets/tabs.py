"""The panes as tabs, where there is no room for all of them at once."""

from __future__ import annotations

from collections.abc import Iterator

from textual import events
from textual.content import Content
from textual.message import Message
from textual.style import Style

from queuectl.core.job import State
from queuectl.core.records import Counts
from queuectl.tui.panes import DIGITS, TITLES, Pane
from queuectl.tui.widgets.counts import done
from queuectl.tui.widgets.oneline import OneLine, fitted

TABS = (Pane.PENDING, Pane.PROCESSING, Pane.DLQ, Pane.WORKERS, Pane.CONFIG, Pane.DONE)
_SHORT = {Pane.PENDING: "Pend", Pane.PROCESSING: "Proc", Pane.WORKERS: "Work", Pane.CONFIG: "Conf"}
_DIGIT = {pane: digit for digit, pane in DIGITS.items()}


def tab_line(counts: Counts, workers: int, focused: Pane, columns: int) -> Content:
    """The tabs in so many columns, each with the digit that leads to it; what goes last is the focused one's name."""
    numbers = {
        Pane.PENDING: counts.of(State.PENDING) + counts.of(State.FAILED),
        Pane.PROCESSING: counts.of(State.PROCESSING),
        Pane.DLQ: counts.of(State.DEAD),
        Pane.WORKERS: workers,
        Pane.DONE: done(counts),
    }
    return fitted(_forms(numbers, focused), columns)


def _forms(numbers: dict[Pane, int], focused: Pane) -> Iterator[Content]:
    names = {pane: TITLES[pane] for pane in TABS}
    counted = {pane: f"{number:,}" for pane, number in numbers.items()}
    yield _joined(names, counted, focused)
    names = names | {Pane.PROCESSING: _SHORT[Pane.PROCESSING]}
    yield _joined(names, counted, focused)
    counted = {pane: compact(number) for pane, number in numbers.items()}
    yield _joined(names, counted, focused)
    yield _joined(names | _SHORT, counted, focused, "│")
    yield _joined({focused: (names | _SHORT).get(focused, "")}, counted, focused, "│")
    yield _joined({focused: (names | _SHORT).get(focused, "")}, {}, focused, "│")


def _joined(names: dict[Pane, str], counted: dict[Pane, str], focused: Pane, between: str = " │ ") -> Content:
    tabs = [_tab(pane, names.get(pane, ""), counted.get(pane, ""), pane is focused) for pane in TABS]
    return Content.assemble(" ", Content.styled(between, "dim").join(tabs), " ")


def _tab(pane: Pane, name: str, count: str, focused: bool) -> Content:
    text = f"{_DIGIT[pane]}{'▸' if focused else ' '}{f'{name} {count}'.strip()}".rstrip()
    tab = Content.styled(text, "bold reverse" if focused else "")
    return tab.stylize(Style.from_meta({"pane": pane.value}))


def compact(number: int) -> str:
    """A count in four columns at most: `999`, `12k`, `1.2M`."""
    if number < 1000:
        return str(number)
    for unit, size in (("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000)):
        if number < 10 * size:
            return f"{number // (size // 10) / 10:.1f}{unit}"
        if number < 1000 * size:
            break
    return f"{number // size}{unit}"


class TabStrip(OneLine):
    """Which panes there are, how much is in them, and which one is shown."""

    class Chosen(Message):
        """Somebody clicked on the tab of this pane."""

        def __init__(self, pane: Pane) -> None:
            super().__init__()
            self.pane = pane

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Counts, int, Pane] = (Counts({}), 0, Pane.PENDING)

    def show(self, counts: Counts, workers: int, focused: Pane) -> None:
        """`workers` is how many are up."""
        if self._shown != (counts, workers, focused):
            self._shown = (counts, workers, focused)
            self.redraw()

    def line(self, columns: int) -> Content:
        return tab_line(*self._shown, columns)

    def on_click(self, event: events.Click) -> None:
        pane = event.style.meta.get("pane")
        if pane is not None:
            self.post_message(self.Chosen(Pane(pane)))
