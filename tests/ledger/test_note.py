"""Notes are C2SP's to the byte: others' can be read here, ours by others, and nothing else passes for one."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.errors import LedgerError
from guardrail.ledger.merkle import EMPTY_ROOT
from guardrail.ledger.note import Algorithm, Checkpoint, Note, Signer, Verifier

# The example of the format's reference implementation (golang.org/x/mod/sumdb/note).
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ANSWER = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
SIGNER = Signer("guardrail/desk", b"s" * 32)
WITNESS = Signer("witness.example/w1", b"w" * 32, Algorithm.COSIGNATURE)
STATE = Checkpoint("guardrail/desk", 7, bytes(range(32)))


def test_only_lines_that_are_vouched_for_are_given_on() -> None:
    """Anybody may have put others below the text, also under a known name, and one twice."""
    good = SIGNER.sign(STATE)
    forged = Signer("guardrail/desk", b"x" * 32).line(STATE.text())
    said = WITNESS.line(STATE.text(), 7)
    other = SIGNER.line("another text\n")
    note = Note.read(good + forged + said + other + SIGNER.line(STATE.text()))
    assert note.vouched([SIGNER.verifier]) == good
    assert note.vouched([WITNESS.verifier, SIGNER.verifier]) == good + said


def test_a_note_of_others_is_good() -> None:
    """Key and signature as the format's own example has them."""
    assert Note.read(ANSWER).signed_by([Verifier.read(NEUMANN)]) == {"PeterNeumann": 0}
    assert str(Verifier.read(NEUMANN)) == NEUMANN


def test_a_checkpoint_reads_as_the_format_says() -> None:
    """Origin, size, root, then the signatures."""
    note = SIGNER.sign(STATE)
    assert note.startswith("guardrail/desk\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n— guardrail/desk ")
    assert Note.read(note).checkpoint() == STATE
    assert Note.read(note).signed_by([SIGNER.verifier]) == {"guardrail/desk": 0}


def test_a_cosignature_says_when() -> None:
    """A witness's line stands beside the log's own; each is checked by its own key."""
    note = SIGNER.sign(STATE) + WITNESS.line(STATE.text(), 1_700_000_000)
    assert Note.read(note).signed_by([WITNESS.verifier]) == {"witness.example/w1": 1_700_000_000}
    assert set(Note.read(note).signed_by([WITNESS.verifier, SIGNER.verifier])) == {
        "witness.example/w1",
        "guardrail/desk",
    }


@pytest.mark.parametrize(("at", "good"), [(253_402_300_799, True), (253_402_300_800, False), (2**64 - 1, False)])
def test_a_time_that_nobody_can_read_is_not_good(at: int, good: bool) -> None:
    """A witness may sign any number: one beyond the year 9999 must not stop a check of the ledger for good."""
    note = SIGNER.sign(STATE) + WITNESS.line(STATE.text(), at)
    assert bool(Note.read(note).signed_by([WITNESS.verifier])) is good


def test_a_cosignature_is_no_signature_of_the_log() -> None:
    """The same key under the other algorithm has another id, and signs another text."""
    log = Signer(WITNESS.verifier.name, b"w" * 32)
    assert log.verifier.id != WITNESS.verifier.id
    assert Note.read(SIGNER.sign(STATE) + log.line(STATE.text())).signed_by([WITNESS.verifier]) == {}


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_changed_note_is_good(at: int, bit: int) -> None:
    """One bit anywhere: it is no note any more, or nobody signed it, or it is the same note still."""
    raw = bytearray(SIGNER.sign(STATE).encode())
    raw[at % len(raw)] ^= 1 << bit
    try:
        note = Note.read(raw.decode())
        good = note.signed_by([SIGNER.verifier])
        assert not good or note == Note.read(SIGNER.sign(STATE))
    except (LedgerError, UnicodeDecodeError):
        pass


@given(text=st.text(max_size=80))
def test_any_text_is_a_note_or_refused_in_one_way(text: str) -> None:
    """No input raises anything but the one error."""
    for made in (text, f"guardrail/desk\n{text}\n\n— {text}\n", f"a\n1\n{text}\n\n— a AAAAAAA=\n"):
        with suppress(LedgerError):
            Note.read(made).checkpoint()


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "a\n\n", "a\n\n\n", "a\n\n— b\n", "a\n\n— b c d\n", "a\n\n— b AAAA\n", "a\n\n— b AAAAAA==",
        "a\n\n- b AAAAAAA=\n", "a\n\n" + "— b AAAAAAA=\n" * 101,
    ],
)  # fmt: skip
def test_what_is_no_note_is_refused(text: str) -> None:
    """Without an empty line, signatures, their dash, their key's id, or with too many."""
    with pytest.raises(LedgerError):
        Note.read(text)


@pytest.mark.parametrize("size", ["-1", "+7", "07", "7.0", " 7", "", "seven", "9223372036854775808"])
def test_a_size_has_one_spelling(size: str) -> None:
    """Two notes of one state are the same text; no tree has more leaves than a table can count."""
    note = SIGNER.sign(STATE).replace("\n7\n", f"\n{size}\n", 1)
    with pytest.raises(LedgerError, match="no checkpoint"):
        Note.read(note).checkpoint()


@pytest.mark.parametrize(
    "text",
    ["", "a+b", NEUMANN.replace("c74f20a3", "c74f20a4"), NEUMANN[:-4], NEUMANN + "AAAA", NEUMANN.replace("+A", "+C", 1),
     "a b+00000000+AQ==", "PeterNeumann+c74f20a3+*"],
)  # fmt: skip
def test_a_damaged_verifier_key_is_refused(text: str) -> None:
    """Its id is a check of the whole."""
    with pytest.raises(LedgerError):
        Verifier.read(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "x" * 201])
def test_a_name_that_could_be_misread_is_refused(name: str) -> None:
    """Names stand between blanks and plus signs."""
    with pytest.raises(LedgerError):
        Signer(name, b"s" * 32)


def test_a_signer_never_shows_its_key() -> None:
    """Not in its text either; and a seed of another length is none."""
    assert "ssss" not in repr(SIGNER)
    assert SIGNER.sign(Checkpoint("a", 0, EMPTY_ROOT))
    with pytest.raises(LedgerError, match="32 bytes"):
        Signer("a", b"s" * 31)
