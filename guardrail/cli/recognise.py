"""`guardrail recognise` and `guardrail match`: what the house sees in recorded requests and in texts."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from guardrail.cli.roster import imported
from guardrail.cli.terminal import err, print_json, progress, stop
from guardrail.keystore import read_or_create_key
from guardrail.recognise.lines import UnreadableSampleError, outcome_of, read_samples
from guardrail.recognise.load import load_sites
from guardrail.roster import Roster, explain_line, load_roster, match_line
from guardrail.settings import ROSTER_KEY

Files = Annotated[list[Path] | None, typer.Argument(help="Files to read; without one, standard input.", exists=False)]


def recognise(
    files: Files = None,
    sites_dir: Annotated[Path | None, typer.Option(help="A folder with the clinic's own site files.")] = None,
    *,
    summary: Annotated[bool, typer.Option(help="Print a table per site on stderr at the end.")] = True,
) -> None:
    """Say for each recorded request (JSON lines, or HAR 1.2) which action it is and about whom: one JSON line each."""
    index = load_sites((sites_dir,) if sites_dir else ())
    seen: Counter[tuple[str, str]] = Counter()
    for name, text in _inputs(files):
        try:
            for sample in progress(read_samples(text), f"recognising {name}"):
                outcome = outcome_of(sample, index)
                seen[(outcome["site"] or "-", outcome["action"] or "no action")] += 1
                print_json(outcome)
        except UnreadableSampleError as error:
            raise stop(f"{name}: {error}: one JSON object a line, or a HAR file, is wanted") from None
    if summary:
        err.print(_summary(seen))


def match(
    files: Files = None,
    *,
    roster: Annotated[
        Path | None, typer.Option(help="The client list as CSV, or an index file; left out, what was imported.")
    ] = None,
    allow_bad_rows: Annotated[
        bool, typer.Option("--allow-bad-rows", help="Load the good rows of a roster with bad ones.")
    ] = False,
    data_dir: Annotated[Path, typer.Option(help="Where the roster's key lives.")] = Path(".guardrail"),
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Say also how sure a match is, what the text changed, who else is meant."),
    ] = False,
) -> None:
    """Say for each line of text which client of the roster it means: one JSON line each."""
    clients = _clients(roster, data_dir, allow_bad_rows=allow_bad_rows)
    said = explain_line if explain else match_line
    for name, text in _inputs(files):
        for line in progress(text.decode("utf-8", "replace").splitlines(), f"matching {name}"):
            print_json(dict(said(clients, line)))


def _clients(roster: Path | None, data_dir: Path, *, allow_bad_rows: bool) -> Roster:
    if roster is None:
        return imported(data_dir)
    key = read_or_create_key(data_dir, ROSTER_KEY)
    if roster.suffix == ".idx":
        return Roster.open(roster, key)
    return load_roster(roster, key, allow_bad_rows=allow_bad_rows)


def _inputs(files: list[Path] | None) -> Iterator[tuple[str, bytes]]:
    if not files:
        yield "standard input", sys.stdin.buffer.read()
        return
    for file in files:
        try:
            yield str(file), file.read_bytes()
        except OSError as error:
            raise stop(f"cannot read {file}: {error.strerror}") from None


def _summary(seen: Counter[tuple[str, str]]) -> Table:
    table = Table("site", "action", "requests", box=None, header_style="bold")
    table.columns[2].justify = "right"
    for (site, action), count in sorted(seen.items()):
        table.add_row(site, action, str(count))
    return table
