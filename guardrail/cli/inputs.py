"""What commands read: the files that are named, or standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from guardrail.cli.terminal import stop

Files = Annotated[list[Path] | None, typer.Argument(help="Files to read; without one, standard input.", exists=False)]


def inputs(files: list[Path] | None) -> Iterator[tuple[str, bytes]]:
    """Give each one's name and content. Stop, in one line, at a file that cannot be read."""
    if not files:
        yield "standard input", sys.stdin.buffer.read()
        return
    for file in files:
        try:
            yield str(file), file.read_bytes()
        except OSError as error:
            raise stop(f"cannot read {file}: {error.strerror}") from None
