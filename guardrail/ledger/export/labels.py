"""What the clinic's policy calls its codes, in one language: the report speaks in its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Labels:
    """The clinic's name, the policy's revision, and its words; without a policy there are none.

    Keys: (`rule`, id, `title` or `clause`), (form, part, code) with `attestation` and `consent` as forms too,
    (`duty`, id, `label`).
    """

    clinic: str | None = None
    revision: str | None = None
    words: Mapping[tuple[str, str, str], str] = field(default_factory=dict)

    def of(self, *key: str) -> str | None:
        """Give the words for a key; None where the policy does not know it."""
        first, second, third = key
        return self.words.get((first, second, third))
