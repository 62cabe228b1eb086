"""A gate for each test."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from guardrail.gate import Gate
from guardrail.holds.desk import Desk
from guardrail.policy.load import load_policy
from guardrail.policy.terms import Policy
from guardrail.recognise import Identities, SiteIndex, load_sites
from guardrail.roster import Roster, load_roster
from tests.gate.scene import HALE, ROOT, ROSTER, SEARCHES, SOCIAL, WREN, HandClock, House, RandomIds
from tests.ledger_keys import opened


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> SiteIndex:
    """Give two small sites of this test's own."""
    folder = tmp_path_factory.mktemp("sites")
    (folder / "google.yaml").write_text(SEARCHES, encoding="utf-8")
    (folder / "facebook.yaml").write_text(SOCIAL, encoding="utf-8")
    return load_sites([folder], ours=None)


@pytest.fixture(scope="session")
def roster(tmp_path_factory: pytest.TempPathFactory) -> Roster:
    """Give two clients."""
    file = tmp_path_factory.mktemp("roster") / "roster.csv"
    file.write_text(ROSTER, encoding="utf-8")
    return load_roster(file, b"k" * 32)


@pytest.fixture(scope="session")
def policy() -> Policy:
    """Give the policy of the repository."""
    return load_policy(ROOT / "rules.yaml")


@pytest.fixture
async def house(sites: SiteIndex, roster: Roster, policy: Policy, tmp_path: Path) -> House:
    """Give a gate over a real ledger; both clinicians have acknowledged the notice."""
    ledger, clock, ids = opened(tmp_path / "ledger.sqlite3"), HandClock(), RandomIds()
    excepted: dict[str, datetime] = {}
    desk = Desk(ledger, clock, ids, "front-desk", b"k" * 32, lambda: policy, excepted=lambda: excepted)
    await desk.acknowledge_notice(WREN)
    await desk.acknowledge_notice(HALE)
    identities = Identities(100, sites.page)
    gate = Gate(lambda: sites, lambda: roster, lambda: policy, identities, desk, clock, ids)
    return House(gate, desk, ledger, clock, policy, excepted)


@pytest.fixture(autouse=True)
def _closed(house: House) -> Iterator[None]:
    """Let go of the ledger's file at the end."""
    yield
    house.ledger.close()
