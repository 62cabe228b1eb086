"""A reader's secret key on paper: one page, in English and French, as groups of letters and as a QR code."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyrage
import segno
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from pyrage import x25519

from guardrail.errors import LedgerError
from guardrail.ledger.identity import SECRET_PREFIX
from guardrail.ledger.recipients import Recipient

_GROUP, _ROW = 4, 5
"""Letters of a group, groups of a row: what the eye keeps while the hand types."""
_MARGIN, _GUTTER, _QR = 18.0, 8.0, 62.0  # mm
_MOST_LETTERS = 300
_LETTER = (215.9, 279.4)  # mm: the paper of a Canadian office; it prints on A4 too
_ROLES = {
    "supervisor": ("supervisor", "superviseur"),
    "privacy-officer": ("privacy officer", "responsable de la protection de la vie privée"),
}


@dataclass(frozen=True, slots=True)
class _Words:
    """The sheet's words in one language."""

    title: str
    keep: str
    opens: str
    opens_all: str
    opens_some: str
    whose: str
    use: str
    steps: Sequence[str]
    public: str


_ENGLISH = _Words(
    title="Recovery sheet: a reader\u2019s secret key",
    keep="Whoever holds this sheet can read what clinicians wrote about clients. Keep it in a safe. Never photograph, "
    "scan or mail it.",
    opens="What it opens",
    opens_all="The sealed texts of every ledger entry that was closed to this key.",
    opens_some="The sealed texts of ledger entries closed to this key: those of {}.",
    whose="Role: {}.",
    use="How to use it",
    steps=(
        "On a computer of the clinic, run: guardrail keys restore NEW.key",
        (
            "Type the groups, or use a barcode scanner on the QR code. Spaces and lower case do not matter; a mistyped "
            "letter is found."
        ),
        "Choose a passphrase, then open the ledger: guardrail ledger export --identity NEW.key",
        "If the sheet is lost, make a new key (guardrail keys make) and re-seal to it (guardrail ledger reseal).",
    ),
    public="Public key",
)
_FRENCH = _Words(
    title="Feuille de secours\u00a0: clé secrète de lecture",
    keep="Quiconque détient cette feuille peut lire ce que les cliniciens ont écrit sur des clients. Gardez-la dans un "
    "coffre. Ne la photographiez, ne la numérisez et ne l’envoyez jamais.",
    opens="Ce qu’elle ouvre",
    opens_all="Les textes scellés de toute entrée du registre fermée pour cette clé.",
    opens_some="Les textes scellés des entrées fermées pour cette clé\u00a0: celles de {}.",
    whose="Rôle\u00a0: {}.",
    use="Comment s’en servir",
    steps=(
        "Sur un ordinateur de la clinique, lancez\u00a0: guardrail keys restore NEW.key",
        (
            "Tapez les groupes, ou lisez le code QR avec un lecteur de codes. Espaces et minuscules sont admis\u00a0; "
            "une lettre fautive est détectée."
        ),
        "Choisissez une phrase de passe, puis ouvrez le registre\u00a0: guardrail ledger export --identity NEW.key",
        "Si la feuille est perdue, créez une clé (guardrail keys make) et rescellez (guardrail ledger reseal).",
    ),
    public="Clé publique",
)


def groups(secret: str) -> list[str]:
    """Give a secret key in groups of four letters, its beginning as one."""
    rest = secret.removeprefix(SECRET_PREFIX)
    return [SECRET_PREFIX, *(rest[at : at + _GROUP] for at in range(0, len(rest), _GROUP))]


def from_groups(text: str) -> str:
    """Give the secret key that somebody typed or scanned. Raise LedgerError; what was typed is not quoted."""
    joined = "".join(text.split()).upper()
    try:
        return str(x25519.Identity.from_str(joined))
    except pyrage.IdentityError:
        raise LedgerError(
            f"this is not the secret key of a recovery sheet: it begins with {SECRET_PREFIX}, and a letter is wrong "
            "or missing: compare the groups one by one"
        ) from None


def recovery_sheet(secret: str, reader: Recipient, made_at: datetime) -> bytes:
    """Give the sheet as a PDF of one page; `reader` says whose the key is and what it opens."""
    page = FPDF(format=_LETTER)
    page.core_fonts_encoding = "cp1252"  # what a PDF's own fonts are written in: French needs ’
    page.set_creation_date(made_at)
    page.set_lang("en-CA")
    page.set_title(f"{_ENGLISH.title} / {_FRENCH.title}")
    page.set_author("guardrail")
    page.set_margins(_MARGIN, 15)
    page.set_auto_page_break(False)
    page.add_page()
    width = page.epw
    for words, size in ((_ENGLISH, 17), (_FRENCH, 13)):
        page.set_font("helvetica", "B", size)
        page.cell(width, size * 0.5, words.title, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    _warning(page, width)
    _key(page, secret, width)
    _public(page, reader, made_at, width)
    top = page.get_y() + 4
    column = (width - _GUTTER) / 2
    for number, words in enumerate((_ENGLISH, _FRENCH)):
        page.set_xy(_MARGIN + number * (column + _GUTTER), top)
        _column(page, words, reader, number, column)
    return bytes(page.output())


def _warning(page: FPDF, width: float) -> None:
    page.ln(3)
    page.set_fill_color(255, 243, 214)
    page.set_font("helvetica", "", 10)
    page.multi_cell(width, 5, f"{_ENGLISH.keep}\n{_FRENCH.keep}", align="L", border=1, fill=True, padding=2)
    page.ln(4)


def _key(page: FPDF, secret: str, width: float) -> None:
    """Write the key twice: for an eye and a hand, and for a scanner."""
    top = page.get_y()
    image = io.BytesIO()
    # Its letters, digits and hyphens are of QR's alphanumeric set: a small code, so with the most room for damage.
    segno.make(secret, error="q", micro=False).save(image, kind="png", scale=12, border=4)
    page.image(image, x=_MARGIN + width - _QR, y=top, w=_QR, alt_text="QR code of the secret key / Code QR de la clé")
    first, *rest = groups(secret)
    page.set_xy(_MARGIN, top + 6)
    page.set_font("courier", "B", 15)
    for row in ([first], *(rest[at : at + _ROW] for at in range(0, len(rest), _ROW))):
        page.cell(width - _QR, 11, "  ".join(row), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    page.set_y(top + _QR + 2)


def _public(page: FPDF, reader: Recipient, made_at: datetime, width: float) -> None:
    page.set_font("helvetica", "B", 9)
    page.cell(width, 5, f"{_ENGLISH.public} / {_FRENCH.public}", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    page.set_font("courier", "", 10)
    page.cell(width, 5, reader.key, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    page.set_font("helvetica", "", 9)
    told = f"{made_at:%Y-%m-%d}   {_written(reader.words)}"
    page.multi_cell(width, 5, told, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _column(page: FPDF, words: _Words, reader: Recipient, language: int, width: float) -> None:
    def say(text: str, *, bold: bool = False, size: float = 10) -> None:
        page.set_font("helvetica", "B" if bold else "", size)
        page.multi_cell(width, size * 0.48, text, align="L", new_x=XPos.LEFT, new_y=YPos.NEXT)

    say(words.opens, bold=True, size=12)
    whose = ", ".join(reader.clinicians)
    say(words.opens_some.format(_written(whose)) if whose else words.opens_all)
    if reader.role:
        say(words.whose.format(_ROLES[reader.role][language]))
    page.set_xy(page.get_x(), page.get_y() + 3)
    say(words.use, bold=True, size=12)
    for number, step in enumerate(words.steps, 1):
        say(f"{number}. {step}")
        page.set_xy(page.get_x(), page.get_y() + 1)


def _written(text: str) -> str:
    """Give a text as far as a PDF's own fonts can write it, and no longer than has room."""
    shown = text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}…"
    return shown.encode("cp1252", "replace").decode("cp1252")
