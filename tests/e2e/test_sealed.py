"""A workstation writes and cannot read back: a real episode, then every byte that it left is searched."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain
from pathlib import Path

import pytest
from pyrage import x25519

from guardrail.errors import LedgerError
from guardrail.keystore import KEY_BYTES
from guardrail.ledger.keys import RECIPIENTS_FILE, SUPERVISOR_FILE
from guardrail.ledger.seal import open_sealed
from guardrail.model.entry import EntryKind, StoredEntry
from tests.e2e.house import House, start_house
from tests.entry_schema import stored_problems

WHO = "clinician-0"
QUERY = "Margit Ollander"
OTHER = "Tobin Ashgrove-Lund"
LINE = "She said goodbye in her last message"
NARRATIVE = "No appointment was kept, nobody answers by phone, and her sister has not heard from her since Sunday."
WHEN = "yesterday at a quarter past nine"
NOTE = "a school friend of mine who has the same name"
OUTCOME = "She was found at home and is with her sister now"
TYPED = (QUERY, OTHER, *QUERY.split(), *OTHER.split(), LINE, NARRATIVE, WHEN, NOTE, OUTCOME)


@pytest.fixture(scope="module")
def reader() -> x25519.Identity:
    """Make a supervisor's key, which never was on the workstation."""
    return x25519.Identity.generate()


@pytest.fixture(scope="module")
def episode(tmp_path_factory: pytest.TempPathFactory, reader: x25519.Identity) -> Iterator[House]:
    """Play a hold, its justification, an attestation and an outcome in a house that was given public keys alone."""
    folder = tmp_path_factory.mktemp("sealed")
    (folder / "data").mkdir()
    (folder / "data" / RECIPIENTS_FILE).write_text(f"{reader.to_public()} role=supervisor # Dr Sel\n")
    house = start_house(folder, log_ins=False)
    try:
        house.acknowledge(WHO)
        crisis = {"danger": "self", "means.phone": "1", "when.phone": WHEN, "purpose": "find_client", "line": LINE}
        answered = {"narrative": NARRATIVE, "duty_accepted": "1", "speed": "full", "next_meeting": "2999-01-01"}
        _answer(house, "www.google.com", "/search?q=Margit+Ollander", "crisis", crisis | answered)
        _answer(
            house, "www.google.com", "/search?q=Tobin+Ashgrove-Lund", "attest", {"reason": "same_name", "note": NOTE}
        )
        page = house.ask(WHO, "guardrail.internal", "/")[1]
        for action in sorted(set(re.findall(r'action="(/duties/[^"]+/complete)"', page))):
            house.ask(WHO, "guardrail.internal", action, {"token": _token(page, action), "text": OUTCOME})
        yield house
    finally:
        house.stop()


def _answer(house: House, host: str, path: str, way: str, fields: dict[str, str]) -> None:
    text = house.ask(WHO, host, path)[1]
    hold = f"/hold/{json.loads(text)['hold']}"
    page = house.ask(WHO, "guardrail.internal", hold)[1]
    status, text = house.ask(WHO, "guardrail.internal", f"{hold}/{way}", {"token": _token(page, way), **fields})
    assert status == 303, text


def _token(page: str, action: str) -> str:
    found = re.search(rf'action="[^"]*{re.escape(action)}".*?name="token" value="([0-9a-f]+)"', page, re.DOTALL)
    assert found is not None, page
    return found[1]


def _payloads(house: House) -> list[StoredEntry]:
    return [stored for stored in house.entries() if stored.payload is not None]


def test_the_episode_is_whole_for_its_reader(episode: House, reader: x25519.Identity) -> None:
    """Else the search below would prove nothing: all that was typed is there, and opens with the supervisor's key."""
    kinds = {stored.entry.kind for stored in _payloads(episode)}
    assert {EntryKind.HOLD_OPENED, EntryKind.JUSTIFIED, EntryKind.ATTESTED, EntryKind.DUTY_DONE} <= kinds
    opened = json.dumps([open_sealed(one.payload or b"", [reader]) for one in _payloads(episode)])
    assert [text for text in (LINE, NARRATIVE, WHEN, NOTE, OUTCOME, QUERY, OTHER) if text not in opened] == []


def test_every_entry_is_as_its_schema_says(episode: House) -> None:
    """Those about the house, and those about the clinician."""
    entries = [stored.entry for stored in episode.entries()]
    assert {EntryKind.STARTED, EntryKind.SETTINGS_CHANGED, EntryKind.READERS_CHANGED} <= {one.kind for one in entries}
    assert [problem for entry in entries for problem in stored_problems(entry)] == []


def _files(house: House) -> list[Path]:
    return [file for file in (*house.data.rglob("*"), house.folder / "log") if file.is_file()]


def _hits(files: Iterable[Path]) -> list[tuple[str, str]]:
    needles = [text.lower().encode(code) for text in TYPED for code in ("utf-8", "utf-16-le", "utf-16-be")]
    needles += [text.lower().replace(" ", mark).encode() for text in TYPED for mark in ("+", "%20")]
    return [(file.name, repr(one)) for file in files for one in needles if one in file.read_bytes().lower()]


def test_what_was_typed_is_in_no_file(episode: House) -> None:
    """While it runs, the write-ahead log included: not the search, the narrative, the note, the outcome, nor a name."""
    files = _files(episode)
    assert {"ledger.sqlite3", "ledger.sqlite3-wal", "log"} <= {file.name for file in files}
    assert SUPERVISOR_FILE not in {file.name for file in files}
    assert _hits(files) == []


def test_the_search_would_find_it(episode: House, tmp_path: Path) -> None:
    """The same search finds the same words where they stand in the clear."""
    (tmp_path / "clear").write_text(f"{QUERY} {NARRATIVE}", encoding="utf-8")
    assert len(_hits([*_files(episode), tmp_path / "clear"])) >= 4


def test_no_key_of_the_workstation_opens_it(episode: House) -> None:
    """No file holds an age key; and the secrets that are there, each tried as one, open nothing."""
    contents = [file.read_bytes() for file in _files(episode)]
    assert not any(b"AGE-SECRET-KEY-1" in content.upper() for content in contents)
    secrets = [content for content in contents if len(content) == KEY_BYTES]
    assert len(secrets) >= 2  # the roster's and the one that signs
    tried = [x25519.Identity.from_str(_as_age(secret)) for secret in secrets]
    for stored in _payloads(episode):
        with pytest.raises(LedgerError, match="sealed to another key"):
            open_sealed(stored.payload or b"", tried)


_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_STEPS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _as_age(secret: bytes) -> str:
    """Write 32 bytes as an age identity: Bech32 (BIP 173) under `age-secret-key-`."""
    prefix = "age-secret-key-"
    bits = "".join(f"{byte:08b}" for byte in secret)
    words = [int(bits[at : at + 5].ljust(5, "0"), 2) for at in range(0, len(bits), 5)]
    told = [*(ord(one) >> 5 for one in prefix), 0, *(ord(one) & 31 for one in prefix)]
    *_, last = accumulate(chain(told, words, [0] * 6), _polymod, initial=1)
    check = [(last ^ 1) >> 5 * (5 - at) & 31 for at in range(6)]
    return (prefix + "1" + "".join(_LETTERS[word] for word in (*words, *check))).upper()


def _polymod(state: int, value: int) -> int:
    top, state = state >> 25, (state & 0x1FFFFFF) << 5 ^ value
    for at, step in enumerate(_STEPS):
        state ^= step if top >> at & 1 else 0
    return state
