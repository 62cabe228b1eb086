"""What dies in the crash test: forks a real gate, desk and ledger for each order that comes on standard input.

An order is `<path> <seam>`: the child carries out two episodes from hold to release, and stops for good
at the seam of that number (0: at none). Lines out, each written at once: `pid <n>`, `released <hold>` at the very
moment of a release, `at <seam>`, `done <seams>`; after `reap` on standard input, `ended`.
"""

from __future__ import annotations

import asyncio
import gc
import os
import secrets
import signal
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import event

from guardrail.gate import Gate, HoldOverlay, HoldPage, Pass
from guardrail.holds.desk import Desk
from guardrail.ledger.store import SqliteLedger
from guardrail.model.entry import Entry
from guardrail.model.hold import Justification
from guardrail.model.http import HttpRequest
from guardrail.model.people import Clinician
from guardrail.policy.load import load_policy
from guardrail.policy.terms import Policy
from guardrail.recognise import Identities, SiteIndex, load_sites
from guardrail.roster import Roster, load_roster
from tests.ledger_keys import SEAL, SIGNER, opened

WREN = Clinician("dr-wren", "os-user")
SITE = """
site: facebook
name: Facebook
hosts: [www.facebook.com]
recognisers:
  - id: search
    action: search
    when: { path: [/search] }
    take: { query: query q }
    examples: { match: [{ url: "/search?q=jane", expect: { query: jane } }], ignore: [/help] }
  - id: follow
    action: follow
    when: { method: POST, path: [/follow] }
    take: { id: form id }
    examples: { match: [{ url: /follow, method: POST, form: { id: "7" }, expect: { id: "7" } }], ignore: [/help] }
"""
ROSTER = "client_ref,given_name,family_name,handles,status\nC-1,Margit,Ollander,facebook:77,current\n"
SEARCH_HEADERS = ((b"Sec-Fetch-Mode", b"navigate"), (b"Sec-Fetch-Dest", b"document"))
CALL_HEADERS = ((b"Sec-Fetch-Mode", b"cors"), (b"Content-Type", b"application/x-www-form-urlencoded"))


def say(line: str) -> None:
    """Write a line at once: what is written is with the reader, also when this process is killed."""
    os.write(1, f"{line}\n".encode())


class Seams:
    """Counts the places at which a crash is tried, and stops for good at the planned one."""

    def __init__(self, planned: int) -> None:
        """Take the number of the seam, 0 for none."""
        self.planned = planned
        self.count = 0
        self.armed = False

    def __call__(self, *_: object) -> None:
        """Pass the next seam, or never."""
        self.count += self.armed
        if self.armed and self.count == self.planned:
            say(f"at {self.count}")
            while True:
                signal.pause()


class SeamLedger(SqliteLedger):
    """The real ledger, with seams around each append and inside its transaction."""

    def __init__(self, path: Path, seam: Seams) -> None:
        """Open the ledger; opening itself has no seams."""
        super().__init__(path, SEAL, SIGNER)
        self._seam = seam
        # Opening has left a connection: the next one is made anew, and SQLite tells of each statement on it.
        self._writer.dispose()
        event.listen(self._writer, "connect", lambda made, _: made.set_trace_callback(seam))
        event.listen(self._writer, "commit", seam)

    def append(self, *entries: Entry) -> int:
        """Append between two seams."""
        self._seam()
        index = super().append(*entries)
        self._seam()
        return index


class Clock:
    """The computer's clock."""

    def now(self) -> datetime:
        """Give the time now."""
        return datetime.now(UTC)


class SeamIds:
    """Random ids, with a seam before each."""

    def __init__(self, seam: Seams) -> None:
        """Take the seams."""
        self._seam = seam

    def new(self) -> str:
        """Give 128 random bits."""
        self._seam()
        return secrets.token_urlsafe(16)


def answers(policy: Policy, form_id: str) -> Justification:
    """Give whole answers on the fast path."""
    form = policy.forms[form_id]
    codes = (form.danger[0].code, (), True, form.purposes[0].code)
    return Justification(*codes, narrative="sent a goodbye", fast=True, duty_accepted=True)


async def episodes(path: Path, seam: Seams, parts: tuple[SiteIndex, Roster, Policy]) -> None:
    """Go from hold to release, twice: a search under a grant for an hour, a follow under one for a single use."""
    sites, roster, policy = parts
    ledger, ids = SeamLedger(path, seam), SeamIds(seam)
    desk = Desk(ledger, Clock(), ids, "front-desk", b"k" * 32, lambda: policy)
    gate = Gate(lambda: sites, lambda: roster, lambda: policy, Identities(10), desk, Clock(), ids)
    await desk.acknowledge_notice(WREN)
    await desk.sweep()  # what the last crash left open is written down
    for grant in desk.grants(WREN):
        await desk.revoke(grant.id, WREN)
    seam.armed = True
    search = HttpRequest("GET", "https", "www.facebook.com", 443, "/search", "q=margit+ollander", SEARCH_HEADERS)
    follow = HttpRequest("POST", "https", "www.facebook.com", 443, "/follow", "", CALL_HEADERS, b"id=77")
    for request, tries in ((search, 2), (follow, 1)):
        met = await gate.check(request, WREN)
        seam()
        assert isinstance(met, HoldPage | HoldOverlay), met
        rule: Any = met.hold.decision.rule
        await desk.justify(met.hold.id, WREN, answers(policy, rule.form))
        seam()
        for _ in range(tries):
            passed = await gate.check(request, WREN)
            assert isinstance(passed, Pass), passed
            say(f"released {met.hold.id}")
            seam()
    assert isinstance(await gate.check(follow, WREN), HoldOverlay)
    say(f"done {seam.count}")


def main() -> None:
    """Serve orders until standard input ends."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "facebook.yaml").write_text(SITE, encoding="utf-8")
        (folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
        roster = load_roster(folder / "roster.csv", b"k" * 32)
        policy = load_policy(Path(__file__).parent.parent.parent / "rules.yaml")
        parts = (load_sites([folder], ours=None), roster, policy)
        opened(folder / "first").close()  # what only a new file needs is loaded before the forks
    gc.freeze()  # the children leave the memory that they share alone
    say("ready")
    for order in iter(sys.stdin.readline, ""):
        path, planned = order.split()
        child = os.fork()
        if child == 0:
            try:
                say(f"pid {os.getpid()}")
                asyncio.run(episodes(Path(path), Seams(int(planned)), parts))
            except Exception:  # noqa: BLE001 - the parent sees what went wrong, and the child ends in any case
                say(f"failed {traceback.format_exc()!r}")
            finally:
                os._exit(0)
        assert sys.stdin.readline() == "reap\n"
        os.waitpid(child, 0)
        say("ended")


if __name__ == "__main__":
    main()
