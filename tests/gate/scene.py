"""The gate over a real ledger, two small sites, two clients, and the requests that tests send it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from guardrail.gate import Gate, HoldOverlay, HoldPage
from guardrail.holds.desk import Desk
from guardrail.ledger.store import SqliteLedger
from guardrail.model.hold import Hold, Justification
from guardrail.model.http import HttpRequest
from guardrail.model.people import Clinician
from guardrail.policy.terms import Policy

ROOT = Path(__file__).parent.parent.parent
WREN = Clinician("dr-wren", "os-user")
HALE = Clinician("dr-hale", "os-user")

SEARCHES = """
site: google
name: Google
hosts: [www.google.com]
recognisers:
  - id: search
    action: search
    when: { method: [GET, POST], path: [/search] }
    take: { query: [query q, form q] }
    examples: { match: [{ url: "/search?q=jane+doe", expect: { query: jane doe } }], ignore: [/imghp] }
  - id: suggest
    action: suggest
    silence: opensearch
    when: { path: [/complete/search] }
    take: { query: query q }
    examples: { match: [{ url: "/complete/search?q=jane", expect: { query: jane } }], ignore: ["/complete/search?q="] }
"""
SOCIAL = """
site: facebook
name: Facebook
hosts: [www.facebook.com]
recognisers:
  - id: profile
    action: view_profile
    when: { path: ["/people/{handle}"] }
    take: { handle: path handle }
    examples: { match: [{ url: /people/jane.doe, expect: { handle: jane.doe } }], ignore: [/people] }
  - id: follow
    action: follow
    when: { method: POST, path: [/follow] }
    take: { id: form id }
    examples: { match: [{ url: /follow, method: POST, form: { id: "7" }, expect: { id: "7" } }], ignore: [/following] }
learn:
  objects:
    - { has: [uid, label], id: at /uid, name: at /label }
"""
ROSTER = """client_ref,given_name,family_name,handles,status
C-1,Margit,Ollander,facebook:margit.ollander; facebook:77,current
C-2,Tobin,Ashgrove,facebook:88,former
"""


class HandClock:
    """Time that passes only when told."""

    def __init__(self) -> None:
        """Begin at nine on a Monday."""
        self.time = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """Give the time as it was set."""
        return self.time


class RandomIds:
    """Ids as in earnest."""

    def new(self) -> str:
        """Give 128 random bits."""
        return secrets.token_urlsafe(16)


@dataclass
class House:
    """The gate and what stands around it."""

    gate: Gate
    desk: Desk
    ledger: SqliteLedger
    clock: HandClock
    policy: Policy
    excepted: dict[str, datetime] = field(default_factory=dict)

    def kinds(self) -> list[str]:
        """Give the kinds of all entries since the notices."""
        return [stored.entry.kind.value for stored in self.ledger.read()][2:]

    def answers(self) -> Justification:
        """Give whole answers to the crisis form, on the fast path."""
        form = self.policy.forms["crisis"]
        codes = (form.danger[0].code, (), True, form.purposes[0].code)
        return Justification(*codes, narrative="sent a goodbye", fast=True, duty_accepted=True)

    async def justify(self, request: HttpRequest) -> Hold:
        """Stop at the request and answer the form of its rule."""
        met = await self.gate.check(request, WREN)
        assert isinstance(met, HoldPage | HoldOverlay)
        rule = met.hold.decision.rule
        assert rule is not None
        form = self.policy.forms[rule.form or ""]
        answers = replace(self.answers(), danger=form.danger[0].code, purpose=form.purposes[0].code)
        return await self.desk.justify(met.hold.id, WREN, answers)


def page(
    path: str, query: str = "", host: str = "www.google.com", method: str = "GET", body: bytes = b""
) -> HttpRequest:
    """Give a navigation."""
    headers = [(b"Sec-Fetch-Mode", b"navigate"), (b"Sec-Fetch-Dest", b"document")]
    if body:
        headers.append((b"Content-Type", b"application/x-www-form-urlencoded"))
    return HttpRequest(method, "https", host, 443, path, query, tuple(headers), body)


def call(path: str, body: bytes, host: str = "www.facebook.com") -> HttpRequest:
    """Give a call that a page's script sends."""
    headers = (
        (b"Sec-Fetch-Mode", b"cors"),
        (b"Origin", f"https://{host}".encode()),
        (b"Content-Type", b"application/x-www-form-urlencoded"),
    )
    return HttpRequest("POST", "https", host, 443, path, "", headers, body)


SEARCH = page("/search", "q=margit+ollander")
FOLLOW = call("/follow", b"id=77")
PROFILE = page("/people/margit.ollander", host="www.facebook.com")
