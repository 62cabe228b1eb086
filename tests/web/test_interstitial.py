"""The page of a hold over the wire: what it says, how it is answered, what follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from guardrail.ledger.seal import open_sealed
from guardrail.model.action import ActionKind, Subject
from guardrail.model.hold import Hold
from guardrail.model.people import Clinician
from tests.ledger_keys import SUPERVISOR
from tests.web.conftest import Site
from tests.web.scenes import SCENES, stop_writing

FAST = {"danger": "self", "purpose": "find_client", "no_time": "1", "line": "Goodbye text at 14:10", "speed": "fast"}
ATTEST = {"reason": "same_name", "note": "a namesake"}
SEARCH = "https://www.google.com/search?q=jane+doe"


def answer(site: Site, hold: Hold, step: str, fields: Mapping[str, str], surface: str = "hold") -> tuple[int, str]:
    """Post one step from the hold's own page: the status, and where it leads."""
    token = site.get(f"/{surface}/{hold.id}").token
    reply = site.post(f"/{surface}/{hold.id}/{step}", {"token": token, **fields})
    return reply.status, reply.headers.get("location", reply.text)


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


def test_mistakes_keep_what_was_typed(site: Site) -> None:
    """Mistakes stand in a summary and beside their fields; what was typed is still there, escaped."""
    site.know()
    hold = site.hold()
    token = site.get(f"/hold/{hold.id}").token
    typed = {"token": token, "danger": "child", "means.phone": "1", "when.phone": "9:00", "line": '<b>"&' + "x" * 300}
    reply = site.post(f"/hold/{hold.id}/crisis", typed)
    assert reply.status == 422
    assert 'href="#purpose"' in reply.text
    assert 'href="#line"' in reply.text
    assert 'id="line-wrong"' in reply.text
    assert 'value="child" checked' in reply.text
    assert 'value="9:00"' in reply.text
    assert "&lt;b&gt;&#34;&amp;xxx" in reply.text
    assert site.kinds() == ["notice_acknowledged", "hold_opened"]


FULL = {"speed": "full", "means.phone": "1", "when.phone": "", "next_meeting": "yesterday"}


@pytest.mark.parametrize(
    ("step", "fields", "said"),
    [
        (
            "crisis",
            {"speed": "fast"},
            ["Who is in danger?", "What do you need to do?", "How did you try to reach them?"],
        ),
        ("crisis", {"speed": "fast"}, ["What happened, in one line – Say in one line"]),
        ("crisis", FULL, ["Phone or text, no answer – Say when", "When you next meet, if you know – Give the date"]),
        ("crisis", FULL, ["What happened? – Write at least", "I accept what this asks of me – Tick this"]),
        (
            "consent",
            {},
            ["We are in session now – Tick this", "The client agreed to this, for this purpose – Tick this"],
        ),
        ("consent", {}, ["What did you agree to look at together? – Choose"]),
        (
            "attest",
            {"note": "x" * 501},
            ["Why is this not your client? – Choose", "A line about it, if you wish – Keep"],
        ),
    ],
)
def test_the_summary_says_which_answer(site: Site, step: str, fields: Mapping[str, str], said: list[str]) -> None:
    """Each line of the summary names the question that it is about; the summary stands within the open form."""
    path = SCENES["view"](site)
    page = site.post(f"{path}/{step}", {"token": site.get(path).token, **fields}).text
    summary = page[page.index('<div class="summary"') :]
    summary = summary[: summary.index("</div>")]
    assert all(words in summary for words in said), summary
    assert summary.count("<li>") == summary.count(" – ")
    assert page.index('<div class="summary"') > page.index('name="way"')


def test_the_fast_way_says_what_one_accepts(site: Site) -> None:
    """Beside `go on now` stands all that is then owed, by when, and a date for the next meeting, which is kept."""
    path = SCENES["search"](site)
    page = site.get(path).text
    accepts = page[page.index('id="accepts"') : page.index('<details class="full"')]
    for words in (
        "full account, within 24 hours",
        "what came of it, within 24 hours",
        "with the client at the next meeting",
    ):
        assert words in accepts, words
    assert 'type="date" name="next_meeting"' in accepts
    site.post(f"{path}/crisis", {"token": site.get(path).token, **FAST, "next_meeting": "2999-12-31"})
    justified = next(entry for entry in site.entries() if entry.kind == "justified")
    assert justified.details["next_meeting"] == "2999-12-31"


def test_no_meeting_is_asked_for_where_none_is_owed(site: Site) -> None:
    """Where no client is meant, no next meeting is asked about."""
    site.know()
    page = "https://www.facebook.com/quietharbourpsychotherapy/followers/"
    hold = site.hold(
        ActionKind.VIEW_FOLLOWERS, "facebook", page, None, subject=Subject(handle="quietharbourpsychotherapy")
    )
    assert "next_meeting" not in site.get(f"/hold/{hold.id}").text


def test_a_long_narrative_in_any_script_is_taken(site: Site) -> None:
    """20,000 characters of four bytes each arrive whole."""
    site.know()
    hold = site.hold()
    fields = {**FAST, "speed": "full", "duty_accepted": "1", "line": "", "narrative": "🕊" * 20_000}
    assert answer(site, hold, "crisis", fields) == (303, SEARCH)
    justified = next(stored for stored in site.ledger.read() if stored.entry.kind == "justified")
    assert justified.payload is not None
    assert open_sealed(justified.payload, [SUPERVISOR])["narrative"] == "🕊" * 20_000


type Attack = Callable[[Site, Hold, str], int]

ATTACKS: Mapping[str, tuple[Attack, int]] = {
    "another site's form": (
        lambda site, hold, token: (
            site.post(f"/hold/{hold.id}/attest", {"token": token, **ATTEST}, sec_fetch_site="cross-site").status
        ),
        403,
    ),
    "an old browser, another origin": (
        lambda site, hold, token: (
            site.post(
                f"/hold/{hold.id}/attest", {"token": token, **ATTEST}, sec_fetch_site="", origin="https://evil.example"
            ).status
        ),
        403,
    ),
    "no token": (lambda site, hold, _: site.post(f"/hold/{hold.id}/attest", ATTEST).status, 403),
    "another hold's token": (
        lambda site, hold, _: (
            site.post(
                f"/hold/{hold.id}/attest", {"token": site.get(f"/hold/{site.hold(site='bing').id}").token, **ATTEST}
            ).status
        ),
        403,
    ),
    "another clinician's hold, read": (
        lambda site, hold, _: site.get(f"/hold/{hold.id}", x_guardrail_clinician="bea").status,
        404,
    ),
    "another clinician's hold, answered": (
        lambda site, hold, token: (
            site.post(f"/hold/{hold.id}/attest", {"token": token, **ATTEST}, x_guardrail_clinician="bea").status
        ),
        404,
    ),
    "a made-up hold": (lambda site, _hold, token: site.post("/hold/made-up/attest", {"token": token}).status, 404),
    "a step that there is not": (
        lambda site, hold, token: site.post(f"/hold/{hold.id}/open-sesame", {"token": token}).status,
        403,
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_refused_and_recorded(site: Site, name: str) -> None:
    """What is not the clinician's own answer is refused calmly, grants nothing, and is written down."""
    site.know()
    site.know(Clinician("bea", "os-user"))
    hold = site.hold()
    token = site.get(f"/hold/{hold.id}").token
    attack, status = ATTACKS[name]
    assert attack(site, hold, token) == status
    assert site.kinds()[-1] == "refused"
    assert not {"attested", "grant_issued"} & set(site.kinds())
    assert "made-up" not in str(site.entries())


@pytest.mark.parametrize(
    ("headers", "status"), [({"content-length": "999999999"}, 413), ({"content-length": "many"}, 400)]
)
def test_oversized_forms_are_not_read(site: Site, headers: Mapping[str, str], status: int) -> None:
    """A form that says it is too long is refused before it is read."""
    site.know()
    hold = site.hold()
    sent = {"sec-fetch-site": "same-origin", **headers}
    assert site.ask("POST", f"/hold/{hold.id}/attest", None, sent).status == status


def test_a_ledger_that_takes_nothing_releases_nothing(site: Site) -> None:
    """Where nothing can be written, nothing goes on; what was typed waits in the page and works when it can."""
    site.know()
    hold = site.hold()
    token = site.get(f"/hold/{hold.id}").token
    again = stop_writing(site)
    reply = site.post(f"/hold/{hold.id}/crisis", {"token": token, **FAST})
    assert reply.status == 503
    assert "Nothing was sent" in reply.text
    assert "Incident" in reply.text
    assert 'value="Goodbye text at 14:10"' in reply.text
    assert site.desk.grants(site.clinician) == ()
    again()
    assert answer(site, hold, "crisis", FAST) == (303, SEARCH)


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
