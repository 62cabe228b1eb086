"""The recovery sheet: one page that a person, a screen reader and a scanner can read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pypdf import PdfReader
from pypdfium2 import PdfDocument
from pyrage import x25519
from zxingcpp import BarcodeFormat, read_barcodes

from guardrail.errors import LedgerError
from guardrail.ledger.recipients import Recipient
from guardrail.ledger.recovery import from_groups, groups, recovery_sheet

IDENTITY = x25519.Identity.generate()
SECRET, PUBLIC = str(IDENTITY), str(IDENTITY.to_public())
MADE_AT = datetime(2026, 3, 2, tzinfo=UTC)
READERS = {
    "bare": Recipient(PUBLIC),
    "supervisor": Recipient(PUBLIC, "supervisor", ("dr-wren", "dr-hale"), "Dr Sel"),
    "officer": Recipient(PUBLIC, "privacy-officer", (), "Zoë Ołówek 名"),
    "many": Recipient(PUBLIC, "supervisor", tuple(f"clinician-{number}" for number in range(200)), "x" * 500),
}


def tags(node: Any) -> Iterator[Any]:
    """Give every element of a tagged PDF's structure."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for one in node:
            yield from tags(one)
    elif isinstance(node, dict):
        yield node
        yield from tags(node.get("/K", []))


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_the_sheet_is_one_page_of_text_in_a_language(reader: Recipient) -> None:
    """The key, what it opens and how to use it can be read out and searched; the page says which language it is in."""
    pdf = PdfReader(io.BytesIO(recovery_sheet(SECRET, reader, MADE_AT)))
    [page] = pdf.pages
    text = page.extract_text()
    assert SECRET in "".join(text.split())
    assert PUBLIC in text
    assert "How to use it" in text
    assert "Comment s’en servir" in text
    root: Any = pdf.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("en-CA", True)
    assert pdf.metadata is not None
    assert "Recovery sheet" in str(pdf.metadata.title)
    tagged = list(tags(root["/StructTreeRoot"]))
    assert {one.get("/Lang") for one in tagged} >= {"fr-CA"}
    assert [one["/Alt"] for one in tagged if one.get("/S") == "/Figure"] == ["QR code of the secret key"]
    if "名" not in reader.words:  # a computer without that letter prints the sheet all the same, and promises less
        assert b"pdfuaid:part" in root["/Metadata"].get_data()


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_a_scanner_reads_the_key_off_the_page(reader: Recipient) -> None:
    """The page as a picture, at the resolution of a plain scan: the one code on it is the key."""
    picture = PdfDocument(recovery_sheet(SECRET, reader, MADE_AT))[0].render(scale=2, grayscale=True)
    seen = memoryview(bytes(picture.buffer)).cast("B", shape=[picture.height, picture.stride])
    assert [(one.format, one.text) for one in read_barcodes(seen)] == [(BarcodeFormat.QRCode, SECRET)]


def test_nothing_on_it_is_wider_than_the_paper() -> None:
    """Words without an end are broken: every letter of them stands on the page."""
    reader = Recipient(PUBLIC, "supervisor", ("x" * 280,), "y" * 280)
    text = "".join(PdfReader(io.BytesIO(recovery_sheet(SECRET, reader, MADE_AT))).pages[0].extract_text().split())
    assert (text.count("x" * 280), text.count("y" * 280)) == (2, 1)
    page = PdfDocument(recovery_sheet(SECRET, reader, MADE_AT))[0]
    words = page.get_textpage()
    assert max(words.get_charbox(at)[2] for at in range(words.count_chars())) < page.get_width() - 40


def test_it_says_whose_entries_the_key_opens() -> None:
    """In both languages, with the reader's role."""
    text = PdfReader(io.BytesIO(recovery_sheet(SECRET, READERS["supervisor"], MADE_AT))).pages[0].extract_text()
    assert text.count("dr-wren, dr-hale") == 2
    assert "Role: supervisor." in text
    assert "Dr Sel" in text


def test_what_was_typed_from_the_sheet_is_the_key() -> None:
    """Spaces, lines and lower case do not matter."""
    assert from_groups("\n".join(groups(SECRET)).lower()) == SECRET
    assert from_groups(f" {SECRET}\n") == SECRET


@pytest.mark.parametrize("at", range(15, len(SECRET), 7))
def test_a_mistyped_letter_is_found(at: int) -> None:
    """At each place; nothing of the key is in the line."""
    typed = SECRET[:at] + ("Q" if SECRET[at] != "Q" else "P") + SECRET[at + 1 :]
    with pytest.raises(LedgerError, match="a letter is wrong or missing") as error:
        from_groups(typed)
    assert typed[20:30] not in str(error.value)
