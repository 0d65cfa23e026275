"""Text looked for in an output: every line that holds it, counted, and gone to one after another."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queuectl.tui.output import transcript as module
from queuectl.tui.output.search import Match, Needle, Search
from queuectl.tui.output.transcript import Transcript
from tests.tui.test_transcript import in_chunks, scanned


def searched(data: bytes, text: str) -> Search:
    search = Search(scanned(Transcript(in_chunks(data, 64))), text)
    while search.step():
        pass
    return search


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("moov", "Moov atom", True),
        ("Moov", "moov atom", False),
        ("Moov", "the Moov atom", True),
        ("größe", "GRÖSSE und Größe", True),
        ("ä", "Ärger", True),
        ("Ä", "ärger", False),
        ("a.b", "axb", False),
        ("[mov", "[mov @ 0x55d]", True),
        ("error", "er\x1b[31mror\x1b[0m", True),
        ("31m", "\x1b[31mred", False),
    ],
)
def test_capitals_count_if_there_is_one_and_colours_never_do(text, line, found):
    assert searched(line.encode(), text).count == found


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["x", "yx", "Xx", "", "zz"]), max_size=40), st.integers(0, 40))
def test_going_on_visits_every_match_in_order_and_begins_again(monkeypatch, lines, start):
    monkeypatch.setattr(module, "BLOCK", 8)
    search = searched("".join(f"{line}\n" for line in lines).encode(), "x")
    expected = [place for place, line in enumerate(lines) if "x" in line.lower()]
    assert search.count == len(expected)
    assert search.complete
    start = min(start, max(len(lines) - 1, 0))
    forwards = [place for place in expected if place >= start] + [place for place in expected if place < start]
    backwards = [place for place in reversed(expected) if place < start] + expected[::-1]
    wanted = (forwards[0], expected.index(forwards[0]) + 1) if forwards else None
    assert search.next(start) == wanted
    wanted = (backwards[0], expected.index(backwards[0]) + 1) if backwards else None
    assert search.previous(start) == wanted


def test_a_match_is_found_before_everything_was_looked_at(monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 8)
    search = Search(scanned(Transcript(in_chunks(b"needle\n" + b"hay hay\n" * 50 + b"needle\n", 64))), "needle")
    assert search.next(0) is None
    search.step()
    assert search.next(0) == Match(0, 1)
    assert not search.complete
    assert search.next(1) is None
    while search.step():
        pass
    assert search.next(1) == Match(51, 2)


def test_what_comes_later_is_counted_too():
    data = bytearray(b"a needle\n")
    transcript = scanned(Transcript(lambda start: iter([bytes(data[start:])] if start < len(data) else [])))
    search = Search(transcript, "needle")
    while search.step():
        pass
    data += b"hay\nneedle\n"
    scanned(transcript)
    assert not search.complete
    while search.step():
        pass
    assert (search.count, search.next(1)) == (2, Match(2, 2))


def test_what_is_marked_is_what_was_looked_for():
    assert Needle("a.B").spans("xa.Bx a.b aXB") == [(1, 4)]
    assert Needle("ab").spans("AB ab") == [(0, 2), (3, 5)]
    assert Needle("").spans("anything") == []
