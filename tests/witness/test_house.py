"""A whole house beside a witness: from its first entry to its last, what it signed is witnessed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import structlog

from guardrail import wiring
from guardrail.cli import setup
from guardrail.errors import GuardrailError
from guardrail.ledger.keys import ledger_keys, read_verifiers
from guardrail.ledger.note import Note
from guardrail.ledger.pulse import CHECKPOINT, HEARTBEAT
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.verify import verify
from guardrail.model.entry import EntryKind
from guardrail.settings import LEDGER_FILE, Settings
from guardrail.witness.keeper import Keeper
from tests.witness.conftest import COSIGNER
from tests.witness.test_sender import serving

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _own_logs() -> Iterator[None]:
    """Leave structlog as it was: a house sets it up for its process."""
    yield
    structlog.reset_defaults()


def settings_of(folder: Path, **changes: object) -> Settings:
    """Give the settings of a house in this process."""
    facts = {"rules": ROOT / "rules.yaml", "data_dir": folder / "data", "pages_port": 0, "listen_port": 0}
    return Settings.model_validate({**facts, "practice": True, "key_store": "file", **changes})


async def test_a_house_is_witnessed_from_its_start_to_its_end(tmp_path: Path, memory: Path) -> None:
    """It promises how often its heart beats, and its last word reaches the witness before it goes."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    key = ledger_keys(data, "file").signer.verifier
    keeper = Keeper(memory, COSIGNER, {key.name: [key]})
    async with serving(keeper) as witness:
        witnesses = {witness.url: str(witness.key)}
        house = wiring.build(settings_of(tmp_path, witnesses=witnesses, heartbeat_minutes=5, checkpoint_every=32))
        await house.close(house.open())
    with closing(LedgerReader(data / LEDGER_FILE)) as reader:
        entries = [stored.entry for stored in reader.read()]
    assert entries[0].kind is EntryKind.STARTED
    assert {HEARTBEAT: 300, CHECKPOINT: 32}.items() <= entries[0].details.items()
    assert (entries[-1].kind, entries[-1].details) == (EntryKind.STOPPED, {HEARTBEAT: 300})
    [latest] = keeper.latest()
    assert Note.read(latest).checkpoint().size == len(entries)
    report = verify(data / LEDGER_FILE, [key], witnesses=read_verifiers(data / "witnesses.vkey"), witnessed=[latest])
    assert report.findings == ()
    told = setup._witnesses(settings_of(tmp_path, witnesses=witnesses))
    assert told == "1 asked, and none has been silent for long"


async def test_a_house_runs_although_its_witness_does_not(tmp_path: Path) -> None:
    """Nothing waits for it; the doctor says so."""
    witnesses = {"http://127.0.0.1:9": str(COSIGNER.verifier)}
    house = wiring.build(settings_of(tmp_path, witnesses=witnesses))
    await house.close(house.open())
    with pytest.raises(GuardrailError, match="has not witnessed this ledger at all: see that http://127"):
        setup._witnesses(settings_of(tmp_path, witnesses=witnesses))
