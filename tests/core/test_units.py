import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuectl.core import units
from queuectl.errors import BadValue
from tests.core.examples import NOW


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("0", 0),
        ("90", 90),
        ("90s", 90),
        ("5m", 300),
        ("1h30m", 5400),
        ("1H 30M", 5400),
        ("2d", 172_800),
        ("1w", 604_800),
        ("1.5h", 5400),
        ("500ms", 0.5),
        ("0.0004", 0),
        (" 3s ", 3),
        ("36500d", units.LONGEST_S),
    ],
)
def test_a_duration_is_read_in_seconds(text: str, length: float) -> None:
    assert units.seconds(text) == length


@pytest.mark.parametrize(
    "text",
    [
        "",
        "none",
        "-1",
        "-5s",
        "5x",
        "s",
        "1h30",
        "nan",
        "inf",
        "1e3",
        "36501d",
        "9" * 5000,
        "1 2",
        "٣s",
        "1_0",
        "5m" * 60,
    ],
)
def test_what_is_no_duration_is_refused_with_examples(text: str) -> None:
    with pytest.raises(BadValue) as caught:
        units.seconds(text)
    assert caught.value.hint == units.DURATION_HINT
    assert len(caught.value.message) < 120


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1000", 1000),
        ("10MiB", 10_485_760),
        ("2GiB", 2**31),
        ("512KiB", 524_288),
        ("10MB", 10_000_000),
        ("1.5k", 1536),
        ("7 b", 7),
    ],
)
def test_a_size_is_read_in_bytes(text: str, size: int) -> None:
    assert units.size_bytes(text) == size


@pytest.mark.parametrize("text", ["", "-1", "MiB", "10XB", "1e9", "2000TiB", "nan", "1,000"])
def test_what_is_no_size_is_refused_with_examples(text: str) -> None:
    with pytest.raises(BadValue) as caught:
        units.size_bytes(text)
    assert caught.value.hint == units.SIZE_HINT


def test_an_integer_has_a_range_and_nothing_around_it() -> None:
    assert units.integer(" +7 ", "count", 1, 256) == 7
    for text in ["0", "257", "7.0", "x", "", "1_0", "९", "9" * 5000]:
        with pytest.raises(BadValue, match="count must be"):
            units.integer(text, "count", 1, 256)


@pytest.mark.parametrize(
    ("text", "number"), [("low", -10), ("Normal", 0), ("high", 10), ("-3", -3), ("1000000", 1_000_000)]
)
def test_a_priority_is_a_word_or_an_integer(text: str, number: int) -> None:
    assert units.priority(text) == number


@pytest.mark.parametrize("text", ["", "urgent", "1.5", "1000001", "-1000001"])
def test_another_priority_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        units.priority(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-11-22T14:02:31.123Z", "2026-11-22T14:02:31.123Z"),
        ("2026-11-22t14:02z", "2026-11-22T14:02:00.000Z"),
        ("2026-11-22T14:02:31+02:00", "2026-11-22T12:02:31.000Z"),
        ("2026-11-22 14:02:31 +0200".replace(" +", "+"), "2026-11-22T12:02:31.000Z"),
        ("2026-11-22T14:02", "2026-11-22T13:02:00.000Z"),
        ("2026-07-01T14:02", "2026-07-01T12:02:00.000Z"),
        ("2026-11-22", "2026-11-21T23:00:00.000Z"),
        ("15:01", "2026-11-22T14:01:00.000Z"),
        ("15:00", "2026-11-23T14:00:00.000Z"),
        ("7:30", "2026-11-23T06:30:00.000Z"),
    ],
)
def test_a_time_is_read_as_local_unless_it_names_its_zone(berlin: None, text: str, said: str) -> None:
    assert units.iso(NOW) == "2026-11-22T14:00:00.000Z"
    assert units.iso(units.moment(text, NOW)) == said


def test_the_next_occurrence_is_right_on_the_day_the_clock_is_turned_back(berlin: None) -> None:
    before = round(datetime(2026, 10, 24, 12, 0, tzinfo=UTC).timestamp() * 1000)  # 14:00 in summer
    assert units.iso(units.moment("13:00", before)) == "2026-10-25T12:00:00.000Z"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "25:00",
        "12:60",
        "2026-13-01",
        "2026-02-30T00:00",
        "1969-12-31T00:00Z",
        "0001-01-01",
        "9999-12-31T23:59:59-12:00",
        "2026",
        "20261122",
        "12:00:00",
        "1.5",
    ],
)
def test_what_is_no_time_is_refused_with_examples(text: str) -> None:
    with pytest.raises(BadValue) as caught:
        units.moment(text, NOW)
    assert caught.value.hint == units.TIME_HINT


@given(st.integers(units.EARLIEST_MS, units.LATEST_MS))
def test_a_time_that_is_said_reads_back_exactly(ms: int) -> None:
    assert units.moment(units.iso(ms), NOW) == ms


@given(st.one_of(st.text(), st.text("0123456789.:-+TZhmsdwkib ", max_size=40)))
def test_any_text_is_a_value_or_a_bad_value(text: str) -> None:
    for read in (units.seconds, units.size_bytes, units.priority, lambda given: units.moment(given, NOW)):
        with contextlib.suppress(BadValue):
            assert isinstance(read(text), int | float)


@given(st.text(st.characters(max_codepoint=0x2100)))
def test_a_message_about_any_text_is_one_harmless_line(text: str) -> None:
    assert units.quoted(text).isprintable()
    assert len(units.quoted(text)) <= 400


@given(st.integers(0, units.LONGEST_S * 1000))
def test_a_duration_that_is_stored_reads_back_exactly(ms: int) -> None:
    assert round(units.seconds(units.duration_text(ms / 1000)) * 1000) == ms


@given(st.integers(0, units.LARGEST_BYTES))
def test_a_size_that_is_stored_reads_back_exactly(size: int) -> None:
    assert units.size_bytes(units.size_text(size)) == size


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (0, "0s"),
        (0.01, "0.1s"),
        (0.44, "0.4s"),
        (0.97, "1s"),
        (8, "8s"),
        (59.6, "1m 00s"),
        (125, "2m 05s"),
        (3600, "1h 00m"),
        (7_890, "2h 11m"),
        (273_600, "3d 4h"),
        (-5, "0s"),
    ],
)
def test_a_duration_is_said_in_its_two_largest_units(length: float, said: str) -> None:
    assert units.say_duration(length) == said


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (10 * 2**20, "10 MiB"),
        (200 * 2**30, "200 GiB"),
    ],
)
def test_a_size_is_said_in_its_largest_unit(size: int, said: str) -> None:
    assert units.say_size(size) == said


def test_the_nearest_word_is_found_or_none() -> None:
    assert units.nearest("prioriti", ["priority", "queue"]) == "priority"
    assert units.nearest("zzz", ["priority", "queue"]) is None


@pytest.mark.parametrize(
    ("text", "per_second"),
    [("10/s", 10), ("10", 10), ("0.5", 0.5), ("30/min", 0.5), ("30/m", 0.5), (" 90 / H ", 0.025), ("1/d", 1 / 86_400)],
)
def test_a_rate_is_so_many_a_second(text: str, per_second: float) -> None:
    assert units.rate(text) == per_second


@pytest.mark.parametrize("text", ["", "0", "0/s", "-1", "x", "10/", "10/y", "/s", "10/s/s", "nan", "2000000", "1/w"])
def test_what_is_no_rate_is_refused_with_examples(text: str) -> None:
    with pytest.raises(BadValue) as caught:
        units.rate(text)
    assert "10/s" in caught.value.hint
