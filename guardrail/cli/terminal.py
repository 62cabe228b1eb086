"""How commands speak: results on stdout, the rest on stderr, one line per error, documented exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from typing import Any

import typer
from rich.console import Console
from rich.progress import track

from guardrail.errors import FileProblemsError, GuardrailError

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class ExitCode(IntEnum):
    """What a command's exit code means; `guardrail --help` lists them."""

    OK = 0
    FOUND = 1
    WRONG = 2
    INTERRUPTED = 130


def print_json(value: Mapping[str, Any]) -> None:
    """Write one JSON object as one line on stdout, in Unicode."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def explain(error: GuardrailError) -> None:
    """Write an error on stderr: one line, or one line per place in a file."""
    lines = [str(problem) for problem in error.problems] if isinstance(error, FileProblemsError) else [str(error)]
    for line in lines:
        err.print(f"guardrail: {line}", markup=False)


def explain_call(error: typer.TyperException) -> None:
    """Write on stderr, in one line, what is wrong with a call, and which help tells how it is meant."""
    said = " ".join(error.format_message().split())
    if not said:
        return  # called with nothing at all, a group has shown its help already
    context = getattr(error, "ctx", None)
    path = "guardrail" if context is None else context.command_path
    err.print(f"guardrail: {said[:1].lower()}{said[1:].rstrip('.')}: see `{path} --help`", markup=False)


def stop(message: str, code: ExitCode = ExitCode.WRONG) -> typer.Exit:
    """Write `message` on stderr and give the exception that ends the command with `code`."""
    err.print(f"guardrail: {message}", markup=False)
    return typer.Exit(code)


def progress[T](items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
    """Pass `items` on and show on stderr how far it is; nothing where stderr is no terminal."""
    yield from track(items, what, total, console=err, transient=True, disable=not err.is_terminal)


def split_address(text: str) -> tuple[str, int]:
    """Take `HOST:PORT` (or a port alone, on loopback) apart."""
    host, _, port = text.rpartition(":")
    if not port.isdigit():
        raise stop(f"`{text}` is no HOST:PORT: write for example 127.0.0.1:8080")
    return host.strip("[]") or "127.0.0.1", int(port)
