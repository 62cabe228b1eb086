"""That there was a client list is noted once, and whatever cannot be read says that there was."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardrail.errors import RosterError
from guardrail.roster.known import KNOWN_FILE, Came, forget, known, note


def test_what_was_taken_in_stays_noted(tmp_path: Path) -> None:
    """A file that a setting names may come later and go again; only leave to forget ends it."""
    folder = tmp_path / "data"
    assert known(folder) is None
    note(folder, Came.FILE)
    assert known(folder) is Came.FILE
    note(folder, Came.IMPORTED)
    note(folder, Came.FILE)
    assert known(folder) is Came.IMPORTED
    assert (folder / KNOWN_FILE).stat().st_mode & 0o77 == 0
    forget(folder)
    forget(folder)
    assert known(folder) is None


@pytest.mark.parametrize("content", [b"", b"fil", b"\xff\xfe", b"imported\n"])
def test_a_note_that_is_damaged_is_a_note(tmp_path: Path, content: bytes) -> None:
    """Of the two kinds it is the one that asks for more."""
    (tmp_path / KNOWN_FILE).write_bytes(content)
    assert known(tmp_path) is Came.IMPORTED


def test_a_disk_that_does_not_give_is_said_in_one_line(tmp_path: Path) -> None:
    """A folder in its place: it cannot be read, and so says that there was a list."""
    (tmp_path / KNOWN_FILE).mkdir()
    assert known(tmp_path) is Came.IMPORTED
    (tmp_path / "file").write_text("")
    with pytest.raises(RosterError, match="cannot note that there is a client list"):
        note(tmp_path / "file" / "data", Came.FILE)
