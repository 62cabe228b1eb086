"""An answer's way home: what streams, what is read for identities, and where the overlay is put in."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from mitmproxy import http

from guardrail.model.http import HttpRequest, find_header
from guardrail.proxy.coding import CODINGS, StreamDecoder, codings_of
from guardrail.proxy.csp import admit, split_policies
from guardrail.proxy.overlay import Insertion
from guardrail.recognise.extract.pieces import MAX_OBJECT

PIECE = 256 * 1024
"""Bytes of an answer that are read at once; of a longer one that is read in pieces, the bytes of a piece."""

type Spill = Callable[[bytes], None]

_SHORT = 64 * 1024
_LONGEST_NUMBER = 16
_POLICY = "content-security-policy"
_BODILESS = frozenset({101, 204, 205, 304})


class Copy:
    """What of an answer's body is kept for learning while the body goes by: all of it, or pieces that overlap."""

    def __init__(self, limit: int, spill: Spill | None = None) -> None:
        """Keep at most `limit` bytes. What is longer is given to `spill` in pieces, or else left."""
        self._limit = limit
        self._spill = spill
        self._kept: bytearray | None = bytearray()
        self._cut = False

    @property
    def body(self) -> bytes | None:
        """The whole body; None where it was too long."""
        return None if self._kept is None or self._cut else bytes(self._kept)

    def takes(self, length: int | None) -> bool:
        """Whether there is any sense in reading an answer of this length (None: nobody said)."""
        return self._limit > 0 and (self._spill is not None or length is None or length <= self._limit)

    def add(self, data: bytes) -> None:
        """Take the next bytes, their coding undone."""
        if self._kept is None:
            return
        self._kept += data
        if len(self._kept) <= (PIECE if self._cut else self._limit):
            return
        if self._spill is None:
            self._kept = None
            return
        self._cut = True
        while len(self._kept) > PIECE:
            self._spill(bytes(self._kept[:PIECE]))
            del self._kept[: PIECE - MAX_OBJECT]

    def finish(self) -> None:
        """Give the last piece away, where there were pieces."""
        if self._cut and self._kept and self._spill is not None:
            self._spill(bytes(self._kept))
            self._kept = None


class PageReader:
    """mitmproxy's stream callable for a page: undoes its coding, puts the tag in, keeps the start for learning.

    It never raises: what cannot be decoded ends there, and `broken` tells the response hook to end the flow.
    """

    def __init__(self, coding: str | None, nonce: str | None, copy: Copy | None) -> None:
        """`copy` takes what there is to learn from."""
        self.broken: Exception | None = None
        self._decoder = StreamDecoder(coding)
        self._insertion = Insertion(nonce)
        self._copy = copy

    def __call__(self, data: bytes) -> bytes:
        """Take a piece of the body, b"" at its end; give what goes on to the client."""
        if self.broken is not None:
            return b""
        try:
            if not data:
                if self._copy is not None:
                    self._copy.finish()
                return self._insertion.finish()
            page = self._decoder.feed(data)
            if self._copy is not None:
                self._copy.add(page)
            return self._insertion.feed(page)
        except Exception as error:  # noqa: BLE001 - mitmproxy has no boundary around a stream callable
            self.broken = error
            return b""

    @property
    def body(self) -> bytes | None:
        """The page as the site sent it; None where it was not kept."""
        return None if self._copy is None else self._copy.body


class AnswerReader:
    """mitmproxy's stream callable for an answer that teaches: every byte goes on at once, a copy is kept.

    It never raises; an answer that cannot be decoded teaches nothing, and the client has it as it came.
    """

    broken: Exception | None = None

    def __init__(self, coding: str | None, copy: Copy) -> None:
        """`copy` takes what there is to learn from."""
        self._decoder = StreamDecoder(coding)
        self._copy: Copy | None = copy

    def __call__(self, data: bytes) -> bytes:
        """Take a piece of the body, b"" at its end; give the same."""
        try:
            if self._copy is not None:
                if data:
                    self._copy.add(self._decoder.feed(data))
                else:
                    self._copy.finish()
        except Exception:  # noqa: BLE001 - mitmproxy has no boundary around a stream callable
            self._copy = None
        return data

    @property
    def body(self) -> bytes | None:
        """The body as the site sent it; None where it was not kept."""
        return None if self._copy is None else self._copy.body


def prepare(
    response: http.Response,
    request: HttpRequest,
    *,
    chunked: bool,
    copy: Copy | None,
) -> PageReader | AnswerReader | None:
    """Choose how the body goes on, and edit the headers of a page that gets the overlay.

    All streams. What is to be learned from goes into `copy` as it goes by; only a short answer of known length,
    which comes in one go, is kept back until it is whole. `chunked`: the client speaks HTTP/1.1.
    """
    if response.status_code in _BODILESS or request.method == "HEAD":
        return None
    coding = find_header(response.headers.fields, "content-encoding")
    readable = all(name in CODINGS for name in codings_of(coding))
    reader: PageReader | AnswerReader
    if readable and _is_page(request, response):
        reader = PageReader(coding, _admit_overlay(response), copy)
        response.headers.pop("content-encoding", None)
        response.headers.pop("content-length", None)
        if chunked:
            response.headers["transfer-encoding"] = "chunked"
        response.stream = reader
        return reader
    length = _length(response)
    if copy is None or not readable or not copy.takes(length):
        response.stream = True
        return None
    if length is not None and length <= _SHORT:
        response.stream = False
        return None
    reader = AnswerReader(coding, copy)
    response.stream = reader
    return reader


def _is_page(request: HttpRequest, response: http.Response) -> bool:
    content_type = find_header(response.headers.fields, "content-type") or ""
    return content_type[:9].lower() == "text/html" and request.is_navigation and not request.is_framed


def _length(response: http.Response) -> int | None:
    text = find_header(response.headers.fields, "content-length") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LONGEST_NUMBER else None


def _admit_overlay(response: http.Response) -> str | None:
    """Edit the page's own policies, on one header line or several; the reporting ones stay."""
    lines = response.headers.get_all(_POLICY)
    policies = [policy for line in lines for policy in split_policies(line)]
    admission = admit(policies, secrets.token_urlsafe(16))
    if list(admission.policies) != policies:
        response.headers.set_all(_POLICY, admission.policies)
    return admission.nonce
