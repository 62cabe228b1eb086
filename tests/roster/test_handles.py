"""Accounts in every way in which a roster or a search writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.roster.handles import (
    ANY_SITE,
    account_keys,
    accounts_in,
    handles_among,
    parse_account,
    parse_address,
    site_name,
)


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ("facebook:margit.ollander", ("facebook", "margit.ollander")),
        ("facebook:100087654321001", ("facebook", "100087654321001")),
        ("twitter:@Margit_O", ("x", "Margit_O")),
        ("X:margit_o", ("x", "margit_o")),
        ("twitter.com:margit_o", ("x", "margit_o")),
        ("@margit_o", (ANY_SITE, "margit_o")),
        ("https://www.facebook.com/margit.ollander", ("facebook", "margit.ollander")),
        ("http://m.facebook.com/margit.ollander/?ref=x", ("facebook", "margit.ollander")),
        ("https://www.facebook.com/profile.php?id=1000&sk=about", ("facebook", "1000")),
        ("facebook.com/people/Margit-Ollander/1000/", ("facebook", "1000")),
        ("fb.com/margit.ollander", ("facebook", "margit.ollander")),
        ("linkedin.com/in/margit-ollander-0a1b2c", ("linkedin", "margit-ollander-0a1b2c")),
        ("https://ca.linkedin.com/in/siobh%C3%A1n-x/", ("linkedin", "siobhán-x")),
        ("linkedin:https://www.linkedin.com/in/abc", ("linkedin", "abc")),
        ("https://x.com/margit_o/status/1", ("x", "margit_o")),
        ("https://www.tiktok.com/@quiet", ("tiktok", "quiet")),
        ("https://www.reddit.com/user/quiet", ("reddit", "quiet")),
        ("https://bsky.app/profile/quiet.bsky.social", ("bluesky", "quiet.bsky.social")),
        ("https://www.example.co.uk/quiet", ("example", "quiet")),
        ("", None),
        ("margit", None),
        ("margit@mail.example", None),
        ("facebook:", None),
        ("facebook:@", None),
        ("@", None),
        ("facebook:margit ollander", None),
        ("https://www.facebook.com/", None),
        ("https://www.facebook.com/profile.php", None),
        ("https://[::1/x", None),
        (f"x:{'y' * 3000}", None),
        (f"x.com/y?{'a&' * 60}", None),
        ("x:ftp://x.example", None),
    ],
)
def test_an_entry_of_the_column_handles(text: str, account: tuple[str, str] | None) -> None:
    """Site and account come out of each form; anything else is refused."""
    assert parse_account(text) == account


@pytest.mark.parametrize(
    ("text", "accounts"),
    [
        ("who is @Margit_O?", [(ANY_SITE, "Margit_O")]),
        ("see (https://x.com/margit_o).", [("x", "margit_o")]),
        ("linkedin.com/in/abc, and fb.com/def", [("linkedin", "abc"), ("facebook", "def")]),
        ("and/or margit@mail.example", []),
        ("no account", []),
    ],
)
def test_accounts_in_running_text(text: str, accounts: list[tuple[str, str]]) -> None:
    """Mentions and addresses are read among other words."""
    assert list(accounts_in(text)) == accounts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("margit.makes.pots insta", [(ANY_SITE, "margit.makes.pots"), ("instagram", "margit.makes.pots")]),
        ("twitter: margit_o", [(ANY_SITE, "margit_o"), ("x", "margit_o")]),
        ("(margit7), pots", [(ANY_SITE, "margit7"), ("pots", "margit7")]),
        ("100087654321001 fb", [(ANY_SITE, "100087654321001"), ("facebook", "100087654321001")]),
        ("margit.makes.pots", []),  # a whole text is looked up as it is
        ("margit makes pots", []),
        ("photos 2024", []),
        ("a.b pots", []),
        ("margit@mail.example mail", []),
        ("one two three four five six margit_o", []),
    ],
)
def test_handles_among_a_few_words(text: str, found: list[tuple[str, str]]) -> None:
    """A word with a full stop, an underscore or a digit may be a handle, and another word its site."""
    assert list(handles_among(text)) == found


def test_facebook_takes_a_handle_without_its_dots() -> None:
    """Dots say nothing on Facebook; elsewhere they do."""
    assert list(account_keys("facebook", "Margit.Ollander")) == list(account_keys("facebook", "margitollander"))
    assert list(account_keys("instagram", "a.b")) != list(account_keys("instagram", "ab"))


@pytest.mark.parametrize(("text", "name"), [("Twitter", "x"), ("www.instagram.com", "instagram"), ("yelp", "yelp")])
def test_a_site_has_one_name(text: str, name: str) -> None:
    """The names are those of guardrail's site files."""
    assert site_name(text) == name


@given(st.text() | st.text(st.sampled_from("@/:.?%[]aé1 "), max_size=40).map("https://".__add__))
def test_reading_accounts_is_total(text: str) -> None:
    """No text makes a reader of accounts raise."""
    parse_account(text)
    parse_address(text)
    for site, account in (*accounts_in(text), *handles_among(text)):
        list(account_keys(site, account))
