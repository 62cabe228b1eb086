"""The PAC file: only the watched hosts go through the proxy, and all else goes its own way."""

from __future__ import annotations

import json
from collections.abc import Iterable

from guardrail.proxy.authority import INTERNAL

# A walk over the host's suffixes: one look-up per label, however many domains there are.
# No DIRECT behind the proxy: with the proxy down a watched site must not open unguarded.
_TEMPLATE = """\
// Made by guardrail: it follows the watched sites, so do not edit it.
var DOMAINS = {domains};
function FindProxyForURL(url, host) {{
  host = host.toLowerCase().replace(/\\.$/, "");
  while (host) {{
    if (Object.prototype.hasOwnProperty.call(DOMAINS, host)) return {proxy};
    var dot = host.indexOf(".");
    if (dot < 0) break;
    host = host.substring(dot + 1);
  }}
  return "DIRECT";
}}
"""


def pac(domains: Iterable[str], host: str, port: int) -> str:
    """Give the PAC text that sends `domains`, all below them and guardrail.internal to the proxy at host:port."""
    wanted = dict.fromkeys(sorted({*(domain.lower() for domain in domains), INTERNAL}), 1)
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return _TEMPLATE.format(domains=json.dumps(wanted, separators=(",", ":")), proxy=json.dumps(f"PROXY {place}"))
