"""What is kept of a command's output: in memory, in a file, never more than the limit."""

import os
import resource
from contextlib import contextmanager

from hypothesis import given, settings
from hypothesis import strategies as st

from queuectl.worker.output import FILE_AFTER_S, IN_STORE, Capture, HeadAndTail
from queuectl.worker.outputfile import OutputFiles, missing_mark

CHUNKS = st.lists(st.binary(max_size=40), max_size=30)
BOUNDS = st.integers(1, 64)


@settings(deadline=None, max_examples=100)
@given(CHUNKS, BOUNDS)
def test_head_and_tail_are_exact_and_the_count_of_what_is_missing_too(chunks, bound):
    kept = HeadAndTail(bound)
    for chunk in chunks:
        kept.add(chunk)
    everything = b"".join(chunks)
    tail = bound // 2
    head = bound - tail
    missing = len(everything) - bound
    if missing <= 0:
        assert kept.whole
        assert kept.bytes() == everything
    else:
        assert not kept.whole
        assert kept.bytes() == everything[:head] + missing_mark(missing) + everything[len(everything) - tail :]


@settings(deadline=None, max_examples=100)
@given(CHUNKS, BOUNDS)
def test_never_more_than_the_bound_is_kept_at_any_moment(chunks, bound):
    kept = HeadAndTail(bound)
    for chunk in chunks:
        kept.add(chunk)
        assert len(kept.bytes(lambda _: b"")) == min(kept.total, bound)


def test_the_last_line_is_the_last_that_is_not_empty():
    assert _last_line(b"one\ntwo\n\n  \n") == "two"


def test_a_progress_bar_is_as_many_lines_as_it_was_drawn():
    assert _last_line(b"10 %\r50 %\r100 %\r") == "100 %"


def test_without_output_the_last_line_is_empty():
    assert _last_line(b"") == ""
    assert _last_line(b"\n\n") == ""


def test_the_last_line_is_whole_where_it_lies_across_head_and_tail():
    assert _last_line(b"12345678 the end\n", bound=20) == "12345678 the end"


def test_the_last_line_is_found_in_the_head_when_the_tail_is_empty_lines_only():
    assert _last_line(b"reason\n\n\n", bound=14) == "reason"


def test_of_a_last_line_that_is_not_utf_8_the_rest_is_readable():
    assert _last_line(b"caf\xe9 \0ok\n") == "caf\ufffd ok"


def test_a_last_line_of_a_mebibyte_is_cut():
    assert len(_last_line(b"x" * (1 << 20))) == 300


def test_little_output_goes_into_the_store_and_makes_no_file(place):
    capture = _capture(place)
    capture.feed(b"hello\n", now=1.0)
    kept = capture.finish()
    assert (kept.output, kept.file, kept.scratch) == (b"hello\n", None, None)
    assert os.listdir(place.output) == []


def test_output_can_be_followed_in_a_file_after_50_ms(place):
    capture = _capture(place)
    capture.feed(b"hello\n", now=1.0)
    assert capture.flush_at == 1.0 + FILE_AFTER_S
    capture.flush()
    assert _followed(place) == b"hello\n"
    capture.feed(b"world\n", now=2.0)
    assert _followed(place) == b"hello\nworld\n"
    kept = capture.finish()
    assert (kept.output, kept.file) == (b"hello\nworld\n", None)
    assert os.listdir(place.output) == [kept.scratch]


def test_output_beyond_64_kib_stays_in_a_file(place):
    capture = _capture(place)
    data = os.urandom(IN_STORE + 1)
    capture.feed(data, now=1.0)
    kept = capture.finish()
    assert (kept.output, kept.scratch) == (b"", None)
    assert _read(place, kept.file) == data


def test_where_no_file_can_be_made_the_ends_stay_and_the_gap_is_marked(place):
    os.rmdir(place.output)
    capture = _capture(place)
    capture.feed(b"a" * IN_STORE, now=1.0)
    capture.flush()
    capture.feed(b"b" * IN_STORE, now=2.0)
    kept = capture.finish()
    half = IN_STORE // 2
    mark = b"\n[queuectl: %d bytes could not be written: No such file or directory]\n" % IN_STORE
    assert kept.output == b"a" * half + mark + b"b" * half
    assert (kept.file, kept.scratch) == (None, None)


def test_where_the_file_is_removed_meanwhile_the_ends_stay_and_the_gap_is_marked(place):
    capture = _capture(place)
    capture.feed(b"a" * 2 * IN_STORE, now=1.0)
    (name,) = os.listdir(place.output)
    os.unlink(f"{place.output}/{name}")
    capture.feed(b"b" * IN_STORE, now=2.0)
    kept = capture.finish()
    assert kept.file is None
    assert kept.output.startswith(b"a" * (IN_STORE // 2) + b"\n[queuectl: %d bytes could not" % (2 * IN_STORE))
    assert kept.output.endswith(b"b" * (IN_STORE // 2))


def test_a_full_disk_leaves_a_mark_in_the_file_and_output_goes_on_behind_it(place):
    capture = _capture(place)
    capture.feed(b"a" * 2 * IN_STORE, now=1.0)
    with _no_room_beyond(2 * IN_STORE):
        capture.feed(b"lost", now=2.0)
    capture.feed(b"z", now=3.0)
    kept = capture.finish()
    mark = b"\n[queuectl: 4 bytes could not be written: File too large]\n"
    assert _read(place, kept.file) == b"a" * 2 * IN_STORE + mark + b"z"
    assert kept.output == b""


def test_a_disk_that_stays_full_is_said_behind_the_file(place):
    capture = _capture(place)
    capture.feed(b"a" * 2 * IN_STORE, now=1.0)
    with _no_room_beyond(2 * IN_STORE):
        capture.feed(b"lost", now=2.0)
        kept = capture.finish()
    assert kept.output == b"\n[queuectl: 4 bytes could not be written: File too large]\n"
    assert _read(place, kept.file) == b"a" * 2 * IN_STORE


def test_a_disk_without_room_for_a_single_byte_costs_neither_descriptors_nor_files(place):
    before = len(os.listdir("/proc/self/fd"))
    capture = _capture(place)
    with _no_room_beyond(0):
        for _ in range(50):
            capture.feed(b"x" * IN_STORE, now=1.0)
    assert len(os.listdir("/proc/self/fd")) == before
    assert os.listdir(place.output) == []
    assert capture.finish().output.endswith(b"x" * (IN_STORE // 2))


def _capture(place, limit=1 << 20):
    return Capture(place, number=7, fence=2, limit=limit)


def _followed(place):
    return b"".join(OutputFiles(place).read(7, 2, None))


def _read(place, file):
    return b"".join(OutputFiles(place).read(7, None, file))


def _last_line(data, bound=100):
    kept = HeadAndTail(max(bound, len(data)) if bound == 100 else bound)
    kept.add(data)
    return kept.last_line()


@contextmanager
def _no_room_beyond(size):
    """Files of this process cannot grow beyond `size` bytes, as if the disk were full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
