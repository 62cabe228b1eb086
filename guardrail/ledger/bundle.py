"""A ledger, or a part of it, as one file that checks itself in a browser, without a network.

It holds every leaf's hash, the bytes of the entries that are shown, the signed states with their cosignatures, and
the keys to check them by. What was typed is not in it. The page may load nothing and send nothing: its policy allows
the one script in it, by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from string import Template
from typing import TextIO

from sqlalchemy import select

from guardrail.ledger.canonical import from_bytes
from guardrail.ledger.database import ENTRIES
from guardrail.ledger.note import Note, Verifier
from guardrail.ledger.proofs import checkpoints
from guardrail.ledger.reader import LedgerReader
from guardrail.model.entry import Entry

_CHUNK = 500
_MOST_STATES = 1000  # the newest: the last one stands for all, and a browser checks them one by one
_SCRIPTS = ("texts.js", "check.js", "bundle.js")  # one script in the page: its policy names one hash
_HERE = "<guardrail: the record>"


def write_bundle(
    reader: LedgerReader,
    out: TextIO,
    verifiers: Sequence[Verifier],
    witnesses: Sequence[Verifier] = (),
    shows: Callable[[int, Entry], bool] = lambda *_: True,
) -> int:
    """Write the page with the ledger as it stands now; entries that it `shows` not are a hash alone. Give their count.

    Raise LedgerError, or LedgerUnavailableError where the ledger cannot be read.
    """
    head = reader.head()
    size = Note.read(head).checkpoint().size
    states = [note for note in checkpoints(reader) if Note.read(note).checkpoint().size <= size]
    if not states or Note.read(states[-1]).checkpoint().size != size:
        states.append(head)
    states = states[-_MOST_STATES:]
    before, _, after = _page().partition(_HERE)
    out.write(before)
    known = {"keys": [str(one) for one in verifiers], "witnesses": [str(one) for one in witnesses], "states": states}
    out.write(_json(known).removesuffix("}") + ',"entries":[')
    out.writelines(("," if number else "") + _json(piece) for number, piece in enumerate(_pieces(reader, size, shows)))
    out.write("]}" + after)
    return size


def _pieces(reader: LedgerReader, size: int, shows: Callable[[int, Entry], bool]) -> Iterator[dict[str, str]]:
    for start in range(0, size, _CHUNK):
        inside = (ENTRIES.c.idx >= start, ENTRIES.c.idx < min(start + _CHUNK, size))
        with reader.moment() as connection:
            rows = connection.execute(
                select(ENTRIES.c.leaf, ENTRIES.c.body).where(*inside).order_by(ENTRIES.c.idx)
            ).all()
        for index, row in enumerate(rows, start):
            piece = {"leaf": base64.b64encode(row.leaf).decode()}
            if shows(index, from_bytes(row.body)):
                piece["body"] = row.body.decode()
            yield piece


def _page() -> str:
    folder = files("guardrail.ledger") / "page"
    style = (folder / "bundle.css").read_text(encoding="utf-8")
    script = "\n".join((folder / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    policy = f"default-src 'none'; script-src {_source(script)}; style-src {_source(style)}; base-uri 'none'"
    page = Template((folder / "bundle.html").read_text(encoding="utf-8"))
    return page.substitute(policy=f"{policy}; form-action 'none'", style=style, script=script, data=_HERE)


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _json(value: object) -> str:
    # Inside a page, what looks like the end of the script must not be it.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
