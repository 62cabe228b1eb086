"""How names of other scripts are written in Latin letters."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.roster.fold import split_words
from guardrail.roster.romanise import MOST, readings
from tests.roster.scene import MakeRoster

MEGABYTE = 1 << 20


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Щербакова", {"shcherbakova", "scherbakova"}),
        ("Юлия", {"yulia", "julia", "yuliya"}),
        ("Дмитрий", {"dmitry", "dmitri", "dmitriy", "dmitrii"}),
        ("Журавлёв", {"zhuravlev", "juravlev"}),
        ("Παπαδόπουλος", {"papadopoulos"}),
        ("Ευαγγελία", {"evangelia"}),
        ("Χατζής", {"hatzis", "chatzis"}),
        ("शर्मा", {"sharma"}),
        ("मेहता", {"mehta"}),
        ("じゅんいち", {"junichi", "zyunityi"}),
        ("しょうた", {"shota", "shouta", "syota"}),
        ("おおの", {"ono", "oono", "ohno"}),
        ("박", {"park", "bak", "pak"}),
        ("김철수", {"kim cheolsu"}),
        ("陳", {"chen", "chan", "tan"}),
        ("歐陽", {"ouyang", "auyeung"}),
        ("李小龙", {"li xiaolong", "lee xiaolong"}),
        ("فاطمة", {"fatima", "fatemeh"}),
        ("כהן", {"cohen", "kohen"}),
    ],
)
def test_a_name_has_its_usual_spellings(text: str, expected: set[str]) -> None:
    """By several schemes, and as people customarily spell it."""
    assert expected <= set(readings(text))


@pytest.mark.parametrize("text", ["", "Jane Doe", "Zoë Brontë", "12 :-)", "คุณ"])
def test_what_has_no_such_script_has_no_reading(text: str) -> None:
    """Latin letters with accents are folded elsewhere."""
    assert readings(text) == ()


@given(st.text(st.characters(min_codepoint=0x370, max_codepoint=0xD7FF), max_size=60))
def test_any_text_has_few_readings(text: str) -> None:
    """Total, bounded, without doubles."""
    found = readings(text)
    assert len(found) <= MOST
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("name", ["박서연", "Щербакова", "Παπαδόπουλος", "शर्मा", "李小龙", "じゅんいち", "فاطمة"])
def test_a_long_word_is_read_in_little_memory(name: str) -> None:
    """In a script without spaces a sentence is one word: its mixtures are not all made."""
    tracemalloc.start()
    try:
        assert len(readings(name * 40)) <= MOST
        assert tracemalloc.get_traced_memory()[1] < MEGABYTE
    finally:
        tracemalloc.stop()


def test_a_long_text_has_few_readings() -> None:
    """A page in another script is read twice at most."""
    assert len(readings("Юлия Щербакова пишет " * 500)) == 2


AROUND = (
    "вчера мы гуляли по старому городу ", "χθες περπατήσαμε στην παλιά πόλη ", "어제 우리는 오래된 도시를 걸었다 ",
    "昨天我們在老城散步 ", "مشينا في المدينة القديمة أمس ", "אתמול טיילנו בעיר העתיקה ", "we walked in the town ",
)  # fmt: skip


@pytest.mark.parametrize("around", AROUND)
def test_a_name_is_found_in_a_long_text_of_any_script(make_roster: MakeRoster, around: str) -> None:
    """What is read in few ways there is read in the likeliest."""
    roster = make_roster(
        {"given_name": "Sergei", "family_name": "Shcherbakov"},
        {"given_name": "Cheolsu", "family_name": "Kim"},
        {"given_name": "Giorgos", "family_name": "Papadopoulos"},
    )
    for at, name in enumerate(("Сергей Щербаков", "김철수", "Γιώργος Παπαδόπουλος"), start=1):
        text = f"{around * 60} {name} {around * 60}"
        assert f"R{at}" in {match.client_ref for match in roster.match_text(text)}


SAME = [
    ("Юлия", "Щербакова", "Julia Scherbakova"),
    ("Γιώργος", "Παπαδόπουλος", "Yorgos Papadopoulos"),
    ("철수", "박", "Cheolsu Park"),
    ("소영", "최", "So Young Choi"),
    ("大文", "陳", "Dawen Chan"),
    ("محمد", "حداد", "Mohammed Haddad"),
    ("נועה", "כהן", "Noa Cohen"),
]


@pytest.mark.parametrize(("given_name", "family", "latin"), SAME)
def test_a_client_is_found_across_scripts(make_roster: MakeRoster, given_name: str, family: str, latin: str) -> None:
    """Asked for in Latin letters where the roster has another script, and the other way round; never exact."""
    roster = make_roster({"given_name": given_name, "family_name": family})
    (match,) = roster.match_text(f"{latin} facebook")
    assert (match.strength.name, "script" in match.kinds) == ("VARIANT", True)
    first, _, last = latin.rpartition(" ")
    roster = make_roster({"given_name": first, "family_name": last})
    (match,) = roster.match_text(f"{family} {given_name}")
    assert (match.strength.name, "script" in match.kinds) == ("VARIANT", True)


def test_names_of_one_sound_are_weak(make_roster: MakeRoster) -> None:
    """Two names of another script that are one in Latin letters are two people's, unless somebody looks."""
    roster = make_roster({"given_name": "晓雯", "family_name": "陈"})
    assert [match.strength.name for match in roster.match_text("陈小文")] == ["WEAK"]
    assert [match.strength.name for match in roster.match_text("陈晓雯")] == ["EXACT"]


def test_words_of_readings_are_latin() -> None:
    """What comes out needs no reading again."""
    for _, _, latin in SAME:
        assert split_words(latin).native == split_words(latin).latin
