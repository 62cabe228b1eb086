"""`guardrail practice` and `guardrail browser`: train without an account, in a throw-away browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from guardrail.cli import run
from guardrail.cli.terminal import out
from guardrail.practice.browser import Road, open_browser, wait_for
from guardrail.proxy.authority import certificate_file
from guardrail.settings import CA_FOLDER

HOME = "https://www.facebook.com/"


def practice(
    settings: run.SettingsFile = None,
    rules: run.Rules = None,
    roster: run.Roster = None,
    data_dir: run.DataDir = None,
    listen: run.Listen = None,
    pages_port: run.PagesPort = None,
    *,
    as_json: run.AsJson = False,
) -> None:
    """Run the proxy with stand-ins for the real sites, until stopped: nothing leaves this machine."""
    overrides = {"rules": rules, "roster": roster, "data_dir": data_dir, "pages_port": pages_port, "practice": True}
    run.start(settings, overrides, listen, as_json=as_json)


def browser(
    url: Annotated[str, typer.Argument(help="The page to open.")] = HOME,
    data_dir: Annotated[Path, typer.Option(help="The data folder of the running guardrail.")] = Path(".guardrail"),
    pages_port: Annotated[int, typer.Option(help="The pages port of the running guardrail.")] = 8081,
) -> None:
    """Open Chromium or Chrome with a throw-away profile that trusts this authority and uses the PAC file."""
    road = Road(pac_url=f"http://127.0.0.1:{pages_port}/proxy.pac")
    process = open_browser(certificate_file(data_dir / CA_FOLDER), road, (url,))
    wait_for(process, lambda: out.print("the browser is open; its profile is removed when it is closed"))
