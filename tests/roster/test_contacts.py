"""E-mail addresses and telephone numbers, in any way to write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.roster.contacts import email_key, emails_in, phone_keys, phones_in
from tests.roster.scene import MakeRoster


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Ada.Quill@Mail.Example", "ada.quill@mail.example"),
        (" ada@mail.example ", "ada@mail.example"),
        ("ada+news@mail.example", "ada@mail.example"),
        ("a.d.a@gmail.com", "ada@gmail.com"),
        ("ada@googlemail.com", "ada@gmail.com"),
        ("adа@mаil.example", "adа@mаil.example"),
        ("ada", None),
        ("@ada", None),
        ("ada@mail", None),
        ("", None),
    ],
)
def test_an_address_has_one_spelling(text: str, key: str | None) -> None:
    """Case, tags and Gmail's dots make no difference."""
    assert email_key(text) == key


NUMBERS = [
    ("+1 604 555 0123", "(604) 555-0123", True),
    ("+1 604 555 0123", "001-604-555-0123", True),
    ("+1 604 555 0123", "16045550123", True),
    ("604.555.0123", "+1-604-555-0123", True),
    ("604 555 0123", "6045550123", True),
    ("+44 20 7946 0958", "020 7946 0958", True),
    ("+44 20 7946 0958", "0044 (0)20 7946 0958", True),
    ("+972 50 123 4567", "050-123-4567", True),
    ("٠٦٠٤٥٥٥٠١٢٣", "604 555 0123", True),
    ("+1 604 555 0123", "+44 604 555 0123", False),
    ("+1 604 555 0123", "+1 604 555 0124", False),
    ("614 555 0123", "714 555 0123", False),
    ("604 555 0123", "555 0123", False),
]


@pytest.mark.parametrize(("kept", "typed", "same"), NUMBERS)
def test_a_number_is_known_in_any_format(kept: str, typed: str, *, same: bool) -> None:
    """With and without country code and trunk zero; two countries' equal numbers stay two."""
    assert bool(set(phone_keys(kept)) & set(phones_in(f"call {typed} now"))) is same


@pytest.mark.parametrize("text", ["", "555 0123", "2024-01", "1 2 3 4 5", "isbn 978-3-16-148410-0 12345"])
def test_what_is_no_number(text: str) -> None:
    """Dates, short and endless rows of digits are none."""
    assert phone_keys(text) == ()


def test_a_client_is_found_by_address_and_number(make_roster: MakeRoster) -> None:
    """Anywhere in a text, whatever stands around them; the match says which it was."""
    roster = make_roster(
        {"given_name": "Ada", "family_name": "Quill", "emails": "ada@mail.example; aq@work.example"},
        {"phones": "+1 604 555 0123; 778-555-0199"},
    )
    for text, ref, how in (
        ("who has ADA@mail.example?", "R1", "email"),
        ("<aq@work.example>", "R1", "email"),
        ('"(778) 555 0199" facebook', "R2", "phone"),
        ("tel:+16045550123", "R2", "phone"),
    ):
        (match,) = roster.match_text(text)
        assert (match.client_ref, match.how, match.strength.name) == (ref, how, "EXACT")
    assert roster.match_text("someone@mail.example 604 555 0124") == ()


@given(st.text(max_size=200))
def test_any_text_is_searched(text: str) -> None:
    """No text raises."""
    list(emails_in(text))
    list(phones_in(text))
    email_key(text)
    phone_keys(text)
