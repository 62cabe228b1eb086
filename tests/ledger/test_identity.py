"""A reader's secret key in its file: closed by a passphrase, opened by it alone, taken away without a loss."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pyrage import x25519

from guardrail.errors import LedgerError
from guardrail.ledger.identity import (
    SECRET_PREFIX,
    check_passphrase,
    made_passphrase,
    make_identity,
    read_identities,
    secret_of,
    take_away,
    write_identity,
)

PASSPHRASE = "correct-horse-battery"


def test_an_open_key_is_one_that_age_reads(tmp_path: Path) -> None:
    """Lines of words and the secret key; a file that is there is never overwritten."""
    file = tmp_path / "sel.key"
    public = make_identity(file, None)
    text = file.read_text()
    assert f"# public key: {public}\n{SECRET_PREFIX}" in text
    with pytest.raises(LedgerError, match="is there already"):
        make_identity(file, None)
    assert file.read_text() == text


@pytest.mark.parametrize("content", [b"", b"# words alone\n", b"\xff\xfe", b"AGE-SECRET-KEY-1OOPS\n"])
def test_a_file_without_a_key_is_refused(tmp_path: Path, content: bytes) -> None:
    """In one line that quotes nothing of it."""
    file = tmp_path / "mine.key"
    file.write_bytes(content)
    with pytest.raises(LedgerError, match="holds no secret key") as error:
        read_identities(file)
    assert "OOPS" not in str(error.value)


def test_a_made_passphrase_is_eight_words(tmp_path: Path) -> None:
    """Other ones at each call, and long enough for our own rule; a short one that was typed is refused."""
    made = {made_passphrase() for _ in range(20)}
    assert len(made) == 20
    assert {len(check_passphrase(one).split("-")) for one in made} == {8}
    with pytest.raises(LedgerError, match="12 letters"):
        check_passphrase("short")
    assert not list(tmp_path.iterdir())


def test_a_key_is_taken_away_and_still_opens(tmp_path: Path) -> None:
    """With its passphrase alone; the copy is age's own file, for its owner, and is tried before the original goes."""
    source, target = tmp_path / "data" / "supervisor.key", tmp_path / "stick" / "sel.key"
    for folder in (source.parent, target.parent):
        folder.mkdir()
    public = make_identity(source, None)
    take_away(source, target, PASSPHRASE)
    assert not source.exists()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert target.read_text().startswith("-----BEGIN AGE ENCRYPTED FILE-----")
    [identity] = read_identities(target, lambda: PASSPHRASE)
    assert str(identity.to_public()) == public
    with pytest.raises(LedgerError, match="not the right one") as error:
        read_identities(target, lambda: "guessed-wrongly")
    assert "guessed" not in str(error.value)
    with pytest.raises(LedgerError, match="has to be typed"):
        read_identities(target)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        pytest.param("data/other.key", "in the same folder", id="same-folder"),
        pytest.param("stick/taken.key", "is there already", id="taken"),
        pytest.param("nowhere/sel.key", "cannot write", id="no-folder"),
    ],
)
def test_a_key_that_cannot_be_taken_away_stays(tmp_path: Path, place: str, words: str) -> None:
    """Whatever stands against it."""
    (tmp_path / "data").mkdir()
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "taken.key").write_text("somebody's")
    source = tmp_path / "data" / "supervisor.key"
    make_identity(source, None)
    secret = secret_of(source)
    with pytest.raises(LedgerError, match=words):
        take_away(source, tmp_path / place, PASSPHRASE)
    assert secret_of(source) == secret


def test_one_key_is_asked_for_where_one_is_meant(tmp_path: Path) -> None:
    """A recovery sheet holds one; a file of several is named as such."""
    file = tmp_path / "two.key"
    write_identity(file, str(x25519.Identity.generate()), None)
    file.write_text(file.read_text() + f"{x25519.Identity.generate()}\n")
    with pytest.raises(LedgerError, match="holds 2 secret keys"):
        secret_of(file)
