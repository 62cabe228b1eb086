"""Imports of a client list: versioned, reversible, refused where too many are missing."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from guardrail.errors import RosterError
from guardrail.roster.build import Making
from guardrail.roster.changes import Changes
from guardrail.roster.exports import Reading, read_export
from guardrail.roster.importing import Terms, import_export
from guardrail.roster.versions import KEPT, POINTER, Versions
from tests.roster.scene import KEY

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

type TakeIn = Callable[..., tuple[int, Changes]]


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    """Give the versions of a data folder that is not there yet."""
    return Versions(tmp_path / "data" / "roster", KEY)


@pytest.fixture
def take_in(versions: Versions, tmp_path: Path) -> TakeIn:
    """Give a function that imports people, by references and given names."""

    def take_in(*people: str, accept_loss: bool = False, key: bytes = KEY) -> tuple[int, Changes]:
        file = tmp_path / "clients.csv"
        rows = "".join(f"{one.split()[0]},{one.split()[1]},Quill\n" for one in people)
        file.write_text(f"client_ref,given_name,family_name\n{rows}", encoding="utf-8")
        into = Versions(versions.folder, key)
        return import_export(into, file, read_export(file, key, Reading()), Terms(NOW, Making(), 20, accept_loss))

    return take_in


def refs(versions: Versions, *texts: str) -> list[str | None]:
    """Give whom each text means on the list in force."""
    loaded = versions.load()
    assert loaded is not None
    found = [loaded.roster.match_text(text) for text in texts]
    return [matches[0].client_ref if matches else None for matches in found]


def test_an_import_counts_at_once_and_says_what_it_changed(versions: Versions, take_in: TakeIn) -> None:
    """The list is needed no more; files are the owner's alone; each import has its own number."""
    assert versions.load() is None
    number, changes = take_in("C-1 Ada", "C-2 Bea", "C-3 Cleo", "C-4 Dora", "C-5 Edda")
    assert (number, len(changes.new), changes.before) == (1, 5, 0)
    number, changes = take_in("C-1 Ada", "C-2 Beatrix", "C-3 Cleo", "C-4 Dora", "C-6 Fay")
    assert (number, changes.new, changes.gone, changes.changed) == (2, ("C-6",), ("C-5",), ("C-2",))
    assert refs(versions, "fay quill", "edda quill") == ["C-6", None]
    loaded = versions.load()
    assert loaded is not None
    assert (loaded.number, loaded.facts.at, loaded.facts.preset, loaded.facts.clients) == (2, NOW, "own", 5)
    assert versions.numbers() == (1, 2)
    if os.name == "posix":
        assert stat.S_IMODE(versions.folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(file.stat().st_mode) for file in versions.folder.iterdir()} == {0o600}


def test_a_list_that_lost_too_many_is_refused(versions: Versions, take_in: TakeIn) -> None:
    """More than the set share: the old list stays, unless it is said that they are to go."""
    take_in("C-1 Ada", "C-2 Bea", "C-3 Cleo", "C-4 Dora")
    with pytest.raises(RosterError, match=r"1 of 4 clients are missing.*--accept-loss"):
        take_in("C-1 Ada", "C-2 Bea", "C-3 Cleo")
    assert refs(versions, "dora quill") == ["C-4"]
    assert versions.numbers() == (1,)
    assert take_in("C-1 Ada", accept_loss=True)[0] == 2
    assert refs(versions, "dora quill", "ada quill") == [None, "C-1"]


def test_numbers_that_a_spreadsheet_rewrote_are_told(versions: Versions, take_in: TakeIn) -> None:
    """Everybody seems to be gone, and somebody else to be new: the line says what it looks like."""
    take_in("0042 Ada", "0043 Bea", "0044 Cleo", "X-1 Dora")
    with pytest.raises(RosterError, match=r"3 of 4 clients are missing.*3 of their numbers stand there in another"):
        take_in("42 Ada", "43 Bea", "44 Cleo", "X-1 Dora")
    assert refs(versions, "ada quill") == ["0042"]


def test_who_is_missing_from_a_list_that_is_gone_nobody_can_say(versions: Versions, take_in: TakeIn) -> None:
    """The next import asks for leave, as it would with a list that cannot be opened."""
    take_in("C-1 Ada")
    shutil.rmtree(versions.folder)
    with pytest.raises(RosterError, match=r"nobody can say who is missing.*--accept-loss"):
        take_in("C-2 Bea")
    assert take_in("C-2 Bea", accept_loss=True)[0] == 1
    assert versions.forget() == 1
    assert versions.load() is None
    assert take_in("C-3 Cleo")[0] == 1


def test_the_newest_versions_are_kept(versions: Versions, take_in: TakeIn) -> None:
    """Ten in all; a new number is never an old one, also after going back."""
    for _ in range(KEPT + 2):
        take_in("C-1 Ada")
    assert versions.numbers() == tuple(range(3, KEPT + 3))
    versions.put_in_force(3)
    assert versions.current() == 3
    assert take_in("C-1 Ada")[0] == KEPT + 3
    assert versions.numbers() == tuple(range(4, KEPT + 4))


def test_what_a_killed_import_left_goes_with_a_later_one(versions: Versions, take_in: TakeIn) -> None:
    """Half a version is none; what is young may be another import's and stays."""
    take_in("C-1 Ada")
    young, old = versions.folder / ".3.idx.young", versions.folder / ".3.idx.old"
    half = versions.index_file(2)
    for file in (young, old, half):
        file.write_bytes(b"half")
    for file in (old, half):
        os.utime(file, (0, 0))
    assert versions.numbers() == (1,)
    assert take_in("C-1 Ada")[0] == 3
    assert young.exists()
    assert not old.exists()
    assert not half.exists()


def damage(file: Path) -> None:
    """Change one bit in the middle of a file."""
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


DAMAGES: dict[str, tuple[Callable[[Versions], object], str]] = {
    "index": (lambda v: damage(v.index_file(2)), "the index is damaged"),
    "facts": (lambda v: damage(v.folder / "2.facts"), "facts of an import are damaged"),
    "no index": (lambda v: v.index_file(2).unlink(), "cannot read the index"),
    "no facts": (lambda v: (v.folder / "2.facts").unlink(), "there is no imported client list 2"),
    "another's index": (lambda v: v.index_file(2).write_bytes(v.index_file(1).read_bytes()), "not the one that was"),
    "no pointer": (lambda v: v.pointer.unlink(), "not known which imported client list is in force"),
    "empty pointer": (lambda v: v.pointer.write_text(""), "is damaged"),
    "odd pointer": (lambda v: v.pointer.write_text('{"format": 1, "number": true}'), "is damaged"),
    "more in it": (lambda v: v.pointer.write_text('{"format": 1, "number": 1, "x": 1}'), "is damaged"),
    "a list": (lambda v: v.pointer.write_text("[1]"), "is damaged"),
    "another format": (lambda v: v.pointer.write_text('{"format": 2, "number": 1}'), "is damaged"),
    "bytes": (lambda v: v.pointer.write_bytes(b"\xff\xfe"), "cannot read which"),
    "to nowhere": (lambda v: v.pointer.write_text('{"format": 1, "number": 9}'), "no imported client list 9"),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_what_cannot_be_trusted_is_refused_and_can_be_mended(versions: Versions, take_in: TakeIn, what: str) -> None:
    """Never an empty list in its place; the line says what to do, and going back or a new import does it."""
    take_in("C-1 Ada")
    take_in("C-1 Ada", "C-2 Bea")
    act, says = DAMAGES[what]
    act(versions)
    with pytest.raises(RosterError, match=f"{says}.*(import|roll)"):
        versions.load()
    versions.put_in_force(1)
    assert refs(versions, "ada quill", "bea quill") == ["C-1", None]
    assert take_in("C-1 Ada", "C-2 Bea")[0] >= 2
    assert refs(versions, "bea quill") == ["C-2"]


def test_another_key_opens_nothing(versions: Versions, take_in: TakeIn) -> None:
    """The list is refused; a new import says that nobody can tell who is missing, and asks for leave."""
    take_in("C-1 Ada")
    other = Versions(versions.folder, b"o" * 32)
    with pytest.raises(RosterError, match="another key"):
        other.load()
    with pytest.raises(RosterError, match=r"no earlier client list can be opened.*--accept-loss"):
        take_in("C-1 Ada", key=b"o" * 32)
    assert refs(versions, "ada quill") == ["C-1"]
    take_in("C-1 Ada", key=b"o" * 32, accept_loss=True)
    assert refs(other, "ada quill") == ["C-1"]


def test_a_disk_that_does_not_give_is_said_in_one_line(versions: Versions, take_in: TakeIn) -> None:
    """Folder and files in each other's place: refused, the old list stays."""
    take_in("C-1 Ada")
    (versions.folder / "2.facts").mkdir()
    with pytest.raises(RosterError, match="cannot write"):
        take_in("C-1 Ada")
    assert versions.current() == 1
    with pytest.raises(RosterError, match="cannot read the facts"):
        versions.facts(2)
    file = versions.folder.parent / "file"
    file.write_text("")
    for act in (Versions(file, KEY).claim, Versions(file, KEY).numbers):
        with pytest.raises(RosterError, match="cannot"):
            act()
    assert (versions.folder / POINTER).read_text(encoding="utf-8") == '{"format": 1, "number": 1}\n'


def test_no_name_is_in_any_file(versions: Versions, take_in: TakeIn) -> None:
    """Index, facts and pointer hold no name, in no spelling, and no reference."""
    take_in("C-7731 Adalbertine")
    for file in versions.folder.iterdir():
        data = file.read_bytes()
        for name in ("Adalbertine", "Quill", "C-7731"):
            for spelling in (name, name.lower(), name.upper()):
                for encoding in ("utf-8", "utf-16-le", "utf-32-le"):
                    assert spelling.encode(encoding) not in data
