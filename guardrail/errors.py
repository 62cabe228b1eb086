"""Every error that guardrail raises on purpose: each carries its facts and one line for people.

The line says what happened, where, and what to do. No error carries a client's name:
not in its text, not in its arguments (tests/test_errors.py holds this for every class).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "CertificateError",
    "FileProblemsError",
    "GuardrailError",
    "HoldError",
    "LedgerError",
    "LedgerUnavailableError",
    "PolicyError",
    "Problem",
    "RosterError",
    "SettingsError",
    "SiteFileError",
]


class GuardrailError(Exception):
    """The root of all errors of guardrail; `str()` of it is one line for people."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file that a person wrote.

    `line` and `column` count from 1; None where the file as a whole is meant.
    """

    file: Path
    line: int | None
    column: int | None
    what: str
    hint: str | None = None

    def __str__(self) -> str:
        """Give `file:line:column: what; hint` in one line, as editors and people read it."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        return f"{place}: {self.what}" + (f"; {self.hint}" if self.hint else "")


class FileProblemsError(GuardrailError):
    """A file that a person wrote cannot be used; `problems` names every place, first the worst."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Take at least one problem."""
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        """Give the first problem, and how many more there are."""
        more = len(self.problems) - 1
        return f"{self.problems[0]}" + (f" (and {more} more)" if more else "")


class PolicyError(FileProblemsError):
    """rules.yaml, or a file that it names, is refused."""


class SiteFileError(FileProblemsError):
    """A site file is refused."""


class RosterError(FileProblemsError):
    """The roster has bad rows, or cannot be read."""


class SettingsError(FileProblemsError):
    """A setting is unknown or out of range."""


class CertificateError(GuardrailError):
    """The certificate authority cannot be made, read, or does not cover a watched domain."""


class LedgerError(GuardrailError):
    """The ledger was asked for something that it cannot give."""


class LedgerUnavailableError(LedgerError):
    """The ledger cannot take an entry now; nothing may be released until it can."""


class HoldError(GuardrailError):
    """A hold cannot make the step that was asked for: unknown, of another clinician, or over."""
