"""Where a watched request goes: to its site, to guardrail's own pages, or to a practice site."""

from __future__ import annotations

from mitmproxy import connection, http

from guardrail.model.http import find_header
from guardrail.model.people import Clinician
from guardrail.proxy.coding import CODINGS
from guardrail.proxy.trip import Address

SECRET, CLINICIAN, HOW = "x-guardrail-secret", "x-guardrail-clinician", "x-guardrail-how"
_OURS = b"x-guardrail-"


def to_loopback(flow: http.HTTPFlow, address: Address) -> None:
    """Send a flow to a server on this machine, in plain HTTP; its Host header stays as the client wrote it."""
    data = flow.request.data
    data.scheme = b"http"
    data.host, data.port = address
    # A connection of its own: the present one may lead through the clinic's own proxy (`via`).
    flow.server_conn = connection.Server(address=address)


def introduce(request: http.Request, secret: str, clinician: Clinician | None) -> None:
    """Tell our own pages who asks; what the client itself put under these names is thrown away.

    Raise ValueError where the clinician's id is not printable Latin-1.
    """
    kept = [(name, value) for name, value in request.headers.fields if not name.lower().startswith(_OURS)]
    kept.append((SECRET.encode(), secret.encode()))
    if clinician is not None:
        if not clinician.id.isprintable():
            raise ValueError("a clinician's id holds what no header can")
        # ASGI servers read header values as Latin-1; an id beyond it cannot be told, and is refused by that.
        kept += [(CLINICIAN.encode(), clinician.id.encode("latin-1")), (HOW.encode(), clinician.how.encode())]
    request.headers = http.Headers(kept)


def measure(request: http.Request) -> None:
    """Write the body's length into a request that came without any, as HTTP/2 allows.

    Sent on in HTTP/1.1 it would have no end otherwise: mitmproxy writes the body as it is behind the head, and the
    site takes it for the next request on the connection, which nobody has judged (RFC 9112, section 6.3).
    """
    body, fields = request.raw_content, request.headers.fields
    if body and find_header(fields, "content-length") is None and find_header(fields, "transfer-encoding") is None:
        request.headers["content-length"] = str(len(body))


def ask_readably(request: http.Request) -> None:
    """Offer the site only the content codings that we can undo; Chromium also knows shared dictionaries."""
    offered = find_header(request.headers.fields, "accept-encoding")
    if offered is None or "dc" not in offered:
        return
    headers = request.headers
    readable = [part.strip() for part in offered.split(",") if part.split(";")[0].strip().lower() in CODINGS]
    headers["accept-encoding"] = ", ".join(readable) or "identity"
    headers.pop("available-dictionary", None)
