"""A roster's file: what is read, what is refused, on which line, and that no message quotes a client."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.errors import RosterError
from guardrail.roster import Roster, load_roster
from tests.roster.scene import KEY, SAMPLE

HEAD = "client_ref,given_name,family_name,handles,status\n"
GOOD = "R1,Ada,Quill,,current\n"


def load(folder: Path, data: str | bytes, *, allow_bad_rows: bool = False) -> Roster:
    """Load `data` as a roster's file."""
    file = folder / "roster.csv"
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    return load_roster(file, KEY, allow_bad_rows=allow_bad_rows)


def test_the_sample_loads_whole(sample: Roster) -> None:
    """The shipped sample has no bad row and people of every population."""
    assert len(sample) >= 12
    assert sample.rejected == ()


@pytest.mark.parametrize(
    "data",
    [
        HEAD + GOOD,
        b"\xef\xbb\xbf" + (HEAD + GOOD).encode(),
        (HEAD + GOOD).replace("\n", "\r\n"),
        (HEAD + GOOD).replace("\n", "\r"),
        (HEAD + GOOD).replace(",", ";"),
        (HEAD + GOOD).replace(",", "\t"),
        "sep=;\n" + (HEAD + GOOD).replace(",", ";"),
        (HEAD + GOOD).strip(),
        "\n\n" + HEAD + "\n,,,,\n" + GOOD + "\n",
        'Client Ref,"given-name",FAMILY_NAME, handles ,status\nR1,"Ada", "Quill",,\n',
        "family_name,client_ref,given_name\nQuill,R1,Ada\n",
        'client_ref;given_name;family_name;other_names\nR1;Ada;Quill;"Bea Roe;Cleo Poe"\n',
    ],
)
def test_files_of_many_programs_are_read(tmp_path: Path, data: str | bytes) -> None:
    """Marks, line ends, separators, spaces, order and case of columns make no difference."""
    (match,) = load(tmp_path, data).match_text("ada quill")
    assert match.client_ref == "R1"


def test_quotes_and_separators_inside_cells(tmp_path: Path) -> None:
    """A cell in quotes may hold commas and quotes."""
    roster = load(tmp_path, 'client_ref,given_name,family_name\nR1,"Ada ""Peg""","Quill, Jr."\n')
    assert roster.match_text("ada quill")
    assert roster.match_text("peg quill")


WHOLE = [
    ("", None, "the roster is empty"),
    ("\n\n  \n", None, "the roster is empty"),
    (HEAD, None, "has no client"),
    ("Ada,Quill\nBea,Roe\n", 1, "names no column"),
    ("given_name,family_name\nAda,Quill\n", 1, "`client_ref` is missing"),
    ("client_ref,given_nam\nR1,Ada\n", 1, "did you mean `given_name`?"),
    ("client_ref,given_name,Ada Quill\nR1,Ada,x\n", 1, "column 3 has an unknown name"),
    ("client_ref,given_name,given_name\nR1,Ada,Ada\n", 1, "stands twice"),
    (HEAD + GOOD + 'R2,"Bea,Roe,,\nR3,Cleo,Poe,,\n', 3, "never closed"),
    (HEAD + GOOD + f'R2,"{"Bea" * 100_000}\n",Roe,,current\nR3,Cleo,Poe,,\n', 3, "far too long"),
    ((HEAD + GOOD).encode("utf-16"), None, "UTF-16"),
    ((HEAD + GOOD + "R2,Zoë,Quill,,\n").encode("latin-1"), 3, "not in UTF-8"),
    (HEAD + GOOD + "R2,A\0da,Quill,,\n", 3, "NUL"),
    (b"\xff\x00\xfe", 1, "not in UTF-8"),
    (b"PK\x03\x04\x00\x00 an office file", 1, "NUL"),
]


@pytest.mark.parametrize(("data", "line", "what"), WHOLE)
@pytest.mark.parametrize("allow_bad_rows", [False, True])
def test_a_file_that_cannot_be_trusted_is_refused(
    tmp_path: Path, data: str | bytes, line: int | None, what: str, *, allow_bad_rows: bool
) -> None:
    """Also where bad rows are allowed: nobody knows whom such a file would lose."""
    with pytest.raises(RosterError) as error:
        load(tmp_path, data, allow_bad_rows=allow_bad_rows)
    problem = error.value.problems[0]
    assert what in str(problem)
    assert problem.line == line


ROWS = [
    (",Bea,Roe,,current", "`client_ref` is empty"),
    ("R2,,,,current", "nothing says who this is"),
    ("R1,Bea,Roe,,current", "more than one row"),
    ("r1,Bea,Roe,,current", "see line 2"),
    ("R2,Bea,Roe,,curent", "did you mean `current`?"),
    ("R2,Bea,Roe,,zzz", "take one of: current, former, prospective"),
    ("R2,Bea,Roe,x:bea;roe,current", "entry 2 of `handles`"),
    ("R2,Bea,Roe,facebook:1.00088E+14,current", "entry 1 of `handles`"),
    ("1.2E+05,Bea,Roe,,current", "rounded"),
    ("R2,=BEA(),Roe,,current", "formula"),
    ("R2,Bea,#NAME?,,current", "formula"),
    ("R2,Bea,Ro\ufffd,,current", "wrong encoding"),
    ("R2,BÃ©a,Roe,,current", "wrong encoding"),
    ("R2,B\x07ea,Roe,,current", "wrong encoding"),
    ("R2,???,Roe,,current", "`given_name` has no letters"),
    ("bea-roe-2,Bea,Roe,,current", "contains a part of the name"),
    ("R2,Bea", "has 2 cells, the header 5"),
    ("R2,Bea,Roe,,current,x", "has 6 cells, the header 5"),
    ('R2,"Bea"x,Roe,,current', "a closing quote"),
    (f"R2,{'Bea' * 1000},Roe,,current", "longer than 2000"),
    ("R2,H?lene,Roe,,current", "question mark in the place of a letter"),
    ("R2,H&eacute;lene,Roe,,current", "as a web page writes it"),
    ("R2,1234,Roe,,current", "`given_name` has no letters"),
    ("12-Mar,Bea,Roe,,current", "is a date"),
    ("mars-12,Bea,Roe,,current", "is a date"),
    ("2026-03-12 00:00:00,Bea,Roe,,current", "is a date"),
    ("1.558354464e17,Bea,Roe,,current", "rounded or rewritten"),
    ("12.0,Bea,Roe,,current", "rounded or rewritten"),
    ("r-1@clinic.example,Bea,Roe,,current", "an address or a telephone number"),
    ("R\u200b1,Bea,Roe,,current", "see line 2"),
    ("\uff321,Bea,Roe,,current", "see line 2"),
    (f"{'R2' * 100},Bea,Roe,,current", "longer than 64"),
    ('R2,"Bea\nRoe",Roe,,current', "line break"),
]


@pytest.mark.parametrize(("row", "what"), ROWS)
def test_a_bad_row_is_named_with_its_line(tmp_path: Path, row: str, what: str) -> None:
    """The roster is refused, with one line that says what to mend and quotes nobody."""
    with pytest.raises(RosterError) as error:
        load(tmp_path, HEAD + GOOD + row + "\n")
    (problem,) = error.value.problems
    assert problem.line == 3
    assert what in str(problem)
    assert "\n" not in str(error.value)
    everything = "".join(traceback.format_exception(error.value)) + repr(error.value)
    assert not {"bea", "quill"} & set(everything.lower().replace("_", " ").split())
    assert "Roe" not in everything


@pytest.mark.parametrize(("row", "what"), ROWS)
def test_good_rows_load_if_the_operator_says_so(tmp_path: Path, row: str, what: str) -> None:
    """Rows before and after a bad one are there; the bad one is told, and its person is not."""
    roster = load(tmp_path, HEAD + GOOD + row + "\nR3,Cleo,Poe,,current\n", allow_bad_rows=True)
    assert len(roster) == 2
    assert roster.match_text("ada quill")
    assert roster.match_text("cleo poe")
    assert not roster.match_text("bea roe")
    assert [what in str(problem) for problem in roster.rejected] == [True]


def test_every_bad_row_is_named(tmp_path: Path) -> None:
    """One look is enough to mend a file."""
    with pytest.raises(RosterError) as error:
        load(tmp_path, HEAD + "R1,,,,\n" + GOOD.replace("R1", "R2") + "R3,Bea,Roe,,never\n")
    assert [problem.line for problem in error.value.problems] == [2, 4]
    assert "and 1 more" in str(error.value)


def test_a_roster_of_bad_rows_alone_is_refused(tmp_path: Path) -> None:
    """Nobody on the roster would mean that nobody is guarded."""
    with pytest.raises(RosterError) as error:
        load(tmp_path, HEAD + "R1,,,,\n", allow_bad_rows=True)
    assert "no good row" in str(error.value.problems[-1])


@pytest.mark.parametrize("place", ["missing.csv", "."])
def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, place: str) -> None:
    """No file, or a folder: one line."""
    with pytest.raises(RosterError, match="cannot read the roster"):
        load_roster(tmp_path / place, KEY)


def test_names_of_500_characters_are_taken(tmp_path: Path) -> None:
    """Long is not wrong."""
    name = "Wolfeschlegel" * 38
    assert load(tmp_path, HEAD + f"R1,Ada,{name},,\n").match_text(f"who is ada {name}?")


def test_the_revision_follows_file_and_key(tmp_path: Path) -> None:
    """The same file and key have the same revision; a plain hash of the file it is not."""
    one = load(tmp_path, HEAD + GOOD).revision
    assert load(tmp_path, HEAD + GOOD).revision == one
    assert load(tmp_path, HEAD + GOOD + "\n").revision != one
    assert load_roster(tmp_path / "roster.csv", KEY[::-1]).revision != load(tmp_path, HEAD + GOOD + "\n").revision


@given(
    st.binary(max_size=200)
    | st.text(st.sampled_from('client_ref,given_name\n";\t R1éA陳\0='), max_size=120).map(str.encode)
)
def test_any_bytes_are_a_roster_or_the_one_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Garbage is refused with RosterError, never with another error."""
    file = tmp_path_factory.getbasetemp() / "garbage.csv"
    for content in (data, HEAD.encode() + GOOD.encode() + data, SAMPLE.read_bytes()[: len(data) * 8] + data):
        file.write_bytes(content)
        for allow in (False, True):
            try:
                roster = load_roster(file, KEY, allow_bad_rows=allow)
            except RosterError:
                continue
            assert len(roster) > 0
