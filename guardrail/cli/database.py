"""`guardrail ledger database`: the clinic's PostgreSQL database, in which every workstation's ledger has its tree."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from guardrail.cli.terminal import ExitCode, err, out, print_json
from guardrail.errors import LedgerError
from guardrail.ledger.keys import read_verifiers
from guardrail.ledger.logins import admit
from guardrail.ledger.note import Verifier
from guardrail.ledger.place import Tree
from guardrail.ledger.prepare import KEEPER, MONTHS_AHEAD, READER, Planted, planted
from guardrail.ledger.prepare import prepare as prepare_database
from guardrail.ledger.sweep import sweep as sweep_database
from guardrail.ledger.verify import verify as verify_place

app = typer.Typer(help="Keep the database that many workstations share.", no_args_is_help=True, add_completion=False)

Address = Annotated[
    str, typer.Option("--ledger", envvar="GUARDRAIL_LEDGER", help="The database: postgresql+psycopg://user@host/name.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@app.command()
def prepare(
    ledger: Address,
    *,
    months: Annotated[int, typer.Option(min=1, max=240, help="For how many months to come rows get a part.")] = (
        MONTHS_AHEAD
    ),
) -> None:
    """Make the tables, the months to come, and the roles; as the database's owner, at first and once a year."""
    made = prepare_database(ledger, datetime.now(UTC).date(), months)
    out.print(f"the database is ready, {made} new parts; make each workstation a log-in (`… database workstation`),")
    out.print(f"grant {READER} to who reads, {KEEPER} to who removes what was destroyed")


@app.command()
def workstation(
    name: Annotated[str, typer.Argument(help="The name of the log-in: small letters, digits, `-` and `_`.")],
    ledger: Address,
    *,
    of: Annotated[str | None, typer.Option(help="The ledger that it goes on with, as `trees` lists it.")] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Let it write another ledger; its former one is closed.")
    ] = False,
) -> None:
    """Make a workstation's log-in, which may add to its own ledger alone, or give it a new password; as the owner.

    Prints the address for that workstation's setting `ledger`; the password in it is shown this once.
    """
    out.print(admit(ledger, name, of, anew=anew), soft_wrap=True, markup=False, highlight=False)


@app.command()
def trees(ledger: Address, *, as_json: AsJson = False) -> None:
    """List the ledgers: each workstation's name for its tree, how many entries, since when, whose log-in, which key."""
    table = Table("ledger", "entries", "since", "log-in", "key", box=None, header_style="bold")
    for one in planted(ledger):
        if as_json:
            print_json(
                {
                    "origin": one.origin,
                    "entries": one.size,
                    "since": one.begun.isoformat(),
                    "writer": one.writer,
                    "key": one.vkey,
                }
            )
        else:
            whose = {None: "any shared", "": "none: closed"}.get(one.writer, one.writer)
            table.add_row(one.origin, str(one.size), f"{one.begun:%Y-%m-%d %H:%M}", whose, one.vkey)
    if not as_json:
        out.print(table)


@app.command()
def verify(
    ledger: Address,
    *,
    key: Annotated[
        Path,
        typer.Option(help="The verifier keys that were kept of the workstations (their `ledger.vkey`), a line each."),
    ],
    witness_key: Annotated[Path | None, typer.Option(help="The witnesses' verifier keys, a line each.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check every ledger there; exit 1 where one is not whole, is missing, or has no key that was kept."""
    keys, bad = read_verifiers(key), False
    witnesses = read_verifiers(witness_key) if witness_key is not None else ()
    there = planted(ledger)
    for origin in sorted({one.origin for one in there} | {one.name for one in keys}):
        with err.status(f"checking {origin}"):
            entries, reason = _check(ledger, origin, there, keys, witnesses)
        bad = bad or reason is not None
        if as_json:
            print_json({"origin": origin, "good": reason is None, "entries": entries, "reason": reason})
        elif reason is None:
            out.print(f"{origin} is whole: {entries} entries")
        else:
            out.print(f"{origin} is NOT whole: {reason}", markup=False)
    if bad:
        raise typer.Exit(ExitCode.FOUND)


@app.command()
def sweep(
    ledger: Address,
    *,
    key: Annotated[
        Path,
        typer.Option(help="The verifier keys that were kept of the workstations: only what they vouch for is removed."),
    ],
    rewrite: Annotated[
        bool, typer.Option("--rewrite", help="Make the tables' files anew, so that no byte stays; as the owner.")
    ] = False,
) -> None:
    """Remove the closed texts that the workstations have destroyed or sealed anew; as the keeper.

    Exits 1 where something hides a text of which no entry speaks that such a key signed; that text is left.
    """
    swept = sweep_database(ledger, read_verifiers(key), rewrite=rewrite)
    out.print(f"{swept.removed} closed texts removed")
    if swept.left:
        out.print(f"{swept.left} changes that no entry bears out: what they hide was left: see `… database verify`")
        raise typer.Exit(ExitCode.FOUND)


def _check(
    ledger: str,
    origin: str,
    there: tuple[Planted, ...],
    keys: tuple[Verifier, ...],
    witnesses: tuple[Verifier, ...],
) -> tuple[int, str | None]:
    """Give how many entries a tree has, and what is wrong with it."""
    own = [one for one in keys if one.name == origin]
    if not own:
        return 0, "no key of it was kept: ask the workstation for its `ledger.vkey`"
    if origin not in {one.origin for one in there}:
        return 0, "the database has no such ledger: it was removed, or never sent"
    try:
        report = verify_place(Tree(ledger, origin), own, witnesses=witnesses)
    except LedgerError as error:
        return 0, str(error)
    return report.entries, report.reason
