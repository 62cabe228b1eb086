"""The workstation's side: hands the newest checkpoint to each witness, and keeps what they sign beside it.

It works beside the road and holds nobody up: a witness that does not answer is asked again at a later turn.
"""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from guardrail.durable import replace_file
from guardrail.errors import LedgerError, LedgerUnavailableError
from guardrail.ledger.note import Algorithm, Note, Verifier
from guardrail.ledger.proofs import growth_proof, last_checkpoint, witnessed
from guardrail.model.entry import Json
from guardrail.witness.patient import Opener
from guardrail.witness.submission import MOST_BYTES, PATH, Submission

if TYPE_CHECKING:
    from guardrail.ledger.reader import LedgerReader
    from guardrail.ledger.store import SqliteLedger

log = structlog.get_logger("guardrail.witness")

_PATIENCE_SECONDS = 5.0
_CONFLICT = 409
_OTHER = (_CONFLICT, 422)
_GOOD = 200
_ANOTHER = "another process on this ledger is being witnessed: this one asks again at its next turn"
KEYS_FILE = "witnesses.vkey"
"""The name in the data folder: the keys by which cosignatures are checked."""
LONG = timedelta(hours=24)
"""After that time without an answer, the doctor says so."""


@dataclass(frozen=True, slots=True)
class Witness:
    """Where a witness answers, and by which key its cosignatures are checked."""

    url: str
    key: Verifier


class RefusedError(LedgerError):
    """A witness does not cosign: to it, this ledger is another than the one that it saw before."""


class _OverError(Exception):
    """The sender was ended meanwhile."""


class SetBackError(RefusedError):
    """A witness has seen more entries than this ledger has."""


def read_witnesses(configured: Mapping[str, str]) -> tuple[Witness, ...]:
    """Read the setting: an address each, and a verifier key. Raise LedgerError where one is none."""
    found = []
    for url, text in configured.items():
        if not url.startswith(("https://", "http://")):
            raise LedgerError(f"`{url}` is no address of a witness: it must begin with https://")
        key = Verifier.read(text)
        if key.algorithm is not Algorithm.COSIGNATURE:
            raise LedgerError(f"the key for {url} is no witness's: ask for the one in its `witness.vkey`")
        found.append(Witness(url.rstrip("/"), key))
    return tuple(found)


def keep_keys(folder: Path, witnesses: Iterable[Witness]) -> None:
    """Keep the witnesses' keys beside the ledger, also of those that are asked no more. Raise LedgerError."""
    file = folder / KEYS_FILE
    try:
        kept = file.read_text(encoding="utf-8") if file.exists() else ""
        fresh = "".join(f"{one.key}\n" for one in witnesses if str(one.key) not in kept)
        if fresh:
            replace_file(file, (kept + fresh).encode(), mode=0o644)  # without these keys no cosignature can be checked
    except (OSError, UnicodeDecodeError):
        raise LedgerError(f"cannot write {file}: it keeps the witnesses' keys: check the folder's rights") from None


class Sender:
    """Asks every witness, one after the other."""

    def __init__(
        self, witnesses: Sequence[Witness], *, upstream: str | None = None, upstream_ca: Path | None = None
    ) -> None:
        """Take the witnesses, and the clinic's own proxy if the way out leads through one."""
        self._witnesses = witnesses
        self._through = upstream, upstream_ca
        self._opener = Opener(upstream, upstream_ca)
        self._reading = threading.Lock()  # held while the ledger is read or written to, so that it is not closed then
        self._is_over = False
        self._newest: dict[str, int] = {}
        self._told: dict[str, str] = {}
        self._refused: set[tuple[str, type[RefusedError]]] = set()

    def send(self, ledger: SqliteLedger, patience: float = _PATIENCE_SECONDS) -> list[RefusedError]:
        """Hand the newest lasting checkpoint to each witness that has not signed it; give new refusals.

        Each is waited for `patience` seconds at most.

        Raise LedgerUnavailableError where the ledger cannot be read.
        """
        refusals = []
        for witness in self._witnesses:
            if self._is_over:
                break
            try:
                self._ask(witness, ledger, patience)
            except _OverError:
                break
            except LedgerUnavailableError:
                raise
            except RefusedError as error:
                self._tell(witness, str(error))
                kind = witness.url, type(error)
                if kind not in self._refused:  # whatever numbers it names: else its answers could fill the ledger
                    refusals.append(error)
                self._refused.add(kind)
            except LedgerError as error:
                self._tell(witness, str(error))
            except (OSError, HTTPException, ValueError) as error:
                self._tell(witness, f"it does not answer: {type(error).__name__}")
            else:
                self._told.pop(witness.url, None)
                self._refused = {kind for kind in self._refused if kind[0] != witness.url}
        return refusals

    def cosigned(self, ledger: SqliteLedger) -> list[Json]:
        """Give, of each witness, how many entries the newest state has that it cosigned, for an entry to name.

        What this process has seen counts, whatever was taken out of the ledger since. Raise LedgerUnavailableError.
        """
        named: list[Json] = []
        for witness in self._witnesses:
            name = witness.key.name
            if name not in self._newest:
                found = witnessed(ledger.reader, witness.key)
                self._newest[name] = found.size if found else 0
            if self._newest[name]:
                named.append({"witness": name, "size": self._newest[name]})
        return named

    def end(self) -> None:
        """End what is under way, and touch the ledger no more; for whoever still waits for an answer, too."""
        self._opener.end()
        with self._reading:
            self._is_over = True

    def anew(self) -> Sender:
        """Give another sender to the same witnesses, that waits for nothing that this one began."""
        upstream, upstream_ca = self._through
        return Sender(self._witnesses, upstream=upstream, upstream_ca=upstream_ca)

    def _ask(self, witness: Witness, ledger: SqliteLedger, patience: float) -> None:
        with self._at_the_ledger():
            newest, last = last_checkpoint(ledger.reader), witnessed(ledger.reader, witness.key)
            old = last.size if last is not None else 0
            if newest is None or newest[0] <= old:
                return
            size, note = newest
            body = _submission(ledger.reader, old, newest)
        status, text = self._post(witness, body, patience)
        if status == _CONFLICT:
            known = int(text)
            with self._at_the_ledger():
                if known > size:
                    grown = last_checkpoint(ledger.reader)  # another process may have been faster
                    if grown is not None and grown[0] >= known:
                        raise LedgerError(_ANOTHER)
                    raise SetBackError(f"the witness has seen {known} entries, this ledger's checkpoint counts {size}")
                body = _submission(ledger.reader, known, newest)
            status, text = self._post(witness, body, patience)
            if status == _CONFLICT and int(text) != known:
                raise LedgerError(_ANOTHER)
        if status in _OTHER:
            raise RefusedError(f"the witness has seen another history than the one of these {size} entries")
        if status != _GOOD:
            raise LedgerError(f"the witness answers {status}: see that it knows this ledger's verifier key")
        line = _own_line(text, witness.key)
        if witness.key.name not in Note.read(note + line).signed_by([witness.key]):
            raise LedgerError("the witness's cosignature is not good: compare its verifier key with the setting")
        with self._at_the_ledger():
            ledger.cosign(size, witness.key.name, line)
            self._newest[witness.key.name] = size

    @contextmanager
    def _at_the_ledger(self) -> Iterator[None]:
        with self._reading:
            if self._is_over:
                raise _OverError
            yield

    def _post(self, witness: Witness, body: bytes, patience: float) -> tuple[int, str]:
        headers = {"Content-Type": "text/plain"}
        request = urllib.request.Request(witness.url + PATH, body, headers)  # noqa: S310 - the setting was checked
        try:
            with self._opener.open(request, patience) as answer:
                return answer.status, answer.read(MOST_BYTES).decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read(MOST_BYTES).decode()

    def _tell(self, witness: Witness, reason: str) -> None:
        """Tell the log, once for as long as it stays so."""
        if self._told.get(witness.url) != reason and not self._is_over:
            self._told[witness.url] = reason
            log.warning("not witnessed", witness=witness.key.name, reason=reason)


def _submission(reader: LedgerReader, old: int, newest: tuple[int, str]) -> bytes:
    size, note = newest
    return Submission(old, tuple(growth_proof(reader, old, size)), note).text().encode()


def behind(reader: LedgerReader, witness: Witness, now: datetime) -> str | None:
    """Say in words that a witness has not answered for long; None where it has, or owes nothing."""
    newest, last = last_checkpoint(reader), witnessed(reader, witness.key)
    if newest is None or (last is not None and (last.size >= newest[0] or now - last.at <= LONG)):
        return None
    since = f"since {last.at:%Y-%m-%d %H:%M} UTC" if last is not None else "at all"
    return f"`{witness.key.name}` has not witnessed this ledger {since}: see that {witness.url} answers"


def _own_line(text: str, key: Verifier) -> str:
    """Give the line of this witness out of an answer; others' keys are to be ignored."""
    for line in text.splitlines(keepends=True):
        if line.startswith(f"— {key.name} ") and line.endswith("\n"):
            return line
    raise LedgerError("the witness's answer holds no signature of its key: compare it with the setting")
