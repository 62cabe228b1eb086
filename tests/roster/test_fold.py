"""What `fold` makes one, and what it keeps apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.roster.fold import fold, fold_handle, split_words

SAME = [
    ("Margit OLLANDER", "margit ollander"),
    ("  margit\t\nollander ", "margit ollander"),
    ("Siobhán Ó Dálaighsen", "siobhan o dalaighsen"),
    ("Siobha\u0301n", "siobhan"),
    ("Zoë Härdtlinger", "zoe hardtlinger"),
    ("Straße", "strasse"),
    ("ŒUVRE ﬁn", "oeuvre fin"),
    ("Łukasz Ørsted Đặng", "lukasz orsted dang"),
    ("İbrahim Işık", "ibrahim isik"),
    ("Ｍａｒｇｉｔ", "margit"),
    ("𝐌𝐚𝐫𝐠𝐢𝐭", "margit"),
    ("O'Neil", "o neil"),
    ("O’Neil", "o neil"),
    ("Oʼneil", "oneil"),
    ("Anne-Marie", "anne marie"),
    ("Anne‐Marie", "anne marie"),
    ("margit_ollander", "margit ollander"),
    ("Дмитрий Щербаков", "dmitriy shcherbakov"),
    ("Пётр", "petr"),
    ("Петр", "petr"),
    ("Χρήστος", "christos"),
    ("أَحْمَد", "hmd"),
    ("احمد", "hmd"),
    ("אֱלִיעֶזֶר", "lyzr"),
    ("अमित कुमार", "amit kumar"),
    ("サクラ", "sa ku ra"),
    ("さくら", "sa ku ra"),
    ("ｻｸﾗ", "sa ku ra"),
    ("陳曉霧", "chen xiao wu"),
    ("김철수", "gim cheol su"),
    ("mar\u200bgit oll\u00adan\u2060der", "margit ollander"),
    ("\u202emargit\u202c", "margit"),
    ("mаrgit оllander", "margit ollander"),
    ("jane dοe", "jane doe"),
    ("", ""),
    ("?! … 🙂", ""),
    ("\ud800\udfff \x00 \ue000", ""),
]


@pytest.mark.parametrize(("text", "folded"), SAME)
def test_a_text_folds_to_one_spelling(text: str, folded: str) -> None:
    """Case, accents, ligatures, look-alikes, invisible characters and scripts come down to Latin words."""
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [("José", "Jose"), ("Jean–Luc", "Jean-Luc"), ("МАРИЯ", "мария"), ("٣", "3"), ("ΜΑΡΙΑ", "μαρία")],
)
def test_two_ways_to_write_a_word_fold_alike(one: str, other: str) -> None:
    """The same word in two spellings has one folded form."""
    assert fold(one) == fold(other)


def test_a_word_of_another_script_keeps_its_own_letters() -> None:
    """Names that only sound alike in Latin letters can be told apart by their own."""
    one, other = split_words("王偉"), split_words("王為")
    assert one.latin == other.latin
    assert one.native != other.native


def test_characters_of_scripts_without_spaces_are_words() -> None:
    """Han characters are split, Latin words beside them are not."""
    words = split_words("陳曉霧facebook")
    assert words.native == ("陳", "曉", "霧", "facebook")
    assert words.run_on == (True, True, True, False)
    assert words.runs_on(0, 1)
    assert not words.runs_on(3, 4)


@given(st.text())
def test_folding_is_total_and_idempotent(text: str) -> None:
    """Any text folds, to plain ASCII words, and a folded text folds to itself."""
    folded = fold(text)
    assert folded.isascii()
    assert fold(folded) == folded
    assert fold(text.upper().lower()) == fold(text.upper().lower().upper().lower())


@given(st.text(st.characters(), max_size=60))
def test_the_parts_of_words_are_of_one_length(text: str) -> None:
    """Latin, native and run-on go word by word."""
    words = split_words(text)
    assert len(words.latin) == len(words.native)
    assert len(words.run_on) in (0, len(words.latin))
    assert all(words.latin)


@given(st.text(st.sampled_from("abz é'-шß王\u200b"), max_size=30), st.sampled_from("\u200b\u200d\u2060\u00ad\ufeff"))
def test_invisible_characters_change_nothing(text: str, invisible: str) -> None:
    """A zero-width character anywhere leaves the folded text as it is."""
    assert fold(invisible.join(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("@Margit_O", "margit_o"),
        ("  jf.daubigny ", "jf.daubigny"),
        ("SIOBHÁN", "siobhán"),
        ("a\u200bb", "ab"),
        ("", ""),
    ],
)
def test_handles_keep_dots_and_underscores(text: str, folded: str) -> None:
    """A handle is an account, not words: only case and what nobody sees goes."""
    assert fold_handle(text) == folded
