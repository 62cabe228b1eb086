"""What `guardrail match` says of a line."""

from __future__ import annotations

import pytest

from guardrail.roster import Roster, explain_line, match_line
from tests.roster.scene import MakeRoster


@pytest.mark.parametrize(
    ("line", "client_ref", "how"),
    [
        ("who is margit ollander\n", "C-1001", "name"),
        ("@margit_o\r\n", "C-1001", "handle"),
        ("parking near union station", None, None),
        ("\n", None, None),
        ("margit o", None, None),
    ],
)
def test_a_line_is_matched(sample: Roster, line: str, client_ref: str | None, how: str | None) -> None:
    """The text without its line end, the reference and how; nulls where nobody is meant."""
    assert match_line(sample, line) == {"text": line.rstrip("\r\n"), "client_ref": client_ref, "how": how}


@pytest.mark.parametrize(
    ("line", "client_ref", "strength", "kinds"),
    [
        ("Margit Ollander", "C-1001", "exact", []),
        ("margti ollander facebook", "C-1001", "variant", ["typo"]),
        ("m. ollander\n", "C-1001", "weak", ["initial"]),
        ("ollander, margit", "C-1001", "exact", ["order"]),
        ("parking near union station", None, None, []),
    ],
)
def test_a_match_is_explained(
    sample: Roster, line: str, client_ref: str | None, strength: str | None, kinds: list[str]
) -> None:
    """How sure it is and what the text changed, beside what is said anyway."""
    said = explain_line(sample, line)
    assert (said["client_ref"], said["strength"], said["kinds"]) == (client_ref, strength, kinds)
    assert {key: said[key] for key in ("text", "client_ref", "how")} == match_line(sample, line)


def test_others_who_may_be_meant_are_named(make_roster: MakeRoster) -> None:
    """Two clients of one name are both given, each once."""
    roster = make_roster(*({"given_name": "Ada", "family_name": "Quill"} for _ in range(3)))
    said = explain_line(roster, "ada quill")
    assert sorted([str(said["client_ref"]), *said["others"]]) == ["R1", "R2", "R3"]
