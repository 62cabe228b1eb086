"""What loads a page is stopped before it reaches its site, and asked about in its place."""

from __future__ import annotations

import pytest

from guardrail.practice.people import PERPETUA, SIOBHAN, TOBIN
from tests.e2e.scene import FACEBOOK, GOOGLE, INSTAGRAM, LINKEDIN, Place, Scene, X
from tests.e2e.stopped import ANYBODY, FB_CLINIC, FB_MARGIT, IG_MARGIT, LI_MARGIT, X_MARGIT, Stopped, meets

IN_PLACE = (
    Stopped(
        "google search", f"{GOOGLE}/", lambda s: s.search("margit ollander victoria"), "search", "searching", "q=margit"
    ),
    Stopped(
        "google.ca search",
        "https://www.google.ca/",
        lambda s: s.search("ollander, margit"),
        "search",
        "searching",
        "margit",
    ),
    Stopped(
        "bing search", "https://www.bing.com/", lambda s: s.search("Margit Ollander"), "search", "searching", "q=Margit"
    ),
    Stopped(
        "startpage search by POST",
        "https://www.startpage.com/",
        lambda s: s.search("Margit Ollander"),
        "search",
        "searching",
        "/sp/search",
    ),
    Stopped(
        "mobile facebook search",
        "https://m.facebook.com/",
        lambda s: s.search("Margit Ollander"),
        "search",
        "searching",
        "/search/posts",
    ),
    Stopped(
        "instagram search",
        f"{INSTAGRAM}/",
        lambda s: s.search("Margit Ollander"),
        "search",
        "searching",
        "/explore/search",
    ),
    Stopped(
        "linkedin search",
        f"{LINKEDIN}/feed/",
        lambda s: s.search("Margit Ollander"),
        "search",
        "searching",
        "/search/results",
    ),
    Stopped("x search", f"{X}/home", lambda s: s.search("Margit Ollander"), "search", "searching", "/search"),
    Stopped("facebook profile", f"{FACEBOOK}/", lambda s: s.page.goto(FB_MARGIT), "view_profile", "viewing", "margit"),
    Stopped(
        "instagram profile",
        f"{INSTAGRAM}/",
        lambda s: s.page.goto(IG_MARGIT),
        "view_profile",
        "viewing",
        "margit.ollander/",
    ),
    Stopped(
        "instagram story",
        f"{INSTAGRAM}/",
        lambda s: s.page.get_by_role("link", name="Margit Ollander's story").click(),
        "view_profile",
        "viewing",
        "/stories/",
        tells="show your name in the list of people who watched the story",
    ),
    Stopped(
        "linkedin profile",
        f"{LINKEDIN}/feed/",
        lambda s: s.page.get_by_role("link", name="Margit").click(),
        "view_profile",
        "viewing",
        "/in/margit",
        tells="list you, with your name, among those who viewed",
    ),
    Stopped("x profile", f"{X}/home", lambda s: s.page.goto(X_MARGIT), "view_profile", "viewing", "margit_o"),
    Stopped(
        "a former client's profile",
        f"{GOOGLE}/search?q=rain",
        lambda s: s.page.goto(f"{X}/{TOBIN.x}"),
        "view_profile",
        "viewing",
        "tobin_al",
        client=TOBIN.client_ref,
    ),
    Stopped(
        "a person close to a client",
        f"{FACEBOOK}/",
        lambda s: s.page.goto(f"{FACEBOOK}/{PERPETUA.facebook}"),
        "view_profile",
        "wider-finding",
        PERPETUA.facebook,
        client=PERPETUA.client_ref,
    ),
    Stopped(
        "a prospective client, without accents",
        f"{GOOGLE}/",
        lambda s: s.search("dalaighsen siobhan o"),
        "search",
        "wider-finding",
        "dalaighsen",
        client=SIOBHAN.client_ref,
    ),
    Stopped(
        "yelp search",
        "https://www.yelp.com/biz/quiet-harbour-psychotherapy",
        lambda s: s.search("Margit Ollander"),
        "search",
        "searching",
        "find_desc",
    ),
    Stopped(
        "linkedin request for a recommendation",
        LI_MARGIT,
        lambda s: s.page.get_by_role("link", name="Ask for a recommendation").click(),
        "review_solicit",
        "testimonials",
        "recommendation/request",
        viewing=True,
        way_on=False,
    ),
    Stopped(
        "facebook followers of the clinic",
        FB_CLINIC,
        lambda s: s.page.get_by_role("link", name="Followers").click(),
        "view_followers",
        "fan-pages",
        "/followers/",
        client=ANYBODY,
    ),
    Stopped(
        "linkedin followers of the clinic",
        f"{LINKEDIN}/feed/",
        lambda s: s.page.get_by_role("link", name="Followers").click(),
        "view_followers",
        "fan-pages",
        "/analytics/followers/",
        client=ANYBODY,
    ),
    Stopped(
        "google reply form",
        f"{GOOGLE}/local/business/16000000000000000001/customers/reviews",
        lambda s: s.page.get_by_role("link", name="Reply").click(),
        "review_reply",
        "review-replies",
        "reviews/reply",
        client=ANYBODY,
    ),
)


@pytest.mark.parametrize("case", IN_PLACE, ids=lambda case: case.id)
def test_a_page_load_meets_the_interstitial(scene: Scene, case: Stopped) -> None:
    """A navigation is redirected to guardrail's page; going back leads to where one was, and nothing arrived."""

    def ask() -> Place:
        case.do(scene)
        return scene.held_page()

    meets(scene, case, "page", ask)
