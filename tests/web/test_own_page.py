"""The clinician's own page: what is allowed now, what is owed, and what is recorded."""

from __future__ import annotations

import re

import pytest

from guardrail.model.hold import Duty
from guardrail.model.people import Clinician
from guardrail.web.texts import Times
from tests.web.conftest import Reply, Site
from tests.web.scenes import SCENES

STORY = "They answered by phone at 16:40 and are safe; we moved the session to tomorrow."


def _token(page: Reply, action: str) -> str:
    found = re.search(
        rf'action="{re.escape(action)}"[^>]*>\s*<input type="hidden" name="token" value="(\w+)"', page.text
    )
    assert found is not None, action
    return found[1]


def _busy(site: Site) -> Reply:
    return site.get(SCENES["own_busy"](site))


def _duty(site: Site, kind: str) -> Duty:
    return next(duty for duty in site.desk.duties(site.clinician) if duty.kind == kind)


def test_before_the_notice(site: Site) -> None:
    """It says what is recorded and what never is, and takes the acknowledgement."""
    page = site.get("/")
    assert "What never is" in page.text
    assert site.entries() == []
    assert site.post("/notice", {"token": _token(page, "/notice")}).status == 303
    assert site.kinds() == ["notice_acknowledged"]
    assert 'action="/notice"' not in site.get("/").text


def test_shows_grants_and_duties(site: Site) -> None:
    """A live grant has its time and a way to end it; each duty has its form."""
    page = _busy(site)
    (grant,) = site.desk.grants(site.clinician)
    assert f'action="/grants/{grant.id}/revoke"' in page.text
    assert grant.expires_at.isoformat() in page.text
    assert "Find the client" in page.text
    assert page.text.count("/complete") == 3
    assert "C-1042" in page.text


def test_a_grant_is_ended_once(site: Site) -> None:
    """Ending a grant ends it now, and ending it again does no harm."""
    page = _busy(site)
    (grant,) = site.desk.grants(site.clinician)
    action = f"/grants/{grant.id}/revoke"
    for _ in range(2):
        assert site.post(action, {"token": _token(page, action)}).status == 303
    assert site.desk.grants(site.clinician) == ()
    assert site.kinds().count("grant_revoked") == 1


@pytest.mark.parametrize(
    ("kind", "text"), [("write_outcome", STORY), ("narrative", STORY), ("discuss", ""), ("discuss", "they were glad")]
)
def test_a_duty_is_done(site: Site, kind: str, text: str) -> None:
    """A duty is done by writing down what it asks for; a meeting needs no words."""
    page, duty = _busy(site), _duty(site, kind)
    action = f"/duties/{duty.id}/complete"
    for _ in range(2):
        assert site.post(action, {"token": _token(page, action), "text": text}).status == 303
    assert site.kinds().count("duty_done") == 1
    assert duty not in site.desk.duties(site.clinician)


@pytest.mark.parametrize(("kind", "text"), [("write_outcome", ""), ("narrative", "short"), ("discuss", "x" * 501)])
def test_a_duty_is_not_done_by_too_little_or_too_much(site: Site, kind: str, text: str) -> None:
    """What is missing is said beside the field, and what was typed is kept."""
    page, duty = _busy(site), _duty(site, kind)
    action = f"/duties/{duty.id}/complete"
    reply = site.post(action, {"token": _token(page, action), "text": text})
    assert reply.status == 422
    assert f'href="#text.{duty.id}"' in reply.text
    assert f">{text}</textarea>" in reply.text
    assert duty in site.desk.duties(site.clinician)


@pytest.mark.parametrize("who", ["bea", "n.okafor"])
def test_forms_are_for_their_owner_and_their_page(site: Site, who: str) -> None:
    """Another clinician's token, or another form's, ends no grant; that is on record."""
    page = _busy(site)
    site.know(Clinician("bea", "os-user"))
    (grant,) = site.desk.grants(site.clinician)
    token = _token(page, f"/duties/{_duty(site, 'discuss').id}/complete")
    assert site.post(f"/grants/{grant.id}/revoke", {"token": token}, x_guardrail_clinician=who).status == 403
    assert site.desk.grants(site.clinician) == (grant,)
    assert site.kinds()[-1] == "refused"


def test_nothing_of_others_is_shown(site: Site) -> None:
    """Each clinician sees the own grants and duties alone."""
    _busy(site)
    text = site.get("/", x_guardrail_clinician="bea").text
    assert "C-1042" not in text
    assert "Nothing is open." in text


def test_what_is_not_asked_about_again_is_listed_apart(site: Site) -> None:
    """Where it was, for whom it was taken and until when, never what was typed; taken back, it is asked about again."""
    page = site.get(SCENES["own_quiet"](site))
    google, linkedin = site.desk.quiet(site.clinician)
    assert (google.asked_on, linkedin.asked_on) == ("google", "linkedin")
    assert all(f'action="/grants/{one.id}/revoke"' in page.text for one in (google, linkedin))
    assert all(
        words in page.text for words in ("Words searched for on Google", "Words searched for on LinkedIn", "C-1042")
    )
    assert not {"jane", "doe", "roe"} & set(re.findall(r"\w+", page.text.lower()))
    action = f"/grants/{google.id}/revoke"
    for _ in range(2):
        assert site.post(action, {"token": _token(page, action)}).status == 303
    assert site.desk.quiet(site.clinician) == (linkedin,)
    assert site.kinds().count("grant_revoked") == 1
    assert "Words searched for on Google" not in site.get("/").text


def test_without_such_words_nothing_is_said_of_them(site: Site) -> None:
    """The section is there where something stands in it."""
    assert "What you are not asked about again" not in _busy(site).text
    assert "What you are not asked about again" not in site.get("/", x_guardrail_clinician="bea").text


def test_for_how_long_the_words_are_not_asked_about_is_said_before_and_after(site: Site) -> None:
    """On the form, and once it is answered; not where an account is meant, which is asked about each time."""
    path = SCENES["search"](site)
    assert "you will not be asked again for 30 days" in site.get(path).text
    after = site.get(SCENES["not_a_client"](site)).text
    [kept] = site.desk.quiet(site.clinician)
    assert f"you will not be asked again until {Times('en').day(kept.expires_at)}" in after
    for scene in ("follow", "granted", "went_back", "answered"):
        assert "asked again" not in site.get(SCENES[scene](site)).text
