"""What our own pages are told of who asks."""

from __future__ import annotations

import pytest
from mitmproxy.test import tutils

from guardrail.model.people import Clinician
from guardrail.proxy.routing import introduce, measure


def test_an_id_comes_as_the_pages_read_it() -> None:
    """Latin-1, as ASGI servers take header values; nothing of the client's own is left."""
    request = tutils.treq(headers=((b"X-Guardrail-How", b"forged"), (b"accept", b"*/*")))
    introduce(request, "secret", Clinician("zo\u00eb", "os-user"))
    assert request.headers.fields == (
        (b"accept", b"*/*"),
        (b"x-guardrail-secret", b"secret"),
        (b"x-guardrail-clinician", b"zo\xeb"),
        (b"x-guardrail-how", b"os-user"),
    )


@pytest.mark.parametrize("name", ["a\r\nx-guardrail-how: b", "\u0436"])
def test_an_id_that_no_header_can_hold_is_an_error(name: str) -> None:
    """It becomes a refusal, not another header."""
    with pytest.raises(ValueError):  # noqa: PT011 - of two kinds, both ValueError
        introduce(tutils.treq(), "secret", Clinician(name, "proxy-auth"))


def test_nobody_is_nobody() -> None:
    """Without a clinician only the secret is told, and the pages refuse."""
    request = tutils.treq(headers=())
    introduce(request, "secret", None)
    assert request.headers.fields == ((b"x-guardrail-secret", b"secret"),)


@pytest.mark.parametrize(
    ("headers", "body", "length"),
    [
        ((), b"q=rye", "5"),
        ((), b"", None),
        (((b"Content-Length", b"5"),), b"q=rye", "5"),
        (((b"transfer-encoding", b"chunked"),), b"q=rye", None),
    ],
)
def test_a_body_without_an_end_gets_one(
    headers: tuple[tuple[bytes, bytes], ...], body: bytes, length: str | None
) -> None:
    """HTTP/2 needs no length; in HTTP/1.1 the body would be read as the next request."""
    request = tutils.treq(headers=headers, content=body)
    measure(request)
    assert request.headers.get("content-length") == length
