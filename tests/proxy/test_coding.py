"""Content codings are undone within a limit, and in a stream however it is cut."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from contextlib import suppress

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from guardrail.proxy.coding import BrokenCodingError, StreamDecoder, codings_of, decode


def bare_deflate(data: bytes) -> bytes:
    """Encode without zlib's wrapper, as some servers do."""
    state = zlib.compressobj(wbits=-15)
    return state.compress(data) + state.flush()


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": lambda data: gzip.compress(data[:3]) + gzip.compress(data[3:]),
    "deflate": zlib.compress,
    "Deflate": bare_deflate,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "gzip, br": lambda data: brotli.compress(gzip.compress(data)),
    "identity": bytes,
    "": bytes,
}
names = pytest.mark.parametrize("name", ENCODERS)


@names
@given(st.binary(max_size=2000))
def test_what_was_encoded_comes_back(name: str, data: bytes) -> None:
    """Whole and in a stream of single bytes."""
    encoded = ENCODERS[name](data)
    assert decode(encoded, name, 2000) == data
    decoder = StreamDecoder(name)
    assert b"".join(decoder.feed(encoded[at : at + 1]) for at in range(len(encoded))) == data


@names
def test_a_bomb_is_left_unread(name: str) -> None:
    """A small body that unpacks to 64 MB is given up at the limit; one byte under it is read."""
    bomb = ENCODERS[name](bytes(64 * 1024 * 1024))
    assert decode(bomb, name, 1024 * 1024) is None
    assert decode(ENCODERS[name](bytes(1024)), name, 1024) == bytes(1024)
    assert decode(ENCODERS[name](bytes(1025)), name, 1024) is None


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd", "gzip, br"])
@given(st.binary(min_size=1, max_size=200))
def test_garbage_is_no_exception(name: str, data: bytes) -> None:
    """Any bytes are decoded or are None; a stream raises its one error."""
    decode(data, name, 1000)
    with suppress(BrokenCodingError):
        StreamDecoder(name).feed(data)


@pytest.mark.parametrize("name", ["gzip", "deflate", "br"])
def test_half_a_body_is_unread(name: str) -> None:
    """What was cut off is not taken for the whole."""
    encoded = ENCODERS[name](b"who is this" * 100)
    assert decode(encoded[: len(encoded) // 2], name, 10_000) is None


def test_unknown_codings() -> None:
    """A coding that we do not know is never taken for the plain bytes."""
    assert decode(b"x", "dcb", 10) is None
    with pytest.raises(BrokenCodingError):
        StreamDecoder("gzip, dcz")
    assert codings_of(" GZIP , identity,, x-gzip") == ("gzip", "gzip")
