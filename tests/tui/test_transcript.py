"""An index over an output: any line is found, none is kept, and what is missing says so."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queuectl.core.place import Place
from queuectl.tui.output import transcript as module
from queuectl.tui.output.transcript import BLOCK, MOST_SHOWN, Transcript
from queuectl.worker.outputfile import OutputFiles, OutputWriter, missing_mark

TEXTS = st.lists(
    st.sampled_from([b"\n", b"a", b"bc\n", b"\r", b"\r\n", b"12345678", b"\xff", "ä".encode()]), max_size=60
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(str(tmp_path / "queue.db"))
    Path(place.output).mkdir(parents=True)
    return place


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many places of the index in little text."""
    monkeypatch.setattr(module, "BLOCK", 10)
    monkeypatch.setattr(module, "LONGEST", 1_000)


def in_chunks(data: bytes | bytearray, size: int) -> Callable[[int], Iterator[bytes]]:
    return lambda start: (bytes(data[at : at + size]) for at in range(start, len(data), size))


def reader(place: Place, writer: OutputWriter) -> Callable[[int], Iterator[bytes]]:
    return lambda start: OutputFiles(place).read(1, None, writer.name, start)


def scanned(transcript: Transcript) -> Transcript:
    while transcript.scan():
        pass
    return transcript


def as_shown(data: bytes) -> list[bytes]:
    lines = data.split(b"\n")
    return [line.rstrip(b"\r").rpartition(b"\r")[2] for line in (lines if lines[-1] else lines[:-1])]


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS, st.integers(1, 40), st.integers(0, 30), st.integers(1, 10))
def test_every_line_is_found_however_the_output_is_cut_into_chunks(small_blocks, parts, size, first, count):
    data = b"".join(parts)
    transcript = scanned(Transcript(in_chunks(data, size)))
    expected = as_shown(data)
    assert transcript.lines == len(expected)
    assert transcript.rows(0, 1000) == expected
    assert transcript.rows(first, count) == expected[first : first + count]


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, max_size=5), st.integers(1, 40))
def test_an_output_that_grows_is_read_on_where_it_ended(small_blocks, growth, size):
    data = bytearray()
    transcript = Transcript(in_chunks(data, size))
    for parts in growth:
        data += b"".join(parts)
        scanned(transcript)
        assert transcript.rows(0, 1000) == as_shown(bytes(data))


def test_where_the_middle_was_left_out_one_line_says_so(place):
    writer = OutputWriter(place, 1, 1, 200)
    writer.write(b"".join(b"line %04d\n" % n for n in range(100)))
    transcript = scanned(Transcript(reader(place, writer)))
    rows = transcript.rows(0, 1000)
    assert rows[:10] == [b"line %04d" % n for n in range(10)]
    assert rows[10] == b"[queuectl: 800 bytes left out here, see log-limit]"
    assert rows[11:] == [b"line %04d" % n for n in range(90, 100)]
    assert transcript.end == 1000
    writer.close()


def test_a_single_missing_byte_is_a_gap_too(place):
    writer = OutputWriter(place, 1, 1, 20)
    writer.write(b"12345678\nx12345678\nab"[:21])
    rows = scanned(Transcript(reader(place, writer))).rows(0, 10)
    assert b"[queuectl: 1 bytes left out here, see log-limit]" in rows
    assert rows[-1] == b"ab"
    writer.close()


def test_a_command_that_prints_a_mark_hides_nothing(place):
    writer = OutputWriter(place, 1, 1, 1_000_000)
    writer.write(b"x" * (1 << 18))
    writer.write(missing_mark(1_000))
    transcript = scanned(Transcript(reader(place, writer)))
    writer.write(b"after it\n")
    scanned(transcript)
    assert transcript.rows(1, 5) == [missing_mark(1_000).strip(), b"after it"]
    writer.close()


def test_lines_keep_their_numbers_when_older_ones_are_dropped(place, small_blocks):
    writer = OutputWriter(place, 1, 1, 400)
    lines = [b"line %04d" % n for n in range(200)]
    transcript = Transcript(reader(place, writer))
    for begin in range(0, 200, 10):
        writer.write(b"".join(line + b"\n" for line in lines[begin : begin + 10]))
        scanned(transcript)
    assert transcript.lines == 200
    assert transcript.rows(0, 20) == lines[:20]
    assert transcript.rows(190, 10) == lines[190:]
    gone = transcript.rows(100, 5)
    assert all(row == b"" or row.startswith(b"[queuectl: ") for row in gone)
    writer.close()


def test_an_output_whose_file_was_removed_shows_empty_lines(place):
    writer = OutputWriter(place, 1, 1, 10_000)
    writer.write(b"one\ntwo\nthree\n")
    writer.close()
    transcript = scanned(Transcript(reader(place, writer)))
    OutputFiles(place).remove([writer.name])
    assert transcript.rows(0, 10) == [b"", b"", b""]


def test_the_same_positions_are_read_from_another_source():
    data = b"one\ntwo\n"
    transcript = scanned(Transcript(in_chunks(data, 3)))
    transcript.read_from(in_chunks(data + b"three\n", 100))
    assert scanned(transcript).rows(0, 9) == [b"one", b"two", b"three"]


def test_of_a_progress_bar_what_it_last_said_is_shown():
    data = b"".join(b"\r%d %%" % n for n in range(100)) + b"\r\ndone\r\n"
    assert scanned(Transcript(in_chunks(data, 50))).rows(0, 2) == [b"99 %", b"done"]


def test_a_line_is_cut_where_it_is_too_long_to_paint_and_never_within_a_character():
    data = ("ä" * MOST_SHOWN).encode() + b"\nnext\n"
    row, following = scanned(Transcript(in_chunks(data, 1000))).rows(0, 2)
    assert row.decode().strip("ä") == "…"
    assert len(row) <= MOST_SHOWN + 3
    assert following == b"next"


@pytest.mark.parametrize(("end", "shown"), [(b"x" * 100, b"begin"), (b"\rlast", b"last")])
def test_of_an_endless_line_the_beginning_or_what_overwrote_it_is_read(end, shown):
    data = b"first\nbegin" + b"x" * (6 * BLOCK) + end + b"\nbehind\n"
    first, row, behind = scanned(Transcript(in_chunks(data, 1 << 18))).rows(0, 3)
    assert (first, behind) == (b"first", b"behind")
    assert row.startswith(shown)


def test_memory_does_not_grow_with_the_output():
    line = b"frame= 7210 fps= 24 q=28.0 size=   88064kB time=00:04:48.12\n"
    chunk = line * 4_000

    def read(start: int) -> Iterator[bytes]:
        first, skipped = divmod(start, len(chunk))
        return (chunk[skipped if n == first else 0 :] for n in range(first, 250))

    tracemalloc.start()
    transcript = scanned(Transcript(read))
    assert transcript.lines == 1_000_000
    assert transcript.rows(999_999, 5) == [line.strip()]
    assert transcript.rows(123_456, 1) == [line.strip()]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000
