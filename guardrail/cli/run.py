"""`guardrail run`: the proxy and its pages, until stopped."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from guardrail.cli.terminal import err, out, print_json, split_address
from guardrail.errors import PolicyError, Problem
from guardrail.ledger.keys import SUPERVISOR_FILE
from guardrail.settings import Settings, read_settings

if TYPE_CHECKING:
    from guardrail.proxy import launch

SettingsFile = Annotated[Path | None, typer.Option("--settings", help="A settings file (YAML); see docs/commands.md.")]
Rules = Annotated[Path | None, typer.Option(help="The clinic's policy.")]
Roster = Annotated[Path | None, typer.Option(help="The client list as CSV.")]
DataDir = Annotated[Path | None, typer.Option(help="Where the ledger, the CA and the keys live.")]
Listen = Annotated[str | None, typer.Option(help="HOST:PORT of the proxy.")]
PagesPort = Annotated[int | None, typer.Option(help="The loopback port of the pages, the PAC file and the CA.")]
Upstream = Annotated[str | None, typer.Option(help="The clinic's own proxy, as http://host:port.")]
Mode = Annotated[str | None, typer.Option(help="How traffic arrives: regular, local, local:chrome.")]
AllowBadRows = Annotated[bool, typer.Option("--allow-bad-rows", help="Load the good rows of a roster with bad ones.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the facts as one JSON object.")]


def run(
    settings: SettingsFile = None,
    rules: Rules = None,
    roster: Roster = None,
    data_dir: DataDir = None,
    listen: Listen = None,
    pages_port: PagesPort = None,
    upstream: Upstream = None,
    mode: Mode = None,
    *,
    allow_bad_rows: AllowBadRows = False,
    as_json: AsJson = False,
) -> None:
    """Run the proxy and its pages until stopped (Ctrl+C)."""
    overrides = {
        "rules": rules,
        "roster": roster,
        "data_dir": data_dir,
        "pages_port": pages_port,
        "upstream": upstream,
        "mode": mode,
        "roster_allow_bad_rows": allow_bad_rows or None,
    }
    start(settings, overrides, listen, as_json=as_json)


def start(settings: Path | None, overrides: Mapping[str, object], listen: str | None, *, as_json: bool) -> None:
    """Read the settings, run until stopped, and print where everything is once all listens."""
    host, port = split_address(listen) if listen else (None, None)
    read = read_settings(settings, {**overrides, "listen_host": host, "listen_port": port})
    check_policy(read)
    from guardrail import wiring  # mitmproxy takes a second to load: only the commands that run it pay for it

    wiring.run(read, lambda facts: tell(facts, as_json=as_json))


def check_policy(settings: Settings) -> None:
    """Raise PolicyError, in one line that says what to do, where there is no policy at all."""
    if not settings.rules.exists():
        what, hint = "cannot read the policy: there is none yet", f"`guardrail init --rules {settings.rules}` makes one"
        raise PolicyError((Problem(settings.rules, None, None, what, hint),))


def tell(facts: launch.Facts, *, as_json: bool) -> None:
    """Say where everything is; and, on stderr, that a key lies here which should not."""
    _print_json(facts) if as_json else _print(facts)
    secret = facts.data_dir / SUPERVISOR_FILE
    if secret.exists() and not facts.practice:
        err.print(f"guardrail: {secret} opens what is typed here: run `guardrail keys take-away FILE`", markup=False)


def _print_json(facts: launch.Facts) -> None:
    print_json(
        {"proxy": facts.proxy, "pac": facts.pac_url, "ca": str(facts.ca_file), "pages": facts.pages_url}
        | {"data_dir": str(facts.data_dir), "practice": facts.practice}
    )


def _print(facts: launch.Facts) -> None:
    port = facts.pages_url.rpartition(":")[2]
    name = "guardrail practice" if facts.practice else "guardrail"
    out.print(f"{name} is running; stop it with Ctrl+C", style="bold")
    for label, value in (
        ("proxy", facts.proxy),
        ("PAC file", facts.pac_url),
        ("certificate authority", facts.ca_file),
        ("data folder", facts.data_dir),
        (
            "try it",
            f"{sys.argv[0]} browser --data-dir {facts.data_dir} --pages-port {port}",
        ),
    ):
        out.print(f"  {label:<22} {value}", markup=False)
