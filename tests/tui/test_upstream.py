"""What Textual itself does where queuectl has a mend of its own: when one of these fails, the mend can go."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.terminal import Terminal
from tests.tui.test_lifecycle import SMALL


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Terminal]:
    with Terminal(["--bare"], command=SMALL) as terminal:
        terminal.until("ready")
        yield terminal


def test_a_mouse_report_of_the_old_kind_ends_the_app(bare: Terminal) -> None:
    bare.send(b"\x1b[M \xff\xff")
    bare.wait_exit()
    assert "UnicodeDecodeError" in bare.text


def test_a_signal_leaves_the_terminal_unusable(bare: Terminal) -> None:
    bare.kill(signal.SIGTERM)
    assert bare.wait_exit() == -signal.SIGTERM
    with pytest.raises(AssertionError, match="mode 1049 is on"):
        bare.usable()


def test_an_exception_while_suspended_stops_the_app_for_ever(bare: Terminal) -> None:
    bare.press("s")
    bare.until_true(lambda: not bare.modes()[1049], "the app to be suspended")
    bare.read_for(0.5)
    assert not bare.modes()[1049]


def test_a_stray_continue_spoils_the_line_discipline(bare: Terminal) -> None:
    bare.kill(signal.SIGCONT)
    bare.read_for(0.3)
    bare.press("q")
    bare.read_for(1)
    with pytest.raises(AssertionError, match="line discipline"):
        bare.usable()


def test_a_page_key_typed_ahead_of_the_palette_ends_the_app(bare: Terminal) -> None:
    bare.send(b"\x10\x1b[6~")  # ctrl+p, PgDn
    bare.wait_exit()
    assert "KeyError" in bare.text
