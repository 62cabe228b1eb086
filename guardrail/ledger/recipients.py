"""Who may read what was typed: `recipients.txt`, one public key a line, with whose it is and whose entries it opens.

    age1… role=privacy-officer                           # Ms Quist
    age1… role=supervisor clinicians=dr-wren,dr-hale     # Dr Sel

A key without `clinicians` opens every entry; one with them opens those of these clinicians alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyrage
from pyrage import x25519

from guardrail.durable import replace_file
from guardrail.errors import LedgerError

ROLES = ("privacy-officer", "supervisor")
"""What a reader may be to the clinic; a key may also say nothing of it."""

_WORD = re.compile(r"[^\s,#=]+")
_NOT_IN_A_LINE = re.compile(r"[^\S ]|[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Recipient:
    """A public key (`age1…`), whose it is, and whose entries it opens: `clinicians`, all where there are none."""

    key: str
    role: str | None = None
    clinicians: tuple[str, ...] = ()
    words: str = ""

    def __post_init__(self) -> None:
        """Raise LedgerError where the key, the role or a clinician's id is none."""
        try:
            x25519.Recipient.from_str(self.key)
        except pyrage.RecipientError:
            raise LedgerError(
                "a recipient's key cannot be read: it must begin with `age1`: copy it again"
            ) from None  # and not quoted: somebody may have put in the secret half
        if self.role not in (None, *ROLES):
            raise LedgerError(f"the role `{self.role}` is not known: write {' or '.join(ROLES)}")
        for one in self.clinicians:
            if not _WORD.fullmatch(one):
                raise LedgerError(f"`{one}` is no clinician's id: write clinicians=ID,ID without spaces")

    def reads(self, clinician: str | None) -> bool:
        """Whether this key opens an entry of this clinician (None: of nobody)."""
        return not self.clinicians or clinician in self.clinicians

    def __str__(self) -> str:
        """Give the line of the file."""
        role = f" role={self.role}" if self.role else ""
        bound = f" clinicians={','.join(self.clinicians)}" if self.clinicians else ""
        words = f" # {_NOT_IN_A_LINE.sub(' ', self.words)}" if self.words else ""
        return f"{self.key}{role}{bound}{words}"


def read_line(line: str) -> Recipient | None:
    """Read one line; None where it is empty or words alone. Raise LedgerError."""
    told, _, words = line.partition("#")
    key, *facts = told.split() or [""]
    if not key:
        return None
    known: dict[str, str] = {}
    for fact in facts:
        name, is_fact, value = fact.partition("=")
        if not is_fact or name not in {"role", "clinicians"} or name in known:
            raise LedgerError("after a recipient's key stand `role=…` and `clinicians=…`, once each; words after `#`")
        known[name] = value
    bound = known.get("clinicians")
    return Recipient(key, known.get("role"), () if bound is None else tuple(bound.split(",")), words.strip())


def read_recipients(file: Path) -> tuple[Recipient, ...]:
    """Read who may read. Raise LedgerError that names the file and the line; no key is quoted."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise LedgerError(f"cannot read {file}: it says who may read what was typed: run `guardrail init`") from None
    found: dict[str, Recipient] = {}
    for number, line in enumerate(lines, 1):
        try:
            one = read_line(line)
        except LedgerError as error:
            raise LedgerError(f"{file}:{number}: {error}") from None
        if one is not None and found.setdefault(one.key, one) is not one:
            raise LedgerError(f"{file}:{number}: this key stands there twice: put it in one line")
    try:
        return check_readers(found.values())
    except LedgerError as error:
        raise LedgerError(f"{file}: {error}") from None


def check_readers(recipients: Iterable[Recipient]) -> tuple[Recipient, ...]:
    """Give them back where somebody opens every entry, so that none is closed for good. Raise LedgerError."""
    found = tuple(recipients)
    if not found:
        raise LedgerError("nobody could read what is sealed: name a recipient (`guardrail keys add`)")
    if all(one.clinicians for one in found):
        raise LedgerError(
            "entries of a clinician whom nobody is named for could never be read: "
            "name one recipient without `clinicians=`, such as the privacy officer"
        )
    return found


def write_recipients(file: Path, recipients: Sequence[Recipient]) -> None:
    """Write who may read, whole or not at all; lines of words alone stay at the top. Raise LedgerError."""
    check_readers(recipients)
    try:
        before = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        words = [line for line in before if line.lstrip().startswith("#")]
        text = "".join(f"{line}\n" for line in [*words, *map(str, recipients)])
        replace_file(file, text.encode(), mode=0o644)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise LedgerError(f"cannot write {file}: {reason.lower()}") from None
