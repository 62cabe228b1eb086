"""The page of a hold over the wire: what it says, where each answer leads, what it shows when it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from guardrail.model.action import ActionKind
from tests.web.conftest import Site
from tests.web.scenes import SCENES
from tests.web.steps import ATTEST, FAST, SEARCH, answer


def test_says_what_who_and_why(site: Site) -> None:
    """The page names the action, the client by number and initials alone, the sentence and what the site tells."""
    text = site.get(SCENES["view"](site)).text
    for words in (
        "look at someone’s profile on LinkedIn",
        "C-1042",
        "J.D.",
        "current client",
        "Looking on your own blurs care and curiosity",
        "no look at a client’s online life",
        "LinkedIn would list you",
        "Go back",
        "Nothing has been sent",
        "Ama Doe (sister), 604-555-0188",
        "9-8-8",
    ):
        assert words in text, words
    assert "jane" not in text.lower()


def test_notice_comes_first(site: Site) -> None:
    """Before the notice is acknowledged nothing is asked, nothing can be answered, and nothing is kept."""
    hold = site.hold()
    page = site.get(f"/hold/{hold.id}")
    assert "what guardrail records" in page.text
    assert "/crisis" not in page.text
    assert answer(site, hold, "crisis", FAST) == (303, f"/hold/{hold.id}")
    assert site.entries() == []
    assert answer(site, hold, "notice", {}) == (303, f"/hold/{hold.id}")
    assert site.kinds() == ["notice_acknowledged", "hold_opened"]
    assert f"/hold/{hold.id}/crisis" in site.get(f"/hold/{hold.id}").text


def test_going_back_before_the_notice_leaves_no_trace(site: Site) -> None:
    """Going back is always possible, and before the notice it is not written down."""
    hold = site.hold()
    assert answer(site, hold, "back", {}) == (303, f"/hold/{hold.id}/done")
    assert site.entries() == []


@pytest.mark.parametrize(
    ("step", "fields", "kinds"),
    [
        ("crisis", FAST, ["justified", "grant_issued", "duty_created", "duty_created", "duty_created"]),
        ("attest", ATTEST, ["attested", "grant_issued", "grant_issued"]),
    ],
)
def test_answering_goes_on_to_the_very_request(
    site: Site, step: str, fields: Mapping[str, str], kinds: list[str]
) -> None:
    """An answer is written down, and the browser is sent to the address that was stopped."""
    site.know()
    hold = site.hold()
    assert answer(site, hold, step, fields) == (303, SEARCH)
    assert site.kinds() == ["notice_acknowledged", "hold_opened", *kinds]


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("https://www.bing.com/search?q=a;b|c&d={e}^~'f%20g+h", "https://www.bing.com/search?q=a;b|c&d={e}^~'f%20g+h"),
        ("https://www.bing.com/search?q=jos\xe9", "https://www.bing.com/search?q=jos%C3%A9"),
    ],
)
def test_the_address_is_the_very_same(site: Site, url: str, location: str) -> None:
    """Not one character of the address changes on the way, but such as cannot stand in a header."""
    site.know()
    assert answer(site, site.hold(site="bing", url=url), "attest", ATTEST) == (303, location)


def test_sent_twice_counts_once(site: Site) -> None:
    """A form sent twice is one answer, and leads to the same place."""
    site.know()
    hold = site.hold()
    token = site.get(f"/hold/{hold.id}").token
    replies = [site.post(f"/hold/{hold.id}/attest", {"token": token, **ATTEST}) for _ in range(2)]
    assert [(reply.status, reply.headers["location"]) for reply in replies] == [(303, SEARCH)] * 2
    assert site.kinds().count("attested") == 1


def test_a_second_other_answer_changes_nothing(site: Site) -> None:
    """A hold that is over takes no other answer: that is refused, on record, and the page shows what stands."""
    site.know()
    hold = site.hold()
    token = site.get(f"/hold/{hold.id}").token
    site.post(f"/hold/{hold.id}/back", {"token": token})
    reply = site.post(f"/hold/{hold.id}/attest", {"token": token, **ATTEST})
    assert (reply.status, reply.headers["location"]) == (303, f"/hold/{hold.id}/done")
    assert site.kinds()[-2:] == ["backed_out", "refused"]
    assert "grant_issued" not in site.kinds()


def test_going_back_never_goes_on(site: Site) -> None:
    """Going back in a tab, when another one has answered meanwhile, shows what stands and sends nobody to the site."""
    site.know()
    hold = site.hold()
    token = site.get(f"/hold/{hold.id}").token
    site.post(f"/hold/{hold.id}/attest", {"token": token, **ATTEST})
    reply = site.post(f"/hold/{hold.id}/back", {"token": token})
    assert (reply.status, reply.headers["location"]) == (303, f"/hold/{hold.id}")
    assert "You may go on until" in site.get(f"/hold/{hold.id}").text


def test_an_answer_after_the_time_is_over(site: Site) -> None:
    """An answer that comes too late grants nothing, and the page says so."""
    site.know()
    hold = site.hold()
    token = site.get(f"/hold/{hold.id}").token
    site.clock.ahead = timedelta(minutes=31)
    reply = site.post(f"/hold/{hold.id}/attest", {"token": token, **ATTEST})
    assert (reply.status, reply.headers["location"]) == (303, f"/hold/{hold.id}")
    site.run(site.desk.sweep())
    assert "not answered in time" in site.get(f"/hold/{hold.id}").text
    assert "grant_issued" not in site.kinds()


@pytest.mark.parametrize(
    ("scene", "words", "way"),
    [
        ("answered", "You may go on until", f'href="{SEARCH.replace("&", "&amp;")}"'),
        ("used_up", "This leave is over", "Try again"),
        ("went_back", "Nothing was sent", "Try again"),
    ],
)
def test_opened_again_it_is_no_second_form(site: Site, scene: str, words: str, way: str) -> None:
    """Back and reload show how a hold was answered, with a way forward, and no form."""
    text = site.get(SCENES[scene](site)).text
    assert words in text
    assert way in text
    assert "<form" not in text


def test_reload_of_a_posted_address_shows_the_hold(site: Site) -> None:
    """Asking for the address of a step by hand shows the question."""
    site.know()
    hold = site.hold()
    assert "Go back" in site.get(f"/hold/{hold.id}/crisis").text


@pytest.mark.parametrize(
    ("referer", "place"),
    [
        ("https://www.google.com/search?q=lunch", "https://www.google.com/search?q=lunch"),
        ("https://www.google.com/", "https://www.google.com/"),
        ("https://www.facebook.com/groups/7", "https://www.facebook.com/groups/7"),
        ("https://www.facebook.com/", None),
        ("https://unwatched.example/page", None),
        ("http://www.google.com/search?q=lunch", None),
        ("https://guardrail.internal/hold/x", None),
        (SEARCH, None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_going_back_leads_to_where_the_link_stood(site: Site, referer: str, place: str | None) -> None:
    """Going back ends on the page before, if that is a watched site's; else on a page that says all is well."""
    site.know()
    hold = site.hold(headers=((b"Referer", referer.encode()),))
    assert answer(site, hold, "back", {}) == (303, place or f"/hold/{hold.id}/done")
    assert site.kinds()[-1] == "backed_out"


def test_overlay_stays_in_its_frame(site: Site) -> None:
    """Within the site's page every step leads back to the frame, and only that page may frame it."""
    site.know()
    hold = site.hold(
        ActionKind.FOLLOW,
        "instagram",
        "https://i.instagram.com/api/v1/friendships/create/1",
        page=False,
        headers=((b"Origin", b"https://www.instagram.com"),),
    )
    page = site.get(f"/overlay/{hold.id}")
    assert "frame-ancestors https://www.instagram.com;" in page.headers["content-security-policy"]
    assert "x-frame-options" not in page.headers
    assert answer(site, hold, "attest", ATTEST, "overlay") == (303, f"/overlay/{hold.id}")
    assert "You may do it now, once, until" in site.get(f"/overlay/{hold.id}").text
    assert "frame-ancestors 'none'" in site.get(f"/hold/{hold.id}").headers["content-security-policy"]


def test_only_what_is_offered_is_shown_and_taken(site: Site) -> None:
    """A way that the rule does not offer is not on the page, and a form sent for it is refused, on record."""
    path = SCENES["warned"](site)
    page = site.get(path)
    assert "/acknowledge" in page.text
    assert "/attest" not in page.text
    reply = site.post(f"{path}/attest", {"token": page.token, **ATTEST})
    assert reply.status == 403
    assert site.kinds()[-1] == "refused"
    assert site.post(f"{path}/acknowledge", {"token": page.token}).headers["location"] == SEARCH


def test_block_has_no_way_on(site: Site) -> None:
    """BLOCK shows the code's reason and the way back alone."""
    path = SCENES["blocked"](site)
    page = site.get(path)
    assert "There is no way on from here" in page.text
    assert "BCACC" in page.text
    assert page.text.count("<form") == 1
    assert site.post(f"{path}/acknowledge", {"token": page.token}).status == 403


def test_a_rule_that_left_the_policy(site: Site) -> None:
    """A hold whose rule is no longer in the policy still has its page, and its way back."""
    site.know()
    gone = replace(site.policy.rule("searching").fired, id="gone", form="gone")
    page = site.get(f"/hold/{site.hold(fired=gone).id}")
    assert page.status == 200
    assert "could not be read" in page.text
    assert "Go back" in page.text


def test_french(site: Site) -> None:
    """The browser's wish for French is fulfilled, policy included."""
    page = site.get(SCENES["search"](site), accept_language="fr-CA,fr;q=0.9")
    assert 'lang="fr-CA"' in page.text
    assert "Revenir en arrière" in page.text
    assert "Nous ne cherchons pas nos clients" in page.text
