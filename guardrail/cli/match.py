"""`guardrail match`: which client the house takes a text for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from guardrail.cli.inputs import Files, inputs
from guardrail.cli.terminal import print_json, progress, stop
from guardrail.keystore import read_or_create_key
from guardrail.roster import Roster, explain_line, load_roster, match_line
from guardrail.roster.versions import Versions
from guardrail.settings import ROSTER_FOLDER, ROSTER_KEY, read_settings


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
    for name, text in inputs(files):
        for line in progress(text.decode("utf-8", "replace").splitlines(), f"matching {name}"):
            print_json(dict(said(clients, line)))


def _clients(roster: Path | None, data_dir: Path, *, allow_bad_rows: bool) -> Roster:
    if roster is None:
        return _imported(data_dir)
    key = read_or_create_key(data_dir, ROSTER_KEY)
    if roster.suffix == ".idx":
        return Roster.open(roster, key)
    return load_roster(roster, key, allow_bad_rows=allow_bad_rows)


def _imported(data_dir: Path) -> Roster:
    """Give the imported client list of a data folder; raise RosterError, and stop where there is none."""
    read = read_settings(None, {"data_dir": data_dir})
    key = read_or_create_key(read.data_dir, ROSTER_KEY, read.key_store)
    loaded = Versions(read.data_dir / ROSTER_FOLDER, key).load()
    if loaded is None:
        raise stop(f"no client list was taken in at {data_dir}: import one, or name one with --roster")
    return loaded.roster
