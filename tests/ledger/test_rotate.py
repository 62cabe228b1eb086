"""The signing key rotated: the old one vouches for the new one, each for its own time, and is gone."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from guardrail import keystore
from guardrail.errors import LedgerError, LedgerUnavailableError
from guardrail.ledger import rotate
from guardrail.ledger.keys import (
    NEXT_VERIFIER_FILE,
    SIGNING_KEY,
    VERIFIER_FILE,
    LedgerKeys,
    ledger_keys,
    read_verifiers,
    signing_name,
)
from guardrail.ledger.note import Note, Signer
from guardrail.ledger.rotate import rotate_signing_key
from guardrail.ledger.store import SqliteLedger
from guardrail.ledger.verify import verify
from guardrail.model.entry import Entry, EntryKind

FILE = "ledger.sqlite3"


def _opened(data_dir: Path, keys: LedgerKeys | None = None) -> SqliteLedger:
    known = keys or ledger_keys(data_dir, "file")
    return SqliteLedger(data_dir / FILE, known.seal, known.signer)


def _entry(kind: EntryKind = EntryKind.NOTED) -> Entry:
    return Entry(kind, datetime(2026, 3, 2, 9, tzinfo=UTC), "front-desk")


def _append(data_dir: Path, count: int) -> None:
    with closing(_opened(data_dir)) as ledger:
        ledger.append(*(_entry() for _ in range(count)))


def _rotate(data_dir: Path) -> None:
    rotate_signing_key(data_dir, data_dir / FILE, "front-desk", "file")


def test_a_ledger_goes_on_under_a_new_key(tmp_path: Path) -> None:
    """Twice; it keeps its name, all keys are on file with their time, and it is whole by the first key alone."""
    for _ in range(2):
        _append(tmp_path, 3)
        _rotate(tmp_path)
    _append(tmp_path, 3)
    known = read_verifiers(tmp_path / VERIFIER_FILE)
    assert len({one.key for one in known}) == 3
    assert len({one.name for one in known}) == 1
    assert (tmp_path / VERIFIER_FILE).read_text().count(" # from 2") == 2
    assert verify(tmp_path / FILE, known).good
    assert verify(tmp_path / FILE, known[:1]).good


def test_the_old_secret_is_destroyed(tmp_path: Path) -> None:
    """Nobody can sign in its name any more."""
    _append(tmp_path, 1)
    _rotate(tmp_path)
    assert not (tmp_path / f"{SIGNING_KEY}.key").exists()
    assert (tmp_path / f"{signing_name(2)}.key").exists()
    assert not (tmp_path / NEXT_VERIFIER_FILE).exists()


def test_a_house_that_runs_meanwhile_asks_to_be_restarted(tmp_path: Path) -> None:
    """It signs nothing with a key whose time is over; a new start goes on."""
    with closing(_opened(tmp_path)) as running:
        running.append(_entry())
        _rotate(tmp_path)
        with pytest.raises(LedgerUnavailableError, match="its signing key was rotated: restart guardrail"):
            running.append(_entry())
    _append(tmp_path, 1)
    assert verify(tmp_path / FILE, read_verifiers(tmp_path / VERIFIER_FILE)).good


class _PowerCutError(Exception):
    pass


@pytest.mark.parametrize("step", ["read_or_create_key", "make_file", "_write", "replace_file", "forget_key"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_rotation_that_broke_off_is_carried_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, *, after: bool
) -> None:
    """At each of its steps: a start refuses or goes on with the old key, and a second call ends with a whole ledger."""
    _append(tmp_path, 2)
    works: Callable[..., object] = getattr(rotate, step)

    def breaks(*arguments: object, **named: object) -> object:
        if after:
            works(*arguments, **named)
        raise _PowerCutError

    with monkeypatch.context() as patch:
        patch.setattr(rotate, step, breaks)
        with pytest.raises(_PowerCutError):
            _rotate(tmp_path)
    if (tmp_path / NEXT_VERIFIER_FILE).exists():
        with pytest.raises(LedgerError, match="rotate-signing` again"):
            ledger_keys(tmp_path, "file")
    else:
        _append(tmp_path, 1)
    _rotate(tmp_path)
    _append(tmp_path, 1)
    known = read_verifiers(tmp_path / VERIFIER_FILE)
    assert len(known) == 2
    assert verify(tmp_path / FILE, known).good
    assert [one.name for one in tmp_path.glob(f"{SIGNING_KEY}*")] == [f"{signing_name(2)}.key"]


def test_lost_verifier_keys_are_asked_for(tmp_path: Path) -> None:
    """A ledger whose key was rotated is not begun anew under another name."""
    _append(tmp_path, 1)
    _rotate(tmp_path)
    (tmp_path / VERIFIER_FILE).unlink()
    with pytest.raises(LedgerError, match="is gone, and the signing key was rotated"):
        ledger_keys(tmp_path, "file")


def test_there_must_be_a_ledger(tmp_path: Path) -> None:
    """Else nothing could say which key follows."""
    with pytest.raises(LedgerError, match="there is no ledger at"):
        _rotate(tmp_path)


def _sign_head_with(data_dir: Path, signer: Signer, size: int | None = None) -> None:
    with closing(sqlite3.connect(data_dir / FILE)) as file, file:
        table, where = ("head", "") if size is None else ("checkpoints", f" WHERE size = {size}")
        note = file.execute(f"SELECT note FROM {table}{where}").fetchone()[0]  # noqa: S608 - a table of ours
        file.execute(f"UPDATE {table} SET note = ?{where}", (signer.sign(Note.read(note).checkpoint()),))  # noqa: S608 - a table of ours


@pytest.mark.parametrize("which", ["old-key-after-its-time", "new-key-before-its-time"])
def test_a_key_signs_for_its_own_time_alone(tmp_path: Path, which: str) -> None:
    """Neither may an old key sign what came later, nor today's key vouch for what was before it."""
    _append(tmp_path, 3)
    old = ledger_keys(tmp_path, "file").signer
    _rotate(tmp_path)
    new = ledger_keys(tmp_path, "file").signer
    _append(tmp_path, 3)
    if which == "old-key-after-its-time":
        _sign_head_with(tmp_path, old)
    else:
        _sign_head_with(tmp_path, new, size=4)  # the state after `key_rotated`
    report = verify(tmp_path / FILE, read_verifiers(tmp_path / VERIFIER_FILE))
    assert "bears no good signature" in (report.reason or "")


@pytest.mark.parametrize(
    ("kind", "details", "words"),
    [
        pytest.param("KEY_IN_USE", {"key": "x"}, "that no entry before it announced", id="never-announced"),
        pytest.param("KEY_ROTATED", {"old": "x", "new": "y"}, "was not in force", id="not-in-force"),
        pytest.param("KEY_ROTATED", {"old": None, "new": "y"}, "announces a signing key that is none", id="no-key"),
    ],
)
def test_a_rotation_that_is_none_is_found(tmp_path: Path, kind: str, details: dict[str, str], words: str) -> None:
    """By the index of its entry."""
    known = ledger_keys(tmp_path, "file").signer.verifier
    told = {name: value or str(known) for name, value in details.items()}
    with closing(_opened(tmp_path)) as ledger:
        ledger.append(_entry())
        ledger.append(Entry(EntryKind[kind], datetime(2026, 3, 2, tzinfo=UTC), "front-desk", details=dict(told)))
    report = verify(tmp_path / FILE, [known])
    assert (report.first_bad, words in (report.reason or "")) == (1, True), report


def test_a_key_that_the_ledger_never_took_up_shows_that_entries_were_dropped(tmp_path: Path) -> None:
    """Whoever kept `ledger.vkey` of a later time sees that the ledger was set back."""
    _append(tmp_path, 2)
    before = {file: file.read_bytes() for file in tmp_path.glob(f"{FILE}*")}
    _rotate(tmp_path)
    for file in tmp_path.glob(f"{FILE}*"):
        file.unlink()
    for file, content in before.items():
        file.write_bytes(content)
    report = verify(tmp_path / FILE, read_verifiers(tmp_path / VERIFIER_FILE))
    assert "never took into use" in (report.reason or "")


def test_a_key_is_forgotten_once(tmp_path: Path) -> None:
    """A second time is no error."""
    keystore.read_or_create_key(tmp_path, "some", "file")
    for _ in range(2):
        keystore.forget_key(tmp_path, "some")
    assert not list(tmp_path.iterdir())


def test_a_start_that_crossed_a_rotation_does_not_sign_with_the_old_key(tmp_path: Path) -> None:
    """Its keys were read before, its ledger is opened after: it would make a good ledger a bad one for ever."""
    _append(tmp_path, 1)
    keys = ledger_keys(tmp_path, "file")
    _rotate(tmp_path)
    with pytest.raises(LedgerUnavailableError, match="another key signed it: restart guardrail"):
        _opened(tmp_path, keys)
    _append(tmp_path, 1)
    assert verify(tmp_path / FILE, read_verifiers(tmp_path / VERIFIER_FILE)).good
