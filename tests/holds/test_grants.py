"""A grant covers one clinician's one client, for what it was bought for, until its time or its uses are over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardrail.holds.grants import (
    ACKNOWLEDGED,
    FIND_ACTIONS,
    ONCE_ONLY,
    covers,
    issue,
    keys_of,
    keys_to_issue,
    subject_tokens,
    used,
    warning_terms,
)
from guardrail.model.action import Action, ActionKind, Subject
from guardrail.model.decision import Decision, GrantTerms, Scope, Verdict
from guardrail.model.hold import Grant, Hold

if TYPE_CHECKING:
    from tests.holds.conftest import Clinic

KEY = b"k" * 32
FIND = GrantTerms(60, None, Scope.FIND)


def bought(clinic: Clinic, action: Action, decision: Decision, terms: GrantTerms = FIND, purpose: str = "p") -> Grant:
    """Issue the grant of an answered hold."""
    hold = Hold("hold", clinic.clock.now(), clinic.wren, action, decision, clinic.page(), "page")
    return issue(hold, "grant", keys_to_issue(action, decision, KEY)[0], (purpose, terms), clinic.clock.now())


def is_covered(clinic: Clinic, grant: Grant, action: Action, decision: Decision) -> bool:
    """Ask at the clinic's time."""
    return covers(grant, action, decision, keys_of(action, decision, KEY), clinic.clock.now())


@pytest.mark.parametrize("kind", ActionKind)
def test_finding_covers_search_suggestions_and_profiles_on_every_site_and_nothing_else(
    clinic: Clinic, kind: ActionKind
) -> None:
    """In a crisis one justification finds the client; it follows, befriends and answers nobody."""
    grant = bought(clinic, clinic.action(), clinic.decision())
    elsewhere = clinic.action(kind, "instagram", handle="margit.ollander")
    assert is_covered(clinic, grant, elsewhere, clinic.decision()) is (kind in FIND_ACTIONS)


def test_another_client_is_not_covered(clinic: Clinic) -> None:
    """A grant is for one client."""
    grant = bought(clinic, clinic.action(), clinic.decision())
    assert not is_covered(clinic, grant, clinic.action(), clinic.decision(client="C-1002"))
    assert not is_covered(clinic, grant, clinic.action(), clinic.decision(client=None))


@pytest.mark.parametrize("kind", sorted(set(ActionKind) - FIND_ACTIONS))
def test_the_scope_find_widens_only_what_is_finding(clinic: Clinic, kind: ActionKind) -> None:
    """Terms that say `find` on a follow rule still buy that follow on that site."""
    grant = bought(clinic, clinic.action(kind, "x"), clinic.decision())
    assert (grant.scope, grant.actions, grant.site) == (Scope.ACTION, frozenset({kind.value}), "x")
    assert not is_covered(clinic, grant, clinic.action(kind, "facebook"), clinic.decision())


@pytest.mark.parametrize("kind", sorted(ONCE_ONLY))
def test_what_is_done_for_good_is_done_once_whatever_the_terms_say(clinic: Clinic, kind: ActionKind) -> None:
    """Following, contacts and reviews are once only."""
    grant = bought(clinic, clinic.action(kind), clinic.decision(), GrantTerms(60, None, Scope.ACTION))
    assert grant.uses_left == 1
    assert not is_covered(clinic, used(grant), clinic.action(kind), clinic.decision())


def test_time_ends_a_grant_to_the_moment(clinic: Clinic) -> None:
    """At its last microsecond it covers, at its end it does not."""
    grant = bought(clinic, clinic.action(), clinic.decision())
    clinic.clock.time = grant.expires_at - timedelta(microseconds=1)
    assert is_covered(clinic, grant, clinic.action(), clinic.decision())
    clinic.clock.time = grant.expires_at
    assert not is_covered(clinic, grant, clinic.action(), clinic.decision())


@pytest.mark.parametrize(
    ("purpose", "verdict", "covered"),
    [
        ("find_client", Verdict.WARN, True),
        ("find_client", Verdict.JUSTIFY, True),
        ("find_client", Verdict.BLOCK, False),
        (ACKNOWLEDGED, Verdict.WARN, True),
        (ACKNOWLEDGED, Verdict.JUSTIFY, False),
        (ACKNOWLEDGED, Verdict.BLOCK, False),
    ],
)
def test_a_grant_stands_only_against_what_it_was_bought_for(
    clinic: Clinic, purpose: str, verdict: Verdict, *, covered: bool
) -> None:
    """An acknowledged warning never answers for a justification, and nothing opens a BLOCK."""
    grant = bought(clinic, clinic.action(), clinic.decision(), purpose=purpose)
    assert is_covered(clinic, grant, clinic.action(), clinic.decision(verdict)) is covered


@pytest.mark.parametrize(
    ("attested", "asked", "covered"),
    [
        (Subject(query="Jane  Doe"), Subject(query="jane doe"), True),
        (Subject(query="jane doe"), Subject(query="jane roe"), False),
        (Subject(handle="jane.doe"), Subject(id="77", handle="jane.doe", name="Jane Doe"), True),
        (Subject(id="77", handle="jane.doe"), Subject(id="77"), True),
        (Subject(id="URN", alt_id="9"), Subject(id="URN"), True),
        (Subject(id="URN"), Subject(id="9", alt_id="URN"), True),
        (Subject(query="jane doe"), Subject(handle="jane.doe", name="jane doe"), False),
        (Subject(), Subject(), True),
    ],
)
def test_an_attested_name_does_not_open_a_profile(
    clinic: Clinic, attested: Subject, asked: Subject, *, covered: bool
) -> None:
    """`Not my client` is about the account where there is one, about the words where there is none."""
    action = replace(clinic.action(), subject=attested)
    [key] = keys_to_issue(action, clinic.decision(), KEY, attested=True)
    grant = replace(bought(clinic, action, clinic.decision()), subject_key=key)
    assert is_covered(clinic, grant, replace(action, subject=asked), clinic.decision()) is covered


def test_a_subject_who_is_no_client_is_known_by_any_of_its_accounts_and_never_covers_a_client(clinic: Clinic) -> None:
    """What was bought for a stranger's handle holds when the number is learned too, and ends with the roster."""
    stranger, nobody = clinic.action(ActionKind.FOLLOW, "x", handle="somebody"), clinic.decision(client=None)
    grant = bought(clinic, stranger, nobody)
    learned = replace(stranger, subject=Subject(id="7", handle="somebody"))
    assert is_covered(clinic, grant, learned, nobody)
    assert not is_covered(clinic, grant, learned, clinic.decision())


def test_an_account_on_one_site_says_nothing_about_the_same_handle_elsewhere(clinic: Clinic) -> None:
    """Handles belong to their site."""
    here, there = (clinic.action(ActionKind.VIEW_PROFILE, site, handle="jane.doe") for site in ("x", "instagram"))
    assert not set(subject_tokens(here, KEY)) & set(subject_tokens(there, KEY))
    assert subject_tokens(here, KEY) != subject_tokens(here, b"other key" * 4)


@pytest.mark.parametrize("kind", ActionKind)
def test_a_warning_buys_five_minutes_and_one_use_of_what_changes_something(clinic: Clinic, kind: ActionKind) -> None:
    """Looking at one page is many requests; doing something is one."""
    looking = kind in FIND_ACTIONS | {ActionKind.VIEW_FOLLOWERS}
    assert warning_terms(kind) == GrantTerms(5, None if looking else 1, Scope.ACTION)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(uses=st.integers(1, 5), tries=st.integers(0, 8))
def test_a_grant_is_never_used_more_often_than_it_says(clinic: Clinic, uses: int, tries: int) -> None:
    """Whatever the order of uses, `uses` of them pass."""
    action = clinic.action(ActionKind.MESSAGE)
    grant = bought(clinic, action, clinic.decision(), GrantTerms(15, uses, Scope.ACTION))
    passed = 0
    for _ in range(tries):
        if is_covered(clinic, grant, action, clinic.decision()):
            grant, passed = used(grant), passed + 1
    assert passed == min(uses, tries)
