"""Whom a subject means: accounts before names, names before queries; several people kept apart."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.model.action import Subject
from guardrail.model.people import Population, Strength
from guardrail.roster import Roster
from tests.roster.scene import MakeRoster

EXACT, VARIANT, WEAK = Strength.EXACT, Strength.VARIANT, Strength.WEAK


@pytest.mark.parametrize(
    ("subject", "site", "expected"),
    [
        (Subject(id="100087654321001"), "facebook", ("C-1001", "id", EXACT)),
        (Subject(alt_id="100087654321001"), "facebook", ("C-1001", "id", EXACT)),
        (Subject(id="100087654321001"), "instagram", None),
        (Subject(handle="margit.ollander"), "facebook", ("C-1001", "handle", EXACT)),
        (Subject(handle="margitollander"), "facebook", ("C-1001", "handle", EXACT)),
        (Subject(handle="margit_o"), "x", ("C-1001", "handle", EXACT)),
        (Subject(handle="Margit_O"), "x", ("C-1001", "handle", EXACT)),
        (Subject(handle="margit_o"), "threads", ("C-1001", "handle", WEAK)),
        (Subject(handle="siobhán-ó-dálaighsen-5b2"), "linkedin", ("C-1003", "handle", EXACT)),
        (Subject(handle="margit-ollander-77"), "linkedin", ("C-1001", "handle", WEAK)),
        (Subject(handle="margit.ollander.9"), "pinterest", ("C-1001", "handle", WEAK)),
        (Subject(handle="ollandermargit88"), "tiktok", ("C-1001", "handle", WEAK)),
        (Subject(handle="margit"), "x", None),
        (Subject(name="Margit Ollander"), "x", ("C-1001", "name", EXACT)),
        (Subject(name="Margit 🌻 Ollander"), "x", ("C-1001", "name", EXACT)),
        (Subject(handle="nobody", name="Margit Ollander"), "x", ("C-1001", "name", EXACT)),
        (Subject(query="margit ollander"), "google", ("C-1001", "name", EXACT)),
        (Subject(query="margit_o"), "x", ("C-1001", "handle", EXACT)),
        (Subject(query="quietferncombe"), "google", ("C-1009", "handle", WEAK)),
        (Subject(query="@quietferncombe"), "google", ("C-1009", "handle", VARIANT)),
        (Subject(query="@quietferncombe videos"), "tiktok", ("C-1009", "handle", EXACT)),
        (Subject(query="what is https://www.tiktok.com/@quietferncombe about"), "chatgpt", ("C-1009", "handle", EXACT)),
        (Subject(query="facebook.com/profile.php?id=100087654321001"), "google", ("C-1001", "handle", EXACT)),
        (Subject(query="quietferncombe videos"), "google", None),
        (Subject(query="margit_o videos"), "google", ("C-1001", "handle", WEAK)),
        (Subject(query="margit_o twitter"), "google", ("C-1001", "handle", VARIANT)),
        (Subject(query="site:x.com margit_o"), "google", ("C-1001", "handle", VARIANT)),
        (Subject(query="margit_o videos"), "x", ("C-1001", "handle", VARIANT)),
        (Subject(query="100087654321001 facebook"), "google", ("C-1001", "handle", VARIANT)),
        (Subject(query="100087654321001 instagram"), "google", None),
        (Subject(query="ollandermargit88"), "google", ("C-1001", "handle", WEAK)),
        (Subject(query="margit88"), "google", None),
        (Subject(query="Last: Ollander First: Margit"), "google", ("C-1001", "name", EXACT)),
        (Subject(query="Surname: Ollander, Given name(s): Margit"), "google", ("C-1001", "name", EXACT)),
        (Subject(query="margit%2520ollander"), "google", ("C-1001", "name", EXACT)),
        (Subject(), "x", None),
        (Subject(query="", id="", handle="", name=""), "x", None),
    ],
)
def test_a_subject_means_a_client(
    sample: Roster, subject: Subject, site: str, expected: tuple[str, str, Strength] | None
) -> None:
    """Each key of a subject finds its client, and says how and how surely."""
    found = [(match.client_ref, match.how, match.strength) for match in sample.match(subject, site)]
    assert found == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("status", "relation", "population"),
    [
        ("current", "client", Population.CURRENT),
        ("former", "", Population.FORMER),
        ("Prospective", "client", Population.PROSPECTIVE),
        ("", "", Population.CURRENT),
        ("current", "close_to_client", Population.CLOSE),
        ("former", "Close_To_Client", Population.CLOSE),
        ("", "close to client", Population.CLOSE),
    ],
)
def test_status_and_relation_make_the_population(
    make_roster: MakeRoster, status: str, relation: str, population: Population
) -> None:
    """Somebody close to a client is that, whatever the status; an empty status means current."""
    roster = make_roster({"given_name": "Ada", "family_name": "Quill", "status": status, "relation": relation})
    (match,) = roster.match_text("ada quill")
    assert match.population is population
    assert match.initials == "AQ"


def test_two_clients_of_one_name_both_match(make_roster: MakeRoster) -> None:
    """Neither hides the other."""
    roster = make_roster(
        {"given_name": "Ada", "family_name": "Quill", "status": "current"},
        {"given_name": "Ada", "family_name": "Quill", "status": "former"},
    )
    found = {(match.client_ref, match.population) for match in roster.match_text("ada quill")}
    assert found == {("R1", Population.CURRENT), ("R2", Population.FORMER)}


def test_an_account_tells_a_client_from_a_namesake(make_roster: MakeRoster) -> None:
    """Where the account is known for one client, another client of the same name is not meant."""
    roster = make_roster(
        {"given_name": "Ada", "family_name": "Quill", "handles": "x:ada1"},
        {"given_name": "Ada", "family_name": "Quill", "handles": "x:ada2"},
    )
    (match,) = roster.match(Subject(handle="ada2", name="Ada Quill"), "x")
    assert (match.client_ref, match.how) == ("R2", "handle")


def test_a_query_counts_beside_a_known_account(make_roster: MakeRoster) -> None:
    """A message to one client that names another means both; the surest is first."""
    roster = make_roster({"handles": "x:one"}, {"given_name": "Ada Bea", "family_name": "Quill"})
    matches = roster.match(Subject(handle="one", query="have you seen bea quill"), "x")
    assert [(match.client_ref, match.strength) for match in matches] == [("R1", EXACT), ("R2", VARIANT)]


@pytest.mark.parametrize(
    ("text", "matched"),
    [
        ("prisca", True),
        (' "Prisca" ', True),
        ("prisca site:facebook.com", True),
        ("@prisca", True),
        ("prisca vancouver", False),
        ("the life of prisca", False),
        ("prisc", False),
    ],
)
def test_a_one_word_name_is_the_whole_query_or_nothing(make_roster: MakeRoster, text: str, matched: bool) -> None:
    """A name of one part would be found everywhere among other words."""
    assert bool(make_roster({"given_name": "Prisca"}).match_text(text, prefix=True)) is matched


def test_an_account_of_no_site_is_one_of_every_site(make_roster: MakeRoster) -> None:
    """`@handle` in the roster is surely the client's anywhere."""
    roster = make_roster({"handles": "@quiet_quill"})
    for site in ("x", "instagram", "threads"):
        (match,) = roster.match(Subject(handle="quiet_quill"), site)
        assert match.strength is EXACT


@given(
    st.builds(Subject, *[st.none() | st.text(max_size=80)] * 5),
    st.sampled_from(["facebook", "x", "*", "", "\0"]) | st.text(max_size=8),
    st.booleans(),
)
def test_matching_is_total(sample: Roster, subject: Subject, site: str, prefix: bool) -> None:
    """No subject raises; each client stands once, the surest first; initials have at most three letters."""
    matches = sample.match(subject, site, prefix=prefix)
    assert len({match.client_ref for match in matches}) == len(matches)
    assert [match.strength for match in matches] == sorted((match.strength for match in matches), reverse=True)
    assert all(len(match.initials) <= 3 for match in matches)


def test_a_roster_shows_and_stores_nothing(sample: Roster) -> None:
    """`repr` tells how many there are; a roster, which holds its key, cannot be pickled."""
    assert repr(sample) == f"<Roster of {len(sample)} clients, revision {sample.revision[:12]}>"
    with pytest.raises(TypeError, match="key"):
        pickle.dumps(sample)
