"""Commands are loaded when they are called; the list says of each what it says of itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from guardrail.cli import app
from guardrail.cli.late import Late


def _late(group: Any) -> Iterator[Late]:
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        if isinstance(command, Late):
            yield command
            command = command.load()
        if hasattr(command, "list_commands"):
            yield from _late(command)


@pytest.mark.parametrize("command", list(_late(get_command(app))), ids=lambda command: command.name)
def test_the_list_says_what_the_command_says(command: Late) -> None:
    """The line in the list is the command's own first words, and the command has the name it is called by."""
    loaded = command.load()
    assert command.help == loaded.help
    assert hasattr(loaded, "list_commands") or loaded.name == command.name


@pytest.mark.parametrize(("arguments", "spared"), [("", "sqlalchemy yaml mitmproxy"), ("roster", "sqlalchemy")])
def test_a_list_loads_no_command(arguments: str, spared: str) -> None:
    """Nor what commands need: the help of them all stands there at once."""
    ask = f"import sys; sys.argv = 'guardrail {arguments} --help'.split(); from guardrail.cli import main"
    tell = f"print('loaded:', *set(sys.modules) & {set(spared.split())})"
    program = f"{ask}\ntry:\n  main()\nfinally:\n  {tell}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1].split() == ["loaded:"]
