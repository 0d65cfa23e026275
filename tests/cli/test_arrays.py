from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuectl.cli import arrays
from queuectl.errors import BadValue

TEXT = st.text(max_size=8)
VALUES = st.none() | st.booleans() | TEXT | st.lists(TEXT, max_size=3) | st.dictionaries(TEXT, TEXT, max_size=3)


@given(st.lists(st.dictionaries(TEXT, VALUES, max_size=3), max_size=5), st.sampled_from([None, 1, 4]), st.booleans())
def test_items_are_what_the_array_holds(values: list[object], indent: int | None, ascii: bool) -> None:
    text = json.dumps(values, indent=indent, ensure_ascii=ascii).encode(errors="surrogatepass")
    try:
        text.decode()
    except UnicodeDecodeError:
        with pytest.raises(BadValue):
            list(arrays.items(io.BytesIO(text)))
        return
    assert [json.loads(item) for item in arrays.items(io.BytesIO(text))] == values


def test_an_item_may_be_larger_than_what_is_read_at_once() -> None:
    values = [{"command": "x" * 1_000_000}, {"command": "y"}]
    assert [json.loads(item) for item in arrays.items(io.BytesIO(json.dumps(values).encode()))] == values


@pytest.mark.parametrize(
    "text", [b"[", b"[1,]", b"[{} {}]", b"[{}] {}", b'{"a": ', b"[{}", b'["\xff"]', b"[" * 100_000]
)
def test_what_is_no_array_is_refused(text: bytes) -> None:
    with pytest.raises(BadValue):
        list(arrays.items(io.BytesIO(text)))
