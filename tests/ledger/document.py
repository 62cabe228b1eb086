"""Write docs/entry.schema.json and the tables of kinds in docs/ledger.md; a test holds both to the program.

Run `python -m tests.ledger.document` after a change to the kinds of entries.
"""

from __future__ import annotations

import json
from pathlib import Path

from guardrail.ledger.kinds import entry_schema, table

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA_FILE, LEDGER_FILE = DOCS / "entry.schema.json", DOCS / "ledger.md"
BEGIN, END = "<!-- kinds: made by `python -m tests.ledger.document` -->\n", "<!-- end of kinds -->\n"


def schema_text() -> str:
    """Give the whole text of docs/entry.schema.json."""
    return json.dumps(entry_schema(), indent=2, ensure_ascii=False) + "\n"


def with_table(text: str) -> str:
    """Give docs/ledger.md with the tables as they are now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
    LEDGER_FILE.write_text(with_table(LEDGER_FILE.read_text(encoding="utf-8")), encoding="utf-8")
