"""What `guardrail match` says of a line."""

from __future__ import annotations

import pytest

from guardrail.roster import Roster, match_line


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
