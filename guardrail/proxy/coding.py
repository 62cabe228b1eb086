"""Content codings (RFC 9110 section 8.4.1): undone whole within a limit, or piece by piece in a stream."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable

import brotli
import zstandard

CODINGS = ("gzip", "deflate", "br", "zstd")
"""What is understood; a site that is offered only these sends no other (shared dictionaries: `dcb`, `dcz`)."""

# RFC 8878 section 3.1.1.1.2: windows of 8 MB are to be supported, and no browser takes larger ones.
_ZSTD_WINDOW = 8 * 1024 * 1024


class BrokenCodingError(ValueError):
    """The bytes are not what their content coding says."""


def codings_of(header: str | None) -> tuple[str, ...]:
    """Give the codings of a Content-Encoding header, the first applied first; empty for none or `identity`."""
    names = (name.strip().lower() for name in (header or "").split(","))
    return tuple(name.removeprefix("x-") for name in names if name not in ("", "identity"))


def decode(data: bytes, header: str | None, limit: int) -> bytes | None:
    """Undo every coding of `header`; at no time are more than about `limit` bytes of output held.

    None: an unknown coding, broken or truncated data, or more than `limit` bytes.
    """
    for name in reversed(codings_of(header)):
        undo = _WHOLE.get(name)
        if undo is None:
            return None
        try:
            data = undo(data, limit)
        except (zlib.error, brotli.error, zstandard.ZstdError, BrokenCodingError):
            return None
        if len(data) > limit:
            return None
    return data if len(data) <= limit else None


def _inflate(data: bytes, limit: int, wbits: int) -> bytes:
    """Undo zlib's formats; gzip may have several members in a row (RFC 1952 section 2.2)."""
    output = b""
    while data and len(output) <= limit:
        state = zlib.decompressobj(wbits)
        output += state.decompress(data, limit + 1 - len(output))
        if not state.eof:
            if len(output) <= limit:
                raise BrokenCodingError("truncated")
            break
        data = state.unused_data if wbits > zlib.MAX_WBITS else b""
    return output


def _deflate_wbits(data: bytes) -> int:
    """Tell the zlib wrapper from bare deflate, which some servers send: the low half of the first byte is 8."""
    return zlib.MAX_WBITS if data and data[0] & 0x0F == zlib.DEFLATED else -zlib.MAX_WBITS


def _unbrotli(data: bytes, limit: int) -> bytes:
    state = brotli.Decompressor()
    pieces = [state.process(data, output_buffer_limit=limit + 1)]
    size = len(pieces[0])
    while size <= limit and not state.is_finished():
        piece = state.process(b"", output_buffer_limit=limit + 1 - size)
        if not piece:
            raise BrokenCodingError("truncated")
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def _unzstd(data: bytes, limit: int) -> bytes:
    # The reader says nothing about a truncated frame; what was read is then given.
    reader = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).stream_reader(
        io.BytesIO(data), read_across_frames=True
    )
    return reader.read(limit + 1)


_WHOLE: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": lambda data, limit: _inflate(data, limit, 16 + zlib.MAX_WBITS),
    "deflate": lambda data, limit: _inflate(data, limit, _deflate_wbits(data)),
    "br": _unbrotli,
    "zstd": _unzstd,
}


class StreamDecoder:
    """Every coding of a Content-Encoding header, undone piece by piece; what can be given is given at once."""

    def __init__(self, header: str | None) -> None:
        """Raise BrokenCodingError where the header names a coding that is not understood."""
        codings = codings_of(header)
        if any(name not in CODINGS for name in codings):
            raise BrokenCodingError("unknown coding")
        self._steps = [_STREAMS[name]() for name in reversed(codings)]

    def feed(self, data: bytes) -> bytes:
        """Take encoded bytes, give decoded ones. Raise BrokenCodingError."""
        for step in self._steps:
            if not data:
                break
            try:
                data = step(data)
            except (zlib.error, brotli.error, zstandard.ZstdError) as error:
                raise BrokenCodingError(str(error)) from None
        return data


def _gunzip_stream() -> Callable[[bytes], bytes]:
    state = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def step(data: bytes) -> bytes:
        nonlocal state
        output = state.decompress(data)
        while state.eof and state.unused_data:
            rest = state.unused_data
            state = zlib.decompressobj(16 + zlib.MAX_WBITS)
            output += state.decompress(rest)
        return output

    return step


def _inflate_stream() -> Callable[[bytes], bytes]:
    states: list[zlib._Decompress] = []

    def step(data: bytes) -> bytes:
        if not states:
            states.append(zlib.decompressobj(_deflate_wbits(data)))
        return states[0].decompress(data)

    return step


def _unbrotli_stream() -> Callable[[bytes], bytes]:
    state = brotli.Decompressor()
    return lambda data: bytes(state.process(data))


def _unzstd_stream() -> Callable[[bytes], bytes]:
    context = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    state = context.decompressobj(read_across_frames=True)
    return state.decompress


_STREAMS: dict[str, Callable[[], Callable[[bytes], bytes]]] = {
    "gzip": _gunzip_stream,
    "deflate": _inflate_stream,
    "br": _unbrotli_stream,
    "zstd": _unzstd_stream,
}
