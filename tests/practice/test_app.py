"""Which hosts are practice sites, and what every page of theirs must say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from guardrail.practice import HOSTS

if TYPE_CHECKING:
    from tests.practice.conftest import Practice

PAGES = {
    "www.facebook.com": ("/", "/margit.ollander", "/search/top/?q=Margit", "/quietharbourpsychotherapy/followers/"),
    "m.facebook.com": ("/", "/search/posts?q=Margit", "/margit.ollander"),
    "www.instagram.com": ("/", "/margit.ollander/", "/stories/margit.ollander/1/", "/explore/search/keyword/?q=Margit"),
    "www.linkedin.com": ("/", "/in/margit-ollander-0a1b2c/", "/mynetwork/invitation-manager/", "/in/nobody/"),
    "x.com": ("/home", "/margit_o", "/search?q=Margit", "/quietharbour/followers"),
    "www.google.com": ("/", "/search?q=Margit+Ollander", "/search?q=rain"),
    "www.google.ca": ("/",),
    "www.bing.com": ("/", "/search?q=Margit"),
    "www.startpage.com": ("/",),
    "www.yelp.com": (
        "/biz/quiet-harbour-psychotherapy",
        "/user_details?userid=PracticeYelpUser000001",
        "/search?find_desc=a",
    ),
    "businessapp.b2b.trustpilot.com": ("/reviews",),
}


@pytest.mark.parametrize(("host", "path"), [(host, path) for host, paths in PAGES.items() for path in paths])
def test_every_page_says_that_it_is_a_practice_site(practice: Practice, host: str, path: str) -> None:
    """Nobody can take a practice page for the real one; each says what one trains there, under a policy."""
    answer = practice.ask(host, path)
    assert answer.status == 200
    assert "Practice site — not the real" in answer.text
    assert "What you can train here" in answer.text
    assert answer.headers["content-security-policy"]
    nonces = set(re.findall(r'nonce="([^"]+)"', answer.text))
    assert len(nonces) <= 1


@pytest.mark.parametrize("host", ["clinic.example", "facebook.com.evil.example", "127.0.0.1", "guardrail.internal"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_any_other_host_is_misdirected(practice: Practice, host: str, method: str) -> None:
    """A host that is no practice site gets 421, whatever is asked of it."""
    assert practice.ask(host, "/practice/received", method=method).status == 421


def test_hosts_are_real_host_names() -> None:
    """The table of hosts holds bare host names in lower case."""
    assert all(re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", host) for host in HOSTS)


def test_the_facebook_policy_is_the_hardest(practice: Practice) -> None:
    """Facebook's page is under nonce, strict-dynamic and Trusted Types, and frames only itself."""
    policy = practice.ask("www.facebook.com", "/").headers["content-security-policy"]
    for part in ("'strict-dynamic'", "'nonce-", "require-trusted-types-for 'script'", "frame-src 'self'"):
        assert part in policy


def test_scripts_and_styles_are_there(practice: Practice) -> None:
    """Every script and style that a page names is served."""
    for host, paths in PAGES.items():
        for asset in set(re.findall(r'(?:src|href)="(/practice/[^"]+)"', practice.ask(host, paths[0]).text)):
            assert practice.ask(host, asset).status == 200


def test_a_page_escapes_what_was_searched(practice: Practice) -> None:
    """What somebody types never becomes markup."""
    text = practice.ask("www.google.com", "/search?q=%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>alert" not in text
