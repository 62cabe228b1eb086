"""What is set otherwise than at the last start is told once: by name, never by value."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyrage import x25519

from guardrail.changes import FILE, Changes
from guardrail.errors import LedgerError
from guardrail.ledger.recipients import Recipient
from guardrail.model.entry import EntryKind
from guardrail.settings import Settings

KEY = b"k" * 32
OFFICER, SEL = (Recipient(str(x25519.Identity.generate().to_public())) for _ in range(2))


def _start(settings: Settings, *readers: Recipient) -> dict[str, object]:
    changes = Changes(settings, readers or (OFFICER,), KEY)
    told = dict(changes.entries())
    changes.keep()
    return {kind.value: details for kind, details in told.items()}


@pytest.fixture
def first(tmp_path: Path) -> Settings:
    """Give settings with one secret value, as they were at a first start."""
    settings = Settings(data_dir=tmp_path, emergency_contacts={"C-1001": "Ola Ollander 555 0100"})
    _start(settings)
    return settings


def test_the_first_start_tells_what_differs_from_the_defaults(tmp_path: Path) -> None:
    """And who may read, with their public keys."""
    told = _start(Settings(data_dir=tmp_path, hold_minutes=5), OFFICER)
    assert told == {
        EntryKind.SETTINGS_CHANGED: {"settings": ["data_dir", "hold_minutes"]},
        EntryKind.READERS_CHANGED: {"readers": [{"key": OFFICER.key, "role": None, "clinicians": []}]},
    }


def test_the_same_again_tells_nothing(first: Settings) -> None:
    """However often it is started."""
    assert _start(first) == {}


def test_a_change_is_told_by_name_and_once(first: Settings) -> None:
    """No value is on the ledger or in the file that is kept: a contact names a client's family."""
    changed = first.model_copy(update={"emergency_contacts": {"C-1001": "Ida Ollander"}, "hold_minutes": 7})
    assert _start(changed) == {EntryKind.SETTINGS_CHANGED: {"settings": ["emergency_contacts", "hold_minutes"]}}
    assert _start(changed) == {}
    assert "Ollander" not in (first.data_dir / FILE).read_text()


def test_who_may_read_is_told_when_it_changes(first: Settings) -> None:
    """Added, bound to other clinicians, or gone."""
    bound = Recipient(SEL.key, "supervisor", ("dr-wren",), "Dr Sel")
    for readers in ((OFFICER, SEL), (OFFICER, bound), (OFFICER,)):
        assert set(_start(first, *readers)) == {EntryKind.READERS_CHANGED}
        assert _start(first, *readers) == {}


@pytest.mark.parametrize("content", [None, "", "[]", "{", "\x00"])
def test_a_lost_memory_hides_nothing(first: Settings, content: str | None) -> None:
    """What differs from the defaults is told anew."""
    file = first.data_dir / FILE
    file.unlink()
    if content is not None:
        file.write_text(content)
    told = _start(first)
    assert told[EntryKind.SETTINGS_CHANGED] == {"settings": ["data_dir", "emergency_contacts"]}
    assert json.loads(file.read_text())


def test_a_setting_that_is_no_more_is_told_too(first: Settings) -> None:
    """As after an update of guardrail."""
    file = first.data_dir / FILE
    file.write_text(json.dumps({**json.loads(file.read_text()), "old_setting": "0"}))
    assert _start(first) == {EntryKind.SETTINGS_CHANGED: {"settings": ["old_setting"]}}


def test_a_memory_that_cannot_be_kept_is_said(tmp_path: Path) -> None:
    """In one line."""
    with pytest.raises(LedgerError, match="cannot write"):
        _start(Settings(data_dir=tmp_path / "nowhere"))
