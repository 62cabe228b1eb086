"""`guardrail roster forget`: the clinic wants no client list any more."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from guardrail.cli.terminal import err, out, stop
from guardrail.keystore import read_or_create_key
from guardrail.roster.versions import Versions
from guardrail.settings import ROSTER_FOLDER, ROSTER_KEY, read_settings

SettingsFile = Annotated[Path | None, typer.Option("--settings", help="A settings file (YAML).")]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where the roster and its key live.")]


def forget(
    settings: SettingsFile = None,
    data_dir: DataDir = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="That is meant: nobody is guarded by name any more.")] = False,
) -> None:
    """Remove every client list that was taken in, and start without one from then on. It cannot be undone."""
    read = read_settings(settings, {"data_dir": data_dir})
    versions = Versions(read.data_dir / ROSTER_FOLDER, read_or_create_key(read.data_dir, ROSTER_KEY, read.key_store))
    if not yes:
        raise stop("this removes all client lists that were taken in, and no client is known by name: add --yes")
    removed = versions.forget()
    out.print(f"{removed} client lists removed: from its next start on guardrail knows no client by name")
    if read.roster is not None:
        err.print(f"the setting `roster` names {read.roster}: that file counts as before", markup=False)
