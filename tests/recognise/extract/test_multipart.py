"""multipart bodies, as browsers send them and as servers still take them."""

from __future__ import annotations

import pytest

from guardrail.recognise.extract.multipart import MAX_TEXT, boundary_of, split_multipart
from guardrail.recognise.extract.urltext import MAX_FIELDS

HEAD = b'Content-Disposition: form-data; name="q"'


def body(*parts: bytes, end: bytes = b"--X--\r\n") -> bytes:
    """Put parts (head, empty line, content) between boundaries."""
    return b"".join(b"--X\r\n" + part + b"\r\n" for part in parts) + end


@pytest.mark.parametrize(
    ("kind", "boundary"),
    [
        ('multipart/form-data; charset=x; boundary="X"', "X"),
        ("multipart/form-data;BOUNDARY=X", "X"),
        ("multipart/form-data; boundary =X", "X"),
        ("multipart/form-data", None),
        ("multipart/form-data; boundary=", None),
    ],
)
def test_the_type_names_the_boundary(kind: str, boundary: str | None) -> None:
    """With or without quotes; a type without one names none."""
    assert boundary_of(kind) == boundary


@pytest.mark.parametrize(
    ("raw", "fields"),
    [
        (body(HEAD + b"\r\n\r\nJane Do\xc3\xa9"), {"q": ["Jane Do\u00e9"]}),
        (body(HEAD + b"\r\n\r\nparking", HEAD + b"\r\n\r\nJane"), {"q": ["parking", "Jane"]}),
        (body(HEAD + b"\r\n\r\nJane").replace(b"\r\n", b"\n"), {"q": ["Jane"]}),
        (body(b"Content-Disposition: form-data;\r\n name=q\r\n\r\nJane"), {"q": ["Jane"]}),
        (body(b"Content-Disposition: form-data; name*=utf-8''%71\r\n\r\nJane"), {"q": ["Jane"]}),
        (body(b"content-type: text/plain; charset=latin-1\r\n" + HEAD + b"\r\n\r\nJos\xe9"), {"q": ["Jos\u00e9"]}),
        (body(HEAD + b"\r\n\r\nx--X--y"), {"q": ["x--X--y"]}),
        (body(HEAD + b"\r\n\r\nJane", end=b""), {"q": ["Jane"]}),
        (body(end=b"") + b"--X--\r\n--X\r\n" + HEAD + b"\r\n\r\nJane\r\n--X--", {"q": ["Jane"]}),
        (b"preamble\r\n" + body(HEAD + b"\r\n\r\nJane"), {"q": ["Jane"]}),
        (body(HEAD + b'; filename="a.jpg"\r\n\r\n\xff\xd8'), {"q": ["a.jpg"]}),
        (body(HEAD + b'; filename=""\r\n\r\nJane'), {"q": ["", "Jane"]}),
        (body(HEAD + b'; filename="a"\r\n\r\n' + b"\xff" * 4_000_000), {"q": ["a"]}),
        (
            body(
                HEAD
                + b"\r\nContent-Type: multipart/mixed; boundary=Y\r\n\r\n"
                + b"--Y\r\nContent-Disposition: attachment\r\n\r\nJane\r\n--Y--"
            ),
            {"q": ["Jane"]},
        ),
    ],
)
def test_parts_are_fields(raw: bytes, fields: dict[str, list[str]]) -> None:
    """Each part is a field by its name; a file gives its name, and its content where that is a short text."""
    assert split_multipart(raw, "X") == fields


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"--Y\r\n" + HEAD + b"\r\n\r\nJane",
        body(b"Content-Type: text/plain\r\n\r\nJane"),
        body(HEAD),
        body(HEAD + b"\r\nContent-Transfer-Encoding: base64\r\n\r\nSmFuZQ=="),
        body(HEAD + b"\r\nContent-Type: text/plain; charset=none-such\r\n\r\nJane"),
        body(HEAD + b"\r\nContent-Type: multipart/mixed\r\n\r\nJane"),
        body(HEAD + b"\r\nX: " + b"x" * 5000 + b"\r\n\r\nJane"),
        body(HEAD + b"\r\n\r\n" + b"x" * (MAX_TEXT + 1)),
        body(*[HEAD + b"\r\n\r\nx"] * (MAX_FIELDS + 1)),
        body(*[b"X: y\r\n" + HEAD + b"\r\n\r\nx"] * 300),
    ],
)
def test_what_is_odd_is_not_read(raw: bytes) -> None:
    """Where a part cannot be read, or there is too much of it, nobody may say what the body holds."""
    assert split_multipart(raw, "X") is None
