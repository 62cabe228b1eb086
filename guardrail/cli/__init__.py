"""The command line: one file per command group; each command reads, calls the house, and prints."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import ClassVar, Never

import typer

from guardrail import __version__
from guardrail.cli.late import LateGroup, Place
from guardrail.cli.terminal import ExitCode, explain, explain_call, out
from guardrail.errors import GuardrailError

__all__ = ["app", "main"]


class _Commands(LateGroup):
    late: ClassVar[Mapping[str, Place]] = {
        "run": Place("run:run", "Run the proxy and its pages until stopped (Ctrl+C)."),
        "practice": Place(
            "practice:practice",
            "Run the proxy with stand-ins for the real sites, until stopped: nothing leaves this machine.",
        ),
        "browser": Place(
            "practice:browser",
            "Open Chromium or Chrome with a throw-away profile that trusts this authority and uses the PAC file.",
        ),
        "init": Place(
            "setup:init",
            "Make the data folder with its keys and its certificate authority, and a policy; what is there stays.",
        ),
        "doctor": Place(
            "setup:doctor",
            "Check everything that guardrail needs here; exit 1 where something is wrong, and say what to do.",
        ),
        "recognise": Place(
            "recognise:recognise",
            "Say for each recorded request (JSON lines, or HAR 1.2) which action it is and about whom: "
            "one JSON line each.",
        ),
        "match": Place(
            "match:match", "Say for each line of text which client of the roster it means: one JSON line each."
        ),
        "roster": Place("roster:app", "Take the client list in, look at what was taken in, go back, make exceptions."),
        "rules": Place("rules:app", "Check, explain, try and compare policies."),
        "sites": Place(
            "sites:app", "What the site files recognise, whether they still do, and a draft for a further site."
        ),
        "ledger": Place("ledger:app", "List, read, judge, check and export what was recorded."),
        "witness": Place(
            "witness:witness",
            "Witness others' ledgers until stopped: refuse a state that does not follow from the last, "
            "cosign the rest.",
        ),
        "keys": Place("keys:app", "Make, name and rotate keys."),
    }


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
        # Not standalone: Typer would draw a box of five lines around each slip in a call.
        code = app(prog_name="guardrail", standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code)
    except typer.TyperException as error:
        explain_call(error)
        sys.exit(ExitCode.WRONG)
    except typer.Abort:
        sys.exit(ExitCode.INTERRUPTED)
    except GuardrailError as error:
        explain(error)
        sys.exit(ExitCode.WRONG)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        _reader_left()
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):  # for which Typer ends with 1, our word for a finding
            _reader_left()
        raise


def _reader_left() -> Never:
    """End well: whoever read our output (`head`) has what they wanted."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # where what is still to be flushed may go
    sys.exit(ExitCode.OK)
