"""A site whose accounts are another's: Messenger's numbers and handles are Facebook's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from guardrail.model.action import Action, ActionKind, Identity, Subject
from guardrail.model.http import HttpRequest
from guardrail.model.people import Account, Clinician, Population
from guardrail.policy.evaluate import evaluate
from guardrail.policy.load import load_policy
from guardrail.policy.terms import Policy
from guardrail.recognise import SiteIndex
from guardrail.recognise.identities import Identities

RULES = Path(__file__).parents[2] / "rules.yaml"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
WREN = Clinician("dr-wren", "os-user")


@pytest.fixture(scope="module")
def policy() -> Policy:
    """Give the policy of the repository: it names accounts of Facebook, and none of Messenger."""
    return load_policy(RULES)


def test_the_action_says_whose_accounts_they_are(index: SiteIndex) -> None:
    """On the site's own first, then where they come from; on any other site there is only its own."""
    found = index.recognise(HttpRequest("GET", "https", "m.me", 443, "/marta.quill", ""))
    assert isinstance(found, Action)
    assert (found.site, found.accounts, found.places) == ("messenger", ("facebook",), ("messenger", "facebook"))
    assert Action(ActionKind.SEARCH, "google", "x").places == ("google",)


def test_what_one_site_taught_is_known_on_the_other() -> None:
    """A number learned on Facebook names the person on Messenger; without `accounts` it does not."""
    known = Identities(10)
    known.learn([Identity("facebook", "12", "marta.quill", "Marta Quill")])
    full = Subject(id="12", handle="marta.quill", name="Marta Quill")
    assert known.resolve("messenger", Subject(id="12"), accounts=("facebook",)) == full
    assert known.resolve("messenger", Subject(id="12")) == Subject(id="12")


@pytest.mark.parametrize(
    ("actor", "account"),
    [("61550098765432", Account.CLINIC_PAGE), ("100009112299001", Account.PROFESSIONAL), ("7", Account.PRIVATE)],
)
def test_the_clinics_accounts_count_on_both(actor: str, account: Account, policy: Policy) -> None:
    """As whom one acts is read from the accounts of the site that they are of."""
    action = Action(ActionKind.MESSAGE, "messenger", "frame", Subject(id="5"), actor, accounts=("facebook",))
    assert evaluate(policy, action, (), WREN, NOON).account is account


def test_a_colleague_is_one_on_both(policy: Policy) -> None:
    """A colleague whom the policy names on Facebook may be written to on Messenger."""
    whom = Subject(handle="northshore.counselling")
    action = Action(ActionKind.MESSAGE, "messenger", "open", whom, "7", accounts=("facebook",))
    assert evaluate(policy, action, (), WREN, NOON).population is Population.PROFESSIONAL
