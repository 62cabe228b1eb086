"""Small files of the roster: closed, filled up, and opened by their own key under their own name alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail.roster.sealed import open_padded, seal_padded

KEY, KIND = b"k" * 32, (b"MAGIC001", b"trying")
PLAIN = b'{"reason": "a street"}'


@settings(deadline=None)
@given(plain=st.binary(max_size=600).map(bytes.rstrip), name=st.text(max_size=8))
def test_what_was_closed_opens_whole(plain: bytes, name: str) -> None:
    """Filled up behind; of two texts of about a length nobody can tell which is longer."""
    data = seal_padded(plain, KEY, KIND, name, 6)
    opened = open_padded(data, KEY, KIND, name)
    assert opened is not None
    assert opened.rstrip() == plain
    assert len(opened) >= 64
    assert len(opened).bit_count() == 1


@settings(deadline=None)
@given(at=st.integers(8, 500), bit=st.integers(0, 7))
def test_a_changed_bit_is_noticed(at: int, bit: int) -> None:
    """Wherever it stands behind the magic."""
    data = bytearray(seal_padded(PLAIN, KEY, KIND, "one", 6))
    data[min(at, len(data) - 1)] ^= 1 << bit
    assert open_padded(bytes(data), KEY, KIND, "one") is None


@pytest.mark.parametrize(
    ("key", "kind", "name"), [(b"l" * 32, KIND, "one"), (KEY, (KIND[0], b"other"), "one"), (KEY, KIND, "two")]
)
def test_it_opens_as_what_it_is_alone(key: bytes, kind: tuple[bytes, bytes], name: str) -> None:
    """Not with another key, for another purpose, or under another name."""
    assert open_padded(seal_padded(PLAIN, KEY, KIND, "one", 6), key, kind, name) is None


@pytest.mark.parametrize("data", [b"", b"MAGIC001", b"MAGIC002" + bytes(200)])
def test_what_is_no_such_file_is_told(data: bytes) -> None:
    """Cut off, or of another kind."""
    with pytest.raises(ValueError, match="not of this kind"):
        open_padded(data, KEY, KIND, "one")
