"""What nobody expects names nobody: not in its text, its arguments, its causes or its traceback."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from guardrail.errors import LedgerError, RosterError
from guardrail.roster import intake
from guardrail.roster.exports import Reading, read_export
from guardrail.roster.nameless import nameless
from tests.roster.scene import KEY

FILE = Path("clients.csv")


class PlantedError(Exception):
    """What nobody expects."""


def test_a_fault_is_told_by_its_kind_and_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The place is in our own code, and the last that the fault went through."""

    def fail(_file: Path, _line: int, cells: dict[str, str]) -> None:
        raise PlantedError(cells["given_name"])

    monkeypatch.setattr(intake, "read_person", fail)
    file = tmp_path / "clients.csv"
    file.write_text("client_ref,given_name,family_name\nC-1,Zorvella,Quill\n", encoding="utf-8")
    with (
        pytest.raises(RosterError, match=r"PlantedError at roster/intake.py:\d+.*report this line") as told,
        nameless(file),
    ):
        read_export(file, KEY, Reading())
    shown = "".join(traceback.format_exception(told.value)) + repr(told.value.args)
    assert "Zorvella" not in shown


def test_what_is_meant_goes_through() -> None:
    """Our own errors name nobody already, and who interrupts is heard."""
    with pytest.raises(LedgerError, match="as it is"), nameless(FILE):
        raise LedgerError("as it is")
    with pytest.raises(KeyboardInterrupt), nameless(FILE):
        raise KeyboardInterrupt
    with pytest.raises(RosterError, match="ValueError at an unknown place"), nameless(FILE):
        raise ValueError("Zorvella")
