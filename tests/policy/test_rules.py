"""The shipped policy as a table: action, site, population, account and match give a verdict and a rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from guardrail.model.action import Action, ActionKind, Subject
from guardrail.model.decision import Decision, Scope, Verdict
from guardrail.model.people import Account, ClientMatch, Clinician, Population, Strength
from guardrail.policy.evaluate import evaluate
from guardrail.policy.terms import Policy

A, P, V = ActionKind, Population, Verdict
CLIENTS = (P.CURRENT, P.FORMER)
NEAR = (P.PROSPECTIVE, P.CLOSE)
SOCIAL = ("facebook", "instagram", "threads", "linkedin", "x")
ENGINES = ("google", "bing", "duckduckgo", "chatgpt", "facebook", "spokeo")
ACTORS = {
    Account.CLINIC_PAGE: {"facebook": "61550098765432", "instagram": "58099887766", "linkedin": "98765432"},
    Account.PROFESSIONAL: {"facebook": "100009112299001", "instagram": "58099112299", "x": "castellane_rcc"},
    Account.PRIVATE: dict.fromkeys((*SOCIAL, *ENGINES), "900000000000001"),
}
SOMEBODY = Subject(id="900000000000777", handle="somebody", name="Some Body")


def ask(
    policy: Policy,
    scene: tuple[ActionKind, str, Account],
    population: Population | None,
    strength: Strength = Strength.EXACT,
    subject: Subject = SOMEBODY,
) -> Decision:
    """Ask about one scene: action, site and account; a population makes it a client."""
    kind, site, account = scene
    matches = () if population is None else (ClientMatch("C-1", "S.B.", population, "name", strength),)
    action = Action(kind, site, "test", subject, actor_id=ACTORS[account].get(site))
    return evaluate(policy, action, matches, Clinician("imogen", "test"), datetime.fromisoformat("2026-03-02T09:00Z"))


CASES = [
    *(
        (kind, site, p, account, V.JUSTIFY, "contact-requests")
        for kind in (A.CONNECT_REQUEST, A.CONNECT_ACCEPT)
        for site in SOCIAL
        for p in CLIENTS
        for account in Account
        if site in ACTORS[account]
    ),
    *(
        (A.FOLLOW, site, p, account, V.JUSTIFY, "following-clients")
        for site in SOCIAL
        for p in CLIENTS
        for account in Account
        if site in ACTORS[account]
    ),
    *(
        (kind, "facebook", p, Account.PRIVATE, V.JUSTIFY, "wider-contact")
        for kind in (A.CONNECT_REQUEST, A.CONNECT_ACCEPT, A.FOLLOW, A.MESSAGE, A.COMMENT, A.REACT)
        for p in NEAR
    ),
    *(
        (kind, site, None, account, V.JUSTIFY, "professionals-only")
        for kind in (A.CONNECT_REQUEST, A.CONNECT_ACCEPT, A.FOLLOW)
        for site in ("facebook", "instagram")
        for account in (Account.PROFESSIONAL, Account.CLINIC_PAGE)
    ),
    *(
        (kind, site, p, Account.PRIVATE, V.JUSTIFY, "searching" if p in CLIENTS else "wider-finding")
        for kind in (A.SEARCH,)
        for site in ENGINES
        for p in (*CLIENTS, *NEAR)
    ),
    *(
        (A.VIEW_PROFILE, site, p, Account.PRIVATE, V.JUSTIFY, "viewing" if p in CLIENTS else "wider-finding")
        for site in SOCIAL
        for p in (*CLIENTS, *NEAR)
    ),
    *(
        (A.VIEW_FOLLOWERS, site, p, Account.PRIVATE, V.JUSTIFY, "client-connections")
        for site in SOCIAL
        for p in (*CLIENTS, *NEAR)
    ),
    *(
        (A.VIEW_FOLLOWERS, "facebook", None, account, V.JUSTIFY, "fan-pages")
        for account in (Account.PROFESSIONAL, Account.CLINIC_PAGE)
    ),
    *(
        (kind, site, p, Account.PRIVATE, V.JUSTIFY, "casual-contact")
        for kind in (A.MESSAGE, A.COMMENT, A.REACT)
        for site in SOCIAL
        for p in CLIENTS
    ),
    *((A.SUGGEST, site, p, Account.PRIVATE, V.SILENCE, "suggestions") for site in ENGINES for p in (*CLIENTS, *NEAR)),
    *(
        (A.REVIEW_REPLY, site, p, Account.PRIVATE, V.JUSTIFY, "review-replies")
        for site in ("facebook", "google")
        for p in (None, *CLIENTS)
    ),
    *(
        (A.REVIEW_SOLICIT, "facebook", p, account, V.BLOCK, "testimonials")
        for p in (None, *CLIENTS, *NEAR)
        for account in (Account.PROFESSIONAL, Account.CLINIC_PAGE)
    ),
    *((A.REVIEW_SOLICIT, "facebook", p, Account.PRIVATE, V.BLOCK, "testimonials-clients") for p in (*CLIENTS, *NEAR)),
    (A.REVIEW_SOLICIT, "facebook", None, Account.PRIVATE, V.JUSTIFY, "private-invitations"),
]


@pytest.mark.parametrize(("kind", "site", "population", "account", "verdict", "rule"), CASES)
def test_what_the_policy_stands_against(
    *,
    policy: Policy,
    kind: ActionKind,
    site: str,
    population: Population | None,
    account: Account,
    verdict: Verdict,
    rule: str,
) -> None:
    """Each forbidden scene gets its verdict from its rule, and names the client."""
    decision = ask(policy, (kind, site, account), population)
    assert decision.rule is not None
    assert (decision.verdict, decision.rule.id, decision.errors) == (verdict, rule, ())
    assert decision.account is account
    assert (decision.match is None) == (population is None)


def test_a_client_is_not_unknown(policy: Policy) -> None:
    """Rules for unknown people do not fire beside those for clients: one reason, not two."""
    decision = ask(policy, (A.FOLLOW, "facebook", Account.PROFESSIONAL), P.CURRENT)
    assert [rule.id for rule in decision.fired] == ["following-clients"]


@pytest.mark.parametrize("site", [*SOCIAL, *ENGINES])
@pytest.mark.parametrize(
    "kind", [kind for kind in ActionKind if kind not in {A.REVIEW_REPLY, A.REVIEW_SOLICIT}], ids=str
)
def test_a_private_account_is_left_alone_with_people_who_are_no_clients(
    policy: Policy, kind: ActionKind, site: str
) -> None:
    """Nothing fires on ordinary browsing."""
    decision = ask(policy, (kind, site, Account.PRIVATE), None)
    assert (decision.verdict, decision.rule, decision.fired) == (V.ALLOW, None, ())


@pytest.mark.parametrize("kind", [A.SEARCH, A.VIEW_PROFILE, A.FOLLOW, A.CONNECT_ACCEPT, A.MESSAGE], ids=str)
def test_the_beginning_of_a_name_is_not_a_name(policy: Policy, kind: ActionKind) -> None:
    """A match on a prefix alone stops nothing but suggestions."""
    assert ask(policy, (kind, "facebook", Account.PRIVATE), P.CURRENT, Strength.PREFIX).verdict is V.ALLOW
    assert ask(policy, (A.SUGGEST, "facebook", Account.PRIVATE), P.CURRENT, Strength.PREFIX).verdict is V.SILENCE


@pytest.mark.parametrize(
    ("site", "subject"),
    [
        ("facebook", Subject(id="100009112288001")),
        ("facebook", Subject(handle="northshore.counselling")),
        ("linkedin", Subject(id="ACoAA", handle="anselm-whitlock-rcc")),
        ("x", Subject(id="1", alt_id="1450098228800001")),
        ("facebook", Subject(handle="quietharbourpsychotherapy")),
    ],
)
def test_a_professional_account_may_follow_listed_health_professionals(
    policy: Policy, site: str, subject: Subject
) -> None:
    """A colleague, and the clinic's own page, ask nothing."""
    action = Action(A.FOLLOW, site, "test", subject, actor_id=ACTORS[Account.PROFESSIONAL].get(site))
    decision = evaluate(policy, action, (), Clinician("i", "t"), datetime.fromisoformat("2026-03-02T09:00Z"))
    assert (decision.verdict, decision.population) == (V.ALLOW, P.PROFESSIONAL)


def test_a_colleague_who_is_a_client_is_a_client(policy: Policy) -> None:
    """The roster outweighs the list of colleagues."""
    colleague = Subject(id="100009112288001")
    decision = ask(policy, (A.FOLLOW, "facebook", Account.PROFESSIONAL), P.FORMER, subject=colleague)
    assert (decision.verdict, decision.population) == (V.JUSTIFY, P.FORMER)


@pytest.mark.parametrize(
    ("site", "actor", "subject", "verdict"),
    [
        ("facebook", "900000000000001", Subject(id="61550098765432"), V.JUSTIFY),
        ("facebook", None, Subject(handle="quietharbourpsychotherapy"), V.JUSTIFY),
        ("facebook", "900000000000001", Subject(id="122111000999888777"), V.JUSTIFY),
        ("facebook", "900000000000001", Subject(id="55"), V.ALLOW),
        ("instagram", "quietharbour", Subject(id="55"), V.JUSTIFY),
        ("linkedin", "98765432", Subject(id="55"), V.JUSTIFY),
        ("linkedin", None, Subject(id="55"), V.ALLOW),
        ("linkedin", None, Subject(), V.JUSTIFY),
        ("x", None, Subject(), V.ALLOW),
    ],
)
def test_who_follows_us_is_asked_about_and_who_follows_others_is_not(
    policy: Policy, site: str, actor: str | None, subject: Subject, verdict: Verdict
) -> None:
    """`fan-pages` is about our pages: by their number or handle, or because we act as them."""
    action = Action(A.VIEW_FOLLOWERS, site, "test", subject, actor_id=actor)
    decision = evaluate(policy, action, (), Clinician("i", "t"), datetime.fromisoformat("2026-03-02T09:00Z"))
    assert decision.verdict is verdict


@pytest.mark.parametrize("site", ["google-business", "yelp", "trustpilot", "birdeye", "ratemds", "healthgrades"])
def test_review_sites_take_neither_answers_nor_requests(policy: Policy, site: str) -> None:
    """Whoever the review or the request is about, and whatever account acts."""
    for actor in (None, "169000000000001"):
        reply = Action(A.REVIEW_REPLY, site, "test", Subject(id="r1"), actor_id=actor)
        solicit = replace(reply, kind=A.REVIEW_SOLICIT)
        now = datetime.fromisoformat("2026-03-02T09:00Z")
        assert evaluate(policy, reply, (), Clinician("i", "t"), now).verdict is V.JUSTIFY
        assert evaluate(policy, solicit, (), Clinician("i", "t"), now).verdict is V.BLOCK


def test_what_leaves_a_trace_is_granted_once_and_finding_goes_together(policy: Policy) -> None:
    """Contacts, following and reviews: one use; searching and viewing: an hour on every watched site.

    A list of people comes in many requests, so looking at one is bounded by time alone.
    """
    for rule in policy.rules:
        if rule.grant is None:
            assert rule.verdict in {V.SILENCE, V.BLOCK}
        elif rule.condition.actions <= {A.SEARCH, A.VIEW_PROFILE}:
            assert (rule.grant.scope, rule.grant.minutes, rule.grant.uses) == (Scope.FIND, 60, None)
        else:
            uses = None if rule.condition.actions == {A.VIEW_FOLLOWERS} else 1
            assert (rule.grant.scope, rule.grant.uses) == (Scope.ACTION, uses)


def test_every_action_has_a_rule(policy: Policy) -> None:
    """No kind of action is forgotten."""
    assert [kind for kind in ActionKind if not policy.by_kind[kind]] == []


def test_every_site_that_is_recognised_stands_in_a_group(policy: Policy, rules_file: Path) -> None:
    """A rule for `social`, `reviews` and so on forgets no site file."""
    files = (rules_file.parent / "guardrail" / "recognise" / "sites").rglob("*.yaml")
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    recognised = {line.removeprefix("site:").strip() for line in lines if line.startswith("site:")}
    assert recognised
    assert recognised - frozenset().union(*policy.site_groups.values()) == set()


def test_what_clinicians_read_is_short(policy: Policy) -> None:
    """A tired clinician understands in five seconds: few words, in both languages."""
    for rule in policy.rules:
        for language in ("en", "fr"):
            assert len(rule.sentence[language].split()) <= 26, rule.id
            assert len(rule.title[language].split()) <= 9, rule.id


def test_french_keeps_its_typography(policy: Policy) -> None:
    """Canadian French: curly apostrophes, no space before a question mark, an unbreakable one before a colon."""
    for rule in policy.rules:
        for text in (rule.title["fr"], rule.clause["fr"], rule.sentence["fr"]):
            assert "'" not in text
            assert " ?" not in text
            assert " :" not in text
