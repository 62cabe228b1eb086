"""What the clinic has excepted passes on record, for every clinician, until its end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from guardrail.errors import LedgerUnavailableError
from guardrail.holds.words import typed_token
from guardrail.model.action import ActionKind
from guardrail.model.entry import EntryKind
from tests.holds.conftest import START, Clinic

TOKEN = typed_token("margit ollander", ["C-1001"], b"k" * 32)


@pytest.fixture
def excepting(clinic: Clinic) -> Clinic:
    """Give a clinic that has excepted the words for a year."""
    clinic.excepted[TOKEN] = START + timedelta(days=365)
    return clinic


async def test_it_lets_every_clinician_pass_and_each_time_is_noted(excepting: Clinic) -> None:
    """The entry says by which exception, what the policy says all the same, and for whom the words were taken."""
    action, decision = excepting.action(query="Margit  Ollander"), excepting.decision()
    for clinician in (excepting.wren, excepting.hale):
        assert await excepting.desk.use_exception(action, decision, clinician)
    noted = excepting.of(EntryKind.NOTED)
    assert [entry.clinician for entry in noted] == ["dr-wren", "dr-hale"]
    assert {entry.client_ref for entry in noted} == {"C-1001"}
    assert {(entry.details["exception"], entry.details["verdict"]) for entry in noted} == {(TOKEN, "justify")}
    assert excepting.kinds() == ["noted", "noted"]


async def test_it_ends(excepting: Clinic) -> None:
    """By time to the moment, and when it is taken back."""
    action, decision = excepting.action(), excepting.decision()
    excepting.clock.time = START + timedelta(days=365) - timedelta(microseconds=1)
    assert await excepting.desk.use_exception(action, decision, excepting.wren)
    excepting.clock.time = START + timedelta(days=365)
    assert not await excepting.desk.use_exception(action, decision, excepting.wren)
    excepting.clock.time = START
    excepting.excepted.clear()
    assert not await excepting.desk.use_exception(action, decision, excepting.wren)


async def test_what_cannot_be_recorded_does_not_pass(excepting: Clinic) -> None:
    """Neither while the ledger takes nothing, nor of a clinician about whom nothing may be recorded yet."""
    excepting.ledger.broken = True
    with pytest.raises(LedgerUnavailableError):
        await excepting.desk.use_exception(excepting.action(), excepting.decision(), excepting.wren)
    excepting.ledger.broken = False
    excepting.desk = excepting.new_desk()  # on a ledger without the notices
    assert not await excepting.desk.use_exception(excepting.action(), excepting.decision(), excepting.wren)
    assert excepting.ledger.entries == []


async def test_anything_else_is_held(excepting: Clinic) -> None:
    """Other words, other clients, other actions: nothing is written, and a hold opens."""
    for action, decision in (
        (excepting.action(query="margit ollander photos"), excepting.decision()),
        (excepting.action(), excepting.decision(client="C-2002")),
        (excepting.action(ActionKind.VIEW_PROFILE, name="margit ollander"), excepting.decision()),
    ):
        assert not await excepting.desk.use_exception(action, decision, excepting.wren)
    assert excepting.ledger.entries == []
