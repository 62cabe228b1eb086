"""Protocol Buffers without a schema: values by path, and that no bytes make it raise."""

from __future__ import annotations

import base64
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.recognise.extract import protobuf

# 1: 150 · 2: "video" · 3: {1: "deep", 2: 7} · 4: eight bytes · 5: four bytes · 2: "again"
MESSAGE = (
    b"\x08\x96\x01"
    b"\x12\x05video"
    b"\x1a\x08\x0a\x04deep\x10\x07"
    b"\x21\x01\x00\x00\x00\x00\x00\x00\x00"
    b"\x2d\x02\x00\x00\x00"
    b"\x12\x05again"
)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("1", [150]),
        ("2", ["video", "again"]),
        ("3/1", ["deep"]),
        ("3/2", [7]),
        ("4", [1]),
        ("5", [2]),
        ("9", []),
        ("1/1", []),
        ("2/1", []),
    ],
)
def test_a_path_of_field_numbers_gives_the_values(path: str, values: list[int | str]) -> None:
    """Numbers, texts and nested messages; every field of a number, in order."""
    assert protobuf.values_at(MESSAGE, protobuf.compile_path(path)) == values


@pytest.mark.parametrize("spell", [str, quote, lambda text: text.rstrip("=")])
def test_base64_is_read_in_every_spelling(spell: Callable[[str], str]) -> None:
    """Plain, percent-coded, without padding; URL-safe letters too."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = spell(encode(b"\x12\x04\xc3\xbf\xc3\xbf").decode())
        assert protobuf.from_text(text, (2,)) == ["ÿÿ"]


@pytest.mark.parametrize("text", ["", "?", "not base64!", "AAAA", "Eg", "é"])
def test_what_is_no_message_gives_nothing(text: str) -> None:
    """Bad base64, a field cut off, field number 0, other letters."""
    assert protobuf.from_text(text, (2,)) == []


def test_bytes_that_are_no_text_give_nothing() -> None:
    """A length-delimited field may hold anything; only UTF-8 is given."""
    assert protobuf.values_at(b"\x12\x01\xff", (2,)) == []


@pytest.mark.parametrize("text", ["", "a", "1/", "-1", "1.2", "²"])
def test_a_path_is_of_numbers(text: str) -> None:
    """Anything else is a mistake in a site file."""
    with pytest.raises(ValueError, match="no path of field numbers"):
        protobuf.compile_path(text)


@given(st.binary(max_size=200), st.lists(st.integers(0, 20), min_size=1, max_size=4))
def test_no_bytes_make_it_raise(message: bytes, path: list[int]) -> None:
    """Whatever the bytes are, the answer is a list of numbers and texts."""
    assert all(isinstance(one, int | str) for one in protobuf.values_at(message, tuple(path)))


@given(st.text(max_size=60))
def test_no_text_makes_it_raise(text: str) -> None:
    """Nor does any text that should be base64."""
    assert isinstance(protobuf.from_text(text, (2,)), list)
