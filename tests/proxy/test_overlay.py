"""The overlay's tag goes to the right place of any page, however the page is cut into pieces."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guardrail.proxy.overlay import LIMIT, Insertion, tag

TAG = tag(None)


def insert(*pieces: bytes, nonce: str | None = None) -> bytes:
    """Put the tag into a page that comes in pieces."""
    insertion = Insertion(nonce)
    return b"".join(insertion.feed(piece) for piece in pieces) + insertion.finish()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<!doctype html><html><head>", b"<title>a</title></head>"),
        (b'<!DOCTYPE html>\n<HTML lang=\'a>b\' x=">">\n<HEAD class="a>b">', b"<p>"),
        (b"<html><head/>", b"<p>"),
        (b"\xef\xbb\xbf<html><head>", b""),
        (b"<!-- <head> --><html><!-- a > b --><head>", b"<p>"),
        (b"<?xml version='1.0'?><html><head>", b"<p>"),
        (b"<!doctype html>", b"<title>no head</title>"),
        (b"<html>", b"<body><head>"),
        (b"<!doctype html>\n", b"words"),
        (b"<html>", b"\xefwords"),
        (b"", b"<p>no html"),
        (b"", b"<header>not a head</header>"),
        (b"<html>", b"<heading>"),
        (b"", b"<h1>"),
    ],
)
def test_tag_stands_where_the_head_begins(before: bytes, after: bytes) -> None:
    """Behind `<head …>`, or where a parser would open a head that is left out."""
    assert insert(before + after) == before + TAG + after


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"  \n",
        b'{"for": "scripts"}',
        b"for (;;);{}",
        "<html><head>".encode("utf-16"),
        b"<!-- never closed <head>",
        b"<!doctype html>",
        b"<html unclosed",
        b"<!--" + b"x" * LIMIT + b"--><head>",
    ],
)
def test_what_is_no_page_goes_as_it_is(page: bytes) -> None:
    """No markup, no end of the prologue, or none within the limit: not a byte changes."""
    assert insert(page) == page


def test_the_nonce_is_escaped() -> None:
    """A hostile nonce cannot leave its attribute."""
    assert b'nonce="a&quot;&gt;b"' in tag('a">b')


def test_flushed_head_goes_on_at_once() -> None:
    """The first flush shows while the rest of the page is still to come."""
    insertion = Insertion(None)
    assert insertion.feed(b"<html><head><title>a</title>") == b"<html><head>" + TAG + b"<title>a</title>"
    assert insertion.feed(b"<p>rest") == b"<p>rest"


@pytest.mark.parametrize(
    ("meta", "edited"),
    [
        (
            b"""<meta http-equiv="Content-Security-Policy" content="frame-src 'none'; img-src *">""",
            (
                b"""<meta http-equiv="Content-Security-Policy" """
                b"""content="frame-src https://guardrail.internal; img-src *">"""
            ),
        ),
        (
            b"""<META content='default-src &#39;self&#39;' http-equiv=content-security-policy>""",
            (
                b'<META content="default-src &#x27;self&#x27;; frame-src &#x27;self&#x27; https://guardrail.internal"'
                b" http-equiv=content-security-policy>"
            ),
        ),
        (
            b"""<meta http-equiv="Content-Security-Policy-Report-Only" content="frame-src 'none'">""",
            b"""<meta http-equiv="Content-Security-Policy-Report-Only" content="frame-src 'none'">""",
        ),
        (b"""<meta name="csp" content="frame-src 'none'">""", b"""<meta name="csp" content="frame-src 'none'">"""),
        (b"<meta http-equiv=content-security-policy>", b"<meta http-equiv=content-security-policy>"),
    ],
)
def test_policies_in_the_page_take_the_frame(meta: bytes, edited: bytes) -> None:
    """A policy in the head gets our origin for frames; any other meta stays."""
    page = b"<head><title>a</title>%s</head><body>" + meta
    assert insert(page % meta) == b"<head>" + TAG + b"<title>a</title>" + edited + b"</head><body>" + meta


_TOKENS = st.sampled_from(
    [
        b"<", b">", b"!", b"--", b"<!--", b"-->", b"<!doctype html>", b"<html", b"<head", b"<html>", b"<head>", b" ",
        b"/", b'"', b"'", b"\xef", b"\xbb", b"\xbf", b"h", b"hea", b"der", b"<meta",
        b" http-equiv=content-security-policy",
        b" content=\"frame-src 'none'\"", b"</head>", b"<body>", b"<?", b"x", b"x" * (LIMIT - 8), b"\x00",
    ]
)  # fmt: skip


@given(st.lists(_TOKENS, max_size=14).map(b"".join), st.lists(st.integers(0, 2 * LIMIT), max_size=6))
@example(b"<head>" + b"<meta " * 40, [7, 8, 9])
@example(b"x", [])
def test_cuts_do_not_matter(page: bytes, cuts: list[int]) -> None:
    """However the page comes in, the output is the same, and without the tag it is the page (but for its policies)."""
    places = [0, *sorted(cut % (len(page) + 1) for cut in cuts), len(page)]
    pieces = [page[start:end] for start, end in pairwise(places)]
    whole = insert(page)
    assert insert(*pieces) == whole
    if b"content-security-policy" not in page:
        assert whole.replace(TAG, b"", 1) == page


@given(st.lists(_TOKENS, max_size=8).map(b"".join).filter(lambda page: len(page) < 200))
def test_byte_by_byte_is_the_same(page: bytes) -> None:
    """The finest cut of all."""
    assert insert(*(page[place : place + 1] for place in range(len(page)))) == insert(page)
