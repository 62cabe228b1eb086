"""The clinic's exceptions on disk: durable, closed, each for itself; what cannot be trusted is in force no more."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guardrail.errors import RosterError
from guardrail.roster.exceptions import Excepted, Exceptions

KEY = b"k" * 32
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ONE = Excepted("a" * 32, ("C-1", "C-2"), "admin", NOW, NOW + timedelta(days=365), "une rue d’ici")
TWO = Excepted("b" * 32, ("C-3",), "admin", NOW + timedelta(days=1), NOW + timedelta(days=9), "a singer " * 20)


@pytest.fixture
def kept(tmp_path: Path) -> Exceptions:
    """Give a folder with two exceptions."""
    exceptions = Exceptions(tmp_path / "roster" / "exceptions", KEY)
    for one in (TWO, ONE):
        exceptions.put(one)
    return exceptions


def test_what_is_set_is_there_until_it_is_taken_back(kept: Exceptions) -> None:
    """In the order in which it was set; one that is set anew stands in the old one's place."""
    assert Exceptions(kept.folder, KEY).read().exceptions == (ONE, TWO)
    longer = replace(ONE, until=NOW + timedelta(days=500))
    kept.put(longer)
    assert kept.read().exceptions == (longer, TWO)
    for _ in range(2):
        kept.take_back(ONE.token)
    assert (kept.read().exceptions, kept.tokens()) == ((TWO,), (TWO.token,))
    assert Exceptions(kept.folder / "none", KEY).read().exceptions == ()


def test_the_files_say_nothing(kept: Exceptions) -> None:
    """No reference, no reason, no date, and all of one size; nobody else can read them."""
    files = kept.files()
    whole = b"".join(file.read_bytes() for file in files)
    assert [part for part in (b"C-1", b"C-3", b"rue", b"singer", b"2026", b"admin") if part in whole] == []
    assert len({file.stat().st_size for file in files}) == 1
    if os.name == "posix":
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
        assert kept.folder.stat().st_mode & 0o777 == 0o700


def test_the_words_that_log_it_name_no_reason() -> None:
    """Neither a reason nor a reference stands where a program prints it."""
    assert repr(ONE) == f"<Excepted aaaaaaaa until {ONE.until.isoformat()}>"


DAMAGES: dict[str, Callable[[bytes], bytes] | None] = {
    "a changed byte": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "cut off": lambda data: data[:40],
    "empty": lambda _: b"",
    "another file": lambda _: b"GRFACTS1" + bytes(2000),
    "another one's": None,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_one_is_in_force_no_more_and_the_others_are(kept: Exceptions, damage: str) -> None:
    """It is told with what to do; taking it back needs no look inside."""
    file = kept.folder / f"{ONE.token}.exception"
    change = DAMAGES[damage]
    other = (kept.folder / f"{TWO.token}.exception").read_bytes()
    file.write_bytes(change(file.read_bytes()) if change else other)
    found = kept.read()
    assert found.exceptions == (TWO,)
    [problem] = found.problems
    assert "guardrail roster except --remove aaaaaaaa" in str(problem)
    kept.take_back(ONE.token)
    assert kept.read().problems == ()


def test_another_key_opens_none(kept: Exceptions) -> None:
    """As where the roster's key was replaced: everything is held again."""
    found = Exceptions(kept.folder, b"l" * 32).read()
    assert (found.exceptions, len(found.problems)) == ((), 2)


def test_what_else_lies_there_is_read_past(kept: Exceptions) -> None:
    """What a write left that was killed, and other files."""
    for name in (".x.exception.abc", "notes.txt", f"{'A' * 32}.exception"):
        (kept.folder / name).write_bytes(b"x")
    assert kept.read().exceptions == (ONE, TWO)


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    """Reading gives nothing and says so; writing and taking back are refused in one line."""
    (tmp_path / "exceptions").write_text("x")
    kept = Exceptions(tmp_path / "exceptions", KEY)
    found = kept.read()
    assert (found.exceptions, len(found.problems)) == ((), 1)
    with pytest.raises(RosterError, match="cannot write the exception"):
        kept.put(ONE)
    with pytest.raises(RosterError, match="cannot take the exception back"):
        kept.take_back(ONE.token)
