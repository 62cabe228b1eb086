"""The index: what its bytes give away, what they refuse, and that they come back as they went in."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.errors import RosterError
from guardrail.model.people import Population, Strength
from guardrail.roster import Making, Roster, Variants, build_index, write_index
from guardrail.roster.fold import split_words
from guardrail.roster.index import Index
from guardrail.roster.names import person_names
from guardrail.roster.person import Client, Person
from guardrail.roster.row import read_person
from tests.roster.scene import KEY, SAMPLE

NAME_COLUMNS = ("given_name", "family_name", "preferred_name", "other_names", "handles")


def sample_people() -> list[Person]:
    """Give the people of the shipped sample."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        read = [read_person(SAMPLE, 0, row) for row in csv.DictReader(file)]
    return [person for person in read if isinstance(person, Person)]


def crowd(count: int) -> list[Person]:
    """Give `count` people of different names."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return [
        Person(Client(f"R{at}", "XY", Population.FORMER), person_names(f"Ada{letters[at % 26]}", f"Quill{at // 26}"))
        for at in range(count)
    ]


def test_no_name_is_in_an_index() -> None:
    """Neither names nor handles, nor references, nor the key stand in the bytes in any encoding."""
    data = build_index(sample_people(), KEY)
    secrets: set[str] = {"C-1001", "C-1012"}
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for column in NAME_COLUMNS:
                found = split_words(row[column])
                secrets.update(found.latin, found.native, row[column].split())
    secrets = {word for word in secrets if len(word) > 3}
    assert len(secrets) > 30
    for secret in secrets:
        for spelling in (secret, secret.lower(), secret.title()):
            assert spelling.encode() not in data
            assert spelling.encode("utf-16-le") not in data
    assert KEY not in data


def _of_tokens(data: bytes) -> list[int]:
    """Give where each eight bytes of the table and of the heap begin; the flags between them are single bits."""
    table_end = 80 + (8 << data[12])
    return [*range(80, table_end, 8), *range(table_end + (2 << data[12]), len(data), 8)]


def test_two_indexes_of_the_same_people_have_nothing_in_common() -> None:
    """Each index is salted, so that nobody can lay two side by side and see who is new."""
    one, other = (build_index(sample_people(), KEY) for _ in range(2))
    eights = [{data[at : at + 8] for at in _of_tokens(data)} - {bytes(8)} for data in (one, other)]
    assert len(one) == len(other)
    assert not eights[0] & eights[1]


@pytest.mark.parametrize(("few", "many"), [(1, 20), (60, 70)])
def test_the_size_does_not_tell_how_many_there_are(few: int, many: int) -> None:
    """Rosters of about a size have indexes of one size, and as many slots in use."""
    one, other = build_index(crowd(few), KEY), build_index(crowd(many), KEY)
    assert len(one) == len(other)
    used = [sum(map(bool, memoryview(data)[80:].cast("Q")[: 1 << data[12]])) for data in (one, other)]
    assert abs(used[0] - used[1]) < 5


def test_references_initials_and_populations_come_back() -> None:
    """However long a reference is, and whatever script the initials are in."""
    people = [
        Person(Client("R" * length, "ŻÓŁ"[: length % 4], population), person_names(f"Ada{'b' * length}", "Quill"))
        for length, population in zip((1, 9, 12, 13, 14, 30, 64), list(Population) * 2, strict=False)
    ]
    roster = Roster(Index(build_index(people, KEY), KEY))
    for person in people:
        names = person.names.pairs[0]
        (match,) = [
            found
            for found in roster.match_text(f"{names.given.key} {names.family.key}")
            if found.strength is Strength.EXACT
        ]
        assert Client(match.client_ref, match.initials, match.population) == person.client


def test_an_index_is_written_and_opened(tmp_path: Path) -> None:
    """A file gives the same answers as bytes do, and says how many there are and which revision."""
    file = tmp_path / "roster.index"
    told: list[tuple[str, int, int | None]] = []
    count = write_index(file, sample_people(), KEY, Making(revision="r7", progress=lambda *step: told.append(step)))
    roster = Roster.open(file, KEY)
    assert (len(roster), roster.revision, count) == (13, "r7", 13)
    assert [match.client_ref for match in roster.match_text("margit ollander")] == ["C-1001"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["roster.index"]
    assert {stage for stage, _, _ in told} == {"names", "table"}


def test_a_failed_import_leaves_the_old_index(tmp_path: Path) -> None:
    """What goes wrong while people are read changes no file and leaves none behind."""
    file = tmp_path / "roster.index"
    write_index(file, sample_people(), KEY)
    before = file.read_bytes()

    def broken() -> list[Person]:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_index(file, (person for _ in range(1) for person in broken()), KEY)
    file.with_name("folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_index(file.with_name("folder"), sample_people(), KEY)
    assert file.read_bytes() == before
    assert {entry.name for entry in tmp_path.iterdir()} == {"roster.index", "folder"}


DAMAGES = [
    (lambda data: data[:0], "the file is empty", "import"),
    (lambda data: data[:50], "no index of a roster", "guardrail roster import"),
    (lambda data: b"client_ref,given_name\n" * len(data[:50]), "no index of a roster", "guardrail roster import"),
    (lambda data: data[:8] + b"\x63" + data[9:], "format 99", "import the client list again"),
    (lambda data: data[:12] + b"\xff" + data[13:], "damaged", "bring it back from a copy"),
    (lambda data: data[:-1], "damaged", "bring it back from a copy"),
    (lambda data: data + b"\0", "damaged", "bring it back from a copy"),
    (lambda data: data[:5000] + bytes([data[5000] ^ 1]) + data[5001:], "damaged", "import the client list again"),
    (lambda data: data[:-40] + bytes([data[-40] ^ 1]) + data[-39:], "damaged", "import the client list again"),
    (lambda data: data[:70] + bytes([data[70] ^ 1]) + data[71:], "damaged", "import the client list again"),
    (lambda data: data[:20] + bytes([data[20] ^ 1]) + data[21:], "another key", "bring back the key"),
]


@pytest.mark.parametrize(("damage", "what", "hint"), DAMAGES, ids=[str(at) for at in range(len(DAMAGES))])
def test_a_damaged_index_is_refused(tmp_path: Path, damage: object, what: str, hint: str) -> None:
    """Not a byte may be missing, added or changed; the message says what to do."""
    assert callable(damage)
    file = tmp_path / "roster.index"
    file.write_bytes(damage(build_index(sample_people(), KEY)))
    with pytest.raises(RosterError) as error:
        Roster.open(file, KEY)
    (problem,) = error.value.problems
    assert what in problem.what
    assert hint in str(problem.hint)
    assert problem.file == file


def test_a_wrong_key_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    """Neither is taken for an empty roster."""
    file = tmp_path / "roster.index"
    write_index(file, sample_people(), KEY)
    with pytest.raises(RosterError, match="another key"):
        Roster.open(file, KEY[::-1])
    with pytest.raises(RosterError, match="cannot read the index"):
        Roster.open(tmp_path / "none", KEY)


EMPTY = build_index((), KEY)


@given(st.integers(0, len(EMPTY) - 1), st.integers(0, 255))
def test_no_changed_byte_is_overlooked(at: int, value: int) -> None:
    """Wherever a byte of an index changes, it is refused."""
    data = bytearray(EMPTY)
    if data[at] == value:
        value ^= 1
    data[at] = value
    with pytest.raises(RosterError):
        Index(bytes(data), KEY)


@pytest.mark.parametrize("key", [b"", b"short", bytes(33)])
def test_a_key_has_one_length(key: bytes) -> None:
    """A short key is no key."""
    with pytest.raises(ValueError, match="32 bytes"):
        build_index((), key)


def test_names_of_any_length_are_taken() -> None:
    """Hundreds of words in a name, words of hundreds of letters: a bounded number of entries."""
    names = person_names("word " * 100, "-".join(f"part{number}" for number in range(100)))
    long = person_names("a" * 500, "b" * 500)
    people = [
        Person(Client("R1", names.initials, Population.CURRENT), names),
        Person(Client("R2", long.initials, Population.CURRENT), long),
    ]
    data = build_index(people, KEY)
    assert len(data) < 2_000_000
    roster = Roster(Index(data, KEY))
    assert [match.client_ref for match in roster.match_text(f"{'a' * 500} {'b' * 500}")] == ["R2"]


def test_many_namesakes_are_all_found() -> None:
    """Hundreds of people of one name are each given."""
    people = [Person(Client(f"R{at}", "AQ", Population.CURRENT), person_names("Ada", "Quill")) for at in range(300)]
    roster = Roster(Index(build_index(people, KEY), KEY))
    assert {match.client_ref for match in roster.match_text("ada quill")} == {f"R{at}" for at in range(300)}


SWITCHED = [
    ("order", "Quillon Margaret"),
    ("nickname", "Peggy Quillon"),
    ("other_name", "Margaret Roe"),
    ("part", "Margaret Vance"),
    ("initial", "M Quillon"),
    ("joined", "margaretquillon"),
    ("apart", "margaret x quillon"),
    ("sound", "margaret kwilon"),
    ("typo", "margaret quilon"),
]


@pytest.mark.parametrize(("kind", "text"), SWITCHED)
def test_each_kind_of_variant_can_be_switched_off(kind: str, text: str) -> None:
    """Without a kind its texts mean nobody, and the name itself is still found."""
    names = person_names("Margaret", "Quillon", "", ["Roe", "Margaret Vance-Poe"])
    people = [Person(Client("R1", "MQ", Population.CURRENT), names)]
    whole = Roster(Index(build_index(people, KEY), KEY))
    less = Roster(Index(build_index(people, KEY, Making(Variants().without(kind))), KEY))
    assert kind in {found for match in whole.match_text(text) for found in match.kinds}
    assert less.match_text(text) == ()
    assert less.match_text("Margaret Quillon")


def test_unknown_kinds_are_refused() -> None:
    """A misspelt kind switches nothing off unseen."""
    with pytest.raises(ValueError, match="nickname, other_name"):
        Variants().without("nicknames")


def test_a_clinics_own_nicknames_are_known() -> None:
    """Each name of a group stands for the others."""
    people = [Person(Client("R1", "AQ", Population.CURRENT), person_names("Adele", "Quillon"))]
    variants = Variants(nicknames=(("Delphi", "Adele", "Dee Dee"),))
    roster = Roster(Index(build_index(people, KEY, Making(variants)), KEY))
    for text in ("delphi quillon", "deedee quillon"):
        (match,) = roster.match_text(text)
        assert match.kinds == ("nickname",)
