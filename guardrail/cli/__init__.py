"""The command line: one file per command group; each command reads, calls the house, and prints."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from guardrail import __version__
from guardrail.cli.terminal import ExitCode, explain, out
from guardrail.errors import GuardrailError

__all__ = ["app", "main"]

# Where each command stands. It is imported when it is asked for: mitmproxy and SQLAlchemy take a second to load.
_COMMANDS = {
    "run": "run:run",
    "practice": "practice:practice",
    "browser": "practice:browser",
    "init": "setup:init",
    "doctor": "setup:doctor",
    "recognise": "recognise:recognise",
    "match": "recognise:match",
    "roster": "roster:app",
    "rules": "rules:app",
    "sites": "sites:app",
    "ledger": "ledger:app",
    "witness": "witness:witness",
    "keys": "keys:app",
}


class _Commands(TyperGroup):
    """A group that knows its commands by name and loads each on demand (Click's own pattern for it)."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Click's signature
        """Give the names in the order in which people meet them."""
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - Click's signature
        """Load a command; None where there is none of that name."""
        place = _COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        found = getattr(import_module(f"guardrail.cli.{module}"), name)
        if isinstance(found, typer.Typer):
            group = get_command(found)
            group.name = cmd_name  # without it, `--help` lists the group with no name
            return group
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(cmd_name)(found)
        return get_command(alone)


app = typer.Typer(
    name="guardrail",
    cls=_Commands,
    help="Keeps a clinic's social-media policy on the workstation.",
    epilog="Exit codes: 0 done; 1 the check found something; 2 a file, a setting or the call is wrong, "
    "or what is needed cannot be had; 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback(invoke_without_command=True)
def _root(*, version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    if version:
        out.print(f"guardrail {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; an error is one line on stderr and an exit code, never a traceback."""
    try:
        app()
    except GuardrailError as error:
        explain(error)
        sys.exit(ExitCode.WRONG)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away: that is no error of ours
        sys.exit(ExitCode.OK)
