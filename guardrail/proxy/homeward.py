"""An answer's way home: what streams, what is read for identities, and where the overlay is put in."""

from __future__ import annotations

import secrets

from mitmproxy import http

from guardrail.model.http import HttpRequest, find_header
from guardrail.proxy.coding import CODINGS, StreamDecoder, codings_of
from guardrail.proxy.csp import admit, split_policies
from guardrail.proxy.overlay import Insertion

_POLICY = "content-security-policy"
_BODILESS = frozenset({101, 204, 205, 304})


class PageReader:
    """mitmproxy's stream callable for a page: undoes its coding, puts the tag in, keeps the start for learning.

    It never raises: what cannot be decoded ends there, and `broken` tells the response hook to end the flow.
    """

    def __init__(self, coding: str | None, nonce: str | None, keep: int) -> None:
        """`keep` bounds the bytes that are kept; a longer page is not kept at all."""
        self.broken: Exception | None = None
        self._decoder = StreamDecoder(coding)
        self._insertion = Insertion(nonce)
        self._keep = keep
        self._kept: bytearray | None = bytearray()

    def __call__(self, data: bytes) -> bytes:
        """Take a piece of the body, b"" at its end; give what goes on to the client."""
        if self.broken is not None:
            return b""
        try:
            if not data:
                return self._insertion.finish()
            page = self._decoder.feed(data)
            self._remember(page)
            return self._insertion.feed(page)
        except Exception as error:  # noqa: BLE001 - mitmproxy has no boundary around a stream callable
            self.broken = error
            return b""

    @property
    def body(self) -> bytes | None:
        """The page as the site sent it; None where it was too long to be kept."""
        return None if self._kept is None else bytes(self._kept)

    def _remember(self, page: bytes) -> None:
        if self._kept is not None:
            self._kept += page
            if len(self._kept) > self._keep:
                self._kept = None


def prepare(
    response: http.Response, request: HttpRequest, *, chunked: bool, learns: bool, limit: int
) -> PageReader | None:
    """Choose how the body goes on, and edit the headers of a page that gets the overlay.

    What is to be learned from is kept back until it is whole (at most `limit` bytes of it are read), a page
    is read as it streams by, and all else streams. `chunked`: the client speaks HTTP/1.1.
    """
    if response.status_code in _BODILESS or request.method == "HEAD":
        return None
    coding = find_header(response.headers.fields, "content-encoding")
    if _is_page(request, response) and all(name in CODINGS for name in codings_of(coding)):
        reader = PageReader(coding, _admit_overlay(response), limit if learns else 0)
        response.headers.pop("content-encoding", None)
        response.headers.pop("content-length", None)
        if chunked:
            response.headers["transfer-encoding"] = "chunked"
        response.stream = reader
        return reader
    response.stream = not learns or _length(response) > limit
    return None


def _is_page(request: HttpRequest, response: http.Response) -> bool:
    content_type = find_header(response.headers.fields, "content-type") or ""
    return content_type[:9].lower() == "text/html" and request.is_navigation and not request.is_framed


def _length(response: http.Response) -> int:
    text = find_header(response.headers.fields, "content-length") or ""
    return int(text) if text.isascii() and text.isdigit() else 0


def _admit_overlay(response: http.Response) -> str | None:
    """Edit the page's own policies, on one header line or several; the reporting ones stay."""
    lines = response.headers.get_all(_POLICY)
    policies = [policy for line in lines for policy in split_policies(line)]
    admission = admit(policies, secrets.token_urlsafe(16))
    if list(admission.policies) != policies:
        response.headers.set_all(_POLICY, admission.policies)
    return admission.nonce
