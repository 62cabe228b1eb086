"""`guardrail ledger`: list, verify and export what was recorded."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, TextIO

import typer
from babel.dates import format_datetime
from rich.table import Table

from guardrail.cli.terminal import ExitCode, err, out, print_json, progress
from guardrail.errors import LedgerError
from guardrail.ledger.export import as_row, write_csv, write_json_lines
from guardrail.ledger.keys import VERIFIER_FILE, read_verifiers
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.seal import read_identities
from guardrail.ledger.verify import verify as verify_file
from guardrail.model.entry import StoredEntry
from guardrail.settings import LEDGER_FILE

app = typer.Typer(help="List, check and export what was recorded.", no_args_is_help=True, add_completion=False)

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
    with _open(data_dir) as ledger:
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
    as_json: AsJson = False,
) -> None:
    """Check every byte and every signature; exit 1 and name the first bad entry where something is wrong."""
    file = data_dir / LEDGER_FILE
    if not file.is_file():
        raise LedgerError(f"there is no ledger at {file}: check --data-dir, or start guardrail once")
    with err.status("checking the ledger"):
        report = verify_file(file, read_verifiers(key or data_dir / VERIFIER_FILE))
    if as_json:
        facts = {"good": report.good, "entries": report.entries, "root": report.root}
        print_json(facts | {"first_bad": report.first_bad, "reason": report.reason})
    elif report.good:
        out.print(f"the ledger is whole: {report.entries} entries, root {report.root}")
    else:
        out.print(f"the ledger is NOT whole: {report.reason}", markup=False)
        out.print(f"good up to here: {report.entries} entries, root {report.root}")
    if not report.good:
        raise typer.Exit(ExitCode.FOUND)


@app.command()
def export(
    data_dir: DataDir = DEFAULT,
    *,
    to: Annotated[Path | None, typer.Option("--to", help="The file to write; without it, stdout.")] = None,
    format_: Annotated[
        Literal["jsonl", "csv"], typer.Option("--format", help="JSON lines, or CSV for a spreadsheet.")
    ] = "jsonl",
    start: Annotated[int, typer.Option("--from", min=0, help="Begin at the entry with this index.")] = 0,
    identity: Annotated[
        Path | None, typer.Option(help="Your secret key, to open what was typed: keep the export as a client's record.")
    ] = None,
) -> None:
    """Export every entry; what was typed stays closed where no key is given."""
    write = write_csv if format_ == "csv" else write_json_lines
    identities = read_identities(identity) if identity is not None else ()
    with _open(data_dir) as ledger, _destination(to) as file:
        count = write(progress(ledger.read(start), "exporting"), file, identities)
    err.print(f"{count} entries exported")


@contextmanager
def _open(data_dir: Path) -> Iterator[LedgerReader]:
    file = data_dir / LEDGER_FILE
    if not file.is_file():
        raise LedgerError(f"there is no ledger at {file}: check --data-dir, or start guardrail once")
    ledger = LedgerReader(file)
    try:
        yield ledger
    finally:
        ledger.close()


@contextmanager
def _destination(file: Path | None) -> Iterator[TextIO]:
    if file is None:
        yield sys.stdout
        return
    try:
        # Owner only from the first byte on: the export holds what was typed.
        file.touch(mode=0o600, exist_ok=False)
        with file.open("w", encoding="utf-8", newline="") as stream:
            yield stream
    except FileExistsError:
        raise LedgerError(f"{file} is there already: name a new file") from None
    except OSError as error:
        raise LedgerError(f"cannot write {file}: {error.strerror}: choose another place") from None


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
        table.add_row(str(stored.index), when, entry.kind, *(cell or "" for cell in cells))
    return table
