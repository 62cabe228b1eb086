"""Every error that guardrail raises on purpose: each carries its facts and one line for people.

The line says what happened, where, and what to do. No error carries a client's name:
not in its text, not in its arguments (tests/test_errors.py holds this for every class).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "CertificateError",
    "FileProblemsError",
    "GuardrailError",
    "HoldError",
    "KeyStoreError",
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


class KeyStoreError(FileProblemsError):
    """A secret key cannot be read, made, or is not safe where it stands."""


class CertificateError(GuardrailError):
    """The certificate authority cannot be made, read, or does not cover a watched domain."""


class LedgerError(GuardrailError):
    """The ledger was asked for something that it cannot give."""


class LedgerUnavailableError(LedgerError):
    """The ledger cannot take an entry now; nothing may be released until it can."""


class HoldError(GuardrailError):
    """A hold cannot make the step that was asked for.

    `reason` is a stable code: `unknown`, `other_clinician`, `over`, `notice`, `not_offered`, `answers`,
    `duty`, `grant` or `full`; with `answers`, `problems` maps each field of the form to the code of its error.
    """

    def __init__(self, reason: str, problems: Mapping[str, str] | None = None) -> None:
        """Take the code, and with `answers` the fields that are wrong."""
        super().__init__(reason)
        self.reason = reason
        self.problems: Mapping[str, str] = dict(problems or {})

    def __str__(self) -> str:
        """Give the line for people that belongs to the code."""
        return _HOLD_LINES.get(self.reason, self.reason)


_HOLD_LINES = {
    "unknown": "this hold is not known here (any more); go back and try the action again",
    "other_clinician": "this hold belongs to another clinician",
    "over": "this hold is already over; go back and try the action again",
    "notice": "the notice of what is recorded has to be acknowledged first",
    "not_offered": "this way on is not offered for this action",
    "answers": "some answers are missing or not known; complete the form",
    "duty": "this duty is not known, not yours, or already done",
    "full": "this is too large to be kept while it waits for an answer; nothing was sent: try again with less",
    "grant": "this grant is not known, not yours, or over",
}
