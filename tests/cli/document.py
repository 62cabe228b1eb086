"""Write docs/commands.md: every command's help and every setting; a test holds the file to it.

Run `python -m tests.cli.document` after a change to the command line or to the settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from guardrail.cli import app
from guardrail.cli.late import Late
from guardrail.settings import ENVIRONMENT_PREFIX, Settings

FILE = Path(__file__).parent.parent.parent / "docs" / "commands.md"
_HEAD = """# Commands and settings

Made by `python -m tests.cli.document` from the program itself; do not edit.

Exit codes of every command: 0 done; 1 the check found something; 2 a file, a setting or the call is wrong, or what is
needed cannot be had; 130 interrupted. With `--json`, results are JSON, one object a line; everything else is on stderr.
"""
_SETTINGS = """
## Settings

Strongest first: the command line, the environment, the settings file (`--settings FILE`, one `name: value` a line), the
default. A name that is no setting's is refused, in the file and in the environment alike.

| setting | environment | default | what it is |
|---|---|---|---|
"""
# What differs from machine to machine stands in words.
_OWN = {"workstation": "the machine's name", "clinician_id": "the user's name"}


def document() -> str:
    """Give the whole text of docs/commands.md."""
    commands = "".join(_describe(command, f"guardrail {name}") for name, command in _commands(get_command(app)))
    return _HEAD + commands + _SETTINGS + "".join(_setting(name) for name in Settings.model_fields)


def _commands(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        if isinstance(command, Late):
            command = command.load()
        if hasattr(command, "list_commands"):
            yield from _commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def _describe(command: Any, name: str) -> str:
    lines = [f"\n## {name}\n\n{command.help}\n"]
    rows = []
    for parameter in command.params:
        if "--help" in parameter.opts:
            continue
        is_option = parameter.param_type_name == "option"
        label = ", ".join(f"`{one}`" for one in parameter.opts) if is_option else f"`{parameter.name}`"
        rows.append(f"| {label} | {getattr(parameter, 'help', None) or ''} |\n")
    if rows:
        lines.append("\n| option | |\n|---|---|\n" + "".join(rows))
    return "".join(lines)


def _setting(name: str) -> str:
    field = Settings.model_fields[name]
    default = _OWN.get(name)
    if default is None:
        value = field.get_default(call_default_factory=True)
        default = "none" if value in (None, {}, ()) else f"`{str(value).lower() if isinstance(value, bool) else value}`"
    return f"| `{name}` | `{ENVIRONMENT_PREFIX}{name.upper()}` | {default} | {field.description} |\n"


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
