"""A reader's secret key on paper: one page, in English and French, as groups of letters and as a QR code.

Set by Typst as PDF/UA-1, so that a screen reader reads it out too, each part in its language.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

import pyrage
import segno
from pyrage import x25519

from guardrail.errors import LedgerError
from guardrail.ledger.identity import SECRET_PREFIX
from guardrail.ledger.paper import paper
from guardrail.ledger.recipients import Recipient
from guardrail.model.entry import Json

_GROUP, _ROW = 4, 5
"""Letters of a group, groups of a row: what the eye keeps while the hand types."""
_MOST_LETTERS = 300
_LONG_WORD = re.compile(r"\S{40}")
_ROLES = {
    "supervisor": ("supervisor", "superviseur"),
    "privacy-officer": ("privacy officer", "responsable de la protection de la vie privée"),
}


@dataclass(frozen=True, slots=True)
class _Words:
    """The sheet's words in one language."""

    lang: str
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
    lang="en",
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
    lang="fr",
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
    """Give the sheet as a PDF of one page; `reader` says whose the key is and what it opens. Raise LedgerError."""
    first, *rest = groups(secret)
    rows = [first, *("  ".join(rest[at : at + _ROW]) for at in range(0, len(rest), _ROW))]
    sheet: dict[str, Json] = {
        "english": _said(_ENGLISH, reader, 0),
        "french": _said(_FRENCH, reader, 1),
        "rows": [*rows],
        "code": _code(secret),
        "alt": "QR code of the secret key",
        "public": reader.key,
        "whose": f"{made_at:%Y-%m-%d}   {_short(reader.words)}",
    }
    template = files("guardrail.ledger").joinpath("recovery.typ").read_bytes()
    return paper(template, {"sheet": sheet}, made_at)


def _code(secret: str) -> str:
    """Give the QR code as SVG."""
    image = io.BytesIO()
    # Its letters, digits and hyphens are of QR's alphanumeric set: a small code, so with the most room for damage.
    segno.make(secret, error="q", micro=False).save(image, kind="svg", border=4, xmldecl=False)
    return image.getvalue().decode()


def _said(words: _Words, reader: Recipient, language: int) -> dict[str, Json]:
    whose = ", ".join(reader.clinicians)
    told = [words.opens_some.format(_short(whose)) if whose else words.opens_all]
    if reader.role:
        told.append(words.whose.format(_ROLES[reader.role][language]))
    return {
        "lang": words.lang, "title": words.title, "keep": words.keep, "opens": words.opens, "told": [*told],
        "use": words.use, "steps": [*words.steps], "public": words.public,
    }  # fmt: skip


def _short(text: str) -> str:
    """Give a text no longer than has room, which may be broken where it has no spaces."""
    shown = text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}…"
    return _LONG_WORD.sub("\\g<0>\u200b", shown)
