"""What a spreadsheet wrote is read where it is certain, and refused where another encoding makes another name of it."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.errors import RosterError
from guardrail.roster.encoding import read_text
from guardrail.roster.fold import fold

FILE = Path("clients.csv")


@pytest.mark.parametrize(
    ("text", "written_as", "told"),
    [
        ("Ada,Quill", "utf-8", "utf-8"),
        ("Zoë,Quill", "utf-8", "utf-8"),
        ("Zoë,Quill", "utf-8-sig", "utf-8"),
        ("Zoë,Quill", "utf-16", "utf-16"),
        ("曉霧,陳", "utf-16", "utf-16"),
        ("Zoë,Müller\nÉLISE,Côté\nO’Neil,x", "cp1252", "cp1252"),
        ("JOSÉ,PEÑA", "cp1252", "cp1252"),
        ("Hélène,Lefèvre", "cp1252", "cp1252"),
        ("Geneviève,Bélanger\nBenoît,Côté\nCœur-Aimée,D’Aoûst\nAnaïs,Règnier", "cp1252", "cp1252"),
        ("Iñigo,Peña\nJoão,Gonçalves\nSøren,Ågård\nFrançois,Gagné", "cp1252", "cp1252"),
        ("\ufeffZoë,Quill", "utf-8-sig", "utf-8"),
    ],
)
def test_what_is_certain_is_read(text: str, written_as: str, told: str) -> None:
    """UTF-8 with or without mark, UTF-16 with its mark, Windows-1252 where nothing else could be meant."""
    assert read_text(FILE, text.encode(written_as)) == (text.lstrip("\ufeff"), told)


@pytest.mark.parametrize(
    ("text", "written_as"),
    [
        ("Øystein", "cp1252"),  # Řystein in the Windows encoding of Prague
        ("François", "cp850"),
        ("Łukasz,Řehoř", "cp1250"),
        ("Иван,Петров", "cp1251"),
        ("JOSÉ,PEÑA", "mac_roman"),
        ("Žižek", "cp1250"),
    ],
)
def test_what_could_be_read_two_ways_is_refused(text: str, written_as: str) -> None:
    """The line is named and what to do, and no letter of the name."""
    with pytest.raises(RosterError, match=r"cannot be told.*CSV UTF-8.*--encoding") as refused:
        read_text(FILE, f"x\n{text}\n".encode(written_as))
    assert refused.value.problems[0].line == 2
    assert read_text(FILE, text.encode(written_as), written_as)[0] == text


@pytest.mark.parametrize(
    ("text", "written_as"),
    [
        ("Hélène,Lefèvre\nFrançois,Gagné", "mac_roman"),
        ("Zdeněk,Dvořák\nJiří,Kučera\nKateřina,Černá", "cp1250"),
        ("Иван,Петров", "cp1251"),
        ("Şule,Doğan\nÇağla,Yıldız", "cp1254"),
    ],
)
def test_the_likely_encoding_is_named(text: str, written_as: str) -> None:
    """That in which the most words are known names; somebody has to say it, as names may be lost in a wrong one."""
    with pytest.raises(RosterError, match=f"as it looks like.*say `--encoding {written_as}`"):
        read_text(FILE, text.encode(written_as))


def test_lists_of_two_encodings_are_no_one_list() -> None:
    """The line is named from which on it is another one."""
    with pytest.raises(RosterError, match="this line is not in UTF-8, and others are") as refused:
        read_text(FILE, "x\nZoë,Quill\n".encode() + "y\nRené,Quill\n".encode("cp1252"))
    assert refused.value.problems[0].line == 4


@pytest.mark.parametrize(
    ("data", "said", "what"),
    [
        (b"\xff\xfea\x00b", None, "not in UTF-16"),
        (b"PK\x03\x04\x00\x00", None, "an Excel workbook.*open it"),
        (b"\xd0\xcf\x11\xe0\x00", None, "an Excel workbook.*open it"),
        (b"%PDF-1.7", None, "a PDF"),
        ("a,b".encode("utf-16-le"), None, "NUL.*--encoding utf-16-le"),
        ("\u00e9,b".encode("utf-16-le"), None, "NUL.*--encoding utf-16-le"),
        (codecs.BOM_UTF8.decode("cp1252").encode(), None, "in a wrong encoding once"),
        (b"\xff\x00\xfe", None, "cannot be told"),
        *[
            (b"a", said, "no such encoding")
            for said in ("klingon", "undefined", "a\0b", "unicode_escape", "rot13", "idna")
        ],
        (b"\xe9", "ascii", "not in ASCII"),
        (b"\x81", "cp1252", "not in CP1252"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, said: str | None, what: str) -> None:
    """Damaged, an office file, an encoding that there is not, or not the one that was said."""
    with pytest.raises(RosterError, match=what):
        read_text(FILE, data, said)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Nothing else happens; what is read as Windows-1252 has nowhere else another plausible name."""
    try:
        text, told = read_text(FILE, data)
    except RosterError:
        return
    if told == "cp1252":
        assert text == data.decode("cp1252")
        assert fold(text) is not None
