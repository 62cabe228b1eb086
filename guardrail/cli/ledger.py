"""`guardrail ledger`: list, read, review, verify and export what was recorded."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from babel.dates import format_datetime
from rich.table import Table
from rich.text import Text

from guardrail.cli import database, episode, export
from guardrail.cli.opened import opened
from guardrail.cli.reseal import reseal
from guardrail.cli.retain import hold, retain
from guardrail.cli.terminal import ExitCode, err, out, print_json
from guardrail.errors import LedgerError
from guardrail.ledger.export import as_row
from guardrail.ledger.keys import VERIFIER_FILE, read_verifiers
from guardrail.ledger.proofs import checkpoints as kept_checkpoints
from guardrail.ledger.proofs import inclusion, read_kept
from guardrail.ledger.verify import verify as verify_file
from guardrail.model.entry import StoredEntry
from guardrail.settings import LEDGER_FILE
from guardrail.witness.sender import KEYS_FILE as WITNESS_KEYS

app = typer.Typer(
    help="List, read, judge, check and export what was recorded.", no_args_is_help=True, add_completion=False
)

app.command()(export.export)
app.command()(export.report)
app.command()(episode.episodes)
app.command(context_settings=episode.ANY_HOLD)(episode.show)
app.command(context_settings=episode.ANY_HOLD)(episode.review)
app.command()(reseal)
app.command()(retain)
app.command()(hold)
app.add_typer(database.app, name="database")

DataDir = Annotated[Path, typer.Option("--data-dir", help="The folder in which the ledger lives.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
DEFAULT = Path(".guardrail")


@app.command("list")
def list_(
    data_dir: DataDir = DEFAULT,
    *,
    as_json: AsJson = False,
    kind: Annotated[str | None, typer.Option(help="Only entries of this kind, such as `justified`.")] = None,
    clinician: Annotated[str | None, typer.Option(help="Only entries of this clinician.")] = None,
    start: Annotated[int, typer.Option("--from", min=0, help="Begin at the entry with this index.")] = 0,
) -> None:
    """List the entries, oldest first. What was typed is not shown; `export` opens it, with a key."""
    with opened(data_dir) as ledger:
        wanted = (
            stored
            for stored in ledger.read(start)
            if kind in (None, stored.entry.kind) and clinician in (None, stored.entry.clinician)
        )
        if as_json:
            for stored in wanted:
                print_json(_without_sealed(stored))
        else:
            out.print(_table(wanted))


@app.command()
def verify(
    data_dir: DataDir = DEFAULT,
    *,
    key: Annotated[
        Path | None, typer.Option(help="The verifier key that was kept elsewhere; without it the data folder's own.")
    ] = None,
    witnessed: Annotated[
        list[Path] | None,
        typer.Option(
            help="Checkpoints that were kept elsewhere, or a witness's: a file of them, or a folder of files."
        ),
    ] = None,
    witness_key: Annotated[
        Path | None, typer.Option(help="The witnesses' verifier keys; without it those that the data folder names.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check every byte, signature and heartbeat; exit 1 and say what is wrong, and from which entry on."""
    file = data_dir / LEDGER_FILE
    if not file.is_file():
        raise LedgerError(f"there is no ledger at {file}: check --data-dir, or start guardrail once")
    keys_file = witness_key or data_dir / WITNESS_KEYS
    with err.status("checking the ledger"):
        report = verify_file(
            file,
            read_verifiers(key or data_dir / VERIFIER_FILE),
            witnessed=read_kept(witnessed or ()),
            witnesses=read_verifiers(keys_file) if witness_key or keys_file.exists() else (),
        )
    if as_json:
        findings = [{"first_bad": one.index, "reason": one.reason} for one in report.findings]
        facts = {"good": report.good, "entries": report.entries, "root": report.root, "findings": findings}
        print_json(facts | {"first_bad": report.first_bad, "reason": report.reason, "notes": report.notes})
    elif report.good:
        out.print(f"the ledger is whole: {report.entries} entries, root {report.root}")
    else:
        for finding in report.findings:
            place = "the whole" if finding.index is None else f"first bad entry {finding.index}"
            out.print(f"the ledger is NOT whole ({place}): {finding.reason}", markup=False)
        out.print(f"read up to here: {report.entries} entries, root {report.root}")
    if not as_json:
        for note in report.notes:
            out.print(f"  {note}", markup=False)
    if not report.good:
        raise typer.Exit(ExitCode.FOUND)


@app.command()
def prove(
    index: Annotated[int, typer.Argument(min=0, help="The entry's index.")],
    data_dir: DataDir = DEFAULT,
    *,
    key: Annotated[Path | None, typer.Option(help="The verifier key; without it the data folder's own.")] = None,
) -> None:
    """Prove that one entry is in the ledger, without showing any other (a C2SP tlog-proof)."""
    verifiers = read_verifiers(key or data_dir / VERIFIER_FILE)
    with opened(data_dir) as ledger:
        sys.stdout.write(inclusion(ledger, index, verifiers))


@app.command()
def checkpoints(data_dir: DataDir = DEFAULT) -> None:
    """Give the signed states that stay: keep them elsewhere, and compare later with `verify --witnessed`."""
    with opened(data_dir) as ledger:
        sys.stdout.write("\n".join(kept_checkpoints(ledger)))


def _without_sealed(stored: StoredEntry) -> dict[str, object]:
    row: dict[str, object] = dict(as_row(stored))
    details = row["details"]
    if isinstance(details, dict):
        row["details"] = {key: value for key, value in details.items() if key != "sealed"}
    return row


def _table(entries: Iterable[StoredEntry]) -> Table:
    table = Table("no", "when", "what", "clinician", "action", "client", "rule", box=None, header_style="bold")
    for stored in entries:
        entry = stored.entry
        action = " ".join(part for part in (entry.site, entry.action) if part)
        when = format_datetime(entry.at.astimezone(), "yyyy-MM-dd HH:mm:ss", locale="en")
        cells = (entry.clinician, action, entry.client_ref, entry.rule)
        table.add_row(str(stored.index), when, entry.kind, *(Text(cell or "") for cell in cells))
    return table
