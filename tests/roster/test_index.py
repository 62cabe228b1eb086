"""The index keeps tokens and references, and nothing from which a name can be read."""

from __future__ import annotations

import csv
import gc
import pickle
from pathlib import Path

import pytest

from guardrail.model.people import Population
from guardrail.roster.fold import split_words
from guardrail.roster.index import Client, Index, Person, build_index, make_tokeniser
from guardrail.roster.names import person_names
from guardrail.roster.row import read_person

NAME_COLUMNS = ("given_name", "family_name", "preferred_name", "other_names", "handles")


@pytest.fixture
def people(sample_file: Path) -> list[Person]:
    """Give the people of the sample roster."""
    with sample_file.open(encoding="utf-8", newline="") as file:
        read = [read_person(sample_file, 0, row) for row in csv.DictReader(file)]
    return [person for person in read if isinstance(person, Person)]


@pytest.fixture
def secrets(sample_file: Path) -> set[str]:
    """Give every word of four letters and more that stands in a name or a handle of the sample, as it may be kept."""
    words: set[str] = set()
    with sample_file.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for column in NAME_COLUMNS:
                found = split_words(row[column])
                words.update(found.latin, found.native, row[column].split())
    return {word for word in words if len(word) > 3 and word not in {"facebook", "instagram", "linkedin", "https"}}


def test_no_name_is_in_an_index(people: list[Person], secrets: set[str], key: bytes) -> None:
    """Neither the pickled bytes nor `repr` of an index hold a part of a name or of a handle, nor the key."""
    index = build_index(people, make_tokeniser(key))
    stored = pickle.dumps(index) + repr(index).encode()
    assert len(secrets) > 30
    for secret in secrets:
        assert secret.encode() not in stored
        assert secret.lower().encode() not in stored
        assert secret.encode("utf-16-le") not in stored
    assert key not in stored
    assert b"C-1001" in stored


def test_no_name_is_reachable_from_an_index(people: list[Person], secrets: set[str], key: bytes) -> None:
    """Following every reference from an index in memory leads to no text but references and initials."""
    index = build_index(people, make_tokeniser(key))
    expected = {text for client in index.clients for text in (client.ref, client.initials)}
    seen: set[int] = set()
    texts: set[str] = set()
    todo: list[object] = [getattr(index, name) for name in Index.__slots__]
    while todo:
        thing = todo.pop()
        if id(thing) in seen or isinstance(thing, type):
            continue
        seen.add(id(thing))
        if isinstance(thing, str):
            texts.add(thing)
        elif isinstance(thing, dict | tuple | Client):
            todo += gc.get_referents(thing)
    assert expected <= texts
    assert not texts & secrets


def test_another_key_gives_other_tokens(people: list[Person], key: bytes) -> None:
    """Nothing of two indexes is the same under two keys, so they cannot be laid side by side."""
    one = build_index(people, make_tokeniser(key))
    other = build_index(people, make_tokeniser(key[::-1]))
    for table in ("units", "beginnings", "accounts", "reach"):
        assert not set(getattr(one, table)) & set(getattr(other, table))
    assert one == build_index(people, make_tokeniser(key))


@pytest.mark.parametrize("key", [b"", b"short", bytes(33)])
def test_a_key_has_one_length(key: bytes) -> None:
    """A short key is no key."""
    with pytest.raises(ValueError, match="32 bytes"):
        make_tokeniser(key)


def test_names_of_any_length_are_taken(key: bytes) -> None:
    """Hundreds of words in a name make a bounded number of entries."""
    names = person_names("word " * 100, "-".join(f"part{number}" for number in range(100)))
    index = build_index([Person(Client("R1", names.initials, Population.CURRENT), names)], make_tokeniser(key))
    assert 0 < len(index.pairs) <= 144
