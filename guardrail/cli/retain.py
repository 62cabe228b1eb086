"""`guardrail ledger retain` and `hold`: what has had its time is destroyed, unless somebody must keep it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from guardrail.cli.terminal import err, out, print_json
from guardrail.errors import LedgerError
from guardrail.keystore import read_or_create_key
from guardrail.ledger.keys import ledger_keys
from guardrail.ledger.retain import Terms, destroy, due, hold_entry, holds
from guardrail.ledger.store import SqliteLedger
from guardrail.roster.source import Clients
from guardrail.settings import LEDGER_FILE, ROSTER_KEY, Settings, read_settings

SettingsFile = Annotated[Path | None, typer.Option("--settings", help="A settings file (YAML).")]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="The folder in which the ledger lives.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def retain(
    settings: SettingsFile = None,
    data_dir: DataDir = None,
    *,
    apply: Annotated[bool, typer.Option("--apply", help="Destroy them; without it only say how many.")] = False,
    as_json: AsJson = False,
) -> None:
    """Destroy the closed texts that have been kept for their years; the entries stay, and one more says so."""
    read = read_settings(settings, {"data_dir": data_dir})
    now = datetime.now(UTC)
    with _open(read) as ledger:
        with err.status("looking for what has had its time"):
            found = due(ledger.read(), Terms(read.retention_years, read.retention_years_of), now)
        done = destroy(ledger, found, read.workstation, now) if apply else 0
    if as_json:
        print_json({"due": found.count, "held": found.held, "destroyed": done, "rules": {**found.texts}})
        return
    for rule, indexes in found.texts.items():
        out.print(f"{rule}: {len(indexes)} closed texts", markup=False)
    out.print(f"{done} destroyed" if apply else f"{found.count} would be destroyed: run it with --apply")
    if found.held:
        out.print(f"{found.held} have had their time and are kept by a legal hold")


def hold(
    client: Annotated[str | None, typer.Argument(help="The client's reference; without it everybody.")] = None,
    settings: SettingsFile = None,
    data_dir: DataDir = None,
    *,
    reason: Annotated[str | None, typer.Option(help="Why; it is closed like all that is typed.")] = None,
    lift: Annotated[bool, typer.Option("--lift", help="End the hold.")] = False,
) -> None:
    """Keep a client's closed texts from being destroyed, whatever their age; without a reason, list what is held."""
    read = read_settings(settings, {"data_dir": data_dir})
    with _open(read) as ledger:
        if reason is not None:
            if client is not None:
                _check(read, client)
            ledger.append(hold_entry(read.workstation, datetime.now(UTC), client, reason, held=not lift))
        elif lift or client is not None:
            raise LedgerError("a legal hold needs a reason: say it with --reason")
        held = sorted(holds(ledger.read()), key=str)
    for one in held:
        out.print(f"held: {one if one is not None else 'everybody'}", markup=False)
    if not held:
        out.print("nothing is held")


def _check(read: Settings, client: str) -> None:
    """Refuse a name in a reference's place: it would stand in the ledger for good, for everybody to read."""
    key = read_or_create_key(read.data_dir, ROSTER_KEY, read.key_store)
    if Clients(read, key).roster().is_named_in(client):
        raise LedgerError("that is a client's name: say the client's reference, as the client list has it")


@contextmanager
def _open(settings: Settings) -> Iterator[SqliteLedger]:
    file = settings.data_dir / LEDGER_FILE
    if not file.is_file():
        raise LedgerError(f"there is no ledger at {file}: check --data-dir, or start guardrail once")
    keys = ledger_keys(settings.data_dir, settings.key_store)
    ledger = SqliteLedger(file, keys.seal, keys.signer, settings.checkpoint_every)
    try:
        yield ledger
    finally:
        ledger.close()
