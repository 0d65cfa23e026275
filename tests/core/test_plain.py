import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuectl.core.plain import PlainStream, cut, plain, width

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))
HARMFUL = "\x00\x07\x1b\x7f\x9b\u202e\u2066\u200e\u2028\ufeff\U000e0041\udcff\ud800\u200b\r"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("echo hello", "echo hello"),
        ("grün 木 👩\u200d💻", "grün 木 👩\u200d💻"),
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]8;;http://x\x07", "␛]8;;http://x␇"),
        ("\x1b]52;c;aGk=\x1b\\", "␛]52;c;aGk=␛\\"),
        ("a\x00\x7f\x9b2J", "a␀␡\\x9b2J"),
        ("a\u202eb\u2066c\u200ed\u061ce", "a\\u202eb\\u2066c\\u200ed\\u061ce"),
        ("a\u2028b\u2029c", "a\\u2028b\\u2029c"),
        ("\ufeffa\u200bb", "\\ufeffa\\u200bb"),
        ("\U000e0041", "\\U000e0041"),
        ("\udcff\ud800", "\\xff\\ud800"),
        ("a\tb", "a    b"),
        ("a\nb\r\nc", "a⏎b␍⏎c"),
        ("[/] [@click=app.quit]", "[/] [@click=app.quit]"),
    ],
)
def test_what_could_drive_a_terminal_becomes_visible(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_line_breaks_stay_where_several_lines_are_shown() -> None:
    assert plain("a\n\x1bb\n", one_line=False) == "a\n␛b\n"


def harmless(text: str) -> bool:
    return not any(
        character in HARMFUL or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in text
    )


@given(ANY_TEXT)
def test_any_text_becomes_harmless_and_stays_so(text: str) -> None:
    shown = plain(text)
    assert harmless(shown)
    assert plain(shown) == shown
    assert harmless(plain(text, one_line=False).replace("\n", ""))


def streamed(chunks: list[bytes], colours: bool = True) -> str:
    stream = PlainStream(colours)
    return "".join([stream.feed(chunk) for chunk in chunks] + [stream.end()])


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"plain", "plain"),
        (b"a\tb\nc\n", "a\tb\nc\n"),
        (b"a\r\nb\r\r\nc", "a\nb\nc"),
        (b"10%\r20%\r", "10%\n20%\n"),
        (b"x" + b"\r" * 200 + b"y", "x\ny"),
        (b"\x1b[1;31mred\x1b[0m", "\x1b[1;31mred\x1b[0m"),
        (b"\x1b[38:5:9mred\x1b[m", "\x1b[38:5:9mred\x1b[m"),
        (b"\x1b[38;5;0mopen", "\x1b[38;5;0mopen\x1b[0m"),
        (b"\x1b[2Jx\x1b[?25l", "␛[2Jx␛[?25l"),
        (b"\x1b]0;title\x07", "␛]0;title␇"),
        (b"\x1b[" + b"1" * 100 + b"m", "␛[" + "1" * 100 + "m"),
        (b"a\xffb\xc3", "a\\xffb\\xc3"),
        ("grün\u202e".encode(), "grün\\u202e"),
        (b"\xc2\x9b2J", "\\x9b2J"),
        (b"\x1b", "␛"),
        (b"\x1b[31", "␛[31"),
        (b"a\x00b\x08", "a␀b␈"),
    ],
)
def test_output_keeps_its_colours_and_lines_and_nothing_else(data: bytes, shown: str) -> None:
    assert streamed([data]) == shown
    assert streamed([data[place : place + 1] for place in range(len(data))]) == shown


def test_colours_vanish_where_none_are_wanted() -> None:
    assert streamed([b"\x1b[31mred\x1b[0m \x1b[2J"], colours=False) == "red ␛[2J"


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=6), st.booleans())
def test_output_looks_the_same_however_it_is_cut(data: bytes, places: list[int], colours: bool) -> None:
    edges = [0, *sorted(places), len(data)]
    chunks = [data[start:end] for start, end in pairwise(edges)]
    assert streamed(chunks, colours) == streamed([data], colours)


@given(
    st.lists(
        st.sampled_from([b"\x1b", b"[", b"31", b";", b"m", b"\r", b"\n", b"\xc3", b"\xbc", b"\x9b", b"x", b"]0;t\x07"]),
        max_size=30,
    )
)
def test_no_output_leaves_a_control_sequence_but_colours(chunks: list[bytes]) -> None:
    assert streamed(chunks) == streamed([b"".join(chunks)])
    assert harmless(streamed(chunks, colours=False).replace("\n", ""))


def test_a_stream_holds_no_more_than_a_sequence_back() -> None:
    stream = PlainStream(colours=True)
    assert stream.feed(b"50%\x1b[3") == "50%"
    assert stream.feed(b"1mx") == "\x1b[31mx"
    assert stream.feed(b"\x1b[" + b"1" * 1000).startswith("␛[111")
    assert stream.feed(b"\r" * 1000) == ""
    assert stream.feed(b"y") == "\ny"


def test_wide_characters_take_two_columns_and_combining_ones_none() -> None:
    assert width("abc") == 3
    assert width("木木") == 4
    assert width("e\u0301") == 1


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [
        ("hello", 5, "hello"),
        ("hello!", 5, "hell…"),
        ("木木木", 5, "木木…"),
        ("木木木", 4, "木…"),
        ("木木", 4, "木木"),
        ("hello", 1, "…"),
        ("hello", 0, ""),
        ("", 3, ""),
    ],
)
def test_a_text_is_cut_to_its_columns(text: str, columns: int, shown: str) -> None:
    assert cut(text, columns) == shown


@given(st.text(), st.integers(-1, 20))
def test_a_cut_text_never_takes_more_columns(text: str, columns: int) -> None:
    assert width(cut(text, columns)) <= max(columns, 0)


def test_a_mountain_of_combining_marks_is_cut_too() -> None:
    assert len(cut("e" + "\u0301" * 1_000_000, 10)) <= 81
