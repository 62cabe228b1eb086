"""A whole house beside a witness: from its first entry to its last, what it signed is witnessed."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import structlog

from guardrail import heart, wiring
from guardrail.cli import setup
from guardrail.errors import GuardrailError, LedgerUnavailableError
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


async def test_a_cosignature_that_is_taken_out_is_missed(tmp_path: Path, memory: Path) -> None:
    """The next start names it, the end too: whoever removes it cannot remove that."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    key = ledger_keys(data, "file").signer.verifier
    keeper = Keeper(memory, COSIGNER, {key.name: [key]})
    async with serving(keeper) as witness:
        settings = settings_of(tmp_path, witnesses={witness.url: str(witness.key)})
        for _ in range(2):
            house = wiring.build(settings)
            await house.close(house.open())
    with closing(sqlite3.connect(data / LEDGER_FILE)) as connection:
        [(size,)] = connection.execute("SELECT min(size) FROM cosignatures").fetchall()
        connection.execute("DELETE FROM cosignatures WHERE size = ?", (size,))
        connection.commit()
    report = verify(data / LEDGER_FILE, [key], witnesses=[COSIGNER.verifier])
    assert f"the cosignature of `{COSIGNER.verifier.name}` at {size} entries is missing" in (report.reason or "")


async def test_a_house_that_ends_waits_for_no_witness(tmp_path: Path) -> None:
    """One that is being asked at that moment does not answer; nothing is written after the end."""
    asked = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        asked.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        settings = settings_of(tmp_path, witnesses={f"http://{host}:{port}": str(COSIGNER.verifier)})
        house = wiring.build(settings)
        tasks = house.open()
        await asked.wait()
        await house.close(tasks)
    with pytest.raises(LedgerUnavailableError, match="guardrail is ending"):
        house.write(EntryKind.HEARTBEAT, {HEARTBEAT: 900})
    with closing(LedgerReader(tmp_path / "data" / LEDGER_FILE)) as reader:
        assert [stored.entry.kind for stored in reader.read()][-1] is EntryKind.STOPPED


async def test_whichever_task_of_a_house_fails_it_is_on_the_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And in what the metrics and the doctor say; each by itself, and the house still ends well."""

    async def fails(*_: object) -> None:
        raise RuntimeError("Margit Ollander")

    paused, names = asyncio.Event(), sorted(heart.TASKS)
    waiting = iter(names)

    async def pause(_: float) -> None:
        if next(waiting, None) == names[-1]:
            paused.set()
        await asyncio.Event().wait()

    monkeypatch.setattr("guardrail.tending.pause", pause)
    for place in ("house._sweep", "house.watch", "heart.beat", "heart.witnessing", "canary.Canary.watch"):
        monkeypatch.setattr(f"guardrail.{place}", fails)
    settings = settings_of(tmp_path, witnesses={"http://127.0.0.1:9": str(COSIGNER.verifier)})
    house = wiring.build(settings)
    tasks = house.open()
    async with asyncio.timeout(30):  # it only bounds a failing test
        await paused.wait()
    assert all(house.tending.away(name) > 0 for name in names)
    await house.close(tasks)
    with closing(LedgerReader(tmp_path / "data" / LEDGER_FILE)) as reader:
        failed = [one.entry.details for one in reader.read() if one.entry.kind is EntryKind.FAILURE]
    assert sorted(str(one["where"]) for one in failed) == names
    assert all(str(one["cause"]).startswith("RuntimeError@test_house.py:") for one in failed)
    with pytest.raises(GuardrailError, match="`sweep` failed at") as caught:
        setup._tasks(settings)
    assert all(f"`{name}` failed at" in str(caught.value) for name in names)


async def test_a_house_runs_although_its_witness_does_not(tmp_path: Path) -> None:
    """Nothing waits for it; the doctor says so."""
    witnesses = {"http://127.0.0.1:9": str(COSIGNER.verifier)}
    house = wiring.build(settings_of(tmp_path, witnesses=witnesses))
    await house.close(house.open())
    with pytest.raises(GuardrailError, match="has not witnessed this ledger at all: see that http://127"):
        setup._witnesses(settings_of(tmp_path, witnesses=witnesses))
