"""Addresses, query strings and cookies, split and decoded."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.recognise.extract.urltext import MAX_FIELDS, cookies, decode, split_fields, split_path, split_url


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("jane+doe", "jane doe"),
        ("jane%20doe", "jane doe"),
        ("Zo%C3%AB", "Zoë"),
        ("Andr%E9", "André"),
        ("100%", "100%"),
        ("%zz%4", "%zz%4"),
        ("%E9%99%B3", "陳"),
    ],
)
def test_percent_codes_are_undone(raw: str, text: str) -> None:
    """UTF-8 first, Windows-1252 for old pages, invalid codes as they are."""
    assert decode(raw) == text


@given(
    st.lists(st.sampled_from(["%", "4", "F", "\\", "x", "%41", "%c3", "%A9", "é", "u", "\n", "\0", "\ud83d"])).map(
        "".join
    )
)
def test_percent_codes_are_undone_as_the_standard_library_does(text: str) -> None:
    """Valid codes, broken ones, and what only looks like an escape."""
    raw = unquote_to_bytes(text.encode("utf-8", "replace")) if "%" in text else text.encode("utf-8", "surrogatepass")
    try:
        expected = raw.decode("utf-8", "strict" if "%" in text else "surrogatepass")
    except UnicodeDecodeError:
        expected = raw.decode("cp1252", "replace")
    assert decode(text) == expected


def test_plus_stays_in_a_path() -> None:
    """A plus is a space in queries only."""
    assert decode("a+b%2Bc", plus=False) == "a+b+c"


def test_fields_keep_their_order_and_repeats() -> None:
    """Values stay raw, keys are decoded, an empty key is left out."""
    assert split_fields("a=1&b%5B0%5D=x%20y&a=2&=3&c") == {"a": ["1", "2"], "b[0]": ["x%20y"], "c": [""]}


def test_too_many_fields_are_not_read() -> None:
    """A flood of fields is refused as a whole."""
    assert split_fields("a&" * (MAX_FIELDS + 1)) is None


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        ("/a//b/", ("a", "b")),
        ("/search;_ylt=A;_ylu=B", ("search",)),
        ("/in/siobh%C3%A1n%2Fx", ("in", "siobhán/x")),
        ("", ()),
    ],
)
def test_paths_are_split_then_decoded(path: str, segments: tuple[str, ...]) -> None:
    """An encoded slash divides nothing; matrix parameters and empty segments go."""
    assert split_path(path) == segments


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://User@WWW.example.com:8443/a?b=c#d", ("www.example.com", "/a", "b=c")),
        ("/a?b=//x", ("", "/a", "b=//x")),
        ("https://example.com?q=1", ("example.com", "/", "q=1")),
        ("", ("", "/", "")),
    ],
)
def test_addresses_are_split(url: str, parts: tuple[str, str, str]) -> None:
    """Absolute or relative; the fragment and the port go."""
    assert split_url(url) == parts


def test_the_first_of_two_equal_cookies_counts() -> None:
    """A cookie set twice is read once; what is no cookie is left out."""
    assert cookies("a=1; b = 2 ;c; a=3") == {"a": "1", "b": "2"}


@given(st.text())
def test_no_text_raises(text: str) -> None:
    """Every text is split and decoded somehow."""
    decode(text)
    split_fields(text)
    split_path(text)
    split_url(text)
    cookies(text)
