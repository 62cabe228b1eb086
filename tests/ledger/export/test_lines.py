"""The ledger for other programs, line by line."""

from __future__ import annotations

import io
import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyrage import x25519

from guardrail.errors import LedgerError
from guardrail.ledger.canonical import to_bytes
from guardrail.ledger.export import write_json_lines
from guardrail.ledger.merkle import leaf_hash
from guardrail.ledger.recipients import Recipient
from guardrail.ledger.seal import Seal
from guardrail.ledger.store import SqliteLedger
from tests.ledger_keys import SIGNER, SUPERVISOR

if TYPE_CHECKING:
    from tests.ledger.conftest import MakeEntry


def test_json_lines_hold_everything(ledger: SqliteLedger, entry: MakeEntry) -> None:
    """One object a line, readable letters."""
    ledger.append(entry(0, details={"sealed": {"name": "Людмила\n"}}), entry(1))
    out = io.StringIO()
    assert write_json_lines(ledger.read(), out, [SUPERVISOR]) == 2
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["index"], first["kind"], first["details"]["sealed"]["name"]) == (0, "noted", "Людмила\n")
    assert second["leaf"] == leaf_hash(to_bytes(entry(1))).hex()
    assert "Людмила" in out.getvalue()


def test_what_was_typed_stays_closed_without_a_key(ledger: SqliteLedger, entry: MakeEntry) -> None:
    """The hash of its closed form stands in its place; another's key opens nothing, and says so in the end."""
    ledger.append(entry(details={"sealed": {"name": "margit"}}))
    out = io.StringIO()
    write_json_lines(ledger.read(), out)
    assert set(json.loads(out.getvalue())["details"]["sealed"]) == {"sha256"}
    with pytest.raises(LedgerError, match="sealed to another key"):
        write_json_lines(ledger.read(), out, [x25519.Identity.generate()])


def test_a_key_opens_what_it_may(path: Path, entry: MakeEntry) -> None:
    """A supervisor of some clinicians has theirs opened; the rest stays a hash, and all is there."""
    own, officer = x25519.Identity.generate(), x25519.Identity.generate()
    seal = Seal([Recipient(str(own.to_public()), "supervisor", ("dr-hale",)), str(officer.to_public())])
    with closing(SqliteLedger(path, seal, SIGNER)) as ledger:
        for clinician in ("dr-wren", "dr-hale"):
            ledger.append(entry(clinician=clinician, details={"sealed": {"name": clinician}}))
        out = io.StringIO()
        assert write_json_lines(ledger.read(), out, [own]) == 2
    closed, opened = (json.loads(line)["details"]["sealed"] for line in out.getvalue().splitlines())
    assert set(closed) == {"sha256"}
    assert opened == {"name": "dr-hale"}
