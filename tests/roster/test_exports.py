"""Client lists of every program as people; what is wrong is named by its line, and nobody by name."""

from __future__ import annotations

import traceback
from pathlib import Path
from re import fullmatch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardrail.errors import RosterError
from guardrail.model.people import Population
from guardrail.roster.build import build_index
from guardrail.roster.exports import Export, Reading, read_export
from guardrail.roster.index import Index
from guardrail.roster.matcher import Roster
from guardrail.roster.presets import PRESETS, named
from tests.roster.scene import KEY, SAMPLE

JANE = (
    "Patient Number,First Name,Middle Name,Last Name,Preferred Name,Email,Mobile Phone,Active/Inactive,Discharged At,"
)
JANE += "Medical Alerts\n"


def read(folder: Path, data: str | bytes, reading: Reading | None = None) -> Export:
    """Read `data` as a client list's file."""
    file = folder / "clients.csv"
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_export(file, KEY, reading or Reading())


def found(export: Export, text: str) -> list[tuple[str, str]]:
    """Give reference and population of whom a text means."""
    roster = Roster(Index(build_index(export.people, KEY), KEY))
    return [(match.client_ref, match.population) for match in roster.match_text(text)]


def test_our_own_columns_are_read_as_ever(tmp_path: Path) -> None:
    """The sample is whole, in UTF-8 and in UTF-16, with commas, semicolons or tabs."""
    text = SAMPLE.read_text(encoding="utf-8")
    whole = read(tmp_path, text)
    assert (whole.preset, whole.encoding, len(whole.people), whole.rejected) == ("own", "utf-8", 13, ())
    again = read(tmp_path, text.encode("utf-16"))
    assert again.encoding == "utf-16"
    assert again.digests == whole.digests
    assert again.revision != whole.revision


CASES = [
    (JANE + "12,Ada,Bea,Quill,Addie,ada@quill.example,604-555-0123,Active,,x\n", "ada quill", "12", "CURRENT"),
    (JANE + "12,Ada,Bea,Quill,Addie,ada@quill.example,604-555-0123,Active,,x\n", "addie quill", "12", "CURRENT"),
    (JANE + "12,Ada,,Quill,,ada@quill.example,,Active,,x\n", "write ada@quill.example", "12", "CURRENT"),
    (JANE + "12,Ada,,Quill,,,604-555-0123,Active,,x\n", "who calls from (604) 555 0123", "12", "CURRENT"),
    (JANE + "12,Ada,,Quill,,,,Inactive,,x\n", "ada quill", "12", "FORMER"),
    (JANE + "12,Ada,,Quill,,,,Active,2025-11-02,x\n", "ada quill", "12", "FORMER"),
    (JANE + "12,Ada,,Quill,,,,On leave,,x\n", "ada quill", "12", "CURRENT"),
    (JANE.replace(",", ";") + "12;Ada;;Quill;;;;Active;;x\n", "ada quill", "12", "CURRENT"),
    (
        'Patient ID,First Name,Last Name,Preferred First Name,Archived At\n="1558354464010667075",Ada,Quill,,\n',
        "ada quill", "1558354464010667075", "CURRENT",
    ),
    (
        'Patient ID,First Name,Last Name,Preferred First Name,Archived At\n"=""77""",Ada,Quill,,2024-01-01\n',
        "ada quill", "77", "FORMER",
    ),
    ('Client ID,Client,Status,Primary Clinician\n7,"Quill, Ada",Prospective,W\n', "ada quill", "7", "PROSPECTIVE"),
    ("Client ID,Client,Status,Primary Clinician\n7,Ada Quill,Archived,W\n", "ada quill", "7", "FORMER"),
    ("Client ID,Legal First Name,Legal Last Name,Client Status\n7,Ada,Quill,Active\n", "ada quill", "7", "CURRENT"),
    ("Client ID,First Name,Last Name,Therapist,Status\n7,Ada,Quill,W,Waitlist\n", "ada quill", "7", "PROSPECTIVE"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "text", "ref", "population"), CASES, ids=range(len(CASES)))
def test_each_program_s_export_is_read(tmp_path: Path, data: str, text: str, ref: str, population: str) -> None:
    """Names, addresses, numbers and states come from their columns; what else stands there is read past."""
    assert found(read(tmp_path, data), text) == [(ref, Population[population])]


def test_what_is_no_address_or_number_costs_nobody(tmp_path: Path) -> None:
    """An export's free text is left out and counted; its person stays."""
    export = read(tmp_path, JANE + "12,Ada,,Quill,,none,call evenings,Zzz,,x\n")
    assert dict(export.left_out) == {"emails": 1, "phones": 1, "statuses": 1}
    assert found(export, "ada quill")


REFUSED = [
    ("", None, None, "empty"),
    ("foo,bar\n1,2\n", None, 1, "no known program.*--from.*--column"),
    ("Patient Number,Patient ID,First Name,Last Name\n1,2,a,b\n", None, 1, "of several programs"),
    ("First Name,Last Name\nAda,Quill\n", "jane", 1, "no column holds the clinic's number"),
    ("Patient Number,Notes\n1,Ada\n", "jane", 1, "no column says who"),
    ("Patient Number,First Name,Last Name,Last Name\n1,a,b,c\n", None, 1, "column 4 has the name of another"),
    ("client_ref,given_name,Quill\n1,Ada,x\n", None, 1, "column 3 has an unknown name"),
    (JANE + "12,Ada\n", None, 2, "2 cells, the header 10"),
    (JANE + "12,=A1&B1,,Quill,,,,Active,,x\n", None, 2, "formula"),
    (JANE + "1.5E+17,Ada,,Quill,,,,Active,,x\n", None, 2, "spreadsheet has rounded"),
    (JANE + "12,Ada,,Quill,,,,,,\n12,Bea,,Roe,,,,,,\n", None, 3, "more than one row"),
    (JANE + ",Ada,,Quill,,,,,,\n", None, 2, "`client_ref` is empty"),
    (JANE + "12,,,,,,,,,\n", None, 2, "nothing says who"),
    ("Client ID,Client,Status\n7,Ada & Bo Quill,Active\n", None, 2, "two people"),
    (JANE, None, None, "has no client"),
    (JANE + '12,"Ada,,Quill\n', None, 2, "never closed"),
    (JANE + f"12,{'A' * 500},,{'Q' * 5000},,,,,,\n", None, 2, "longer than"),
    (JANE + "12,Ada & Bea,,Quill,,,,,,\n", None, 2, "two people"),
    (JANE + '12,Ada,,Quill,,,,,,"a note\n13,Bea,,Roe,,,,,,"\n', None, 2, "as many separators as a row"),
    (JANE + '12,"Ada\nBea",,Quill,,,,,,x\n', None, 2, "`given_name` has a line break"),
    (JANE + "1558354464010660000,Ada,,Quill,,,,,,\n", None, None, "a spreadsheet has rounded them"),
    (JANE.replace("Patient Number", "Email 2"), "jane", 1, "--column client_ref=THEIRS; or.*--make-refs"),
]


@pytest.mark.parametrize(("data", "program", "line", "what"), REFUSED, ids=range(len(REFUSED)))
def test_what_could_lose_people_is_refused(
    tmp_path: Path, data: str, program: str | None, line: int | None, what: str
) -> None:
    """Every refusal names the line and what to do, and quotes no cell: not in its text, repr or traceback."""
    preset = PRESETS[program] if program else None
    with pytest.raises(RosterError, match=what) as refused:
        read(tmp_path, data, Reading(preset))
    assert refused.value.problems[0].line == line
    told = "".join(traceback.format_exception(refused.value)) + repr(refused.value) + repr(refused.value.args)
    assert not [name for name in ("Ada", "Quill", "AAAA", "Bea") if name in told]


def test_a_note_of_several_lines_costs_nobody(tmp_path: Path) -> None:
    """Free text with line breaks stands in a column that is read past, as long as no row can have gone into it."""
    data = JANE + '12,Ada,,Quill,,"ada@quill.example\nada@roe.example",,,,"allergies: cats,\n\ndogs, ""rain"""\n'
    export = read(tmp_path, data)
    assert found(export, "write ada@roe.example") == [("12", Population.CURRENT)]
    assert export.left_out["emails"] == 0


def test_of_very_many_bad_rows_the_first_are_told(tmp_path: Path) -> None:
    """A hundred, and how many more there are; where they may go, each is counted."""
    data = JANE + "12,Ada,,Quill,,,,,,\n" + "13,,,,,,,,,\n" * 1000
    with pytest.raises(RosterError) as refused:
        read(tmp_path, data)
    assert len(refused.value.problems) == 101
    assert "900 more rows are bad" in str(refused.value.problems[-1])
    assert len(read(tmp_path, data, Reading(allow_bad_rows=True)).rejected) == 1000


def test_what_nobody_sees_makes_no_other_reference(tmp_path: Path) -> None:
    """Marks that programs leave between joined files, and spaces that are wider than others, are no part of it."""
    export = read(tmp_path, "client_ref,given_name,family_name\n\ufeffC\u00a012\u200b,Ada,Quill\n")
    assert list(export.digests) == ["C 12"]


def test_a_column_that_was_named_and_is_not_there_is_told(tmp_path: Path) -> None:
    """Nobody's telephone is lost to a slip of the pen."""
    preset = named({"phones": "Cel"}, PRESETS["jane"])
    with pytest.raises(RosterError, match="that --column names for phones is not there"):
        read(tmp_path, JANE + "12,Ada,,Quill,,,,,,\n", Reading(preset))


UNNUMBERED = "Client,Status,Primary Clinician,Email,Phone\n"
MADE = Reading(PRESETS["simplepractice"], make_refs=True)


def test_a_list_without_numbers_gets_references(tmp_path: Path) -> None:
    """Stable over order, case and what else changes in a row; another's under another key, name, address or number."""
    first = read(tmp_path, UNNUMBERED + "Ada Quill,Active,W,ada@quill.example,604-555-0123\n", MADE)
    [ref] = first.digests
    assert fullmatch(r"R-[A-Z2-7]{12}", ref)
    again = read(tmp_path, UNNUMBERED + '"QUILL, Ada",Inactive,,ADA@quill.example,\n', MADE)
    assert list(again.digests) == [ref]
    others = UNNUMBERED + "Ada Quill,,,ada@roe.example,\nAda Quill,,,,604-555-0123\nBea Quill,,,ada@quill.example,\n"
    strangers = read(tmp_path, others, MADE).digests
    assert len({*strangers, ref}) == 4
    assert list(read_export(tmp_path / "clients.csv", bytes(32), MADE).digests) != list(strangers)


@pytest.mark.parametrize(
    ("data", "line", "what"),
    [
        (UNNUMBERED + "Ada Quill,Active,W,,\n", 2, "no reference can be made"),
        (UNNUMBERED + ",Active,W,ada@quill.example,\n", 2, "no reference can be made"),
        (UNNUMBERED + "Ada Quill,,,a@q.example,\nQuill Ada,,,a@q.example,\n", 3, "those of another row; see line 2"),
        ("Client ID," + UNNUMBERED + "1,Ada Quill,,,a@q.example,\n", 1, "leave --make-refs out"),
    ],
)
def test_nobody_s_reference_is_another_s(tmp_path: Path, data: str, line: int, what: str) -> None:
    """Where two people could get one reference, or a person none that lasts, the row is bad."""
    with pytest.raises(RosterError, match=what) as refused:
        read(tmp_path, data, MADE)
    assert refused.value.problems[0].line == line
    assert "Quill" not in str(refused.value)


def test_bad_rows_go_where_that_is_allowed(tmp_path: Path) -> None:
    """The good ones stay, and each that went is named by its line; nobody at all left is still refused."""
    data = JANE + "12,Ada,,Quill,,,,,,\n13,,,,,,,,,\n"
    export = read(tmp_path, data, Reading(allow_bad_rows=True))
    assert [problem.line for problem in export.rejected] == [3]
    with pytest.raises(RosterError, match=r"no good row|who this is"):
        read(tmp_path, JANE + "13,,,,,,,,,\n", Reading(allow_bad_rows=True))
    with pytest.raises(RosterError, match="cannot read the client list"):
        read_export(tmp_path / "none.csv", KEY, Reading())


def test_columns_that_were_named_are_taken(tmp_path: Path) -> None:
    """A clinic whose program nobody knows says which column is which."""
    preset = named({"client_ref": "No", "full_name": "Who"})
    assert found(read(tmp_path, "No,Who,Shoe\n3,Ada Quill,41\n", Reading(preset)), "ada quill")


def test_a_row_s_digest_tells_a_change_and_no_more(tmp_path: Path) -> None:
    """The same row gives the same under one key, whatever else is on the list; another key or cell another."""
    first = read(tmp_path, JANE + "12,Ada,,Quill,,,,Active,,x\n13,Bea,,Roe,,,,Active,,x\n").digests
    second = read(tmp_path, JANE + "13,Bea,,Roe,,,,Active,,other\n12,Ada,,Quill,,,,Inactive,,x\n").digests
    assert first["13"] == second["13"]
    assert first["12"] != second["12"]
    other = read_export(tmp_path / "clients.csv", bytes(32), Reading()).digests
    assert other["13"] != second["13"]


def test_no_repr_names_anybody(tmp_path: Path) -> None:
    """What a traceback or a log line might show of an export is counts and references."""
    export = read(tmp_path, JANE + "12,Ada,,Quill,Addie,ada@quill.example,,,,\n")
    shown = repr(export) + repr(export.people) + str(export.people[0]) + repr(export.people[0].names)
    assert not [name for name in ("ada", "quill", "addie") if name in shown.casefold()]


@given(text=st.text(alphabet='Aé,;\t"\n\r=\u200f\u200b0', max_size=80), allow=st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_read_or_refused(tmp_path: Path, *, text: str, allow: bool) -> None:
    """Below a good header anything may stand."""
    try:
        read(tmp_path, JANE + text, Reading(allow_bad_rows=allow))
    except RosterError:
        return
