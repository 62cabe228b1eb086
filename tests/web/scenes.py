"""Every page as a scene: how it comes about, and where it is then found. Shared by the browser tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from guardrail.errors import LedgerUnavailableError
from guardrail.model.action import ActionKind, Subject
from guardrail.model.decision import Verdict
from guardrail.model.entry import Entry
from guardrail.model.hold import Attestation, Hold, Justification
from tests.web.conftest import CLINICIAN, Site

FAST = Justification(
    "self", (), no_time=True, purpose="find_client", narrative="Text: goodbye", fast=True, duty_accepted=True
)


def first_use(site: Site) -> str:
    """Search before the notice is read."""
    return f"/hold/{site.hold().id}"


def search(site: Site) -> str:
    """Search for a client."""
    site.know()
    return f"/hold/{site.hold().id}"


def view(site: Site) -> str:
    """Open a profile that tells who looked, with all three ways on."""
    site.know()
    url = "https://www.linkedin.com/in/jane-doe"
    return f"/hold/{site.hold(ActionKind.VIEW_PROFILE, 'linkedin', url, tells='linkedin_profile_view').id}"


def follow(site: Site) -> str:
    """Follow, within the site's page."""
    site.know()
    hold = site.hold(
        ActionKind.FOLLOW, "instagram", "https://www.instagram.com/graphql/query", page=False, tells="follow_notice"
    )
    return f"/overlay/{hold.id}"


def blocked(site: Site) -> str:
    """Ask for a review, which has no way on."""
    site.know()
    url = "https://www.yelp.com/biz/ask"
    hold = site.hold(ActionKind.REVIEW_SOLICIT, "yelp", url, None)
    return f"/hold/{hold.id}"


def warned(site: Site) -> str:
    """Fire a rule that only warns."""
    site.know()
    hold = site.hold(fired=replace(site.policy.rule("searching").fired, verdict=Verdict.WARN))
    return f"/hold/{hold.id}"


def granted(site: Site) -> str:
    """Answer a follow, within the site's page."""
    path = follow(site)
    site.run(site.desk.attest(path.rsplit("/", 1)[1], CLINICIAN, Attestation("colleague")))
    return path


def _justified(site: Site) -> Hold:
    site.know()
    hold = site.hold()
    return site.run(site.desk.justify(hold.id, CLINICIAN, FAST))


def answered(site: Site) -> str:
    """Open an answered search again."""
    return f"/hold/{_justified(site).id}"


def went_back(site: Site) -> str:
    """Open a search again that was given up."""
    site.know()
    hold = site.hold()
    site.run(site.desk.back_out(hold.id, CLINICIAN))
    return f"/hold/{hold.id}"


def used_up(site: Site) -> str:
    """Open an answer whose leave is over."""
    hold = _justified(site)
    site.run(site.desk.revoke(hold.grant_id or "", CLINICIAN))
    return f"/hold/{hold.id}"


def done(site: Site) -> str:
    """End where there was no page to go back to."""
    site.know()
    return f"/hold/{site.hold().id}/done"


def unknown(site: Site) -> str:
    """Ask for a hold that there is not."""
    site.know()
    return "/hold/no-such-hold"


def own_empty(site: Site) -> str:
    """Open the own page before anything."""
    return "/"


def own_busy(site: Site) -> str:
    """Open the own page with a live grant and open duties."""
    _justified(site)
    return "/"


def not_a_client(site: Site) -> str:
    """Open a search again whose words were said not to mean a client."""
    site.know()
    hold = site.hold()
    site.run(site.desk.attest(hold.id, CLINICIAN, Attestation("same_name")))
    return f"/hold/{hold.id}"


def own_quiet(site: Site) -> str:
    """Open the own page with words that are not asked about again."""
    not_a_client(site)
    url = "https://www.linkedin.com/search/results/people/?keywords=jane%20roe"
    hold = site.hold(site="linkedin", url=url, subject=Subject(query="jane roe"))
    site.run(site.desk.attest(hold.id, CLINICIAN, Attestation("same_name")))
    return "/"


SCENES: Mapping[str, Callable[[Site], str]] = {
    scene.__name__: scene
    for scene in (
        first_use, search, view, follow, blocked, warned, granted, answered,
        went_back, used_up, done, unknown, own_empty, own_busy, not_a_client, own_quiet,
    )
}  # fmt: skip


def stop_writing(site: Site) -> Callable[[], None]:
    """Let the ledger take no entry until the given function is called."""
    real = site.ledger.append

    def full(*_entries: Entry) -> int:
        raise LedgerUnavailableError("the disk is full")

    site.ledger.append = full  # type: ignore[method-assign] # the planted fault

    def again() -> None:
        site.ledger.append = real  # type: ignore[method-assign] # and its end

    return again
