"""`guardrail roster attested`: what was often said not to be a client, and what to do about it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from guardrail.cli.attested import shortened
from guardrail.model.action import Subject
from guardrail.model.entry import EntryKind
from tests.cli.attesting import CLIENTS, attest, entries
from tests.cli.conftest import Run

MARGIT, DORA = Subject(query="margit ollander"), Subject(handle="dora_q")


@pytest.fixture
def data(in_process: Run, tmp_path: Path) -> Path:
    """Give a data folder in which two clinicians searched for Margit Ollander, and one met Dora Quill's account."""
    (tmp_path / "clients.csv").write_text(CLIENTS, encoding="utf-8")
    assert in_process("roster", "import", "clients.csv").returncode == 0
    folder = tmp_path / ".guardrail"
    attest(folder, [("dr-wren", MARGIT), ("dr-hale", MARGIT), ("dr-wren", DORA), ("dr-hale", DORA)])
    return folder


def test_what_is_often_attested_is_listed_by_its_token(in_process: Run, data: Path) -> None:
    """Counts, sites and references; what is no words cannot be excepted; at the end stands the very command."""
    lines = [json.loads(line) for line in in_process("roster", "attested", "--json").stdout.splitlines()]
    words = next(one for one in lines if one["may_be_excepted"])
    known = {"times": 2, "clinicians": 2, "sites": ["google"], "taken_for": ["C-1"]}
    assert known.items() <= words.items()
    assert (words["typed"], words["excepted_until"], len(words["token"])) == (None, None, 32)
    assert [one["taken_for"] for one in lines if not one["may_be_excepted"]] == [["C-2"]]
    shown = in_process("roster", "attested")
    assert f"guardrail roster except {words['token'][:8]} --reason" in shown.stderr
    assert words["token"][:8] in shown.stdout
    assert "margit" not in shown.stdout + shown.stderr
    assert in_process("roster", "attested", "--at-least", "3", "--json").stdout == ""


def test_who_reads_what_was_typed_is_on_the_ledger(in_process: Run, data: Path) -> None:
    """With the key it is shown, and that it was is written down first; of a copy it is not."""
    key = data / "supervisor.key"
    shown = in_process("roster", "attested", "--identity", key)
    assert "margit ollander" in shown.stdout
    [viewed] = [one for one in entries(data) if one.kind is EntryKind.VIEWED]
    assert (viewed.details["page"], viewed.details["opened"]) == ("attested", True)
    assert in_process("roster", "attested", "--identity", key, "--copy").returncode == 0
    assert [one.kind for one in entries(data)].count(EntryKind.VIEWED) == 1


@pytest.mark.parametrize(
    ("tokens", "shown"),
    [
        ([], []),
        (["a" * 32], ["a" * 8]),
        (["a" * 32, "a" * 31 + "b"], ["a" * 32, "a" * 31 + "b"]),
        (["ab" * 16, "ab" * 5 + "c" * 22, "d" * 32], ["ab" * 5 + "a", "ab" * 5 + "c", "d" * 11]),
    ],
)
def test_a_token_is_as_long_as_it_must_be(tokens: list[str], shown: list[str]) -> None:
    """Eight digits, or as many as tell it from all others."""
    assert [shortened(tokens)[one] for one in tokens] == shown
