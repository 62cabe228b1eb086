"""What a hold takes from nobody: forged, misplaced and oversized answers, and any while nothing can be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from guardrail.model.hold import Hold
from guardrail.model.people import Clinician
from tests.web.conftest import Site
from tests.web.scenes import stop_writing
from tests.web.steps import ATTEST, FAST, SEARCH, answer

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
