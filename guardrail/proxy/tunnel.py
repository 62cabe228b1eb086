"""What is decrypted and what is not: a host that no rule watches goes through as it came."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import lru_cache

from mitmproxy import connection, http, tls
from mitmproxy.net.http import url

from guardrail.model.http import find_header
from guardrail.proxy.convert import plain_host

type Watches = Callable[[str], bool]


def judge(hello: tls.ClientHelloData, watches: Watches) -> None:
    """Mark a TLS connection to be passed on undecrypted, unless its name or its destination is watched.

    Without a server name and to a bare address nothing is decrypted: our authority may not sign for an
    address, and no browser reaches a watched site that way.
    """
    context = hello.context
    name = plain_host(context.client.sni or "")
    if watches(name):
        _lead_by_name(context.server, name)
    elif not watches(_address_of(context.server)):
        hello.ignore_connection = True


def watched_host(flow: http.HTTPFlow, watches: Watches) -> str | None:
    """Give the watched host that a request is for; None where none of its names is watched.

    A request names its host up to three times; one watched name is enough, so that none can be a mask.
    """
    request = flow.request
    claimed = request.data.authority or find_header(request.headers.fields, "host") or ""
    for name in (_name_of(claimed), request.data.host, flow.client_conn.sni):
        if name and watches(host := plain_host(name)):
            return host
    return None


@lru_cache(maxsize=1024)
def _name_of(authority: bytes | str) -> str:
    """Give the host of `host:port`, leniently; the few that a workstation uses are read once."""
    text = authority if isinstance(authority, str) else authority.decode("utf-8", "surrogateescape")
    name: str = url.parse_authority(text, check=False)[0]
    return name


def watched_connection(client: connection.Client, server: connection.Server, watches: Watches) -> bool:
    """Whether a connection that speaks no HTTP goes to a watched host."""
    return watches(_address_of(server)) or watches(plain_host(client.sni or ""))


def _address_of(server: connection.Server) -> str:
    return plain_host(server.address[0]) if server.address else ""


def _lead_by_name(server: connection.Server, name: str) -> None:
    """Go where the client's TLS says: in `local` mode only an address is known, for which no leaf may be signed."""
    if server.address is None or server.connected:
        return
    host, port = server.address[:2]
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return
    server.address = (name, port)
