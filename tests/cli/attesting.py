"""A data folder in which clinicians said of words that they mean no client: a real desk, policy, roster and ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from guardrail.holds.desk import Desk
from guardrail.keystore import read_or_create_key
from guardrail.ledger.keys import ledger_keys
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.store import SqliteLedger
from guardrail.model.action import Action, ActionKind, Subject
from guardrail.model.entry import Entry
from guardrail.model.hold import Attestation
from guardrail.model.http import HttpRequest
from guardrail.model.people import Clinician
from guardrail.policy.evaluate import evaluate
from guardrail.policy.load import load_policy
from guardrail.roster.source import Clients
from guardrail.settings import LEDGER_FILE, ROSTER_KEY, Settings

CLIENTS = """client_ref,given_name,family_name,handles
C-1,Margit,Ollander,
C-2,Dora,Quill,x:dora_q
"""
RULES = Path(__file__).parents[2] / "rules.yaml"
REQUEST = HttpRequest("GET", "https", "www.google.com", 443, "/search", "q=x", ())


class _Now:
    def now(self) -> datetime:
        return datetime.now(UTC)


class _Ids:
    def __init__(self) -> None:
        self._numbers = count()

    def new(self) -> str:
        return f"id-{datetime.now(UTC).timestamp()}-{next(self._numbers)}"


def attest(data: Path, said: Iterable[tuple[str, Subject]]) -> None:
    """Let each clinician search for each subject, be held, and say that this is not a client."""
    key, keys = read_or_create_key(data, ROSTER_KEY), ledger_keys(data)
    policy, roster = load_policy(RULES), Clients(Settings(data_dir=data), key).roster()

    async def go_on(ledger: SqliteLedger) -> None:
        desk = Desk(ledger, _Now(), _Ids(), "front-desk", key, lambda: policy)
        for who, subject in said:
            clinician = Clinician(who, "os-user")
            await desk.acknowledge_notice(clinician)
            action = Action(ActionKind.SEARCH, "google", "google-search", subject)
            matches = roster.match(subject, "x")
            assert matches, "the roster knows nobody by this"
            decision = evaluate(policy, action, matches, clinician, datetime.now(UTC))
            hold = await desk.open(REQUEST, action, decision, clinician)
            await desk.attest(hold.id, clinician, Attestation("same_name"))

    with closing(SqliteLedger(data / LEDGER_FILE, keys.seal, keys.signer)) as ledger:
        asyncio.run(go_on(ledger))


def entries(data: Path) -> list[Entry]:
    """Read the ledger."""
    with closing(LedgerReader(data / LEDGER_FILE)) as ledger:
        return [stored.entry for stored in ledger.read()]
