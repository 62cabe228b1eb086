"""An episode's document on a terminal: the one that the PDF is set from, block by block."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from guardrail.cli.terminal import err
from guardrail.errors import GuardrailError
from guardrail.ledger.export.blocks import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from guardrail.ledger.export.labels import Labels
    from guardrail.model.entry import Json
    from guardrail.settings import Settings

_INDENT, _MOST_COLUMNS, _MOST_OF_NAMES = 2, 100, 42


def language_of(read: Settings, wanted: str | None) -> str:
    """Give the language in which to speak: the one that is wanted, the settings', or English."""
    return wanted or (read.language if read.language != "auto" else "en")


def labels(rules: Path, language: str) -> Labels:
    """Give the policy's words, or none where it cannot be read: then its codes stand in their place."""
    from guardrail.labels import labels_of
    from guardrail.ledger.export.labels import Labels
    from guardrail.policy.load import load_policy

    try:
        return labels_of(load_policy(rules), language)
    except GuardrailError:
        err.print(f"guardrail: {rules} cannot be read: the policy's codes stand here, not its words", markup=False)
        return Labels()


def tell(document: Mapping[str, Json], console: Console) -> None:
    """Print a document that `report` gives, no wider than can be read. Nothing in it is markup or steers a terminal."""
    shown: Any = printable(dict(document))
    width = min(console.width, _MOST_COLUMNS)
    parts: list[RenderableType] = [Text(shown["title"], "bold"), Text(shown["subtitle"], "bold"), Text()]
    parts += [_rows(shown["facts"]), Text(), _status(shown["status"])]
    for section in shown["sections"]:
        parts += [Text(), Text(section["heading"], "bold cyan")]
        parts += [Padding(_block(block), (0, 0, 0, _INDENT)) for block in section["blocks"]]
    parts += [Text(), Text(shown["footer"], "dim")]
    console.print(Group(*parts), width=width, soft_wrap=False)


def _block(block: dict[str, Any]) -> RenderableType:
    match block:
        case {"kind": "facts" | "steps", "rows": rows}:
            shown: RenderableType = _rows(rows)
        case {"kind": "list", "items": items}:
            shown = _list(items)
        case {"kind": "quote", "title": title, "text": text}:
            shown = Group(Text(title, "dim"), Padding(Text(text), (0, 0, 0, _INDENT)))
        case {"kind": "duty", "title": title, "text": text}:
            shown = Group(Text(title, "bold"), Text(text))
        case {"kind": kind, "text": text}:
            shown = Text(text, "italic dim" if kind == "closed" else "")
        case _:
            raise ValueError(f"a block that no terminal shows: {block['kind']}")
    return shown


def _rows(rows: Iterable[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", max_width=_MOST_OF_NAMES)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(Text(name), Text(value))
    return table


def _list(items: Iterable[str]) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    for item in items:
        table.add_row(Text("-"), Text(item))
    return table


def _status(status: dict[str, Any]) -> Panel:
    body: list[RenderableType] = [Text(status["title"], "bold")]
    if status["items"]:
        body.append(_list(status["items"]))
    body += [Text(note) for note in status["notes"]]
    return Panel(Group(*body), border_style="green" if status["finished"] else "yellow")
