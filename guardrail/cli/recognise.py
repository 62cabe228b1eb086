"""`guardrail recognise`: what the house sees in recorded requests."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from guardrail.cli.inputs import Files, inputs
from guardrail.cli.terminal import err, print_json, progress, stop
from guardrail.recognise.lines import UnreadableSampleError, outcome_of, read_samples
from guardrail.recognise.load import load_sites


def recognise(
    files: Files = None,
    sites_dir: Annotated[Path | None, typer.Option(help="A folder with the clinic's own site files.")] = None,
    *,
    summary: Annotated[bool, typer.Option(help="Print a table per site on stderr at the end.")] = True,
) -> None:
    """Say for each recorded request (JSON lines, or HAR 1.2) which action it is and about whom: one JSON line each."""
    index = load_sites((sites_dir,) if sites_dir else ())
    seen: Counter[tuple[str, str]] = Counter()
    for name, text in inputs(files):
        try:
            for sample in progress(read_samples(text), f"recognising {name}"):
                outcome = outcome_of(sample, index)
                seen[(outcome["site"] or "-", outcome["action"] or "no action")] += 1
                print_json(outcome)
        except UnreadableSampleError as error:
            raise stop(f"{name}: {error}: one JSON object a line, or a HAR file, is wanted") from None
    if summary:
        err.print(_summary(seen))


def _summary(seen: Counter[tuple[str, str]]) -> Table:
    table = Table("site", "action", "requests", box=None, header_style="bold")
    table.columns[2].justify = "right"
    for (site, action), count in sorted(seen.items()):
        table.add_row(site, action, str(count))
    return table
