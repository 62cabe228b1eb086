"""Where a name is found in a text, and where it is not: the sample roster against every class of text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.model.people import Strength
from guardrail.roster import Roster
from guardrail.roster.index import Index, Postings
from tests.roster.scene import MakeRoster

EXACT, VARIANT, WEAK, PREFIX = Strength.EXACT, Strength.VARIANT, Strength.WEAK, Strength.PREFIX

PIECES = ("margit", "ollander", "de", "van", "陳", "曉", "霧", "tobin", "ashgrove", "lund", "o'", "mac", "-", "@", "/")
QUESTION = "what does the literature say about sleep and " * 250

FOUND = [
    # alone, in any order and spelling
    ("margit ollander", "C-1001", EXACT),
    ("OLLANDER, Margit", "C-1001", EXACT),
    ("ollander margit", "C-1001", EXACT),
    ("Ms. Margit Ollander", "C-1001", EXACT),
    ('"Margit Ollander" site:facebook.com', "C-1001", EXACT),
    ("margit+ollander", "C-1001", EXACT),
    ("margit%20ollander", "C-1001", EXACT),
    ("margitollander", "C-1001", VARIANT),
    ("#MargitOllander", "C-1001", VARIANT),
    ("margit anna ollander", "C-1001", VARIANT),
    ("Margit A. Ollander", "C-1001", VARIANT),
    # among other words
    ("who is margit ollander vancouver facebook", "C-1001", EXACT),
    ("Margit Ollander's photos", "C-1001", EXACT),
    ("margit.ollander@mail.example", "C-1001", EXACT),
    ("https://search.example/?q=margit%20ollander&n=1", "C-1001", EXACT),
    (f"{QUESTION} margit ollander {QUESTION}", "C-1001", EXACT),
    # hidden characters and look-alikes
    ("mar\u200bgit oll\u00adander", "C-1001", EXACT),
    ("mаrgit оllander", "C-1001", EXACT),
    ("ｍａｒｇｉｔ ｏｌｌａｎｄｅｒ", "C-1001", EXACT),
    # compounds
    ("Tobin Ashgrove-Lund", "C-1002", EXACT),
    ("tobin ashgrove lund", "C-1002", EXACT),
    ("ashgrovelund tobin", "C-1002", EXACT),
    ("tobin lund", "C-1002", VARIANT),
    ("tobin ashgrove", "C-1002", EXACT),
    # accents, apostrophes, particles
    ("siobhan o dalaighsen", "C-1003", EXACT),
    ("Siobhan O'Dalaighsen graz", "C-1003", EXACT),
    ("siobhan odalaighsen", "C-1003", EXACT),
    ("siobhan dalaighsen", "C-1003", VARIANT),
    ("Jean-François D'Aubigny", "C-1004", EXACT),
    ("jean francois daubigny", "C-1004", EXACT),
    ("jeanfrancois d aubigny", "C-1004", EXACT),
    ("d’aubigny, jean françois", "C-1004", EXACT),
    ("annelien van der quillmeer", "C-1010", EXACT),
    ("vanderquillmeer annelien", "C-1010", EXACT),
    ("annelien quillmeer", "C-1010", VARIANT),
    ("zoe hardtlinger", "C-1012", EXACT),
    ("Zoe Haerdtlinger", "C-1012", EXACT),
    ("wrenna mac holtby", "C-1013", VARIANT),
    # preferred and other names, several given names
    ("jeff d'aubigny", "C-1004", EXACT),
    ("jean daubry", "C-1004", EXACT),
    ("annelien holtby", "C-1010", EXACT),
    ("wrenna tessaly kerr", "C-1013", EXACT),
    ("wrenna holt", "C-1013", VARIANT),
    ("mary o'vexley", "C-1011", EXACT),
    ("mary jane ovexley", "C-1011", EXACT),
    ("jane o vexley", "C-1011", VARIANT),
    ("mj ovexley", "C-1011", EXACT),
    # other scripts
    ("Людмила Островарская", "C-1006", EXACT),
    ("ОСТРОВАРСКАЯ людмила вк", "C-1006", EXACT),
    ("lyudmila ostrovarskaya", "C-1006", VARIANT),
    ("陳曉霧", "C-1007", EXACT),
    ("曉霧 陳", "C-1007", EXACT),
    ("請問陳曉霧是誰facebook", "C-1007", EXACT),
    ("chen xiaowu", "C-1007", VARIANT),
    ("Xiao Wu Chen", "C-1007", VARIANT),
    ("陈晓雾", "C-1007", WEAK),
    ("ليلى الصافوري", "C-1008", EXACT),
    ("من هي لَيْلى الصافوري", "C-1008", EXACT),
]

NOT_FOUND = [
    "",
    " ",
    "margit",
    "ollander",
    '"ollander"',
    "margit margit",
    "margit is certainly not an ollander",
    "ollander street, where dear old margit lives",
    "tobin",
    "ashgrove lund",
    "jean francois",
    "d'aubigny",
    "陳",
    "曉霧",
    "陳先生說曉霧很好",
    "людмила",
    "van der quillmeer",
    "parking near union station",
    "sertraline half life",
    "margarit ollanders",
    "\x00\x01\ud800",
    QUESTION,
]


@pytest.mark.parametrize(("text", "ref", "strength"), FOUND)
def test_a_name_is_found(sample: Roster, text: str, ref: str, strength: Strength) -> None:
    """The one client who is named is found, as surely as the spelling allows."""
    assert [(match.client_ref, match.how, match.strength) for match in sample.match_text(text)] == [
        (ref, "name", strength)
    ]


@pytest.mark.parametrize("text", NOT_FOUND)
def test_nobody_is_found_without_both_parts_of_a_name(sample: Roster, text: str) -> None:
    """A given or a family name alone, parts far apart, other people: no match, also not as a beginning."""
    assert sample.match_text(text) == ()


@pytest.mark.parametrize(
    ("text", "refs"),
    [
        ("margit o", ["C-1001"]),
        ("margit oll", ["C-1001"]),
        ("Margit Olland", ["C-1001"]),
        ("margit%20oll", ["C-1001"]),
        ("ollander ma", ["C-1001"]),
        ("Ollander, mar", ["C-1001"]),
        ('"margit o', ["C-1001"]),
        ("who is margit oll", ["C-1001"]),
        ("jean-francois d'au", ["C-1004"]),
        ("annelien van d", ["C-1010"]),
        ("陳曉", ["C-1007"]),
        ("людмила ос", ["C-1006"]),
        ("who is margit o", []),
        ("margit", []),
        ("mar", []),
        ("m", []),
        ("margit x", []),
        ("marg o", []),
        ("陳", []),
        ("", []),
    ],
)
def test_the_beginning_of_a_name(sample: Roster, text: str, refs: list[str]) -> None:
    """One part whole and the other begun is a beginning; fewer letters suffice where nothing stands before it."""
    matches = sample.match_text(text, prefix=True)
    assert [match.client_ref for match in matches] == refs
    assert all((match.how, match.strength) == ("prefix", PREFIX) for match in matches)
    assert sample.match_text(text) == ()


def test_a_whole_name_is_surer_than_its_beginning(sample: Roster) -> None:
    """While typing, a name that is complete is matched as a name."""
    (match,) = sample.match_text("margit ollander", prefix=True)
    assert (match.how, match.strength) == ("name", EXACT)


@given(st.sampled_from(FOUND), st.text(max_size=40), st.text(max_size=40))
def test_words_around_a_name_do_not_hide_it(
    sample: Roster, case: tuple[str, str, Strength], before: str, after: str
) -> None:
    """Whatever stands before and after on other lines, the client is among the matches."""
    text, ref, _ = case
    around = f"{before}\n . {text} . \n{after}"
    assert ref in {match.client_ref for match in sample.match_text(around)}


@given(st.permutations(["margit", "ollander"]), st.sampled_from(["", ",", " -", " the", " de la"]))
def test_order_does_not_matter(sample: Roster, parts: list[str], between: str) -> None:
    """Given and family name are found in either order, up to a word apart."""
    matches = sample.match_text(f"{parts[0]}{between} {parts[1]}")
    assert [match.client_ref for match in matches] == ["C-1001"]


@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_any_heap_of_name_parts_is_read(sample: Roster, parts: list[str]) -> None:
    """Parts of names in any number and order neither raise nor give a client twice."""
    for text in ("".join(parts), " ".join(parts)):
        refs = [match.client_ref for match in sample.match_text(text, prefix=True)]
        assert len(refs) == len(set(refs))


@given(st.sampled_from(FOUND), st.integers(80, 140), st.integers(0, 300))
def test_a_name_is_found_anywhere_in_a_long_text(
    sample: Roster, case: tuple[str, str, Strength], before: int, after: int
) -> None:
    """A long text is looked at in pieces; a name on the edge of one stands whole in the next."""
    text, ref, _ = case
    around = f"{' word' * before} \n . {text} . \n {'word ' * after}"
    assert ref in {match.client_ref for match in sample.match_text(around)}


@pytest.mark.parametrize("text", ["margit ", "margit ollander ", "陳曉霧", "margit tobin de lund ashgrove "])
def test_what_is_said_over_and_over_is_weighed_once(sample: Roster, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of repetitions of a name hold up nobody: of each two words one place is weighed."""
    opened: list[int] = []
    postings = Index.postings  # the work that is to be bounded

    def count(self: Index, places: list[int]) -> list[Postings]:
        opened.append(len(places))
        return postings(self, places)

    monkeypatch.setattr(Index, "postings", count)
    assert sample.match_text(text * 10_000) == sample.match_text(text * 10)
    assert sum(opened) < 50


VARIANTS = [
    # one edit of a word of five letters and more
    ("margti ollander", "C-1001", ("typo",)),
    ("margit olander", "C-1001", ("typo",)),
    ("margit olllander", "C-1001", ("typo",)),
    ("margit ollanxer", "C-1001", ("typo",)),
    ("olander margit", "C-1001", ("order", "typo")),
    ("who is margit olander vancouver", "C-1001", ("typo",)),
    ("tobbin ashgrove-lund", "C-1002", ("typo",)),
    ("tobin ashgrove-lumd", "C-1002", ("other_name",)),
    ("tobbin lund", "C-1002", ("part", "typo")),
    # by sound, two edits away
    ("margit ohlander", "C-1001", ("typo",)),
    ("perpetua lindkvarn", "C-1005", ("typo",)),
    ("zoe haertlinger", "C-1012", ("typo",)),
    # nicknames and formal names
    ("toby ashgrove", "C-1002", None),
    ("maggie ollander", "C-1001", None),
    ("molly o'vexley", "C-1011", ("nickname", "part")),
    ("molly ovexley", "C-1011", ("nickname",)),
    # initials
    ("m ollander", "C-1001", ("initial",)),
    ("Ollander, M.", "C-1001", ("order", "initial")),
    ("is m. ollander the singer", "C-1001", ("initial",)),
    # split and joined
    ("mar git ollander", "C-1001", ()),
    ("margit oll ander", "C-1001", ()),
    ("maryjane ovexley", "C-1011", ()),
    ("margitollander", "C-1001", ("joined",)),
    # apart, order, parts, other names, other scripts
    ("margit anna ollander", "C-1001", ("apart",)),
    ("ollander margit", "C-1001", ("order",)),
    ("tobin lund", "C-1002", ("part",)),
    ("annelien holtby", "C-1010", ("other_name",)),
    ("lyudmila ostrovarskaya", "C-1006", ("script",)),
]


@pytest.mark.parametrize(("text", "ref", "kinds"), VARIANTS)
def test_a_variant_says_what_was_changed(sample: Roster, text: str, ref: str, kinds: tuple[str, ...] | None) -> None:
    """Each kind of change is found and named; nicknames are those of a public list, no others."""
    found = [(match.client_ref, match.kinds) for match in sample.match_text(text)]
    assert found == ([] if kinds is None else [(ref, kinds)])


@pytest.mark.parametrize(
    "text",
    [
        "margti olander",  # two words mistyped
        "mrgti ollander",  # two edits in one
        "tobin lumd",  # words of four letters have no errors
        "who is tobin lumd ashgrave street",
        "that's ollander street",  # what an apostrophe leaves is no initial
        "plan m ollanders",
        "margit could",
        "the margit of a brand new kind of ollander",
    ],
)
def test_what_is_further_away_is_nobody(sample: Roster, text: str) -> None:
    """Two changes, short words, and letters that are no initials lead to nobody."""
    assert sample.match_text(text) == ()


@pytest.mark.parametrize(("name", "found"), [("will best", []), ("Will Best", ["WEAK"]), ("tilda best", ["EXACT"])])
def test_grammar_in_a_long_text_is_no_name(make_roster: MakeRoster, name: str, found: list[str]) -> None:
    """Two ordinary words in small letters, one of them mere grammar, are read past there; capitals make a name."""
    roster = make_roster({"given_name": "Will", "family_name": "Best"}, {"given_name": "Tilda", "family_name": "Best"})
    around = "how does one repot a tall fern " * 6
    assert [match.strength.name for match in roster.match_text(f"{around} {name} {around}")] == found
