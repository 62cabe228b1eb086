"""What is set otherwise than at the last start: the names of settings, and who may read.

The file that is kept of it holds keyed tokens alone, so neither it nor the ledger tells a value. Where it is gone,
everything that differs from the defaults is told anew: removing it hides nothing.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from guardrail.durable import replace_file
from guardrail.errors import LedgerError
from guardrail.ledger.recipients import Recipient
from guardrail.model.entry import EntryKind, Json
from guardrail.settings import Settings

FILE = "last-start.json"
_READERS = "recipients.txt"
_TOKEN_DIGITS = 32


class Changes:
    """The settings and readers of this start, beside those of the last."""

    def __init__(self, settings: Settings, readers: Sequence[Recipient], key: bytes) -> None:
        """Take what is set; `key` is the data folder's, under which tokens are made."""
        self._file = settings.data_dir / FILE
        self._readers = readers
        self._now = _tokens(settings, key) | {_READERS: _token(key, _READERS, [str(one) for one in readers])}
        known = _read(self._file)
        self._before = _tokens(Settings(), key) if known is None else known

    def entries(self) -> Iterator[tuple[EntryKind, dict[str, Json]]]:
        """Give what is to be written: kinds of entries, and their details."""
        names = {*self._now, *self._before} - {_READERS}
        changed: list[Json] = [name for name in sorted(names) if self._now.get(name) != self._before.get(name)]
        if changed:
            yield EntryKind.SETTINGS_CHANGED, {"settings": changed}
        if self._now[_READERS] != self._before.get(_READERS):
            readers: list[Json] = [
                {"key": one.key, "role": one.role, "clinicians": [*one.clinicians]} for one in self._readers
            ]
            yield EntryKind.READERS_CHANGED, {"readers": readers}

    def keep(self) -> None:
        """Remember this start, once its entries are on the ledger. Raise LedgerError."""
        if self._now == self._before:
            return
        try:
            replace_file(self._file, json.dumps(self._now).encode())
        except OSError as error:
            raise LedgerError(f"cannot write {self._file}: {(error.strerror or 'unknown reason').lower()}") from None


def _tokens(settings: Settings, key: bytes) -> dict[str, str]:
    return {name: _token(key, name, value) for name, value in settings.model_dump(mode="json").items()}


def _token(key: bytes, name: str, value: object) -> str:
    text = json.dumps([name, value], sort_keys=True)
    return hmac.digest(key, text.encode(), "sha256").hex()[:_TOKEN_DIGITS]


def _read(file: Path) -> Mapping[str, str] | None:
    with suppress(OSError, ValueError):
        known = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(known, dict):
            return known
    return None
