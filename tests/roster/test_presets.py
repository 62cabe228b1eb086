"""Which program's export a header is of, or which it is said to be."""

from __future__ import annotations

import pytest

from guardrail.roster.presets import PRESETS, detect, header_key, named
from guardrail.roster.row import COLUMNS


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("client_ref,given_name,family_name", ("own",)),
        ("Client Ref,Given-Name,FAMILY NAME,status", ("own",)),
        ("Patient Number,First Name,Middle Name,Last Name,Preferred Name,Active/Inactive", ("jane",)),
        ("Patient ID,Title,First Name,Last Name,Preferred First Name,Unapplied Account Credit", ("cliniko",)),
        ("Client ID,Legal First Name,Legal Last Name,Client Status", ("simplepractice",)),
        ("Client ID,Client,Status,Primary Clinician", ("simplepractice",)),
        ("Client ID,First Name,Last Name,Therapist,Status", ("owl",)),
        ("client_ref,Client ID,First Name,Last Name,Therapist", ("own",)),
        ("Patient Number,Patient ID,First Name,Last Name", ("jane", "cliniko")),
        ("First Name,Last Name", ()),
        ("Ada,Quill", ()),
        ("", ()),
    ],
)
def test_the_header_tells_the_program(header: str, found: tuple[str, ...]) -> None:
    """Our own columns come first; two programs that fit are both named, so that nobody guesses."""
    assert detect(header.split(",")) == found


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_says_who_a_client_is(name: str) -> None:
    """Every preset has a reference and a name, writes all names in one spelling, and uses our words for states."""
    preset = PRESETS[name]
    assert preset.takes["client_ref"]
    assert preset.takes["family_name"]
    assert all(header_key(theirs) == theirs for all_theirs in preset.takes.values() for theirs in all_theirs)
    assert set(preset.statuses.values()) <= {"current", "former", "prospective"}
    taken = [theirs for all_theirs in preset.takes.values() for theirs in all_theirs]
    assert len(taken) == len(set(taken)), "a column that is taken twice"


def test_columns_can_be_named_one_by_one() -> None:
    """Alone, or in place of some of a program's; one that is not ours is refused with those that are."""
    alone = named({"client_ref": "File_No", "full_name": "Who"})
    assert dict(alone.takes) == {"client_ref": ("file no",), "full_name": ("who",)}
    jane = named({"client_ref": "File No"}, PRESETS["jane"])
    assert jane.takes["client_ref"] == ("file no",)
    assert jane.statuses == PRESETS["jane"].statuses
    assert jane.named == {"client_ref"}
    with pytest.raises(ValueError, match=COLUMNS[0]):
        named({"ref": "File No"})
    with pytest.raises(ValueError, match="named for two"):
        named({"client_ref": "No", "full_name": "no"})


def test_a_column_that_was_named_is_no_other() -> None:
    """What somebody calls the number is not also read as what the program may call it."""
    jane = named({"client_ref": "Email"}, PRESETS["jane"])
    assert jane.takes["emails"] == ()
