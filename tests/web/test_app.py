"""The app as a whole: who gets in, what is served to loopback, and how failures look."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import pytest
from structlog.testing import capture_logs

from guardrail.web.reception import Reception
from tests.web.conftest import SECRET, Site

LOOPBACK = {"/proxy.pac": "application/x-ns-proxy-autoconfig", "/ca.pem": "application/x-x509-ca-cert"}


@pytest.mark.parametrize(
    "headers",
    [
        {"x-guardrail-secret": ""},
        {"x-guardrail-secret": "wrong"},
        {"x-guardrail-secret": SECRET + "!"},
        {"x-guardrail-secret": "é"},
        {"x-guardrail-clinician": ""},
    ],
)
@pytest.mark.parametrize("path", ["/", "/hold/x", "/assets/overlay.js", "/channel?origin=https://x.com", "/no/such"])
def test_nobody_gets_in_past_the_proxy(site: Site, headers: Mapping[str, str], path: str) -> None:
    """Without the run's secret and a clinician every address answers the same."""
    reply = site.ask("GET", path, headers=headers)
    assert (reply.status, reply.text) == (403, "guardrail: this page is reached through the proxy only\n")


@pytest.mark.parametrize("path", LOOPBACK)
def test_what_loopback_may_fetch(site: Site, path: str) -> None:
    """The PAC file and the certificate are served to anybody on the workstation, for reading only."""
    bare = {"x-guardrail-secret": "", "x-guardrail-clinician": ""}
    reply = site.ask("GET", path, headers=bare)
    assert reply.status == 200
    assert reply.headers["content-type"].startswith(LOOPBACK[path])
    assert reply.text
    assert site.ask("POST", path, "", bare).status == 403


def test_counts_are_shown_only_where_a_setting_asks_for_them(site: Site) -> None:
    """Otherwise there is no such page, neither on loopback nor by way of the proxy."""
    bare = {"x-guardrail-secret": "", "x-guardrail-clinician": ""}
    assert site.ask("GET", "/metrics", headers=bare).status == 404
    assert site.get("/metrics", Host="guardrail.internal").status == 404


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("overlay.js", "text/javascript"),
        ("page.js", "text/javascript"),
        ("guardrail.css", "text/css"),
        ("icon.svg", "image/svg+xml"),
    ],
)
def test_assets(site: Site, name: str, kind: str) -> None:
    """Assets carry their type and may be used by a page that isolates itself."""
    reply = site.get(f"/assets/{name}")
    assert reply.status == 200
    assert reply.headers["content-type"].startswith(kind)
    assert reply.headers["cross-origin-resource-policy"] == "cross-origin"
    assert reply.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/no/such", "/assets/none.js", "/assets/..%2fapp.py", "/hold", "/%ff%00/" + "x" * 5000]
)
def test_unknown_addresses_are_calm(site: Site, path: str) -> None:
    """An address that there is not has a page, with the headers of all pages."""
    reply = site.get(path)
    assert reply.status == 404
    assert "This page does not exist" in reply.text
    assert "default-src 'none'" in reply.headers["content-security-policy"]


def test_wrong_method_is_calm(site: Site) -> None:
    """A method that an address does not take has a page too."""
    reply = site.ask("DELETE", "/")
    assert reply.status == 405
    assert "This cannot be done here" in reply.text


def test_a_failure_of_ours_names_nobody(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever breaks, the page has an incident's id, which the ledger and the log know, and no word of the error."""

    def broken(*_args: object, **_named: object) -> None:
        raise ValueError("Jane Doe")

    monkeypatch.setattr(Reception, "today", broken)
    site.know()
    hold = site.hold()
    with capture_logs() as logged, caplog.at_level(logging.DEBUG):
        reply = site.get(f"/hold/{hold.id}")
    assert reply.status == 500
    assert "Something went wrong in guardrail" in reply.text
    (line,) = logged
    assert line["incident"] in reply.text
    assert site.kinds()[-1] == "failure"
    assert not any("Jane" in str(place) for place in (reply.text, logged, caplog.text, site.entries()))


def test_every_page_has_a_nonce_of_its_own(site: Site) -> None:
    """Two answers never share a nonce, and scripts carry it."""
    policies = [site.get("/").headers["content-security-policy"] for _ in range(2)]
    assert policies[0] != policies[1]


@pytest.mark.parametrize(
    ("kind", "language", "words"),
    [
        ("held", "en", "was not sent to the site"),
        ("held", "fr", "rien n’a été envoyé au site"),
        ("refused", "en", "could not check this"),
        ("refused", "fr", "n’a pas pu vérifier"),
    ],
)
def test_what_a_problem_type_leads_to(site: Site, kind: str, language: str, words: str) -> None:
    """The type of an RFC 9457 answer is an address, and says in plain words what it means."""
    reply = site.get(f"/problems/{kind}", accept_language=language)
    assert reply.status == 200
    assert words in reply.text
    assert site.get("/problems/made-up").status == 404
