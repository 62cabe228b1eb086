"""What is sent to answer a hold over the wire, and the short way to send it."""

from __future__ import annotations

from collections.abc import Mapping

from guardrail.model.hold import Hold
from tests.web.conftest import Site

FAST = {"danger": "self", "purpose": "find_client", "no_time": "1", "line": "Goodbye text at 14:10", "speed": "fast"}
"""The crisis form, answered the fast way."""
ATTEST = {"reason": "same_name", "note": "a namesake"}
"""`This is not my client`, answered."""
SEARCH = "https://www.google.com/search?q=jane+doe"
"""The address that `Site.hold` has stopped, unless it is told another."""


def answer(site: Site, hold: Hold, step: str, fields: Mapping[str, str], surface: str = "hold") -> tuple[int, str]:
    """Post one step from the hold's own page: the status, and where it leads."""
    token = site.get(f"/{surface}/{hold.id}").token
    reply = site.post(f"/{surface}/{hold.id}/{step}", {"token": token, **fields})
    return reply.status, reply.headers.get("location", reply.text)
