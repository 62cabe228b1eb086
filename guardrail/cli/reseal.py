"""`guardrail ledger reseal`: sealed texts closed anew, to those who may read them now."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from guardrail.cli.passphrase import ask_passphrase
from guardrail.cli.recorded import system_user
from guardrail.cli.terminal import out
from guardrail.errors import LedgerError
from guardrail.settings import LEDGER_FILE, read_settings


def reseal(
    identity: Annotated[Path, typer.Option(help="The secret key that opens the texts.")],
    settings: Annotated[Path | None, typer.Option("--settings", help="A settings file (YAML).")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="The folder in which the ledger lives.")] = None,
    to: Annotated[
        list[str] | None,
        typer.Option(help="A public key that opens them afterwards, alone; without it those of recipients.txt."),
    ] = None,
    clinicians: Annotated[
        str | None, typer.Option(help="Only entries of these clinicians: ids, with commas between.")
    ] = None,
    passphrase_file: Annotated[
        Path | None, typer.Option("--passphrase-file", help="A file whose first line is the key's passphrase.")
    ] = None,
) -> None:
    """Close sealed texts anew to those who may read now; the old ones are destroyed, and an entry says so."""
    from guardrail.ledger.identity import read_identities
    from guardrail.ledger.keys import ledger_keys
    from guardrail.ledger.reseal import Who
    from guardrail.ledger.reseal import reseal as reseal_in
    from guardrail.ledger.seal import Seal
    from guardrail.ledger.store import SqliteLedger

    read = read_settings(settings, {"data_dir": data_dir})
    file = read.data_dir / LEDGER_FILE
    if not file.is_file():
        raise LedgerError(f"there is no ledger at {file}: check --data-dir, or start guardrail once")
    keys = ledger_keys(read.data_dir, read.key_store)
    seal = Seal(to) if to else keys.seal
    identities = read_identities(identity, lambda: ask_passphrase(passphrase_file))
    who, some = Who(system_user(), read.workstation), clinicians.split(",") if clinicians else ()
    with closing(SqliteLedger(file, keys.seal, keys.signer, read.checkpoint_every)) as ledger:
        done = reseal_in(ledger, identities, seal, who, some)
    out.print(f"{done.texts} texts are sealed anew; {done.closed} are not for this key and stay as they are")
