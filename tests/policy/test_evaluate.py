"""Evaluation is pure, total and monotone: whatever fails asks, and a rule more never weakens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.model.action import Action, ActionKind, Confidence, Subject
from guardrail.model.decision import Decision, Verdict
from guardrail.model.people import Account, ClientMatch, Clinician, Population, Strength
from guardrail.policy.compile import FALLBACK_ID
from guardrail.policy.evaluate import account_of, combine, evaluate, evaluate_unread
from guardrail.policy.load import load_policy
from guardrail.policy.terms import Policy, Rule

CLIENT = ClientMatch("C-7", "A.B.", Population.CURRENT, "name")
SEARCH = Action(ActionKind.SEARCH, "google", "test", Subject(query="somebody"))
RULES = load_policy(Path(__file__).parents[2] / "rules.yaml")

texts = st.one_of(st.none(), st.text(max_size=12), st.sampled_from(["61550098765432", "quietharbour", "98765432"]))
sites = st.one_of(st.sampled_from(["facebook", "x", "linkedin", "google", "yelp", "nowhere"]), st.text(max_size=5))
subjects = st.builds(Subject, query=texts, id=texts, alt_id=texts, handle=texts, name=texts)
actions = st.builds(
    Action,
    kind=st.sampled_from(ActionKind),
    site=sites,
    recogniser=st.just("test"),
    subject=subjects,
    actor_id=texts,
    confidence=st.sampled_from(Confidence),
)
matches = st.lists(
    st.builds(
        ClientMatch,
        client_ref=st.text(max_size=4),
        initials=st.just("X.Y."),
        population=st.sampled_from(Population),
        how=st.just("name"),
        strength=st.sampled_from(Strength),
    ),
    max_size=4,
).map(tuple)
moments = st.datetimes(timezones=st.just(UTC))


class Fault:
    """Stands where a set should: raises at every question, with a name that must not leak."""

    def __contains__(self, item: object) -> bool:
        """Fail as a broken rule would."""
        raise RuntimeError("Margit Ollander")


def broken(rule: Rule) -> Rule:
    """Give the rule with a condition that raises."""
    return replace(rule, condition=replace(rule.condition, sites=cast("Any", Fault())))


def with_rules(policy: Policy, *rules: Rule) -> Policy:
    """Give the policy with other rules, indexed anew."""
    by_kind = {kind: tuple(rule for rule in rules if kind in rule.condition.actions) for kind in ActionKind}
    return replace(policy, rules=rules, by_kind=by_kind)


@given(actions, matches, moments)
def test_evaluation_is_total_and_repeatable(action: Action, found: tuple[ClientMatch, ...], moment: datetime) -> None:
    """Any action gives a decision, twice the same, strongest first, without errors."""
    decision = evaluate(RULES, action, found, Clinician("i", "t"), moment)
    assert decision == evaluate(RULES, action, found, Clinician("i", "t"), moment)
    assert decision.errors == ()
    assert decision.revision == RULES.revision
    verdicts = [rule.verdict for rule in decision.fired]
    assert verdicts == sorted(verdicts, reverse=True)
    assert decision.verdict == max(verdicts, default=Verdict.ALLOW)
    assert decision.rule == (decision.fired[0] if decision.fired else None)


@given(actions, matches, moments, st.sets(st.sampled_from(RULES.rules).map(lambda rule: rule.id)))
def test_a_rule_more_never_weakens(
    action: Action, found: tuple[ClientMatch, ...], moment: datetime, ids: set[str]
) -> None:
    """Any subset of the rules decides at most as strongly as all of them."""
    fewer = with_rules(RULES, *(rule for rule in RULES.rules if rule.id in ids))
    clinician = Clinician("i", "t")
    assert (
        evaluate(fewer, action, found, clinician, moment).verdict
        <= evaluate(RULES, action, found, clinician, moment).verdict
    )


@given(actions, matches, moments, st.sampled_from(RULES.rules).map(lambda rule: rule.id))
def test_a_rule_that_fails_asks(action: Action, found: tuple[ClientMatch, ...], moment: datetime, fails: str) -> None:
    """Where one rule raises, the decision is at least what it was, and at least JUSTIFY if that rule was asked."""
    faulty = with_rules(RULES, *(broken(rule) if rule.id == fails else rule for rule in RULES.rules))
    before = evaluate(RULES, action, found, Clinician("i", "t"), moment)
    decision = evaluate(faulty, action, found, Clinician("i", "t"), moment)
    assert decision.verdict >= before.verdict
    if action.kind in RULES.rule(fails).condition.actions:
        assert decision.verdict >= Verdict.JUSTIFY
        assert decision.errors == (f"rule `{fails}` could not be evaluated (RuntimeError); it asks instead",)


def test_a_failed_rule_has_a_way_on(small: Policy, clinician: Clinician, now: datetime) -> None:
    """A rule without form, grant or offers gets safe ones when it has to ask."""
    decision = evaluate(
        with_rules(small, broken(small.rule("following"))),
        Action(ActionKind.FOLLOW, "x", "test"),
        (),
        clinician,
        now,
    )
    assert decision.rule is not None
    assert (decision.rule.form, decision.rule.offers) == ("crisis", ("crisis", "attest"))
    assert decision.rule.grant is not None
    assert decision.rule.grant.uses == 1


def test_a_policy_that_cannot_be_asked_asks(small: Policy, clinician: Clinician, now: datetime) -> None:
    """Where even the account cannot be told, the fallback speaks, with words, and no name in the error."""
    faulty = replace(small, accounts=cast("Any", Fault()))
    decision = evaluate(faulty, SEARCH, (CLIENT,), clinician, now)
    assert decision.rule is not None
    assert (decision.verdict, decision.rule.id, decision.match) == (Verdict.JUSTIFY, FALLBACK_ID, CLIENT)
    assert decision.errors == ("the subject or the account could not be told (AttributeError)",)
    assert small.text(FALLBACK_ID, "sentence", "fr-CA").startswith("Une erreur")


def test_equally_strong_rules_keep_the_order_of_the_file(small: Policy, clinician: Clinician, now: datetime) -> None:
    """The first of two equal rules speaks."""
    searching = small.rule("searching")
    second = replace(searching, id="second", fired=replace(searching.fired, id="second"))
    for rules in ((searching, second), (second, searching)):
        decision = evaluate(with_rules(small, *rules), SEARCH, (CLIENT,), clinician, now)
        assert [fired.id for fired in decision.fired] == [rule.id for rule in rules]


def test_the_strongest_rule_speaks_wherever_it_stands(small: Policy, clinician: Clinician, now: datetime) -> None:
    """A weaker rule that stands first in the file does not soften a stronger one."""
    searching = small.rule("searching")
    softer = replace(searching, id="softer", fired=replace(searching.fired, id="softer", verdict=Verdict.WARN))
    for rules in ((softer, searching), (searching, softer)):
        decision = evaluate(with_rules(small, *rules), SEARCH, (CLIENT,), clinician, now)
        assert [fired.id for fired in decision.fired] == ["searching", "softer"]
        assert decision.verdict is Verdict.JUSTIFY


def test_an_unread_request_of_a_rule_on_trial_is_only_noted(edit: Callable[..., Path], clinician: Clinician) -> None:
    """The rollout mode caps the failure mode too."""
    policy = load_policy(edit(("verdict: warn", "verdict: warn\n    mode: monitor")))
    assert evaluate_unread(policy, "x", frozenset({ActionKind.FOLLOW}), clinician).verdict is Verdict.NOTE


def test_the_best_match_that_fits_is_the_one_meant(small: Policy, clinician: Clinician, now: datetime) -> None:
    """Of several people of that name, the rule is about the first whom it is for."""
    former = ClientMatch("C-1", "A.B.", Population.FORMER, "name")
    decision = evaluate(small, SEARCH, (former, CLIENT), clinician, now)
    assert (decision.match, decision.population, decision.also) == (CLIENT, Population.CURRENT, ())


def test_whoever_else_the_words_mean_is_concerned_too(small: Policy, clinician: Clinician, now: datetime) -> None:
    """Namesakes, or two names in one search: the first speaks, nobody is forgotten, and each stands once."""
    namesake = replace(CLIENT, client_ref="C-8", strength=Strength.WEAK)
    decision = evaluate(small, SEARCH, (CLIENT, namesake, CLIENT), clinician, now)
    assert (decision.match, decision.also) == (CLIENT, (namesake,))
    assert decision.clients == (CLIENT, namesake)


def test_a_client_whom_a_weaker_rule_stops_is_concerned_and_one_who_is_only_noted_is_not(
    small: Policy, clinician: Clinician, now: datetime
) -> None:
    """Leave is asked for all whom a rule would stop, and for nobody else."""
    searching, former = small.rule("searching"), replace(CLIENT, client_ref="C-8", population=Population.FORMER)
    about_former = replace(searching.condition, subjects=frozenset({Population.FORMER}))
    for verdict, also in ((Verdict.WARN, (former,)), (Verdict.NOTE, ())):
        fired = replace(searching.fired, id="former", verdict=verdict)
        weaker = replace(searching, id="former", condition=about_former, fired=fired)
        decision = evaluate(with_rules(small, weaker, searching), SEARCH, (former, CLIENT), clinician, now)
        assert (decision.verdict, decision.match, decision.also) == (Verdict.JUSTIFY, CLIENT, also)


def test_of_several_subjects_the_strongest_speaks_and_all_are_concerned(
    small: Policy, clinician: Clinician, now: datetime
) -> None:
    """A batch is stopped as its worst part is; the first of equals leads; strangers stand for nobody."""
    namesake = replace(CLIENT, client_ref="C-8")
    people = {"stranger": (), "second": (namesake, CLIENT), "third": (CLIENT,)}
    parts = [(Subject(query=name), evaluate(small, SEARCH, found, clinician, now)) for name, found in people.items()]
    subject, decision = combine(parts)
    assert (subject.query, decision.verdict, decision.match) == ("second", Verdict.JUSTIFY, namesake)
    assert decision.also == (CLIENT,)
    assert [concern.subject.query for concern in decision.concerns] == ["second", "third"]
    assert combine(parts[:1]) == parts[0]


@given(st.lists(st.tuples(subjects, matches), min_size=1, max_size=5), actions, moments)
def test_a_subject_more_never_weakens_and_nobody_is_forgotten(
    people: list[tuple[Subject, tuple[ClientMatch, ...]]], action: Action, moment: datetime
) -> None:
    """Combined, a request is decided as its strongest part, about the clients of every part that is stopped."""
    parts: list[tuple[Subject, Decision]] = [
        (who, evaluate(RULES, replace(action, subject=who), found, Clinician("i", "t"), moment))
        for who, found in people
    ]
    subject, decision = combine(parts)
    assert decision.verdict == max(part.verdict for _, part in parts)
    assert subject == next(who for who, part in parts if part.verdict == decision.verdict)
    wanted = {
        client.client_ref
        for _, part in parts
        if part.verdict >= min(decision.verdict, Verdict.SILENCE) > Verdict.ALLOW
        for client in part.clients
    }
    refs = [client.client_ref for client in decision.clients]
    assert len(refs) == len(set(refs))
    assert decision.verdict is Verdict.ALLOW or set(refs) == wanted


def test_a_client_whom_no_rule_is_about_is_still_called_one(small: Policy, clinician: Clinician, now: datetime) -> None:
    """The decision says what the subject is, also where nothing applies."""
    former = ClientMatch("C-1", "A.B.", Population.FORMER, "name")
    decision = evaluate(small, SEARCH, (former,), clinician, now)
    assert (decision.verdict, decision.match, decision.population) == (Verdict.ALLOW, None, Population.FORMER)


@pytest.mark.parametrize(
    ("mode", "verdict", "offers"),
    [
        ("monitor", Verdict.NOTE, ()),
        ("warn", Verdict.WARN, ("acknowledge",)),
        ("enforce", Verdict.JUSTIFY, ("crisis", "attest")),
    ],
)
def test_a_rollout_mode_caps_the_verdict(
    *,
    edit: Callable[..., Path],
    clinician: Clinician,
    now: datetime,
    mode: str,
    verdict: Verdict,
    offers: tuple[str, ...],
) -> None:
    """`monitor` notes, `warn` warns at most, `enforce` does all."""
    edited = edit(
        ("verdict: justify\n", f"verdict: justify\n    mode: {mode}\n"),
        ("verdict: justify, rule", f"verdict: {verdict.name.lower()}, rule"),
    )
    decision = evaluate(load_policy(edited), SEARCH, (CLIENT,), clinician, now)
    assert decision.rule is not None
    assert (decision.verdict, decision.rule.offers) == (verdict, offers)


@pytest.mark.parametrize(
    ("on_failure", "verdict"), [("closed", Verdict.JUSTIFY), ("warn", Verdict.WARN), ("open", Verdict.NOTE)]
)
def test_an_unread_request_is_decided_by_the_failure_mode(
    edit: Callable[..., Path], clinician: Clinician, on_failure: str, verdict: Verdict
) -> None:
    """What could be a search and cannot be read is decided as the rule says."""
    policy = load_policy(edit(("verdict: justify\n", f"verdict: justify\n    on_failure: {on_failure}\n")))
    decision = evaluate_unread(policy, "google", frozenset({ActionKind.SEARCH}), clinician)
    assert (decision.verdict, decision.match) == (verdict, None)


@pytest.mark.parametrize(
    ("site", "kinds", "verdict"),
    [
        ("google", {ActionKind.FOLLOW}, Verdict.ALLOW),
        ("facebook", {ActionKind.FOLLOW}, Verdict.JUSTIFY),
        ("facebook", {ActionKind.REACT}, Verdict.ALLOW),
        ("facebook", set(), Verdict.ALLOW),
    ],
)
def test_an_unread_request_that_no_rule_is_about_passes(
    small: Policy, clinician: Clinician, site: str, kinds: set[ActionKind], verdict: Verdict
) -> None:
    """Only rules for the site and for one of the kinds speak."""
    assert evaluate_unread(small, site, frozenset(kinds), clinician).verdict is verdict


def test_a_rule_that_fails_on_an_unread_request_is_taken_to_be_meant(small: Policy, clinician: Clinician) -> None:
    """Where a rule cannot say whether it is about the site, its failure mode speaks."""
    faulty = with_rules(small, broken(small.rule("searching")))
    decision = evaluate_unread(faulty, "google", frozenset({ActionKind.SEARCH}), clinician)
    assert decision.verdict is Verdict.JUSTIFY


@given(sites, st.frozensets(st.sampled_from(ActionKind)))
def test_an_unread_request_is_never_blocked_for_good(site: str, kinds: frozenset[ActionKind]) -> None:
    """What cannot be read has a way on: it is decided, and as JUSTIFY at most."""
    decision = evaluate_unread(RULES, site, kinds, Clinician("i", "t"))
    assert decision.verdict <= Verdict.JUSTIFY
    assert (decision.verdict is Verdict.ALLOW) == (decision.rule is None)
    assert decision.rule is None or decision.rule.offers


@pytest.mark.parametrize(
    ("site", "actor", "account"),
    [
        ("facebook", "100", Account.CLINIC_PAGE),
        ("facebook", "@OurPage", Account.CLINIC_PAGE),
        ("facebook", "ourpage", Account.CLINIC_PAGE),
        ("facebook", "200", Account.PROFESSIONAL),
        ("facebook", "999", Account.PRIVATE),
        ("facebook", None, Account.PRIVATE),
        ("x", None, Account.PROFESSIONAL),
        ("x", "999", Account.PRIVATE),
        ("google", None, Account.PRIVATE),
    ],
)
def test_the_acting_account_is_read_or_assumed(small: Policy, site: str, actor: str | None, account: Account) -> None:
    """By id or handle in any spelling; what a site assumes counts only where nothing can be read."""
    assert account_of(small, site, actor) is account


@pytest.mark.parametrize(
    ("line", "who", "day", "fires"),
    [
        ("starts: 2026-03-02", "imogen", "2026-03-01T23:59Z", False),
        ("starts: 2026-03-02", "imogen", "2026-03-01T20:00-08:00", True),
        ("starts: 2026-03-02", "imogen", "2026-03-02T00:00Z", True),
        ("clinicians: [imogen]", "imogen", "2026-03-02T00:00Z", True),
        ("clinicians: [imogen]", "other", "2026-03-02T00:00Z", False),
        ("confidence: high", "imogen", "2026-03-02T00:00Z", False),
        ("confidence: low", "imogen", "2026-03-02T00:00Z", True),
    ],
)
def test_a_rule_may_start_later_for_some_or_only_when_sure(
    edit: Callable[..., Path], line: str, who: str, day: str, fires: bool
) -> None:
    """The day is UTC; a pilot group is by clinician; the request here is of low confidence."""
    file = edit(
        (
            "subjects: [current_client]\n    verdict: justify",
            f"subjects: [current_client]\n      {line}\n    verdict: justify",
        ),
        ("rule: searching }", "rule: searching, clinician: imogen }"),
    )
    unsure = replace(SEARCH, confidence=Confidence.LOW)
    decision = evaluate(load_policy(file), unsure, (CLIENT,), Clinician(who, "t"), datetime.fromisoformat(day))
    assert (decision.verdict is Verdict.JUSTIFY) is fires
