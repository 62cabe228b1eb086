"""The command line: one file per command group; each command reads, calls the house, and prints."""

from __future__ import annotations

import sys

import typer

from guardrail import __version__
from guardrail.cli import ledger, practice, recognise, rules, run, setup
from guardrail.cli.terminal import ExitCode, explain, out
from guardrail.errors import GuardrailError

__all__ = ["app", "main"]

app = typer.Typer(
    name="guardrail",
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


for _group in (run, practice, setup, recognise):
    _group.register(app)
app.add_typer(rules.app, name="rules")
app.add_typer(ledger.app, name="ledger")


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
