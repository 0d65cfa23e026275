"""Files of output: a head that stays and a ring that holds the newest, readable while they are written."""

import os
import stat
import tempfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queuectl.core.place import Place
from queuectl.worker.outputfile import OutputFiles, OutputWriter, missing_mark

HEADER = 32
CHUNKS = st.lists(st.binary(max_size=40), max_size=30)
LIMITS = st.integers(2, 64)


@settings(deadline=None, max_examples=100)
@given(CHUNKS, LIMITS)
def test_any_output_is_read_back_exactly_or_with_a_mark_that_counts_what_is_missing(chunks, limit):
    with _a_place() as place:
        writer = OutputWriter(place, 1, 1, limit)
        for chunk in chunks:
            writer.write(chunk)
        writer.close()
        assert _read(place) == _expected(b"".join(chunks), limit)


@settings(deadline=None, max_examples=100)
@given(CHUNKS, LIMITS)
def test_a_file_never_exceeds_its_limit_at_any_moment(chunks, limit):
    with _a_place() as place:
        writer = OutputWriter(place, 1, 1, limit)
        for chunk in chunks:
            writer.write(chunk)
            assert os.stat(f"{place.output}/{writer.name}").st_size <= HEADER + limit
        writer.close()


@settings(deadline=None, max_examples=100)
@given(CHUNKS, LIMITS, st.integers(0, 200))
def test_reading_may_begin_at_any_position(chunks, limit, start):
    everything = b"".join(chunks)
    with _a_place() as place:
        writer = OutputWriter(place, 1, 1, limit)
        for chunk in chunks:
            writer.write(chunk)
        writer.close()
        assert OutputFiles(place).length(1, 1) == len(everything)
        assert _read(place, start) == _expected(everything, limit, start)


def test_what_lost_commands_left_is_found_by_their_claims(place):
    writers = [OutputWriter(place, number, fence, 100) for number, fence in ((1, 1), (1, 2), (2, 1), (11, 2), (3, 2))]
    for writer in writers[:-1]:
        writer.write(b"printed")
    with open(f"{place.output}/4-2-damaged", "wb") as file:
        file.write(b"x" * 100)
    assert OutputFiles(place).left([(1, 2), (3, 2), (4, 2), (5, 2)]) == {1: (writers[1].name, 7)}


def test_a_reader_follows_what_is_written(place):
    writer = OutputWriter(place, 1, 1, 100)
    writer.write(b"one ")
    assert _read(place) == b"one "
    writer.write(b"two")
    assert _read(place, start=4) == b"two"
    writer.close()


def test_the_file_can_be_read_by_its_owner_only(place):
    before = os.umask(0)
    try:
        writer = OutputWriter(place, 1, 1, 100)
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(f"{place.output}/{writer.name}").st_mode) == 0o600
    writer.close()


def test_each_file_has_a_name_that_cannot_be_guessed(place):
    writers = [OutputWriter(place, 1, 1, 100) for _ in range(2)]
    first, second = (writer.name for writer in writers)
    assert first != second
    assert first.startswith("1-1-")
    for writer in writers:
        writer.close()


def test_another_claim_of_the_same_job_is_not_read(place):
    writer = OutputWriter(place, 1, 11, 100)
    writer.write(b"of fence 11")
    writer.close()
    assert _read(place) == b""
    assert OutputFiles(place).length(1, 1) == 0


def test_a_link_that_was_planted_is_not_followed(place, tmp_path):
    (tmp_path / "secret").write_bytes(b"queuectl output\n" + bytes(100))
    os.symlink(tmp_path / "secret", f"{place.output}/1-1-planted")
    assert _read(place) == b""


@pytest.mark.parametrize("name", ["../queue.db", "/etc/passwd", "missing"])
def test_names_from_elsewhere_lead_nowhere(place, name):
    assert b"".join(OutputFiles(place).read(1, None, name)) == b""


def test_removing_takes_named_files_of_the_folder_only(place):
    kept = f"{place.folder}/kept"
    for path in (kept, f"{place.output}/gone"):
        os.close(os.open(path, os.O_CREAT))
    OutputFiles(place).remove(["gone", "../kept", "never-there"])
    assert os.listdir(place.output) == []
    assert os.path.exists(kept)


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 500, b"queuectl output\n" + bytes(16)])
def test_a_file_that_is_none_of_ours_has_no_bytes(place, content):
    with open(f"{place.output}/1-1-odd", "wb") as file:
        file.write(content)
    assert _read(place) == b""


def test_a_folder_that_is_gone_is_an_error_of_writing_only(place):
    os.rmdir(place.output)
    assert _read(place) == b""
    assert OutputFiles(place).length(1, 1) == 0
    with pytest.raises(FileNotFoundError):
        OutputWriter(place, 1, 1, 100)


def _expected(everything, limit, start=0):
    head, total = limit // 2, len(everything)
    oldest = max(head, total - (limit - head))
    if oldest <= head or start >= oldest:
        return everything[start:]
    return everything[start:head] + missing_mark(oldest - max(start, head)) + everything[oldest:]


def _read(place, start=0):
    return b"".join(OutputFiles(place).read(1, 1, None, start))


class _a_place(tempfile.TemporaryDirectory):  # noqa: N801 - read as words in a with statement
    """A place of its own for each example."""

    def __enter__(self):
        place = Place(super().__enter__() + "/queue.db")
        os.makedirs(place.output)
        return place
