"""What others remember of a ledger is compared with it by the keys that were in force."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from guardrail.errors import LedgerError
from guardrail.ledger.keys import VERIFIER_FILE, ledger_keys, read_verifiers
from guardrail.ledger.note import Signer
from guardrail.ledger.place import Tree
from guardrail.ledger.proofs import checkpoints
from guardrail.ledger.report import Report
from guardrail.ledger.rotate import rotate_signing_key
from guardrail.ledger.spool import Spool
from guardrail.ledger.store import SqliteLedger
from guardrail.ledger.verify import verify
from guardrail.model.entry import Entry, EntryKind
from tests.ledger.golden import make

FILE = "ledger.sqlite3"


def beat(folder: Path, count: int) -> list[str]:
    """Append heartbeats, and give what stays after them."""
    keys = ledger_keys(folder, "file")
    with closing(SqliteLedger(folder / FILE, keys.seal, keys.signer)) as ledger:
        for _ in range(count):
            ledger.append(Entry(EntryKind.HEARTBEAT, datetime(2026, 3, 2, 9, tzinfo=UTC), "front-desk"))
        return checkpoints(ledger.reader)


def check(folder: Path, notes: list[str]) -> Report:
    """Check by the key that began the ledger, alone."""
    return verify(folder / FILE, read_verifiers(folder / VERIFIER_FILE)[:1], witnessed=notes)


def test_what_a_later_key_signed_is_followed_from_the_first(tmp_path: Path) -> None:
    """Whoever kept the first key alone can compare with all that followed."""
    kept = beat(tmp_path, 3)
    rotate_signing_key(tmp_path, tmp_path / FILE, "front-desk", "file")
    kept = beat(tmp_path, 2)
    report = check(tmp_path, kept)
    assert report.findings == ()
    assert f"compared with {len(kept)} checkpoints that others kept" in report.notes


def test_a_ledger_set_back_before_its_rotation_is_found(tmp_path: Path) -> None:
    """The later key is not known to it: what it signed is not good there, and not overlooked either."""
    beat(tmp_path, 3)
    before = {file: file.read_bytes() for file in tmp_path.glob(f"{FILE}*")}
    rotate_signing_key(tmp_path, tmp_path / FILE, "front-desk", "file")
    kept = beat(tmp_path, 2)
    for later in tmp_path.glob(f"{FILE}*"):
        later.unlink()
    for file, earlier in before.items():
        file.write_bytes(earlier)
    report = check(tmp_path, kept)
    reasons = [one.reason for one in report.findings]
    assert report.first_bad == 3
    assert "others remember 4 entries, there are 3: the ledger was set back to an earlier state" in reasons
    assert any("at 7 entries, bears no good signature of the ledger's key" in reason for reason in reasons)


def test_what_is_no_note_is_an_error(tmp_path: Path) -> None:
    """It was not compared with."""
    beat(tmp_path, 1)
    with pytest.raises(LedgerError, match="no signed note"):
        check(tmp_path, ["whatever"])


def test_a_cosignature_that_is_taken_out_of_the_shared_copy_is_missed_there_too(
    path: Path, tree: Tree, signer: Signer
) -> None:
    """Cosignatures are sent with what names them; the file, which has it still, is good."""
    make.record(path, signer=signer)
    with closing(SqliteLedger(path, make.Closed(), signer, make.EVERY)) as ledger:
        spool = Spool(ledger, tree, "front-desk", timedelta(hours=1))
        spool.send()
        spool.close()
    keys, witnesses = [signer.verifier], [make.COSIGNER.verifier]
    assert verify(tree, keys, witnesses=witnesses).findings == ()
    url = make_url(tree.url)
    with psycopg.connect(host=str(url.query["host"]), dbname=url.database, user=url.username) as connection:
        only = "tree = (SELECT id FROM guardrail.trees WHERE origin = %s)"
        connection.execute(f"DELETE FROM guardrail.cosignatures WHERE size = 11 AND {only}", [tree.origin])  # noqa: S608 - this file's own words
    assert verify(path, keys, witnesses=witnesses).good
    [finding] = verify(tree, keys, witnesses=witnesses).findings
    assert "at 11 entries is missing: entry 12 says that it was there" in finding.reason
