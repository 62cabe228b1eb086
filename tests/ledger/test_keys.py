"""A workstation's keys: made once, secret where they must be, and enough for a supervisor to read with."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from guardrail.errors import LedgerError
from guardrail.ledger.keys import (
    RECIPIENTS_FILE,
    SIGNING_KEY,
    SUPERVISOR_FILE,
    VERIFIER_FILE,
    ledger_keys,
    read_recipients,
    read_verifiers,
)
from guardrail.ledger.seal import open_sealed, read_identities
from guardrail.ledger.store import SqliteLedger
from guardrail.ledger.verify import verify

if TYPE_CHECKING:
    from tests.ledger.conftest import MakeEntry


def test_a_new_folder_gets_all_keys_and_keeps_them(tmp_path: Path) -> None:
    """Secret halves are for their owner alone; a second start changes nothing."""
    keys = ledger_keys(tmp_path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert set(before) == {f"{SIGNING_KEY}.key", RECIPIENTS_FILE, SUPERVISOR_FILE, VERIFIER_FILE}
    assert ledger_keys(tmp_path).signer.verifier == keys.signer.verifier
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
    modes = {name: stat.S_IMODE((tmp_path / name).stat().st_mode) for name in before}
    assert modes[SUPERVISOR_FILE] == modes[f"{SIGNING_KEY}.key"] == 0o600


def test_what_was_written_with_them_can_be_read_and_checked(tmp_path: Path, entry: MakeEntry) -> None:
    """By whoever was handed the supervisor's key and the verifier key."""
    keys = ledger_keys(tmp_path)
    with closing(SqliteLedger(tmp_path / "ledger", keys.seal, keys.signer)) as ledger:
        ledger.append(entry(details={"sealed": {"query": "margit"}}))
        [stored] = ledger.read()
    assert open_sealed(stored.payload or b"", read_identities(tmp_path / SUPERVISOR_FILE)) == {"query": "margit"}
    assert verify(tmp_path / "ledger", read_verifiers(tmp_path / VERIFIER_FILE)).good


def test_a_workstation_that_was_given_recipients_makes_no_secret(tmp_path: Path) -> None:
    """As IT deploys it: the folder then holds nothing that opens what was typed."""
    ledger_keys(tmp_path / "supervisor")
    public = read_recipients(tmp_path / "supervisor")
    folder = tmp_path / "workstation"
    folder.mkdir()
    (folder / RECIPIENTS_FILE).write_text(f"# who may read\n\n{public[0].key} # Dr Sel\n")
    assert [one.key for one in ledger_keys(folder).seal.recipients] == [public[0].key]
    assert not (folder / SUPERVISOR_FILE).exists()


def test_many_starts_at_once_agree(tmp_path: Path) -> None:
    """Processes that start together end with one set of keys, whose halves fit."""
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: ledger_keys(tmp_path), range(16)))
    assert len({(keys.signer.verifier, keys.seal.recipients) for keys in made}) == 1
    [identity] = read_identities(tmp_path / SUPERVISOR_FILE)
    assert [one.key for one in made[0].seal.recipients] == [str(identity.to_public())]


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        (RECIPIENTS_FILE, "", "name a recipient"),
        (RECIPIENTS_FILE, "age1nonsense", "cannot be read: it must begin with `age1`"),
        (RECIPIENTS_FILE, "AGE-SECRET-KEY-1NOT", "cannot be read"),
    ],
)
def test_who_may_read_must_be_said_in_words_that_hold(tmp_path: Path, file: str, text: str, words: str) -> None:
    """One line, before anything is written that nobody could open; no key is quoted."""
    (tmp_path / file).write_text(text)
    with pytest.raises(LedgerError, match=words) as error:
        ledger_keys(tmp_path)
    assert "NOT" not in str(error.value)


def test_a_signing_key_that_was_lost_is_not_replaced(tmp_path: Path) -> None:
    """A new one would sign what nobody's verifier key confirms."""
    ledger_keys(tmp_path)
    (tmp_path / f"{SIGNING_KEY}.key").unlink()
    with pytest.raises(LedgerError, match="the signing key is not the one of which"):
        ledger_keys(tmp_path)


def test_a_verifier_file_that_holds_none_is_refused(tmp_path: Path) -> None:
    """Nothing could be checked by it."""
    file = tmp_path / VERIFIER_FILE
    file.write_text("# none yet\n")
    with pytest.raises(LedgerError, match="there is no verifier key at"):
        read_verifiers(file)


def test_a_key_that_is_none_is_not_quoted(tmp_path: Path) -> None:
    """A mistyped secret stays out of the line."""
    file = tmp_path / "mine.key"
    file.write_text("AGE-SECRET-KEY-1OOPS")
    with pytest.raises(LedgerError, match="holds no secret key") as error:
        read_identities(file)
    assert "OOPS" not in str(error.value)
