"""Answers on their way home: nothing is held up, and what there is to learn from is copied as it goes by."""

from __future__ import annotations

import gzip

import pytest
from mitmproxy import http

from guardrail.model.http import HttpRequest
from guardrail.proxy.homeward import PIECE, AnswerReader, Copy, prepare
from guardrail.recognise.extract.pieces import MAX_OBJECT

FETCH = HttpRequest("GET", "https", "www.watched.test", 443, "/api", "")


def answer(**headers: str) -> http.Response:
    """Make the head of an answer."""
    made = http.Response.make(200)
    made.headers.clear()
    for name, value in headers.items():
        made.headers[name.replace("_", "-")] = value
    return made


def send(reader: AnswerReader, body: bytes, size: int) -> bytes:
    """Send a body through in pieces of `size` bytes; give what the client gets."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(reader(part) for part in [*parts, b""])


@pytest.mark.parametrize("coding", [None, "gzip"])
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_every_byte_goes_on_at_once_and_a_copy_is_kept(coding: str | None, size: int) -> None:
    """The client gets what the site sent; the copy has its coding undone."""
    body = b'{"pk": 1}' * 30
    reader = AnswerReader(coding, Copy(1000))
    sent = gzip.compress(body) if coding else body
    assert reader(sent[:1]) == sent[:1]
    assert send(reader, sent[1:], size) == sent[1:]
    assert reader.body == body


def test_an_answer_that_cannot_be_decoded_is_passed_on_unread() -> None:
    """No identity is worth a broken page."""
    reader = AnswerReader("gzip", Copy(1000))
    assert send(reader, b"no gzip at all", 4) == b"no gzip at all"
    assert reader.body is None
    assert reader.broken is None


def test_what_is_too_long_is_left() -> None:
    """Without pieces, nothing of it is kept."""
    reader = AnswerReader(None, Copy(100))
    assert len(send(reader, b"x" * 101, 50)) == 101
    assert reader.body is None


@pytest.mark.parametrize("length", [PIECE + 1, 3 * PIECE, 4 * PIECE + 17])
def test_what_is_too_long_is_read_in_pieces(length: int) -> None:
    """Pieces overlap by the longest object, and nothing is missing."""
    body = bytes(number % 251 for number in range(length))
    pieces: list[bytes] = []
    reader = AnswerReader(None, Copy(PIECE // 2, pieces.append))
    assert send(reader, body, 30_000) == body
    assert reader.body is None
    whole = pieces[0] + b"".join(piece[MAX_OBJECT:] for piece in pieces[1:])
    assert whole == body
    assert max(map(len, pieces)) <= PIECE


@pytest.mark.parametrize(
    ("headers", "copy", "stream"),
    [
        ({}, Copy(1000), AnswerReader),
        ({"content_length": "900"}, Copy(1000), False),
        ({"content_length": "900"}, None, True),
        ({"content_length": "9000"}, Copy(1000), True),
        ({"content_length": "9000000"}, Copy(1000, print), AnswerReader),
        ({"content_length": "9" * 5000}, Copy(1000), AnswerReader),
        ({"content_encoding": "dcz"}, Copy(1000), True),
        ({}, Copy(0), True),
    ],
)
def test_all_streams_but_what_comes_in_one_go(headers: dict[str, str], copy: Copy | None, stream: object) -> None:
    """Only a short answer of known length is kept back until it is whole."""
    response = answer(content_type="application/json", **headers)
    prepare(response, FETCH, chunked=True, copy=copy)
    assert response.stream is stream or (isinstance(stream, type) and isinstance(response.stream, stream))
